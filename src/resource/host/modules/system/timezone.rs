//! `timezone`: the zone of the host's clock.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::Stat;
use crate::model::host_action::HostAction;
use crate::model::{Change, Content, Effect, Failure, Probe};
use crate::resource::Resource;

use crate::resource::host::access::{WantedAccess, field};
use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::command_action::must_exist;
use crate::resource::host::context::Context;
use crate::resource::host::managed_file::{FileSeen, ManagedFile};

/// The arguments of `timezone`.
pub const ARGUMENTS: &[&str] = &["name"];

const ZONES: &str = "/usr/share/zoneinfo";

/// A zone.
pub struct Timezone {
    name: String,
    /// Debian's tools read the name here.
    file: ManagedFile,
}

/// The link to the zone's rules, and the file with its name.
pub struct Observed {
    link: Option<Stat>,
    named: FileSeen,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<Timezone, Failure> {
    let name = arguments.need(&["name"])?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "/_+-".contains(c);
    if name.starts_with('/') || !name.chars().all(plain) {
        return Err(arguments.wrong(format!(
            "`{name}` is not a zone's name, such as Europe/Vienna"
        )));
    }
    Ok(Timezone {
        name,
        file: ManagedFile {
            path: "/etc/timezone".to_owned(),
            wanted: WantedAccess::default(),
            validate: None,
            backup: false,
            secret: false,
            follow: true,
        },
    })
}

#[async_trait]
impl Resource for Timezone {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        let (link, named) = futures::try_join!(
            ask::stat(world, "/etc/localtime", false),
            self.file.observe(world)
        )?;
        Ok(Observed { link, named })
    }

    fn plan(&self, seen: &Observed) -> Result<Change, Failure> {
        let target = seen.link.as_ref().and_then(|link| link.target.as_deref());
        let is = target
            .and_then(|target| target.split("zoneinfo/").nth(1))
            .unwrap_or("");
        let mut change = Change::new(Effect::Update);
        if is != self.name {
            let zone = format!("{ZONES}/{}", self.name);
            change.diff.push(field("timezone", is, &self.name));
            change = change.action(must_exist(&zone));
            if seen.link.is_some() && target.is_none() {
                change = change.action(HostAction::Remove {
                    path: "/etc/localtime".to_owned(),
                });
            }
            change = change.action(HostAction::Link {
                path: "/etc/localtime".to_owned(),
                target: zone,
            });
        }
        // Not every release has the file; where it is, it must say the same.
        if seen.named.stat.is_some() {
            let content = Content::public(format!("{}\n", self.name));
            let named = self.file.plan(&seen.named, &content)?;
            change.diff.extend(named.diff);
            change.actions.extend(named.actions);
        }
        Ok(change.result(json!({"name": self.name})))
    }
}
