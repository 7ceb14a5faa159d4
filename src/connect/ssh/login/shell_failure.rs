//! What the host, its login shell and sudo say when a user's shell does not begin, in the words an operator needs.

use std::time::Duration;

use crate::connect::ssh::{
    advice::section_of, exchange::liveness::ARRIVAL, exchange::unsound, prelude::is_echo,
};
use crate::model::{Class, Failure, Login};

/// Of what was said before, so many lines are shown.
const LINES: usize = 12;

/// Whether sudo or PAM speaks of a password or an account whose time is over.
pub fn is_expired(said: &str) -> bool {
    said.contains("password is expired")
        || said.contains("password has expired")
        || said.contains("account has expired")
        || said.contains("Account expired")
        || said.contains("Current password:")
}

/// Why a user's shell did not begin: what was printed before it would have spoken. `name` is the environment's for the
/// host.
pub fn of(said: &str, user: &str, login: &Login, name: &str) -> Failure {
    if is_echo(said) {
        return unsound::foreign(user, login);
    }
    let from = &login.user;
    let says = |words: &[&str]| words.iter().any(|word| said.contains(word));
    let (summary, help) = if says(&["is locked", "temporarily locked"]) {
        (
            "the account is locked on the host",
            format!(
                "Too many wrong passwords were tried for {from}. Wait, or unlock it there with `faillock --user {from} --reset`."
            ),
        )
    } else if is_expired(said) {
        (
            "the password on the host has expired",
            format!(
                "Log in as {from} by hand and set a new one; then write it into the file that `sudo_password_file` under {} names.",
                section_of(name)
            ),
        )
    } else if says(&["must have a tty"]) {
        (
            "sudo wants a terminal on the host",
            format!(
                "`requiretty` stands in the host's sudoers. Except {from} from it: `Defaults:{from} !requiretty`."
            ),
        )
    } else if says(&[
        "incorrect password",
        "Sorry, try again",
        "Authentication failed",
        "incorrect authentication",
        "PAM error",
    ]) {
        return refused(said, user, login, name);
    } else if says(&[
        "a password is required",
        "no askpass",
        "interactive authentication is required",
    ]) {
        (
            "sudo asks for a password",
            format!(
                "Name a file with it as `sudo_password_file` under {}, or allow {from} to use sudo without one.",
                section_of(name)
            ),
        )
    } else if says(&["unknown user", "does not exist"])
        || said.contains("user '") && said.contains("not found")
    {
        (
            "there is no such user on the host",
            format!("Make the user {user} before something is to be done as it."),
        )
    } else if says(&[
        "sudoers",
        "is not allowed to",
        "may not run sudo",
        "I'm afraid I can't do that",
    ]) {
        (
            "the user may not use sudo",
            format!(
                "Allow {from} to become {user} in the host's sudoers, or log in as another user."
            ),
        )
    } else if said.contains("sudo") && says(&["not found", "must be owned by uid 0"]) {
        (
            "there is no sudo on the host",
            "Log in as root, or install sudo.".to_owned(),
        )
    } else {
        (
            "no shell could be started on the host",
            format!("Try `ssh {from}@{} sh` by hand.", login.address),
        )
    };
    failure(summary, said, user, login).help(help)
}

/// sudo did not take the password. It is not tried again: a host counts wrong ones and locks the account.
pub fn refused(said: &str, user: &str, login: &Login, name: &str) -> Failure {
    if is_expired(said) {
        return of("the password has expired", user, login, name).quoting(last(said));
    }
    failure("sudo does not take the password", said, user, login)
        .left_behind("It was tried once, and is not tried again in this run, so that the account is not locked.")
        .help(format!(
            "Check the file that `sudo_password_file` under {} names.",
            section_of(name)
        ))
}

/// The login shell, or sudo, never came to the point.
pub fn silent(said: &str, user: &str, login: &Login) -> Failure {
    late(said, user, login, ARRIVAL)
}

