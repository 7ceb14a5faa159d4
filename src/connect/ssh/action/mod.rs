//! Each action as a call, and what its reply says. Those of several exchanges stand in files of their own.

pub mod download;
pub mod reboot;

use crate::connect::ssh::{
    exchange::call::Call,
    exchange::frame::Reply,
    question::answer::ran,
    question::{absolute, encoded, run},
};
use crate::model::{
    Failure, Outcome, Printed, Value,
    host::Command,
    host_action::{Access, CopyFile, HostAction, WriteFile},
};

/// What apt is told: wait for the lock that another apt holds, and fail when a list could not be fetched, which
/// is a mere warning by default.
const APT: [&str; 4] = [
    "-o",
    "DPkg::Lock::Timeout=600",
    "-o",
    "APT::Update::Error-Mode=any",
];

/// The environment of apt and dpkg. They speak English, because a lock is told by their words; for a translation,
/// LANGUAGE counts more than LC_ALL.
const APT_ENVIRONMENT: [(&str, &str); 4] = [
    ("DEBIAN_FRONTEND", "noninteractive"),
    ("NEEDRESTART_MODE", "l"),
    ("LC_ALL", "C.UTF-8"),
    ("LANGUAGE", "C"),
];

/// What apt is told unless the command says it: keep configuration files that somebody changed.
const KEEP: [&str; 4] = [
    "-o",
    "Dpkg::Options::=--force-confdef",
    "-o",
    "Dpkg::Options::=--force-confold",
];

/// The call that performs an action of one exchange.
pub(super) fn call(action: &HostAction) -> Result<Call, Failure> {
    Ok(match action {
        HostAction::Write(file) => write(file)?,
        HostAction::Copy(file) => copy(file)?,
        HostAction::MakeDirectory { path, access } => Call::new("lf_mkdir")
            .word(absolute(path)?)
            .words(words(access)?),
        HostAction::Access {
            path,
            access,
            follow,
        } => Call::new("lf_set_access")
            .word(yes(*follow))
            .word(absolute(path)?)
            .words(words(access)?),
        HostAction::Link { path, target } => {
            Call::new("lf_link").word(absolute(path)?).word(target)
        }
        HostAction::HardLink { path, target } => Call::new("lf_hard_link")
            .word(absolute(path)?)
            .word(absolute(target)?),
        HostAction::Touch {
            path,
            access,
            follow,
        } => Call::new("lf_touch")
            .word(yes(*follow))
            .word(absolute(path)?)
            .words(words(access)?),
        HostAction::Remove { path } => Call::new("lf_remove").word(removable(path)?),
        HostAction::Run { command, .. } => run("lf_run", command)?.before("lf_keep"),
        HostAction::Apt { command } => {
            let function = match command.argv.iter().any(|word| word == "update") {
                true => "lf_apt_update",
                false => "lf_apt",
            };
            run(function, &apt(command))?.before("lf_keep")
        }
        HostAction::Notify { playbook, handler } => Call::new("lf_notify")
            .word(encoded(playbook))
            .word(hex::encode(handler)),
        HostAction::Notified { playbook, handler } => Call::new("lf_forget")
            .word(encoded(playbook))
            .word(hex::encode(handler)),
        HostAction::Reboot { .. } => Call::new("lf_reboot"),
        HostAction::Download(download) => download::call(download)?,
    })
}

/// What the reply of such an action says.
pub(super) fn outcome(action: &HostAction, reply: Reply) -> Result<Outcome, Failure> {
    let judge = !matches!(action, HostAction::Run { judge: false, .. });
    if reply.refused.is_some() || (judge && reply.rc != 0) {
        return Err(failed(action, &reply));
    }
    Ok(match action {
        HostAction::Run { .. } | HostAction::Apt { .. } => Outcome::Ran(ran(reply)),
        HostAction::Write(_) | HostAction::Copy(_) if !reply.out.is_empty() => {
            let saved = String::from_utf8_lossy(&reply.out).into_owned();
            Outcome::Gave(serde_json::json!({ "backup_file": saved }))
        }
        HostAction::Write(_) | HostAction::Copy(_) => Outcome::Gave(Value::Null),
        _ => Outcome::Done,
    })
}

