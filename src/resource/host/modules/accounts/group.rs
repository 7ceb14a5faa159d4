//! `group`: a group of users.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::Group as Seen;
use crate::model::{Change, Effect, Failure, Probe, Shown, Value};
use crate::resource::Resource;

use crate::resource::host::access::field;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::command_action::run;
use crate::resource::host::context::Context;

/// The arguments of `group`.
pub const ARGUMENTS: &[&str] = &[
    "name",
    "gid",
    "system",
    "state",
    "non_unique",
    "local",
    "force",
];

/// A group.
pub struct Group {
    name: String,
    gid: Option<i64>,
    system: bool,
    non_unique: bool,
    present: bool,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<Group, Failure> {
    Ok(Group {
        name: arguments.need(&["name"])?,
        gid: arguments.integer(&["gid"])?,
        system: arguments.flag(&["system"], false)?,
        non_unique: arguments.flag(&["non_unique"], false)?,
        present: arguments.choice(&["state"], &["present", "absent"])? == "present",
    })
}

#[async_trait]
impl Resource for Group {
    type Observed = Option<Seen>;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        // A group is found by its number as well, and the one of that number is another.
        let seen = ask::group(world, &self.name).await?;
        Ok(seen.filter(|seen| seen.name == self.name))
    }

    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        let change = match (seen, self.present) {
            (None, false) => Change::none(),
            (Some(seen), false) => Change::new(Effect::Delete)
                .field(
                    "group",
                    Shown::Value(Value::from(seen.name.as_str())),
                    Shown::Absent,
                )
                .action(run(["groupdel".to_owned(), self.name.clone()])),
            (None, true) => Change::new(Effect::Create)
                .field(
                    "group",
                    Shown::Absent,
                    Shown::Value(Value::from(self.name.as_str())),
                )
                .action(run(self.create())),
            (Some(seen), true) => self.update(seen),
        };
        let gid = self.gid.or(seen.as_ref().map(|seen| i64::from(seen.gid)));
        let state = if self.present { "present" } else { "absent" };
        Ok(change.result(json!({
            "name": self.name, "gid": gid, "system": self.system, "state": state,
        })))
    }
}

impl Group {
    fn create(&self) -> Vec<String> {
        let mut argv = vec!["groupadd".to_owned()];
        if let Some(gid) = self.gid {
            argv.extend(["-g".to_owned(), gid.to_string()]);
        }
        if self.non_unique {
            argv.push("-o".to_owned());
        }
        if self.system {
            argv.push("-r".to_owned());
        }
        argv.push(self.name.clone());
        argv
    }

    fn update(&self, seen: &Seen) -> Change {
        match self.gid {
            Some(gid) if gid != i64::from(seen.gid) => {
                let mut change = Change::new(Effect::Update);
                change
                    .diff
                    .push(field("gid", &seen.gid.to_string(), &gid.to_string()));
                change.action(run([
                    "groupmod".to_owned(),
                    "-g".to_owned(),
                    gid.to_string(),
                    self.name.clone(),
                ]))
            }
            _ => Change::none(),
        }
    }
}
