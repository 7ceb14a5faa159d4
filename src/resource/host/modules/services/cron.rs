//! `cron`: a line in a user's crontab, or in a file of `/etc/cron.d`.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::Command;
use crate::model::host_action::HostAction;
use crate::model::{Change, Content, Effect, Failure, Probe, Shown, escaped};
use crate::resource::Resource;

use crate::resource::host::access::WantedAccess;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::command_action::run_command;
use crate::resource::host::context::Context;
use crate::resource::host::managed_file::{FileSeen, ManagedFile};
use crate::resource::host::mode::Mode;
use crate::resource::host::text_file::{end_last_line, lines, without_line_end};

/// The arguments of `cron`.
pub const ARGUMENTS: &[&str] = &[
    "name",
    "job",
    "value",
    "user",
    "cron_file",
    "state",
    "minute",
    "hour",
    "day",
    "dom",
    "month",
    "weekday",
    "dow",
    "special_time",
    "disabled",
    "env",
    "backup",
];

/// What a line is known by: the comment before it, as Ansible writes it.
const MARK: &str = "#Ansible: ";

/// A line of cron's.
pub struct Cron {
    name: String,
    /// None when it is to go.
    line: Option<String>,
    /// Whether it sets a variable, which stands before all jobs and has no mark.
    variable: bool,
    table: Table,
}

enum Table {
    File(ManagedFile),
    /// The crontab of this user, or of the one we are.
    User(Option<String>),
}

/// What the table holds.
pub struct Observed {
    seen: FileSeen,
    text: String,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<Cron, Failure> {
    let name = arguments.need(&["name"])?;
    let variable = arguments.flag(&["env"], false)?;
    let user = arguments.text(&["user"])?;
    let file = arguments.text(&["cron_file"])?;
    if file.is_some() && user.is_none() && !variable {
        return Err(arguments.wrong("`cron_file` needs `user`"));
    }
    let present = arguments.choice(&["state"], &["present", "absent"])? == "present";
    let job = arguments.text(&["job", "value"])?;
    if job.as_ref().is_some_and(|job| job.contains('\n')) || name.contains('\n') {
        return Err(arguments.wrong("`name` and `job` are one line each"));
    }
    let line = match (present, job) {
        (false, _) => None,
        (true, None) => return Err(arguments.wrong("`job` is missing")),
        (true, Some(value)) if variable => Some(format!("{name}=\"{value}\"")),
        (true, Some(job)) => {
            let who = file.as_ref().and(user.as_ref());
            Some(scheduled(arguments, who.map(String::as_str), &job)?)
        }
    };
    let table = match file {
        None => {
            arguments.only_default(&[("backup", false)])?;
            Table::User(user)
        }
        Some(file) => {
            let path = if file.starts_with('/') {
                file
            } else {
                format!("/etc/cron.d/{file}")
            };
            let plain: Vec<_> = path
                .split('/')
                .filter(|part| !matches!(*part, "" | "."))
                .collect();
            if plain == ["etc", "crontab"] {
                return Err(arguments
                    .wrong("`cron_file` cannot be /etc/crontab, which is the system's own")
                    .help("Give a name, which becomes a file in /etc/cron.d."));
            }
            let wanted = WantedAccess {
                mode: Some(Mode::Bits(0o644)),
                ..WantedAccess::default()
            };
            Table::File(ManagedFile::read(arguments, path, wanted, context.secret)?)
        }
    };
    Ok(Cron {
        name,
        line,
        variable,
        table,
    })
}

fn scheduled(arguments: &Arguments<'_>, user: Option<&str>, job: &str) -> Result<String, Failure> {
    let mut words = Vec::new();
    if arguments.flag(&["disabled"], false)? {
        words.push("#".to_owned());
    }
    match arguments.text(&["special_time"])? {
        Some(word) => {
            let known = [
                "reboot", "yearly", "annually", "monthly", "weekly", "daily", "hourly",
            ];
            if !known.contains(&word.as_str()) {
                return Err(arguments.wrong(format!("`special_time` cannot be {word}")));
            }
            words.push(format!("@{word}"));
        }
        None => {
            for names in [
                &["minute"][..],
                &["hour"],
                &["day", "dom"],
                &["month"],
                &["weekday", "dow"],
            ] {
                let field = arguments.text(names)?.unwrap_or_else(|| "*".to_owned());
                if field.is_empty() || field.contains(char::is_whitespace) {
                    return Err(arguments.wrong(format!("`{}` is one word", names[0])));
                }
                words.push(field);
            }
        }
    }
    words.extend(user.map(str::to_owned));
    words.push(job.to_owned());
    let line = words.join(" ");
    Ok(line.replacen("# ", "#", usize::from(line.starts_with("# "))))
}

#[async_trait]
impl Resource for Cron {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        match &self.table {
            Table::File(file) => {
                let seen = file.observe(world).await?;
                let text = seen.content.as_ref().map(Content::bytes);
                Ok(Observed {
                    text: escaped::text(text.unwrap_or_default()),
                    seen,
                })
            }
            Table::User(user) => {
                let ran = ask::run(world, crontab(user.as_deref(), "-l")).await?;
                // A table that cannot be read is not one that is empty: it would be replaced.
                if !ran.ok() && !ran.err().contains("no crontab for") {
                    return Err(Failure::new(
                        "a crontab cannot be read",
                        match user {
                            Some(user) => format!("It is the one of {user}."),
                            None => "It is the one of the task's user.".to_owned(),
                        },
                    )
                    .quoting(ran.err().trim()));
                }
                Ok(Observed {
                    seen: FileSeen::default(),
                    text: escaped::text(ran.stdout.bytes()),
                })
            }
        }
    }