/// Whether a reply of apt or dpkg says that somebody else holds its lock, so that nothing was done.
pub(super) fn is_locked(reply: &Reply) -> bool {
    let said = String::from_utf8_lossy(&reply.err);
    reply.rc != 0
        && [
            "Could not get lock",
            "Unable to lock",
            "is locked by ",
            "lock was locked by ",
        ]
        .iter()
        .any(|words| said.contains(words))
}

/// Owner, group and mode as words, empty where they are to stay.
pub(super) fn words(access: &Access) -> Result<[String; 3], Failure> {
    for name in [&access.owner, &access.group].into_iter().flatten() {
        if name.is_empty() || name.starts_with('-') || name.contains([':', '\n', ' ']) {
            return Err(Failure::new(
                "a user or group of an impossible name",
                format!("The name is {name:?}."),
            ));
        }
    }
    Ok([
        access.owner.clone().unwrap_or_default(),
        access.group.clone().unwrap_or_default(),
        // Five digits, because chmod keeps the set-id bits of a folder when it is given fewer.
        access
            .mode
            .map(|mode| format!("{mode:05o}"))
            .unwrap_or_default(),
    ])
}

fn write(file: &WriteFile) -> Result<Call, Failure> {
    let call = Call::new("lf_write")
        .word(absolute(&file.path)?)
        .word(file.content.bytes().len().to_string())
        .words(words(&file.access)?)
        .word(yes(file.backup))
        .word(yes(file.follow));
    Ok(validated(call, file.validate.as_deref()).content(Some(file.content.clone())))
}

fn copy(file: &CopyFile) -> Result<Call, Failure> {
    let call = Call::new("lf_copy")
        .word(absolute(&file.source)?)
        .word(file.sha256.clone().unwrap_or_default())
        .word(absolute(&file.path)?)
        .words(words(&file.access)?)
        .word(yes(file.backup))
        .word(yes(file.follow));
    Ok(validated(call, file.validate.as_deref()))
}

/// The call with the words of the check, each as the number of its parts and the parts.
fn validated(mut call: Call, check: Option<&[String]>) -> Call {
    for word in check.into_iter().flatten() {
        let parts: Vec<&str> = word.split("%s").collect();
        call = call.word(parts.len().to_string()).words(parts);
    }
    call
}

/// A path that something may be taken away from: never the root, under whatever name.
fn removable(path: &str) -> Result<String, Failure> {
    let path = absolute(path)?;
    let mut depth = 0_i32;
    let mut lowest = i32::MAX;
    for part in path
        .split('/')
        .filter(|part| !part.is_empty() && *part != ".")
    {
        depth += if part == ".." { -1 } else { 1 };
        lowest = lowest.min(depth);
    }
    if depth <= 0 || lowest <= 0 {
        return Err(Failure::new(
            "the root of a host is never removed",
            format!("The path is {path:?}."),
        )
        .class(crate::model::Class::Refused));
    }
    Ok(path)
}

fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// The command with what apt is told, unless it says itself what to do with configuration files.
fn apt(command: &Command) -> Command {
    let mut command = command.clone();
    for (name, value) in APT_ENVIRONMENT {
        command
            .environment
            .entry(name.to_owned())
            .or_insert_with(|| value.to_owned());
    }
    let of_apt =
        |word: &String| ["apt-get", "apt"].contains(&word.rsplit('/').next().unwrap_or(word));
    if command.argv.first().is_some_and(of_apt) {
        let own = command
            .argv
            .iter()
            .any(|word| word.contains("Dpkg::Options"));
        let keep = if own { &[][..] } else { &KEEP };
        let told = APT.iter().chain(keep).map(|&word| word.to_owned());
        command.argv.splice(1..1, told);
    }
    command
}

