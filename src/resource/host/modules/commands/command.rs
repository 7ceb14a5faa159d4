//! `command`, `shell` and `raw`: something the user wrote is run.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::Command as Line;
use crate::model::host_action::HostAction;
use crate::model::{Change, Content, Effect, Failure, Probe, Shown, Value};
use crate::resource::Resource;

use crate::resource::host::arguments::Arguments;
use crate::resource::host::{Context, ask, expansion, words};

/// A command that runs whenever the task is reached, unless `creates` or `removes` hold.
pub struct Command {
    line: Line,
    creates: Option<String>,
    removes: Option<String>,
}

/// `command`: words, no shell.
pub mod exec {
    use super::{Arguments, Command, Context, Failure, Line, expansion, guards, words};
    use crate::model::Value;

    /// The arguments of `command`.
    pub const ARGUMENTS: &[&str] = &[
        "_raw_params",
        "cmd",
        "argv",
        "chdir",
        "creates",
        "removes",
        "stdin",
        "stdin_add_newline",
        "strip_empty_ends",
        "expand_argument_vars",
        "warn",
    ];

    /// Reads the arguments.
    pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<Command, Failure> {
        arguments.exclusive("cmd", "argv")?;
        let argv = match arguments.given(&["argv"]) {
            Some((_, Value::Array(_))) => arguments.words(&["argv"])?.unwrap_or_default(),
            Some(_) => return Err(arguments.wrong("`argv` takes a list")),
            None => {
                let line = arguments.need(&["_raw_params", "cmd"])?;
                words::split(&line).map_err(|why| arguments.wrong(format!("`{line}` {why}")))?
            }
        };
        if argv.is_empty() {
            return Err(arguments.wrong("no command was given"));
        }
        let expand = arguments.flag(&["expand_argument_vars"], true)?;
        let argv = argv
            .into_iter()
            .map(|word| {
                if expand {
                    expansion::word(&word, context)
                } else {
                    word
                }
            })
            .collect();
        guards(
            Line {
                argv,
                ..Line::default()
            },
            arguments,
            context,
        )
    }
}

/// `shell`: a text for `/bin/sh` or another shell.
pub mod shell {
    use super::{Arguments, Command, Context, Failure, Line, guards};

    /// The arguments of `shell`.
    pub const ARGUMENTS: &[&str] = &[
        "_raw_params",
        "cmd",
        "chdir",
        "creates",
        "removes",
        "executable",
        "stdin",
        "stdin_add_newline",
        "warn",
    ];

    /// Reads the arguments.
    pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<Command, Failure> {
        let line = Line {
            script: Some(arguments.need(&["_raw_params", "cmd"])?),
            shell: arguments.path(&["executable"])?,
            ..Line::default()
        };
        guards(line, arguments, context)
    }
}

/// `raw`: as `shell`, without its options.
pub mod raw {
    use super::{Arguments, Command, Context, Failure, Line, guards};

    /// The arguments of `raw`.
    pub const ARGUMENTS: &[&str] = &["_raw_params", "executable"];

    /// Reads the arguments.
    pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<Command, Failure> {
        let line = Line {
            script: Some(arguments.need(&["_raw_params"])?),
            shell: arguments.path(&["executable"])?,
            ..Line::default()
        };
        guards(line, arguments, context)
    }
}

/// Reads what the three have in common; an argument that one does not have was refused before.
fn guards(line: Line, arguments: &Arguments<'_>, context: &Context) -> Result<Command, Failure> {
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
    Ok(Command {
        line: Line {
            chdir,
            stdin,
            environment: context.environment.clone(),
            ..line
        },
        creates,
        removes,
    })
}

/// The guard that keeps a command from being run.
pub struct Held(Option<String>);

#[async_trait]
impl Resource for Command {
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
                command: self.line.clone(),
                judge: false,
            })
            .result(json!({ "cmd": self.shown() })))
    }
}

impl Command {
    /// As Ansible registers it: words for `command`, the text for a shell.
    fn shown(&self) -> Value {
        match &self.line.script {
            Some(script) => json!(script),
            None => json!(self.line.argv),
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
        return Ok(ask::run(world, Line::new(["sh", "-c", look, path]))
            .await?
            .ok());
    }
    let folder = if folder.is_empty() { "/" } else { folder };
    let find = Line::new([
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
