//! Why ssh did not connect, from what it said, in the words an operator needs.

use std::{error::Error as _, path::Path};

use super::{
    readable::{changed, clean},
    ssh_output::SshOutput,
};
use crate::connect::ssh::advice::{key_command, section_of, trust_command};
use crate::model::{Class, Failure, Login};

/// Whether sshd dropped the connection before it spoke, as it does when too many come at once.
pub fn is_crowded(error: &openssh::Error) -> bool {
    crowds(&text(error))
}

/// Whether ssh said that sshd dropped the connection before it spoke, as it does when too many come at once.
pub fn crowds(said: &str) -> bool {
    let words = SshOutput::of(said);
    (is_dropped(&words) || words.greets("Exceeded MaxStartups")) && !holds_off(&words)
}

/// Whether the connection ended where sshd greets.
fn is_dropped(words: &SshOutput) -> bool {
    ["reset", "losed by remote host"]
        .iter()
        .any(|ends| words.says_of("kex_exchange_identification", ends))
}

/// Whether sshd says that it holds us off, which passes with time alone (`PerSourcePenalties`). Only a verbose ssh tells.
fn holds_off(words: &SshOutput) -> bool {
    words.greets("Not allowed at this time")
}

/// Why a connection did not come up.
pub fn of_login(error: &openssh::Error, login: &Login, name: &str, known_hosts: &Path) -> Failure {
    let Login {
        address,
        port,
        user,
        ..
    } = login;
    of(
        &text(error),
        &Attempt {
            address,
            port: *port,
            user,
            known_hosts: Some(known_hosts),
            identity: login.identity.as_deref(),
            section: section_of(name),
            what: format!("Connecting to {address}, port {port}, as {user}."),
        },
    )
}

/// A connection that ssh attempted.
pub struct Attempt<'a> {
    pub address: &'a str,
    pub port: u16,
    pub user: &'a str,
    /// The file whose host keys counted, where one did.
    pub known_hosts: Option<&'a Path>,
    /// The file of the key to log in with, where one was named.
    pub identity: Option<&'a str>,
    /// How the section begins that the environment's file has of the host.
    pub section: String,
    /// What was being done.
    pub what: String,
}

impl Attempt<'_> {
    /// That it failed, with what ssh said.
    fn failure(&self, said: &str, summary: &'static str, help: String) -> Failure {
        Failure::new(summary, self.what.clone())
            .class(Class::Unreachable)
            .quoting(clean(said))
            .help(help)
    }
}

/// Why ssh did not come in, from what it said.
pub fn of(said: &str, attempt: &Attempt<'_>) -> Failure {
    let Attempt {
        address,
        port,
        user,
        ..
    } = attempt;
    let failure = |summary, help| attempt.failure(said, summary, help);
    let trust = trust_command(address, *port);
    let words = SshOutput::of(said);
    let says = |this: &str| words.says(this);
    if says("IDENTIFICATION HAS CHANGED") {
        failure(
            "the host key has changed",
            format!(
                "Either the host was made anew or somebody is between you and it. Nothing was sent. If you know \
                 that it was made anew, compare its new key with what its console shows: `{trust} --replace`"
            ),
        )
        .why(changed(&words.own(), attempt.known_hosts))
        .class(Class::Refused)
    } else if says("REVOKED HOST KEY DETECTED") {
        failure(
            "the host's key is revoked",
            "Nothing was sent. Make new keys on the host, or take the line out if it is wrong."
                .to_owned(),
        )
        .class(Class::Refused)
    } else if says("host key is known") || says("Host key verification failed") {
        failure(
            "the host key is not known",
            format!(
                "Run `{trust}` and compare the fingerprint with what the host's console or its provider shows."
            ),
        )
    } else if says("Permission denied (") || words.parts("Too many authentication failures") {
        denied(said, attempt)
    } else if says("Could not resolve") {
        failure(
            "the host's name is not known",
            format!("Check the spelling of `{address}` and your resolver."),
        )
    } else if holds_off(&words) {
        failure(
            "the host holds this machine off",
            "sshd takes nothing from an address for a while after failed or broken logins (PerSourcePenalties), or \
             when too many come at once (MaxStartups). Each further try makes it longer: wait some minutes."
                .to_owned(),
        )
    } else if is_dropped(&words) || words.greets("Exceeded MaxStartups") {
        failure(
            "the host ends the connection before it greets",
            "Something there holds this machine off, most often for a while: sshd itself (PerSourcePenalties, \
             MaxStartups), fail2ban or a firewall. Wait some minutes; `journalctl -u ssh` on its console says more."
                .to_owned(),
        )
    } else if says("Connection refused") {
        failure(
            "the host refuses connections",
            format!("Is sshd running there and listening on port {port}?"),
        )
    } else if says(" timed out") || says(" is unreachable") || says("No route to host") {
        failure(
            "the host does not answer",
            "Is it running, and does its firewall let you in?".to_owned(),
        )
    } else {
        failure(
            "the connection to the host did not come up",
            format!("Try `ssh -v -p {port} {user}@{address}` to see what ssh sees."),
        )
    }
}