/// Why an action failed: what it was, what the host said, what was left.
pub(super) fn failed(action: &HostAction, reply: &Reply) -> Failure {
    let (what, left) = match action {
        HostAction::Write(file) => (
            format!("Writing {}.", file.path),
            "The file is as it was.".to_owned(),
        ),
        HostAction::Copy(file) => (
            format!("Copying {} to {}.", file.source, file.path),
            "The file is as it was.".to_owned(),
        ),
        HostAction::Download(download) => (
            format!("Fetching {} to {}.", download.shown_url(), download.path),
            "The file is as it was.".to_owned(),
        ),
        HostAction::MakeDirectory { path, .. } => {
            (format!("Making the folder {path}."), String::new())
        }
        HostAction::Access { path, .. } => {
            (format!("Setting owner and mode of {path}."), String::new())
        }
        HostAction::Link { path, .. } | HostAction::HardLink { path, .. } => {
            (format!("Making the link {path}."), String::new())
        }
        HostAction::Touch { path, .. } => (format!("Touching {path}."), String::new()),
        HostAction::Remove { path } => (
            format!("Removing {path}."),
            "Some of it may be gone.".to_owned(),
        ),
        HostAction::Run { command, .. } | HostAction::Apt { command } => {
            let text = command
                .script
                .clone()
                .unwrap_or_else(|| command.argv.join(" "));
            (format!("Running `{text}`."), String::new())
        }
        HostAction::Reboot { .. } => ("Restarting the host.".to_owned(), String::new()),
        HostAction::Notify { handler, .. } | HostAction::Notified { handler, .. } => (
            format!("Noting down the handler `{handler}`."),
            String::new(),
        ),
    };
    let out = match action {
        HostAction::Run { .. } | HostAction::Apt { .. } => reply.out.as_slice(),
        _ => &[],
    };
    let mut printed = Printed::new(reply.rc, out, &reply.err);
    if let Some(refused) = &reply.refused {
        printed.stderr = [printed.stderr.trim(), refused]
            .join("\n")
            .trim()
            .to_owned();
    }
    let ended = || format!("It ended with exit code {}.", reply.rc);
    Failure::new("the host could not do it", what)
        .why(printed.end().unwrap_or_else(ended))
        .left(left)
        .printed(printed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_never_removed() {
        for path in [
            "/",
            "//",
            "/.",
            "/..",
            "/a/..",
            "/a/../..",
            "/../b",
            "/a/../b/..",
        ] {
            assert!(removable(path).is_err(), "{path}");
        }
        for path in ["/a", "/a/", "/a/b/.."] {
            assert!(removable(path).is_ok(), "{path}");
        }
    }

    #[test]
    fn apt_is_told_to_wait_and_to_keep_files_once() {
        let told = apt(&Command::new(["apt-get", "install", "-y", "x"]));
        assert_eq!(told.argv.len(), 4 + 8);
        assert_eq!(told.environment["DEBIAN_FRONTEND"], "noninteractive");
        let own = apt(&Command::new([
            "/usr/bin/apt-get",
            "-o",
            "Dpkg::Options::=--force-confnew",
            "install",
        ]));
        assert_eq!(own.argv.len(), 4 + 4);
        assert_eq!(apt(&Command::new(["dpkg", "-i", "x"])).argv.len(), 3);
    }

    #[test]
    fn a_failure_carries_all_that_was_printed_and_shows_the_end() {
        let upgrade = HostAction::Apt {
            command: Command::new(["apt-get", "upgrade"]),
        };
        let lines: String = (1..=300)
            .map(|line| format!("Unpacking {line}\n"))
            .collect();
        let reply = Reply {
            rc: 100,
            out: lines.clone().into_bytes(),
            err: b"E: broken\n".to_vec(),
            ..Reply::default()
        };
        let failure = failed(&upgrade, &reply);
        let start = "E: broken\nOn standard output it printed:\n(the last 20 of 300 lines)\nUnpacking 281\n";
        assert!(failure.why.starts_with(start), "{failure}");
        let (_, printed) = failure.apart();
        assert_eq!(printed.unwrap().stdout, lines);
    }
}
