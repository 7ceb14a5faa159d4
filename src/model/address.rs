//! Names of things in an environment, spelled as the section of the file that declares them.

use std::{fmt, str::FromStr};

use serde::{Deserialize, Deserializer, Serialize, Serializer};

use super::Place;

/// One table of the kinds: from each row come its variant, its section, its noun and where it is.
macro_rules! kinds {
    ($($(#[$doc:meta])* $kind:ident: $section:literal, $noun:literal, $realm:ident;)+) => {
        /// What sort of thing an [`Address`] names, in the order a run meets them.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $($(#[$doc])* $kind,)+
        }

        impl Kind {
            /// Every kind, in the order a run meets them.
            pub const ALL: &[Kind] = &[$(Kind::$kind),+];

            /// The section of an environment file that declares this kind, for example `stacks`.
            pub fn section(self) -> &'static str {
                match self {
                    $(Kind::$kind => $section,)+
                }
            }

            /// The field's own word for one of them, for example `task definition`.
            pub fn noun(self) -> &'static str {
                match self {
                    $(Kind::$kind => $noun,)+
                }
            }

            /// Where things of this kind are.
            pub fn realm(self) -> Realm {
                match self {
                    $(Kind::$kind => Realm::$realm,)+
                }
            }
        }
    };
}

kinds! {
    /// An SSH key pair on the operator's machine.
    Key: "keys", "key pair", Local;
    /// A certificate on the operator's machine.
    Certificate: "certificates", "certificate", Local;
    /// An IAM role.
    Role: "roles", "role", Aws;
    /// The S3 bucket that holds the environment's secrets.
    Bucket: "secrets.bucket", "bucket", Aws;
    /// One object in that bucket.
    Object: "secrets.objects", "secret object", Aws;
    /// A CloudFormation stack.
    Stack: "stacks", "stack", Aws;
    /// An ECS task definition.
    TaskDefinition: "tasks", "task definition", Aws;
    /// An ECS service.
    Service: "services", "service", Aws;
    /// An ECS task that runs once and ends.
    Job: "jobs", "one-off task", Aws;
    /// A host and the playbook it is prepared with.
    Host: "hosts", "host", Host;
    /// A Docker Swarm of hosts that belong together.
    Swarm: "swarms", "swarm", Swarm;
    /// A host as a container instance of an ECS cluster.
    Instance: "container_instances", "container instance", Instance;
    /// A place one may deploy to.
    Target: "targets", "target", Registry;
}

/// Where things of a kind are observed and changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Realm {
    /// On the operator's machine.
    Local,
    /// In the environment's AWS account.
    Aws,
    /// On a host, each on its own.
    Host,
    /// On several hosts that are one, each on its own.
    Swarm,
    /// On a host and in the environment's AWS account, each on its own.
    Instance,
    /// In the registry of deploy targets.
    Registry,
}

impl Realm {
    /// The one place where all of them are; none where each has its own.
    pub fn place(self) -> Option<Place> {
        match self {
            Realm::Local => Some(Place::Local),
            Realm::Aws => Some(Place::Aws),
            Realm::Registry => Some(Place::Registry),
            Realm::Host | Realm::Swarm | Realm::Instance => None,
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
        for &kind in Kind::ALL {
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
        for &kind in Kind::ALL {
            let name = if kind == Kind::Bucket { "" } else { "a.b-c" };
            let address = Address::new(kind, name);
            assert_eq!(address.to_string().parse::<Address>(), Ok(address));
        }
        assert!("roles".parse::<Address>().is_err());
        assert!("roles.".parse::<Address>().is_err());
    }
}
