//! `wait_for`: until a port answers, or a path is there.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::Command;
use crate::model::{Change, Effect, Failure, Probe, Shown};
use crate::resource::Resource;

use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::command_action::run_command;
use crate::resource::host::context::Context;

/// The arguments of `wait_for`.
pub const ARGUMENTS: &[&str] = &[
    "host",
    "port",
    "path",
    "state",
    "timeout",
    "delay",
    "sleep",
    "connect_timeout",
    "msg",
];

/// What is tried once: bash, which every Debian has, opens a connection by itself.
const TRY: &str = r#"if [ "$1" = port ]; then
    timeout "$5" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$2" "$3" 2>/dev/null
else
    [ -e "$2" ]
fi
found=$?
if [ "$4" = yes ]; then exit "$found"; fi
[ "$found" -ne 0 ]"#;

/// The same until it holds or the time is over.
const WAIT: &str = r#"once=$1 timeout=$2 sleep=$3 delay=$4 message=$5
shift 5
sleep "$delay"
end=$(($(date +%s) + timeout))
until sh -c "$once" sh "$@"; do
    if [ "$(date +%s)" -ge "$end" ]; then
        printf '%s\n' "${message:-waited $timeout seconds in vain for $2 $3}" >&2
        exit 1
    fi
    sleep "$sleep"
done"#;

/// A condition that is waited for.
pub struct WaitFor {
    /// The words that tell the script what to try.
    words: Vec<String>,
    shown: String,
    timeout: i64,
    sleep: i64,
    delay: i64,
    /// What is said when it was waited for in vain.
    message: String,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<WaitFor, Failure> {
    arguments.exclusive("port", "path")?;
    let there = match arguments.choice(&["state"], &["started", "present", "stopped", "absent"])? {
        "stopped" | "absent" => "no",
        _ => "yes",
    };
    let host = arguments
        .text(&["host"])?
        .unwrap_or_else(|| "127.0.0.1".to_owned());
    let connect = arguments.integer(&["connect_timeout"])?.unwrap_or(5);
    let (kind, name, port) = match (arguments.integer(&["port"])?, arguments.path(&["path"])?) {
        (Some(port), _) if (1..=65535).contains(&port) => ("port", host, port.to_string()),
        (Some(port), _) => return Err(arguments.wrong(format!("`port` cannot be {port}"))),
        (None, Some(path)) => ("path", path, String::new()),
        (None, None) => return Err(arguments.wrong("one of `port` and `path` must be given")),
    };
    let seconds = |names: &[&'static str], default| -> Result<i64, Failure> {
        match arguments.integer(names)?.unwrap_or(default) {
            seconds if seconds >= 0 => Ok(seconds),
            _ => Err(arguments.wrong(format!("`{}` cannot be negative", names[0]))),
        }
    };
    Ok(WaitFor {
        shown: format!("{kind} {name} {port}").trim_end().to_owned(),
        words: vec![
            kind.to_owned(),
            name,
            port,
            there.to_owned(),
            connect.to_string(),
        ],
        timeout: seconds(&["timeout"], 300)?,
        sleep: seconds(&["sleep"], 1)?,
        delay: seconds(&["delay"], 0)?,
        message: arguments.text(&["msg"])?.unwrap_or_default(),
    })
}

#[async_trait]
impl Resource for WaitFor {
    type Observed = bool;

    async fn observe(&self, world: &dyn Probe) -> Result<bool, Failure> {
        let mut command = Command::new(["sh", "-c", TRY, "sh"]);
        command.argv.extend(self.words.iter().cloned());
        Ok(ask::run(world, command).await?.ok())
    }

    fn plan(&self, holds: &bool) -> Result<Change, Failure> {
        let result = json!({"changed": false, "elapsed": 0});
        if *holds {
            return Ok(Change::none().result(result));
        }
        let mut command = Command::new(["sh", "-c", WAIT, "sh", TRY]);
        command
            .argv
            .extend([self.timeout, self.sleep, self.delay].map(|seconds| seconds.to_string()));
        command.argv.push(self.message.clone());
        command.argv.extend(self.words.iter().cloned());
        Ok(Change::new(Effect::Run)
            .field("wait for", Shown::Absent, Shown::Value(json!(self.shown)))
            .action(run_command(command))
            .result(result))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_waited_for_in_vain_is_said_in_the_playbooks_words() {
        let said = |message: &str| {
            let absent = ["path", "/nonexistent/x", "", "yes", "1"];
            let ran = std::process::Command::new("sh")
                .args(["-c", WAIT, "sh", TRY, "0", "1", "0", message])
                .args(absent)
                .output()
                .unwrap();
            assert_eq!(ran.status.code(), Some(1));
            String::from_utf8(ran.stderr).unwrap()
        };
        assert_eq!(said("mine\\n"), "mine\\n\n");
        assert!(said("").starts_with("waited 0 seconds in vain for /nonexistent/x"));
    }
}