/// Why no key opens the host: one that was named may be no key at all.
fn denied(said: &str, attempt: &Attempt<'_>) -> Failure {
    let Attempt {
        address,
        port,
        user,
        ..
    } = attempt;
    let failure = |summary, help| attempt.failure(said, summary, help);
    let Some(identity) = attempt.identity else {
        return failure(
            "the host does not let this user in",
            format!(
                "No key that was offered is allowed for {user}. Where only a password works yet, put one there once: \
                 `{}`. Else name the right key as `identity` under {}.",
                key_command(address, *port, user, "~/.ssh/id_ed25519.pub"),
                attempt.section
            ),
        );
    };
    if !is_there(identity) {
        return failure(
            "the key to log in with is not there",
            format!(
                "`identity` under {} names {identity}: correct it, or make the key with `ssh-keygen`.",
                attempt.section
            ),
        )
        .why("There is no such file.");
    }
    let words = SshOutput::of(said);
    if words.says("bad permissions") {
        return failure(
            "ssh does not take the key to log in with",
            format!("Let nobody but its owner read it: `chmod 600 {identity}`"),
        )
        .why("Others may read or write its file.");
    }
    if words.says_of("Load key", "") {
        return failure(
            "ssh does not take the key to log in with",
            format!(
                "`identity` under {} names {identity}: is that a private key, whose passphrase `ssh-add` has been told?",
                attempt.section
            ),
        );
    }
    failure(
        "the host does not let this user in",
        format!(
            "The key {identity} is not allowed for {user}, or it has a passphrase that no agent was told (`ssh-add`). \
             Where only a password works yet, put it there once: `{}`",
            key_command(address, *port, user, &[identity, ".pub"].concat())
        ),
    )
}

/// Whether a key can be offered: an agent may hold the private half of one whose public half lies here.
fn is_there(identity: &str) -> bool {
    Path::new(identity).exists() || Path::new(&[identity, ".pub"].concat()).exists()
}

/// The text of an error and of what caused it.
pub fn text(error: &openssh::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at<'a>(identity: Option<&'a str>) -> Attempt<'a> {
        Attempt {
            address: "web",
            port: 2222,
            user: "admin",
            known_hosts: Some(Path::new("environments/known_hosts")),
            identity,
            section: section_of("web"),
            what: String::new(),
        }
    }

    #[test]
    fn the_screen_of_a_changed_key_becomes_a_sentence() {
        let screen = [
            "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@",
            "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @",
            "@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@@",
            "IT IS POSSIBLE THAT SOMEONE IS DOING SOMETHING NASTY!",
            "The fingerprint for the ED25519 key sent by the remote host is",
            "SHA256:knK9tm1ADXcLmzLBsW4te9kAUqu2RjnM3GeTJ0x3qBk.",
            "Add correct host key in /p/environments/known_hosts to get rid of this message.",
            "Offending ED25519 key in /p/environments/known_hosts:7",
            "Host key verification failed.",
        ]
        .join("\r\n");
        let failure = of(&screen, &at(None));
        assert_eq!(failure.summary, "the host key has changed");
        assert_eq!(
            failure.why,
            "It has the ED25519 key SHA256:knK9tm1ADXcLmzLBsW4te9kAUqu2RjnM3GeTJ0x3qBk; \
             environments/known_hosts, line 7, has another one for it."
        );
        assert!(
            failure
                .help
                .contains("`landfall host trust web --port 2222 --replace`")
        );
    }

    #[test]
    fn a_host_that_holds_us_off_is_told_from_a_crowd() {
        let closed = "kex_exchange_identification: Connection closed by remote host";
        assert!(crowds(closed));
        assert!(crowds("debug1: banner line 0: Exceeded MaxStartups"));
        let held = format!("debug1: banner line 0: Not allowed at this time\r\n{closed}");
        assert!(!crowds(&held));
        assert_eq!(
            of(&held, &at(None)).summary,
            "the host holds this machine off"
        );
    }

    #[test]
    fn a_key_to_log_in_with_that_is_not_there_is_named() {
        let said = "admin@web: Permission denied (publickey).";
        let missing = of(said, &at(Some("/none/id")));
        assert_eq!(missing.summary, "the key to log in with is not there");
        assert!(missing.help.contains("/none/id"), "{missing}");
        let open = format!("Load key \"/dev/null\": bad permissions\r\n{said}");
        let open = of(&open, &at(Some("/dev/null")));
        assert_eq!(open.summary, "ssh does not take the key to log in with");
    }
}
