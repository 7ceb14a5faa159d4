//! Each action of one exchange as a call.

use crate::connect::ssh::{
    arguments::{absolute, access, encoded, run, url, yes},
    exchange::call::Call,
};
use crate::model::{
    Class, Failure,
    host::Command,
    host_action::{CopyFile, Download, HostAction, WriteFile},
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
pub fn call(action: &HostAction) -> Result<Call, Failure> {
    Ok(match action {
        HostAction::Write(file) => write(file)?,
        HostAction::Copy(file) => copy(file)?,
        HostAction::MakeDirectory {
            path,
            access: wanted,
        } => Call::new("lf_mkdir")
            .word(absolute(path)?)
            .words(access(wanted)?),
        HostAction::Access {
            path,
            access: wanted,
            follow,
        } => Call::new("lf_set_access")
            .word(yes(*follow))
            .word(absolute(path)?)
            .words(access(wanted)?),
        HostAction::Link { path, target } => {
            Call::new("lf_link").word(absolute(path)?).word(target)
        }
        HostAction::HardLink { path, target } => Call::new("lf_hard_link")
            .word(absolute(path)?)
            .word(absolute(target)?),
        HostAction::Touch {
            path,
            access: wanted,
            follow,
        } => Call::new("lf_touch")
            .word(yes(*follow))
            .word(absolute(path)?)
            .words(access(wanted)?),
        HostAction::Remove { path } => Call::new("lf_remove").word(removable(path)?),
        HostAction::Run { command, .. } => run("lf_run", command)?.before("lf_keep"),
        HostAction::Apt { command } => {
            let function = if action.refreshes_lists() {
                "lf_apt_update"
            } else {
                "lf_apt"
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
        // The first that is asked over the new login.
        HostAction::Reconnect => Call::new("lf_boot"),
        HostAction::Download(wanted) => download(wanted)?,
    })
}

fn write(file: &WriteFile) -> Result<Call, Failure> {
    let call = Call::new("lf_write")
        .word(absolute(&file.path)?)
        .word(file.content.bytes().len().to_string())
        .words(access(&file.access)?)
        .word(yes(file.backup))
        .word(yes(file.follow));
    Ok(validated(call, file.validate.as_deref()).content(Some(file.content.clone())))
}

fn copy(file: &CopyFile) -> Result<Call, Failure> {
    let call = Call::new("lf_copy")
        .word(absolute(&file.source)?)
        .word(file.sha256.clone().unwrap_or_default())
        .word(absolute(&file.path)?)
        .words(access(&file.access)?)
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

/// The call that fetches; keys are handed over, to be checked here.
fn download(download: &Download) -> Result<Call, Failure> {
    let sum = download
        .sha256
        .clone()
        .unwrap_or_default()
        .to_ascii_lowercase();
    Ok(Call::new("lf_download")
        .word(yes(download.keys.is_some()))
        .words(url(&download.url)?)
        .word(absolute(&download.path)?)
        .word(sum)
        .words(access(&download.access)?))
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
        .class(Class::Refused));
    }
    Ok(path)
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
}
