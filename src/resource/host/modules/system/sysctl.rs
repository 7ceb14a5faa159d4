//! `sysctl`: a kernel setting, in a file and in the running kernel.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::Command;
use crate::model::{Change, Content, Effect, Failure, Probe, escaped};
use crate::resource::Resource;

use crate::resource::host::access::{WantedAccess, field};
use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::command_action::run_command;
use crate::resource::host::context::Context;
use crate::resource::host::managed_file::{FileSeen, ManagedFile};
use crate::resource::host::text_file::{end_last_line, lines};

/// The arguments of `sysctl`.
pub const ARGUMENTS: &[&str] = &[
    "name",
    "key",
    "value",
    "val",
    "state",
    "reload",
    "sysctl_file",
    "sysctl_set",
    "ignoreerrors",
];

/// A kernel setting.
pub struct Sysctl {
    key: String,
    /// None when it is to leave the file.
    value: Option<String>,
    file: ManagedFile,
    reload: bool,
    set: bool,
    /// Whether the kernel may refuse.
    ignore: bool,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<Sysctl, Failure> {
    let key = arguments.need(&["name", "key"])?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-/*@:".contains(c);
    if !key.chars().all(plain) || key.contains("..") || key.starts_with('/') {
        return Err(arguments.wrong(format!("`{key}` is not a kernel setting's name")));
    }
    let absent = arguments.choice(&["state"], &["present", "absent"])? == "absent";
    let value = match arguments.text(&["value", "val"])? {
        _ if absent => None,
        None => return Err(arguments.wrong("`value` is missing")),
        Some(value) => Some(normal(&value)),
    };
    let path = arguments
        .path(&["sysctl_file"])?
        .unwrap_or_else(|| "/etc/sysctl.conf".to_owned());
    Ok(Sysctl {
        key,
        value,
        file: ManagedFile::read(arguments, path, WantedAccess::default(), context.secret)?,
        reload: arguments.flag(&["reload"], true)?,
        set: arguments.flag(&["sysctl_set"], false)?,
        ignore: arguments.flag(&["ignoreerrors"], false)?,
    })
}

/// Blanks are one, and Ansible writes booleans as digits.
fn normal(value: &str) -> String {
    match value.trim().to_ascii_lowercase().as_str() {
        "yes" | "true" | "on" | "y" | "t" => "1".to_owned(),
        "no" | "false" | "off" | "n" | "f" => "0".to_owned(),
        _ => value.split_whitespace().collect::<Vec<_>>().join(" "),
    }
}

#[async_trait]
impl Resource for Sysctl {
    type Observed = (FileSeen, Option<String>);

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        let running = async {
            if self.set {
                ask::sysctl(world, &self.key).await
            } else {
                Ok(None)
            }
        };
        futures::try_join!(self.file.observe(world), running)
    }

    fn plan(&self, (seen, running): &Self::Observed) -> Result<Change, Failure> {
        let old = seen
            .content
            .as_ref()
            .map(|content| escaped::text(content.bytes()));
        let new = self.edited(old.as_deref().unwrap_or(""));
        let in_file = old.as_deref().unwrap_or("") == new;
        let mut change = if in_file {
            Change::new(Effect::Update)
        } else {
            self.file
                .plan(seen, &Content::public(escaped::bytes(&new)))?
        };
        if let Some(value) = &self.value {
            let runs = running.as_deref().map(normal);
            let none = self.ignore && runs.is_none();
            let differs = self.set && runs.as_ref() != Some(value) && !none;
            if differs {
                change
                    .diff
                    .push(field(&self.key, runs.as_deref().unwrap_or(""), value));
            }
            if differs || (self.reload && !in_file) {
                // First, so that the file does not say that a value holds which the kernel refused.
                change.actions.insert(0, self.write(value).into());
            }
        }
        Ok(change.result(json!({"name": self.key, "value": self.value})))
    }
}

impl Sysctl {
    /// The first line with this key says the value, every other one goes; without one, a line is added.
    fn edited(&self, text: &str) -> String {
        let mut wanted = self
            .value
            .as_ref()
            .map(|value| format!("{}={value}", self.key));
        let mut kept = String::with_capacity(text.len());
        for line in lines(text) {
            match line.split_once('=') {
                Some((key, value)) if same(key, &self.key) => {
                    let Some(new) = wanted.take() else { continue };
                    if self.value.as_deref() == Some(normal(value).as_str()) {
                        kept.push_str(line)
                    } else {
                        kept.extend([new.as_str(), "\n"])
                    }
                }
                _ => kept.push_str(line),
            }
        }
        if let Some(new) = wanted {
            end_last_line(&mut kept);
            kept.extend([new.as_str(), "\n"]);
        }
        kept
    }

    /// What `sysctl -w` does, for hosts without that program. Dots and slashes trade places in the path.
    fn write(&self, value: &str) -> crate::model::host_action::HostAction {
        let first = self.key.find(['.', '/']).map(|at| &self.key[at..=at]);
        let path = match first {
            Some("/") => self.key.clone(),
            _ => self
                .key
                .chars()
                .map(|c| match c {
                    '.' => '/',
                    '/' => '.',
                    c => c,
                })
                .collect(),
        };
        let path = format!("/proc/sys/{path}");
        let command = if self.ignore {
            Command::new(["sh", "-c", "tee -- \"$0\" || true", &path])
        } else {
            Command::new(["tee", &path])
        };
        run_command(command.stdin(Content::public(format!("{value}\n"))))
    }
}

fn same(written: &str, key: &str) -> bool {
    let written = written.trim().trim_start_matches('-');
    written == key || written.replace('/', ".") == key.replace('/', ".")
}