    fn plan(&self, seen: &Observed) -> Result<Change, Failure> {
        let new = self.edited(&seen.text);
        let result = json!({"name": self.name});
        if new == seen.text {
            return Ok(Change::none().result(result));
        }
        let change = match &self.table {
            Table::File(file) if new.is_empty() => Change::new(Effect::Delete)
                .field(&file.path, Shown::Value("file".into()), Shown::Absent)
                .action(HostAction::Remove {
                    path: file.path.clone(),
                }),
            Table::File(file) => file.plan(&seen.seen, &Content::public(escaped::bytes(&new)))?,
            Table::User(user) => {
                let content = Content::public(escaped::bytes(&new));
                Change::new(Effect::Update)
                    .field(
                        "crontab",
                        Shown::content(&Content::public(escaped::bytes(&seen.text))),
                        Shown::content(&content),
                    )
                    .action(run_command(crontab(user.as_deref(), "-").stdin(content)))
            }
        };
        Ok(change.result(result))
    }
}

impl Cron {
    fn edited(&self, text: &str) -> String {
        let mark = format!("{MARK}{}", self.name);
        let setting = format!("{}=", self.name);
        let job = [mark.as_str(), "\n"].concat();
        let line = self.line.as_ref().map(|line| format!("{line}\n"));
        let mut line = line.as_deref();
        let mut kept: Vec<&str> = Vec::new();
        let mut all = lines(text).into_iter();
        while let Some(known) = all.next() {
            if self.variable && known.starts_with(&setting) {
                kept.extend(line.take());
            } else if !self.variable && without_line_end(known) == mark {
                all.next();
                if let Some(line) = line.take() {
                    kept.extend([job.as_str(), line]);
                }
            } else {
                kept.push(known);
            }
        }
        if let Some(line) = line.filter(|_| self.variable) {
            kept.insert(0, line);
            return kept.concat();
        }
        let mut text = kept.concat();
        if let Some(line) = line {
            end_last_line(&mut text);
            text.extend([job.as_str(), line]);
        }
        text
    }
}

fn crontab(user: Option<&str>, verb: &str) -> Command {
    let mut words = vec!["crontab"];
    if let Some(user) = user {
        words.extend(["-u", user]);
    }
    words.push(verb);
    Command::new(words)
}
