//! `apt`: Debian packages, apt's lists, upgrades.

mod package_spec;
mod simulation;

use async_trait::async_trait;
use serde_json::json;
use std::collections::{BTreeMap, BTreeSet};

use crate::model::host::Command;
use crate::model::host_action::HostAction;
use crate::model::{Change, Effect, Failure, Probe, Shown, Value};
use crate::resource::Resource;

use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::context::Context;
use package_spec::PackageSpec;
use simulation::{Simulation, announced, simulated};

/// The arguments of `apt`.
pub const ARGUMENTS: &[&str] = &[
    "name",
    "pkg",
    "package",
    "state",
    "update_cache",
    "update-cache",
    "cache_valid_time",
    "upgrade",
    "autoremove",
    "autoclean",
    "clean",
    "purge",
    "install_recommends",
    "install-recommends",
    "default_release",
    "default-release",
    "only_upgrade",
    "allow_downgrade",
    "allow_downgrades",
    "allow_unauthenticated",
    "allow-unauthenticated",
    "allow_change_held_packages",
    "dpkg_options",
    "force",
    "force_apt_get",
    "lock_timeout",
    "update_cache_retries",
    "update_cache_retry_max_delay",
    "policy_rc_d",
    "fail_on_autoremove",
];

/// Packages and lists as they shall be.
pub struct Apt {
    names: Vec<PackageSpec>,
    state: State,
    /// The lists' greatest age in seconds, where they are to be refreshed.
    refresh: Option<i64>,
    upgrade: Option<&'static str>,
    autoremove: bool,
    autoclean: bool,
    purge: bool,
    /// Options of every command that installs.
    options: Vec<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    Present,
    Latest,
    Absent,
}

