//! `service`, `systemd` and `systemd_service`: a unit of systemd.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::{Command, Unit};
use crate::model::{Change, Effect, Failure, Probe, Value};
use crate::resource::Resource;

use crate::resource::host::access::field;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::command_action::run;
use crate::resource::host::context::Context;

/// The arguments of all three.
pub const ARGUMENTS: &[&str] = &[
    "name",
    "service",
    "unit",
    "state",
    "enabled",
    "masked",
    "daemon_reload",
    "daemon-reload",
    "daemon_reexec",
    "daemon-reexec",
    "force",
    "no_block",
    "scope",
    "use",
    "pattern",
    "sleep",
];

/// A unit.
pub struct Service {
    name: Option<String>,
    state: Option<State>,
    enabled: Option<bool>,
    masked: Option<bool>,
    reload_daemon: bool,
    reexec_daemon: bool,
    no_block: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Started,
    Stopped,
    Restarted,
    Reloaded,
}

/// What is known of the unit, and whether systemd has read any unit's file before it changed.
pub struct Observed {
    unit: Option<Unit>,
    stale: bool,
    /// Whether it starts at boot, where the state of its file does not say it.
    starts: Option<bool>,
}

/// Whether a unit starts at boot that stays `indirect` itself: those that it names under `Also=` are enabled and
/// disabled with it. All of them for one that shall be enabled, any for one that shall not. Of a unit that names none,
/// another name is enabled.
const ALSO: &str = r#"also=$(systemctl cat -- "$1" | while read -r line; do
    case $line in Also=*) printf '%s\n' "${line#Also=}" ;; esac
done)
if [ -z "$also" ]; then exit 0; fi
for unit in $also; do
    case $2.$(systemctl is-enabled -- "$unit") in
        false.enabled | false.enabled-runtime) exit 0 ;;
        true.disabled | true.enabled-runtime | true.linked*) exit 1 ;;
    esac
done
[ "$2" = true ]"#;

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<Service, Failure> {
    arguments.choice(&["scope"], &["system"])?;
    let state = match arguments.choice(
        &["state"],
        &["", "started", "stopped", "restarted", "reloaded", "running"],
    )? {
        "started" | "running" => Some(State::Started),
        "stopped" => Some(State::Stopped),
        "restarted" => Some(State::Restarted),
        "reloaded" => Some(State::Reloaded),
        _ => None,
    };
    let service = Service {
        name: arguments
            .text(&["name", "service", "unit"])?
            .filter(|name| !name.is_empty()),
        state,
        enabled: arguments.switch(&["enabled"])?,
        masked: arguments.switch(&["masked"])?,
        reload_daemon: arguments.flag(&["daemon_reload", "daemon-reload"], false)?,
        reexec_daemon: arguments.flag(&["daemon_reexec", "daemon-reexec"], false)?,
        no_block: arguments.flag(&["no_block"], false)?,
    };
    let named = state.is_some() || service.enabled.is_some() || service.masked.is_some();
    match &service.name {
        None if named => Err(arguments.wrong("`name` is missing")),
        None if !service.reload_daemon && !service.reexec_daemon => {
            Err(arguments.wrong("neither a unit nor `daemon_reload` is given"))
        }
        Some(name) if name.starts_with('-') || name.contains(['/', ' ']) => {
            Err(arguments.wrong(format!("`{name}` is not a unit's name")))
        }
        _ => Ok(service),
    }
}

