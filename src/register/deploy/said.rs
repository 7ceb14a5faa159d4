//! What `docker compose` and `docker` say to people, and what of it is handed on.

use std::collections::BTreeSet;

use super::reference;
use crate::model::host::Ran;

/// Whether compose gave up waiting for nothing but a container that has ended well. It takes such a one for a failure,
/// unless another service waits for its end.
pub fn only_ended(said: &str) -> bool {
    let last = said.trim_end().lines().last().unwrap_or_default();
    last.starts_with("container ") && last.ends_with(" exited (0)")
}

/// What compose said on standard error but for its progress: ` Container shop-web-1  Started`.
fn without_progress(said: &str) -> String {
    let progress = |line: &&str| {
        let mut words = line.split_whitespace();
        let noun = words.next();
        line.starts_with(' ') && matches!(noun, Some("Container" | "Network" | "Volume" | "Image"))
    };
    let lines: Vec<&str> = said.lines().filter(|line| !progress(line)).collect();
    lines.join("\n")
}

/// What docker or compose said on standard error, the cause first: without progress and without the hint that a file's
/// `version` counts for nothing; what else was only warned of comes behind what made it fail.
pub fn cause(said: &str) -> String {
    let said = without_progress(said);
    let warns = |line: &&str| {
        line.contains("level=warning") || line.starts_with("WARN[") || line.starts_with("Ignoring ")
    };
    let lines = said.lines().filter(|line| !line.trim().is_empty());
    let (warnings, causes): (Vec<&str>, Vec<&str>) = lines.partition(warns);
    let told = warnings
        .into_iter()
        .filter(|line| !line.contains("is obsolete"));
    causes
        .into_iter()
        .chain(told)
        .collect::<Vec<_>>()
        .join("\n")
}

/// What is advised where images of these repositories could not be fetched by whoever calls docker so.
pub fn not_fetched<'a>(docker: &str, repositories: impl IntoIterator<Item = &'a str>) -> String {
    let logins = repositories.into_iter().map(reference::login);
    let logins: BTreeSet<String> = logins.map(|words| format!("`{docker} {words}`")).collect();
    let logins: Vec<String> = logins.into_iter().collect();
    format!(
        "Is it pushed? Where its registry wants a login, give the host's playbook `registry_server`, `registry_user` and \
         `registry_password` and apply the environment, or log in on the host: {}",
        logins.join(", ")
    )
}

/// What a command printed of a log, told as its last lines.
pub fn last_lines(log: &Ran) -> String {
    told(&[log.out(), log.err()].concat())
}

/// The last lines of a log, told as such.
pub fn told(log: &str) -> String {
    let lines: Vec<&str> = log.lines().map(str::trim_end).collect();
    match lines.join("\n").trim() {
        "" => "Its log is empty.".to_owned(),
        lines => format!("The last lines of its log:\n{lines}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Content;

    #[test]
    fn what_compose_says_is_told_from_how_far_it_is() {
        let said = " Container shop-migrate-1  Started\n Container shop-web-1  Waiting\ncontainer shop-migrate-1 exited (0)\n";
        assert!(only_ended(said));
        assert_eq!(
            without_progress(said),
            "container shop-migrate-1 exited (0)"
        );
        for other in [
            "",
            "container shop-migrate-1 exited (1)",
            "dependency failed to start: container shop-migrate-1 exited (0)",
            "container shop-migrate-1 exited (0)\nError response from daemon: no space left",
        ] {
            assert!(!only_ended(other), "{other}");
        }
    }

    #[test]
    fn the_cause_comes_before_what_was_only_warned_of() {
        let obsolete =
            r#"time="2026-11-30T06:00:00Z" level=warning msg="/srv/x.yml: `version` is obsolete""#;
        let unset =
            r#"time="2026-11-30T06:00:00Z" level=warning msg="The \"B\" variable is not set.""#;
        let said = format!("{obsolete}\n{unset}\n Container a-1  Starting\nno such service: app\n");
        assert_eq!(cause(&said), format!("no such service: app\n{unset}"));
        assert_eq!(cause(obsolete), "");
    }

    #[test]
    fn what_could_not_be_fetched_is_told_with_the_login_of_its_registry() {
        let help = not_fetched(
            "sudo docker",
            ["ghcr.io/example/a", "ghcr.io/example/b", "app"],
        );
        let logins = "log in on the host: `sudo docker login ghcr.io`, `sudo docker login`";
        assert!(help.ends_with(logins), "{help}");
    }

    #[test]
    fn a_log_is_told_as_its_last_lines() {
        let ran = |out: &str| Ran {
            rc: 0,
            stdout: Content::public(out),
            stderr: Content::public(""),
        };
        assert_eq!(
            last_lines(&ran("broken\r\n  on purpose\n")),
            "The last lines of its log:\nbroken\n  on purpose"
        );
        assert_eq!(last_lines(&ran(" \n")), "Its log is empty.");
    }
}
