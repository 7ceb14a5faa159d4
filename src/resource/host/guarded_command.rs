//! A command of the user's own, which runs each time unless a path keeps it from being run.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::Command;
use crate::model::host_action::HostAction;
use crate::model::{Change, Content, Effect, Failure, Probe, Shown, Value};
use crate::resource::Resource;

use super::arguments::Arguments;
use super::ask;
use super::context::Context;

/// A command that runs whenever the task is reached, unless `creates` or `removes` hold.
pub struct GuardedCommand {
    command: Command,
    creates: Option<String>,
    removes: Option<String>,
}

impl GuardedCommand {
    /// Adds to a command what `command`, `shell` and `raw` have in common; an argument that one of them does not have was
    /// refused before.
    pub fn read(
        command: Command,
        arguments: &Arguments<'_>,
        context: &Context,
    ) -> Result<Self, Failure> {
        let chdir = arguments.path(&["chdir"])?;
        let stdin = match arguments.text(&["stdin"])? {
            None => None,
            Some(mut text) => {
                if arguments.flag(&["stdin_add_newline"], true)? {
                    text.push('\n');
                }
                Some(if context.secret {
                    Content::secret(text)
                } else {
                    Content::public(text)
                })
            }
        };
        let within = |path: Option<String>| {
            path.map(|path| match &chdir {
                Some(folder) if !path.starts_with('/') => format!("{folder}/{path}"),
                _ => path,
            })
        };
        let creates = within(arguments.text(&["creates"])?);
        let removes = within(arguments.text(&["removes"])?);
        if let Some(path) = [&creates, &removes]
            .into_iter()
            .flatten()
            .find(|path| !path.starts_with('/'))
        {
            return Err(arguments.wrong(format!(
                "`creates` and `removes` need an absolute path or `chdir`, but there is `{path}`"
            )));
        }
        Ok(Self {
            command: Command {
                chdir,
                stdin,
                environment: context.environment.clone(),
                ..command
            },
            creates,
            removes,
        })
    }
}

/// The guard that keeps a command from being run.
pub struct Held(Option<String>);

#[async_trait]
impl Resource for GuardedCommand {
    type Observed = Held;

    async fn observe(&self, world: &dyn Probe) -> Result<Held, Failure> {
        let exists = async |path: &Option<String>| match path {
            Some(path) => matching(world, path).await.map(Some),
            None => Ok(None),
        };
        let (created, removable) =
            futures::try_join!(exists(&self.creates), exists(&self.removes))?;
        Ok(Held(match (created, removable) {
            (Some(true), _) => self
                .creates
                .as_ref()
                .map(|path| format!("skipped, since {path} exists")),
            (_, Some(false)) => self
                .removes
                .as_ref()
                .map(|path| format!("skipped, since {path} does not exist")),
            _ => None,
        }))
    }

    fn plan(&self, Held(held): &Held) -> Result<Change, Failure> {
        if let Some(why) = held {
            return Ok(Change::none().result(json!({
                "rc": 0, "cmd": self.shown(), "stdout": why, "stdout_lines": [why], "stderr": "", "stderr_lines": [],
            })));
        }
        Ok(Change::new(Effect::Run)
            .field("command", Shown::Absent, Shown::Value(self.shown()))
            .action(HostAction::Run {
                command: self.command.clone(),
                judge: false,
            })
            .result(json!({ "cmd": self.shown() })))
    }
}

impl GuardedCommand {
    /// As Ansible registers it: words for `command`, the text for a shell.
    fn shown(&self) -> Value {
        match &self.command.script {
            Some(script) => json!(script),
            None => json!(self.command.argv),
        }
    }
}

/// Whether something has this path, which may hold `*`, `?` and `[…]`.
async fn matching(world: &dyn Probe, path: &str) -> Result<bool, Failure> {
    if !path.contains(['*', '?', '[']) {
        return Ok(ask::stat(world, path, true).await?.is_some());
    }
    let (folder, pattern) = path.rsplit_once('/').unwrap_or(("", path));
    if folder.contains(['*', '?', '[']) {
        // Unquoted and with nothing to cut it at, the pattern becomes the paths that it fits.
        let look = "IFS=; set -- $0; [ -e \"$1\" ]";
        return Ok(ask::run(world, Command::new(["sh", "-c", look, path]))
            .await?
            .ok());
    }
    let folder = if folder.is_empty() { "/" } else { folder };
    let find = Command::new([
        "find",
        folder,
        "-maxdepth",
        "1",
        "-mindepth",
        "1",
        "-name",
        pattern,
        "-print",
        "-quit",
    ]);
    Ok(!ask::run(world, find).await?.out().is_empty())
}
