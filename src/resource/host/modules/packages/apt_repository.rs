//! `apt_repository`: a source of packages as one line.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::Command;
use crate::model::host_action::{Access, HostAction, WriteFile};
use crate::model::{Change, Content, Effect, Failure, Probe, Shown, escaped};
use crate::resource::Resource;

use crate::resource::host::access::WantedAccess;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::context::Context;
use crate::resource::host::managed_file::{FileSeen, ManagedFile};
use crate::resource::host::mode::Mode;
use crate::resource::host::text_file::{end_last_line, lines};

/// The arguments of `apt_repository`.
pub const ARGUMENTS: &[&str] = &[
    "repo",
    "state",
    "filename",
    "mode",
    "update_cache",
    "update-cache",
    "update_cache_retries",
    "update_cache_retry_max_delay",
    "validate_certs",
    "install_python_apt",
];

/// A source of packages.
pub struct AptRepository {
    line: String,
    present: bool,
    update: bool,
    file: ManagedFile,
}

/// The file the line belongs to, every line of every source, and when apt's lists were updated.
pub struct Observed {
    seen: FileSeen,
    sources: Vec<String>,
    updated: i64,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<AptRepository, Failure> {
    let repo = arguments.need(&["repo"])?;
    if repo.starts_with("ppa:") {
        return Err(arguments
            .wrong(format!("`repo` is a personal archive: {repo}"))
            .help("Use deb822_repository with the archive's address and its key's fingerprint."));
    }
    let line = normal(&repo);
    if !line.starts_with("deb ") && !line.starts_with("deb-src ") {
        return Err(arguments.wrong(format!("`repo` does not begin with deb or deb-src: {repo}")));
    }
    let file = match arguments.text(&["filename"])? {
        Some(name) => name.trim_end_matches(".list").to_owned(),
        None => named(&line),
    };
    if file.is_empty() || file.contains('/') {
        return Err(arguments.wrong(format!("`filename` is not a file's name: {file}")));
    }
    Ok(AptRepository {
        line,
        present: arguments.choice(&["state"], &["present", "absent"])? == "present",
        update: arguments.flag(&["update_cache", "update-cache"], true)?,
        file: ManagedFile {
            path: format!("/etc/apt/sources.list.d/{file}.list"),
            wanted: WantedAccess {
                mode: Some(
                    WantedAccess::read(arguments)?
                        .mode
                        .unwrap_or(Mode::Bits(0o644)),
                ),
                ..WantedAccess::default()
            },
            validate: None,
            backup: false,
            secret: false,
            follow: true,
        },
    })
}

fn normal(line: &str) -> String {
    line.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// The file's name as Ansible makes it: the address, what is neither letter nor digit as an underscore.
fn named(line: &str) -> String {
    let address = line
        .split(' ')
        .find_map(|word| word.split_once("://").map(|(_, rest)| rest))
        .unwrap_or_default();
    let address = address.rsplit('@').next().unwrap_or_default();
    let parts = address.split(|c: char| !c.is_ascii_alphanumeric());
    parts
        .filter(|part| !part.is_empty())
        .collect::<Vec<_>>()
        .join("_")
}

fn update() -> HostAction {
    HostAction::Apt {
        command: Command::new(["apt-get", "-q", "update"]),
    }
}

#[async_trait]
impl Resource for AptRepository {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        let sources = ["/etc/apt/sources.list", "/etc/apt/sources.list.d"];
        let grep = Command::new(
            ["grep", "-rhs", "--include=*.list", "^ *deb"]
                .into_iter()
                .chain(sources),
        );
        let updated = async {
            if self.present && self.update {
                ask::apt_lists(world).await.map(|(updated, _)| updated)
            } else {
                Ok(i64::MAX)
            }
        };
        let (seen, ran, updated) =
            futures::try_join!(self.file.observe(world), ask::run(world, grep), updated)?;
        Ok(Observed {
            updated,
            seen,
            sources: ran.out().lines().map(normal).collect(),
        })
    }

    fn plan(&self, seen: &Observed) -> Result<Change, Failure> {
        let result =
            json!({"repo": self.line, "state": if self.present { "present" } else { "absent" }});
        let old = seen
            .seen
            .content
            .as_ref()
            .map(|content| escaped::text(content.bytes()))
            .unwrap_or_default();
        let known = seen.sources.contains(&self.line);
        let new = match (self.present, known) {
            (true, true) => return Ok(self.caught_up(seen).result(result)),
            (false, false) => return Ok(Change::none().result(result)),
            (true, false) => {
                let mut new = old.clone();
                end_last_line(&mut new);
                new.extend([self.line.as_str(), "\n"]);
                new
            }
            (false, true) => lines(&old)
                .into_iter()
                .filter(|line| normal(line) != self.line)
                .collect(),
        };
        if new == old {
            return Err(Failure::new(
                "the source stands in another file",
                format!("`{}` is not in {}.", self.line, self.file.path),
            )
            .help(
                "Take the line out of the file that holds it, or name that file with `filename`.",
            ));
        }
        let mut change = if new.is_empty() {
            Change::new(Effect::Delete).action(HostAction::Remove {
                path: self.file.path.clone(),
            })
        } else {
            self.file
                .plan(&seen.seen, &Content::public(escaped::bytes(&new)))?
        };
        if self.update {
            // A source that cannot be read breaks every later update of the lists, so it does not stay.
            change = change.action(update()).undo(self.before(&seen.seen));
        }
        Ok(change.result(result))
    }
}

impl AptRepository {
    /// What makes the file again what it is.
    fn before(&self, seen: &FileSeen) -> HostAction {
        let path = self.file.path.clone();
        let (Some(content), Some(stat)) = (&seen.content, &seen.stat) else {
            return HostAction::Remove { path };
        };
        HostAction::Write(WriteFile {
            path,
            content: content.clone(),
            access: Access {
                owner: Some(stat.uid.to_string()),
                group: Some(stat.gid.to_string()),
                mode: Some(stat.mode),
            },
            validate: None,
            backup: false,
            follow: true,
        })
    }

    /// Updates lists that are older than the source: what was to follow when that was written failed or was cut.
    fn caught_up(&self, seen: &Observed) -> Change {
        match &seen.seen.stat {
            Some(stat) if stat.mtime > seen.updated => Change::new(Effect::Update)
                .field(
                    "apt lists",
                    Shown::Value("older than the source".into()),
                    Shown::Value("fresh".into()),
                )
                .action(update()),
            _ => Change::none(),
        }
    }
}