#[async_trait]
impl Resource for Service {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        let Some(name) = &self.name else {
            let all = Command::new(["systemctl", "show", "--property=NeedDaemonReload", "*"]);
            let ran = ask::run(world, all).await?;
            return Ok(Observed {
                unit: None,
                starts: None,
                stale: ran.out().lines().any(|line| line == "NeedDaemonReload=yes"),
            });
        };
        let unit = ask::unit(world, name).await?.ok_or_else(|| {
            Failure::new(
                "this host has no systemd",
                format!("the state of {name} was asked for"),
            )
            .help("Services are managed on hosts that systemd runs.")
        })?;
        let further = match (self.enabled, unit.file.as_str()) {
            // An init script's unit is generated, and systemctl looks for the script's links.
            (Some(_), "generated") => {
                Some(Command::new(["systemctl", "is-enabled", "--quiet", name]))
            }
            (Some(wanted), "indirect") => {
                let argv = ["sh", "-c", ALSO, "sh", name, spell(wanted)];
                Some(Command::new(argv))
            }
            _ => None,
        };
        let starts = match further {
            Some(command) => Some(ask::run(world, command).await?.ok()),
            None => None,
        };
        Ok(Observed {
            stale: unit.stale,
            unit: Some(unit),
            starts,
        })
    }

    fn plan(&self, seen: &Observed) -> Result<Change, Failure> {
        let mut change = Change::new(Effect::Update);
        if self.reload_daemon {
            if seen.stale {
                change
                    .diff
                    .push(field("unit files", "changed", "read again"));
            }
            // Whether a generator would bring another unit now is known to nobody before.
            change = change.action(run(["systemctl", "daemon-reload"]));
        }
        if self.reexec_daemon {
            change = change.action(run(["systemctl", "daemon-reexec"]));
        }
        let reloads = change.actions.len();
        let (Some(unit), Some(name)) = (&seen.unit, &self.name) else {
            return Ok(uncounted(change, reloads, json!({"name": self.name})));
        };
        if absent(unit) {
            change = change.note(format!(
                "{name} is not there yet; an earlier task may bring it."
            ));
        }
        change = self.mask(change, unit, name);
        change = self.enable(change, seen.starts, unit, name);
        change = self.run(change, unit, name);
        Ok(uncounted(change, reloads, self.result(unit, name)))
    }
}

/// The change with its result, which says that it is none where systemd only reads its units again, as in Ansible. That
/// a unit's file changed is shown, and was counted with what changed it: a plan cannot know it before.
fn uncounted(change: Change, reloads: usize, mut result: Value) -> Change {
    if reloads > 0 && change.actions.len() == reloads {
        result["changed"] = false.into();
    }
    change.result(result)
}

impl Service {
    fn mask(&self, mut change: Change, unit: &Unit, name: &str) -> Change {
        let is = unit.load == "masked";
        match self.masked {
            Some(wanted) if wanted != is => {
                change.diff.push(field("masked", spell(is), spell(wanted)));
                change.action(run([
                    "systemctl",
                    if wanted { "mask" } else { "unmask" },
                    name,
                ]))
            }
            _ => change,
        }
    }

    fn enable(&self, mut change: Change, starts: Option<bool>, unit: &Unit, name: &str) -> Change {
        // What is enabled until the next boot only is not enabled.
        let is = starts.unwrap_or(matches!(
            unit.file.as_str(),
            "enabled" | "static" | "alias" | "transient"
        ));
        match self.enabled {
            // A static unit cannot be disabled, and is asked for by others.
            Some(false) if unit.file == "static" => change,
            // One that nothing brings fails in systemd's own words.
            Some(wanted) if wanted != is || absent(unit) => {
                let before = if absent(unit) { "not there" } else { spell(is) };
                change.diff.push(field("enabled", before, spell(wanted)));
                change.action(run([
                    "systemctl",
                    if wanted { "enable" } else { "disable" },
                    name,
                ]))
            }
            _ => change,
        }
    }

    fn run(&self, mut change: Change, unit: &Unit, name: &str) -> Change {
        let active = matches!(unit.active.as_str(), "active" | "activating" | "reloading");
        let (verb, after) = match self.state {
            Some(State::Started) if !active => ("start", "started"),
            Some(State::Stopped) if active || absent(unit) => ("stop", "stopped"),
            Some(State::Restarted) => ("restart", "restarted"),
            Some(State::Reloaded) if active => ("reload", "reloaded"),
            Some(State::Reloaded) => ("start", "started"),
            _ => return change,
        };
        let before = if unit.active.is_empty() {
            "inactive"
        } else {
            &unit.active
        };
        change.diff.push(field("state", before, after));
        let mut argv = vec!["systemctl", verb];
        if self.no_block {
            argv.push("--no-block");
        }
        argv.push(name);
        change.action(run(argv))
    }

    fn result(&self, unit: &Unit, name: &str) -> Value {
        let state = match self.state {
            Some(State::Stopped) => "stopped",
            Some(_) => "started",
            None if unit.active == "active" => "started",
            None => "stopped",
        };
        json!({
            "name": name, "state": state, "enabled": self.enabled,
            "status": {
                "LoadState": unit.load, "ActiveState": unit.active,
                "SubState": unit.sub, "UnitFileState": unit.file,
            },
        })
    }
}

/// Whether there is no such unit, unless an earlier task brings it.
fn absent(unit: &Unit) -> bool {
    unit.load == "not-found"
}

fn spell(value: bool) -> &'static str {
    if value { "true" } else { "false" }
}
