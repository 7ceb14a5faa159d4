//! What ssh and sudo say when they do not let us in, in the words an operator needs.

use std::error::Error as _;

use super::connection::Settings;
use crate::model::{Class, Failure, Login};

/// Whether sshd dropped the connection before it spoke, as it does when too many come at once.
pub(super) fn is_crowded(error: &openssh::Error) -> bool {
    let text = text(error);
    text.contains("kex_exchange_identification")
        && (text.contains("reset") || text.contains("closed by remote host"))
        || text.contains("Exceeded MaxStartups")
}

/// Why a connection did not come up.
pub(super) fn connect(error: &openssh::Error, login: &Login, settings: &Settings) -> Failure {
    let text = text(error);
    let Login {
        address,
        port,
        user,
        ..
    } = login;
    let known = settings.known_hosts.display();
    let what = format!("Connecting to {address}, port {port}, as {user}.");
    let failure = |summary, help: String| {
        Failure::new(summary, what.clone())
            .class(Class::Unreachable)
            .why(text.trim())
            .help(help)
    };
    let trust = if *port == 22 {
        format!("landfall host trust {address}")
    } else {
        format!("landfall host trust {address} --port {port}")
    };
    if text.contains("REMOTE HOST IDENTIFICATION HAS CHANGED") {
        failure(
            "the host key has changed",
            format!(
                "Either the host was made anew or somebody is between you and it. Nothing was sent. If you know \
                 that it was made anew, remove its lines from {known}, then run `{trust}` and compare \
                 the fingerprint with what the host's console shows."
            ),
        )
        .class(Class::Refused)
    } else if text.contains("host key is known") || text.contains("Host key verification failed") {
        failure(
            "the host key is not known",
            format!(
                "Run `{trust}` and compare the fingerprint with what the host's console or its provider shows."
            ),
        )
    } else if text.contains("Permission denied")
        || text.contains("Too many authentication failures")
    {
        failure(
            "the host does not let this user in",
            format!(
                "No key that was offered is allowed for {user}. Where only a password works yet, run `landfall host \
                 key {address} --user {user}` once; else name the right key as `identity`."
            ),
        )
    } else if text.contains("Could not resolve") {
        failure(
            "the host's name is not known",
            format!("Check the spelling of `{address}` and your resolver."),
        )
    } else if text.contains("refused") {
        failure(
            "the host refuses connections",
            format!("Is sshd running there and listening on port {port}?"),
        )
    } else if text.contains("timed out")
        || text.contains("unreachable")
        || text.contains("No route")
    {
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

/// Why a user's shell did not begin: what was printed before it would have spoken.
pub(super) fn shell(said: &str, user: &str, login: &Login) -> Failure {
    let from = &login.user;
    let failure = |summary, help: String| {
        Failure::new(
            summary,
            format!(
                "Working as {user} on {}, logged in as {from}.",
                login.address
            ),
        )
        .class(Class::Unreachable)
        .why(said.trim())
        .help(help)
    };
    if said.contains("a password is required") || said.contains("no askpass") {
        failure(
            "sudo asks for a password",
            format!(
                "Name a file with it as `sudo_password_file`, or allow {from} to use sudo without one."
            ),
        )
    } else if said.contains("incorrect password") || said.contains("Sorry, try again") {
        failure(
            "sudo does not take the password",
            "Check the file that `sudo_password_file` names.".to_owned(),
        )
    } else if said.contains("sudoers") || said.contains("is not allowed to") {
        failure(
            "the user may not use sudo",
            format!(
                "Allow {from} to become {user} in the host's sudoers, or log in as another user."
            ),
        )
    } else if said.contains("unknown user") || said.contains("does not exist") {
        failure(
            "there is no such user on the host",
            format!("Make the user {user} before something is to be done as it."),
        )
    } else if said.contains("sudo") && said.contains("not found") {
        failure(
            "there is no sudo on the host",
            "Log in as root, or install sudo.".to_owned(),
        )
    } else {
        failure(
            "no shell could be started on the host",
            format!("Try `ssh {from}@{} sh` by hand.", login.address),
        )
    }
}

/// The text of an error and of what caused it.
pub(super) fn text(error: &openssh::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
