//! Owner, group and mode of a file, as wanted and as they differ.

use crate::model::host::{FileType, Stat};
use crate::model::host_action::Access;
use crate::model::{Failure, Field, Map, Shown, Value};

use super::arguments::Arguments;
use super::mode::Mode;

/// What is wanted of owner, group and mode; what is absent stays as it is.
#[derive(Debug, Clone, Default)]
pub struct WantedAccess {
    /// A user's name or id.
    pub owner: Option<String>,
    /// A group's name or id.
    pub group: Option<String>,
    /// The mode.
    pub mode: Option<Mode>,
}

impl WantedAccess {
    /// Reads `owner`, `group` and `mode`.
    pub fn read(arguments: &Arguments<'_>) -> Result<Self, Failure> {
        Ok(Self {
            mode: Self::mode(arguments, "mode")?,
            ..Self::owners(arguments)?
        })
    }

    /// Reads the mode that an argument of this name gives.
    pub fn mode(arguments: &Arguments<'_>, name: &'static str) -> Result<Option<Mode>, Failure> {
        let given = arguments.given(&[name]);
        let mode = given.map(|(_, value)| {
            Mode::read(value).map_err(|why| {
                arguments
                    .wrong(format!("`{name}` {why}"))
                    .help("YAML reads 0644 as an octal number and 644 as a decimal one; quotes avoid both.")
            })
        });
        mode.transpose()
    }

    /// Reads `owner` and `group` alone.
    pub fn owners(arguments: &Arguments<'_>) -> Result<Self, Failure> {
        Ok(Self {
            owner: arguments.text(&["owner"])?,
            group: arguments.text(&["group"])?,
            mode: None,
        })
    }

    /// For something that is made.
    pub fn fresh(&self, folder: bool) -> Access {
        Access {
            owner: self.owner.clone(),
            group: self.group.clone(),
            mode: self
                .mode
                .as_ref()
                .map(|mode| mode.bits(if folder { 0o755 } else { 0o644 }, folder)),
        }
    }

    /// For what takes the place of something that is there: all that is wanted, also where it does not differ, because
    /// something else may stand there by then.
    pub fn whole(&self, seen: &Stat) -> Access {
        let folder = seen.kind == FileType::Directory;
        Access {
            owner: self.owner.clone(),
            group: self.group.clone(),
            mode: self.mode.as_ref().map(|mode| mode.bits(seen.mode, folder)),
        }
    }

    /// What must be set on something that is there, with the fields that differ.
    pub fn differs(&self, seen: &Stat) -> (Access, Vec<Field>) {
        let mut access = Access::default();
        let mut fields = Vec::new();
        if let Some(owner) = &self.owner
            && *owner != seen.owner
            && *owner != seen.uid.to_string()
        {
            fields.push(field("owner", &seen.owner, owner));
            access.owner = Some(owner.clone());
        }
        if let Some(group) = &self.group
            && *group != seen.group
            && *group != seen.gid.to_string()
        {
            fields.push(field("group", &seen.group, group));
            access.group = Some(group.clone());
        }
        // A link has no mode of its own.
        if let Some(mode) = &self.mode
            && seen.kind != FileType::Link
        {
            let bits = mode.bits(seen.mode, seen.kind == FileType::Directory);
            if bits != seen.mode {
                fields.push(field("mode", &octal(seen.mode), &octal(bits)));
                access.mode = Some(bits);
            }
        }
        (access, fields)
    }
}

/// One value that differs.
pub fn field(name: &str, before: &str, after: &str) -> Field {
    Field::new(
        name,
        Shown::Value(Value::from(before)),
        Shown::Value(Value::from(after)),
    )
}

/// `0644`, as Ansible writes modes.
pub fn octal(bits: u32) -> String {
    format!("{bits:04o}")
}

/// What a task on this path registers: of what is there, with what will be set.
pub fn registered(path: &str, state: &str, seen: Option<&Stat>, access: &Access) -> Map {
    let mut map = Map::new();
    map.insert("path".into(), path.into());
    map.insert("state".into(), state.into());
    if let Some(mode) = access.mode.or(seen.map(|seen| seen.mode)) {
        map.insert("mode".into(), octal(mode).into());
    }
    if let Some(owner) = access.owner.clone().or(seen.map(|seen| seen.owner.clone())) {
        map.insert("owner".into(), owner.into());
    }
    if let Some(group) = access.group.clone().or(seen.map(|seen| seen.group.clone())) {
        map.insert("group".into(), group.into());
    }
    if let Some(seen) = seen {
        map.insert("uid".into(), seen.uid.into());
        map.insert("gid".into(), seen.gid.into());
        map.insert("size".into(), seen.size.into());
    }
    map
}