/// The login shell, or sudo, never came to the point within this time.
pub fn late(said: &str, user: &str, login: &Login, waited: Duration) -> Failure {
    if is_echo(said) {
        return unsound::foreign(user, login);
    }
    let waited = waited.as_secs();
    let why = match last(said).as_str() {
        "" => format!("Nothing was said for {waited} seconds."),
        said => format!("For {waited} seconds there was no answer, only this:\n{said}"),
    };
    failure("the host does not come to the point", "", user, login)
        .why(why)
        .help(format!(
            "A command in the shell's start files, or sudo, may be waiting or asking for something: try `ssh {}@{} true` by hand.",
            login.user, login.address
        ))
}

/// The login shell prints and prints.
pub fn noisy(said: &str, user: &str, login: &Login) -> Failure {
    failure("the host prints without end", said, user, login).help(format!(
        "Something in the shell's start files prints: try `ssh {}@{} true` by hand, which should print nothing.",
        login.user, login.address
    ))
}

/// Whether being asked again would be noted down, or mailed, as another offence.
pub fn is_an_offence(failure: &Failure) -> bool {
    [
        "the user may not use sudo",
        "sudo asks for a password",
        "sudo wants a terminal on the host",
    ]
    .contains(&failure.summary)
}

fn failure(summary: &'static str, said: &str, user: &str, login: &Login) -> Failure {
    Failure::new(
        summary,
        format!(
            "Working as {user} on {}, logged in as {}.",
            login.address, login.user
        ),
    )
    .class(Class::Unreachable)
    .quoting(last(said))
}

/// The end of what was said, where the reason stands.
fn last(said: &str) -> String {
    let lines: Vec<&str> = said
        .lines()
        .map(str::trim)
        .filter(|line| !line.is_empty())
        .collect();
    lines[lines.len().saturating_sub(LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_way_of_being_kept_out_has_words_of_its_own() {
        let login = Login {
            address: "web".to_owned(),
            port: 22,
            user: "cloud".to_owned(),
            identity: None,
            sudo_password_file: None,
        };
        for (said, summary) in [
            (
                "The account is locked due to 3 failed logins.\n(10 minutes left to unlock)\nsudo: a password is required",
                "the account is locked on the host",
            ),
            (
                "sudo: Account or password is expired, reset your password and try again",
                "the password on the host has expired",
            ),
            (
                "sudo: Account expired or PAM config lacks an \"account\" section for sudo, contact your system administrator",
                "the password on the host has expired",
            ),
            (
                "sudo: sorry, you must have a tty to run sudo",
                "sudo wants a terminal on the host",
            ),
            (
                "Sorry, try again.\nsudo: 1 incorrect password attempt",
                "sudo does not take the password",
            ),
            (
                "sudo-rs: Maximum 3 incorrect authentication attempts",
                "sudo does not take the password",
            ),
            ("sudo: a password is required", "sudo asks for a password"),
            (
                "sudo-rs: interactive authentication is required",
                "sudo asks for a password",
            ),
            (
                "cloud is not in the sudoers file.",
                "the user may not use sudo",
            ),
            (
                "sudo-rs: I'm sorry cloud. I'm afraid I can't do that",
                "the user may not use sudo",
            ),
            (
                "sudo: unknown user nosuch\nsudo: error initializing audit plugin sudoers_audit",
                "there is no such user on the host",
            ),
            (
                "sudo-rs: user 'nosuch' not found",
                "there is no such user on the host",
            ),
            (
                "runuser: user nosuch does not exist or the user entry does not contain all the required fields",
                "there is no such user on the host",
            ),
            (
                "sh: 1: exec: sudo: not found",
                "there is no sudo on the host",
            ),
            (
                "This account is currently not available.",
                "no shell could be started on the host",
            ),
        ] {
            let failure = of(said, "root", &login, "web.example.org");
            assert_eq!(failure.summary, summary, "{said}");
            let section = "`sudo_password_file` under [hosts.\"web.example.org\"]";
            assert!(
                !failure.help.contains("sudo_password_file") || failure.help.contains(section),
                "{failure}"
            );
        }
    }
}
