//! Names of things in an environment, spelled as the section of the file that declares them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// What sort of thing an [`Address`] names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An SSH key pair on the operator's machine.
    Key,
    /// An IAM role.
    Role,
    /// The S3 bucket that holds the environment's secrets.
    Bucket,
    /// One object in that bucket.
    Object,
    /// A CloudFormation stack.
    Stack,
    /// An ECS task definition.
    TaskDefinition,
    /// An ECS service.
    Service,
    /// An ECS task that runs once and ends.
    Job,
    /// A host and the playbook it is prepared with.
    Host,
    /// A place one may deploy to.
    Target,
}

impl Kind {
    /// Every kind, in the order a run meets them.
    pub const ALL: [Kind; 10] = [
        Kind::Key,
        Kind::Role,
        Kind::Bucket,
        Kind::Object,
        Kind::Stack,
        Kind::TaskDefinition,
        Kind::Service,
        Kind::Job,
        Kind::Host,
        Kind::Target,
    ];

    /// The section of an environment file that declares this kind, for example `stacks`.
    pub fn section(self) -> &'static str {
        match self {
            Kind::Key => "keys",
            Kind::Role => "roles",
            Kind::Bucket => "secrets.bucket",
            Kind::Object => "secrets.objects",
            Kind::Stack => "stacks",
            Kind::TaskDefinition => "tasks",
            Kind::Service => "services",
            Kind::Job => "jobs",
            Kind::Host => "hosts",
            Kind::Target => "targets",
        }
    }

    /// The field's own word for one of them, for example `task definition`.
    pub fn noun(self) -> &'static str {
        match self {
            Kind::Key => "key pair",
            Kind::Role => "role",
            Kind::Bucket => "bucket",
            Kind::Object => "secret object",
            Kind::Stack => "stack",
            Kind::TaskDefinition => "task definition",
            Kind::Service => "service",
            Kind::Job => "one-off task",
            Kind::Host => "host",
            Kind::Target => "target",
        }
    }
}

/// The name of one declared thing: `roles.ecsInstanceRole`, `secrets.bucket`, `hosts.web-1`.
///
/// There is one bucket an environment, so its address has no name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Address {
    /// What sort of thing it is.
    pub kind: Kind,
    /// Its name in the file; empty for the bucket.
    pub name: String,
}

impl Address {
    /// The address of the thing of this kind and name.
    pub fn new(kind: Kind, name: impl Into<String>) -> Self {
        Self {
            kind,
            name: name.into(),
        }
    }

    /// The address of the environment's one bucket.
    pub fn bucket() -> Self {
        Self::new(Kind::Bucket, "")
    }

    /// How its section begins in the environment's file: `[hosts.web-1]`, `[hosts."db.example.org"]`.
    pub fn header(&self) -> String {
        let section = self.kind.section();
        // What else a key holds is written in quotes (TOML 1.0, "Keys").
        let bare = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
        match self.name.as_str() {
            "" => format!("[{}]", section.split('.').next().unwrap_or(section)),
            name if name.chars().all(bare) => format!("[{section}.{name}]"),
            name => format!("[{section}.\"{name}\"]"),
        }
    }
}

impl fmt::Display for Address {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.section())?;
        if self.name.is_empty() {
            Ok(())
        } else {
            write!(f, ".{}", self.name)
        }
    }
}

impl FromStr for Address {
    type Err = String;

    /// Reads what [`fmt::Display`] writes; anything else is refused with the text that was given.
    fn from_str(text: &str) -> Result<Self, String> {
        for kind in Kind::ALL {
            match text.strip_prefix(kind.section()) {
                Some("") if kind == Kind::Bucket => return Ok(Address::bucket()),
                Some(rest) if kind != Kind::Bucket && rest.len() > 1 && rest.starts_with('.') => {
                    return Ok(Address::new(kind, &rest[1..]));
                }
                _ => {}
            }
        }
        Err(format!(
            "`{text}` is not an address such as `roles.NAME` or `hosts.NAME`"
        ))
    }
}

impl Serialize for Address {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for Address {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?
            .parse()
            .map_err(serde::de::Error::custom)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_reads_back_what_it_writes() {
        for kind in Kind::ALL {
            let name = if kind == Kind::Bucket { "" } else { "a.b-c" };
            let address = Address::new(kind, name);
            assert_eq!(address.to_string().parse::<Address>(), Ok(address));
        }
        assert!("roles".parse::<Address>().is_err());
        assert!("roles.".parse::<Address>().is_err());
    }
}