/// What is installed, how old the lists are, and what apt would do.
pub struct Observed {
    packages: BTreeMap<String, String>,
    updated: i64,
    now: i64,
    simulations: Vec<Simulation>,
    /// Packages of those to be purged that are gone but for their settings.
    remains: BTreeSet<String>,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<Apt, Failure> {
    let mut upgrade = match arguments.given(&["upgrade"]) {
        Some((_, Value::Bool(true))) => Some("upgrade"),
        Some((_, Value::Bool(false))) => None,
        _ => match arguments.choice(
            &["upgrade"],
            &["no", "yes", "safe", "full", "dist", "True", "False"],
        )? {
            "yes" | "safe" | "True" => Some("upgrade"),
            "full" | "dist" => Some("dist-upgrade"),
            _ => None,
        },
    };
    let mut names = arguments
        .list(&["name", "pkg", "package"])?
        .unwrap_or_default();
    let state = match arguments.choice(
        &["state"],
        &["present", "installed", "latest", "absent", "removed"],
    )? {
        "latest" => State::Latest,
        "absent" | "removed" => State::Absent,
        _ => State::Present,
    };
    if names == ["*"] {
        if state != State::Latest {
            return Err(arguments.wrong("`name: \"*\"` needs `state: latest`"));
        }
        names.clear();
        upgrade = Some("upgrade");
    }
    arguments.only_default(&[("clean", false), ("fail_on_autoremove", false)])?;
    if arguments.has(&["policy_rc_d"]) {
        return Err(arguments.wrong("`policy_rc_d` is not supported"));
    }
    let age = arguments.integer(&["cache_valid_time"])?;
    let update = arguments.flag(&["update_cache", "update-cache"], age.is_some())?;
    Ok(Apt {
        names: names
            .iter()
            .map(|name| PackageSpec::read(name, arguments))
            .collect::<Result<_, _>>()?,
        state,
        refresh: update.then_some(age.unwrap_or(0)),
        upgrade,
        autoremove: arguments.flag(&["autoremove"], false)?,
        autoclean: arguments.flag(&["autoclean"], false)?,
        purge: arguments.flag(&["purge"], false)?,
        options: options(arguments)?,
    })
}

fn options(arguments: &Arguments<'_>) -> Result<Vec<String>, Failure> {
    let mut options = vec!["-y".to_owned(), "-q".to_owned()];
    // Without any, changed configuration files are kept: the action sees to it.
    let dpkg = arguments.list(&["dpkg_options"])?.unwrap_or_default();
    for option in dpkg {
        options.extend(["-o".to_owned(), format!("Dpkg::Options::=--{option}")]);
    }
    match arguments.switch(&["install_recommends", "install-recommends"])? {
        Some(true) => options.extend(["-o".to_owned(), "APT::Install-Recommends=yes".to_owned()]),
        Some(false) => options.push("--no-install-recommends".to_owned()),
        None => {}
    }
    if let Some(release) = arguments.text(&["default_release", "default-release"])? {
        options.extend(["-t".to_owned(), release]);
    }
    let force = arguments.flag(&["force"], false)?;
    for (names, option) in [
        (
            ["allow_downgrade", "allow_downgrades"],
            "--allow-downgrades",
        ),
        (
            ["allow_unauthenticated", "allow-unauthenticated"],
            "--allow-unauthenticated",
        ),
        (
            ["allow_change_held_packages", "force"],
            "--allow-change-held-packages",
        ),
        (["only_upgrade", "only_upgrade"], "--only-upgrade"),
    ] {
        if arguments.flag(&names, false)? || (force && option == "--allow-downgrades") {
            options.push(option.to_owned());
        }
    }
    Ok(options)
}

#[async_trait]
impl Resource for Apt {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        let lists = async {
            match self.refresh {
                Some(_) => ask::apt_lists(world).await,
                None => Ok((1, 1)),
            }
        };
        let (packages, (updated, now), remains) =
            futures::try_join!(ask::packages(world), lists, self.remains(world))?;
        // Without lists apt would only say that it knows no package.
        let commands = if updated == 0 {
            Vec::new()
        } else {
            self.commands(&packages, &remains)
        };
        let simulations = commands
            .iter()
            .map(|command| ask::run(world, simulated(command)));
        let simulations = futures::future::try_join_all(simulations).await?;
        let simulations = simulations.iter().map(announced).collect();
        Ok(Observed {
            packages,
            updated,
            now,
            simulations,
            remains,
        })
    }

    fn plan(&self, seen: &Observed) -> Result<Change, Failure> {
        let commands = self.commands(&seen.packages, &seen.remains);
        let due = self
            .refresh
            .is_some_and(|age| seen.now - seen.updated > age || seen.updated == 0);
        // Fresh lists matter only to what is installed from them.
        let refresh = due && (seen.updated == 0 || self.names.is_empty() || !commands.is_empty());
        let mut change = Change::new(Effect::Update);
        if refresh {
            let before = match seen.updated {
                0 => Shown::Absent,
                1 => Shown::Value("incomplete".into()),
                updated => Shown::Value(format!("{} s old", seen.now - updated).into()),
            };
            change = change
                .field("apt lists", before, Shown::Value("fresh".into()))
                .action(apt(["apt-get", "-q", "update"]));
        }
        for (index, command) in commands.into_iter().enumerate() {
            change = match seen.simulations.get(index) {
                Some(simulation) => self.apply(change, command, simulation, refresh),
                None => self.blind(change, command),
            };
        }
        Ok(change.result(json!({
            "cache_updated": refresh,
            "cache_update_time": if self.refresh.is_some() { seen.updated } else { 0 },
        })))
    }
}

impl Apt {
    /// Asks dpkg which packages that are to be purged left their settings behind.
    async fn remains(&self, world: &dyn Probe) -> Result<BTreeSet<String>, Failure> {
        if !self.purge || self.state != State::Absent || self.names.is_empty() {
            return Ok(BTreeSet::new());
        }
        let mut command = Command::new(["dpkg-query", "-W", "-f=${Package} ${Status}\\n", "--"]);
        let names = self.names.iter().map(|wish| wish.name.clone());
        command.argv.extend(names);
        let ran = ask::run(world, command).await?;
        let gone = |line: &str| {
            let name = line.strip_suffix(" config-files")?.split(' ').next()?;
            Some(name.to_owned())
        };
        Ok(ran.out().lines().filter_map(gone).collect())
    }

