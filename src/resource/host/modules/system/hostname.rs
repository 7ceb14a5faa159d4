//! `hostname`: the host's own name.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::Command;
use crate::model::{Change, Effect, Failure, Probe};
use crate::resource::Resource;

use crate::resource::host::access::field;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::command_action::run;
use crate::resource::host::context::Context;

/// The arguments of `hostname`.
pub const ARGUMENTS: &[&str] = &["name", "use"];

/// A name.
pub struct Hostname {
    name: String,
}

/// The name in `/etc/hostname` and the running one.
pub struct Observed {
    stored: String,
    running: String,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<Hostname, Failure> {
    let name = arguments.need(&["name"])?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '.';
    if name.len() > 253 || name.starts_with(['-', '.']) || !name.chars().all(plain) {
        return Err(arguments.wrong(format!("`{name}` is not a host's name")));
    }
    Ok(Hostname { name })
}

#[async_trait]
impl Resource for Hostname {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        let (stored, running) = futures::try_join!(
            ask::read(world, "/etc/hostname"),
            ask::run(world, Command::new(["uname", "-n"]))
        )?;
        Ok(Observed {
            stored: stored
                .and_then(|content| Some(content.text()?.trim().to_owned()))
                .unwrap_or_default(),
            running: running.out().trim().to_owned(),
        })
    }

    fn plan(&self, seen: &Observed) -> Result<Change, Failure> {
        let mut change = Change::new(Effect::Update);
        for (name, is) in [("/etc/hostname", &seen.stored), ("hostname", &seen.running)] {
            if *is != self.name {
                change.diff.push(field(name, is, &self.name));
            }
        }
        if !change.diff.is_empty() {
            change = change.action(run(["hostnamectl", "set-hostname", "--", &self.name]));
        }
        Ok(change.result(json!({"name": self.name})))
    }
}