    /// The commands that would bring about what is wanted; none when that is certain already.
    fn commands(
        &self,
        packages: &BTreeMap<String, String>,
        remains: &BTreeSet<String>,
    ) -> Vec<Command> {
        let mut commands = Vec::new();
        let words = |keep: &dyn Fn(&PackageSpec) -> bool| -> Vec<String> {
            let kept = self.names.iter().filter(|wish| keep(wish));
            kept.map(PackageSpec::word).collect()
        };
        if let Some(upgrade) = self.upgrade {
            let new = if upgrade == "upgrade" {
                &["--with-new-pkgs"][..]
            } else {
                &[]
            };
            commands.push(self.command(upgrade, new, Vec::new()));
        }
        let (verb, names) = match self.state {
            State::Present => ("install", words(&|wish| !wish.holds(packages))),
            State::Latest => ("install", words(&|_| true)),
            State::Absent => {
                let there = self.names.iter().filter(|wish| {
                    wish.installed(packages).is_some() || remains.contains(&wish.name)
                });
                let verb = if self.purge { "purge" } else { "remove" };
                (verb, there.map(|wish| wish.name.clone()).collect())
            }
        };
        if !names.is_empty() {
            let remove: &[&str] = if self.autoremove {
                &["--auto-remove"]
            } else {
                &[]
            };
            commands.push(self.command(verb, remove, names));
        } else if self.autoremove {
            let purge: &[&str] = if self.purge { &["--purge"] } else { &[] };
            commands.push(self.command("autoremove", purge, Vec::new()));
        }
        if self.autoclean {
            commands.push(self.command("autoclean", &[], Vec::new()));
        }
        commands
    }

    fn command(&self, verb: &str, more: &[&str], names: Vec<String>) -> Command {
        let options = self.options.iter().map(String::as_str);
        let words = ["apt-get"]
            .into_iter()
            .chain(options)
            .chain(more.iter().copied())
            .chain([verb]);
        let mut command = Command::new(words);
        command.argv.extend(names);
        command
    }

    fn apply(
        &self,
        mut change: Change,
        command: Command,
        simulation: &Simulation,
        refresh: bool,
    ) -> Change {
        if let Some(refusal) = &simulation.refusal {
            if !refresh {
                change = change.note(if simulation.unheard_of {format!(
                        "apt does not know it yet ({refusal}); an earlier task may bring its source or refresh the lists."
                    )} else {format!("apt objects, as things stand: {refusal}")});
            }
            return self.blind(change, command);
        }
        let moving = refresh && (self.state == State::Latest || self.upgrade.is_some());
        if simulation.coming.is_empty() && simulation.going.is_empty() && !moving {
            return change;
        }
        for (name, old, new) in &simulation.coming {
            let old = old
                .as_ref()
                .map_or(Shown::Absent, |old| Shown::Value(old.as_str().into()));
            change = change.field(name, old, Shown::Value(new.as_str().into()));
        }
        for name in &simulation.going {
            change = change.field(name, Shown::Value("installed".into()), Shown::Absent);
        }
        change.action(HostAction::Apt { command })
    }

    /// What apt would do is not known before its lists are.
    fn blind(&self, mut change: Change, command: Command) -> Change {
        for wish in &self.names {
            change = change.field(&wish.name, Shown::Absent, Shown::Unknown);
        }
        if self.names.is_empty() {
            change = change.field("packages", Shown::Unknown, Shown::Unknown);
        }
        change.action(HostAction::Apt { command })
    }
}

fn apt<const N: usize>(argv: [&str; N]) -> HostAction {
    HostAction::Apt {
        command: Command::new(argv),
    }
}
