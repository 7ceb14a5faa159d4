//! Answers that no host gives which is as it should be: endless ones, and what we sent ourselves.

use std::time::Duration;

use super::{frame, liveness::Waiting};
use crate::model::{Class, Failure, Login};

/// The failure of an answer to this function of the prelude that is longer than it may be.
///
/// What the user's own command prints, and how much lies in a folder, is the user's; to all else that we ask there is a
/// short answer, so a host that gives a longer one cannot be talked to.
pub fn too_long(function: &str, waiting: Waiting) -> Failure {
    let failure = Failure::new(
        "the host's answer is too long",
        format!(
            "An answer may have {} MiB; the one to `{function}` has more.",
            frame::LIMIT >> 20
        ),
    );
    match (function, waiting) {
        ("list", _) => failure.help("Too much lies in that folder: name one further down."),
        ("run", _) | (_, Waiting::Action) => {
            failure.help("Let the command write to a file, or print less.")
        }
        (_, Waiting::Question) => failure.class(Class::Unreachable).help(
            "Landfall asked this by itself, and hosts that are sound answer in a few lines: log in by hand, and see which \
             program there prints without end.",
        ),
    }
}

/// The failure of a host that gives signs of life for ever and no answer to this function of the prelude.
pub fn endless(name: &str, function: &str, took: Duration) -> Failure {
    Failure::new(
        "the host does not come to the end of its answer",
        format!("Waiting for {name}, which was to answer `{function}`."),
    )
    .class(Class::Unreachable)
    .why(format!(
        "The host gave signs of life, and after {} seconds the answer was not whole. Landfall asked this by itself, and \
         hosts that are sound answer within seconds.",
        took.as_secs()
    ))
    .help(
        "Log in by hand, and see which program there hangs or drips: a damaged disk, a file system of another machine, \
         or a directory service that does not answer can be why.",
    )
}

/// The failure of a login shell that gives back what it is sent. What that was is no answer, so it is not shown.
pub fn foreign(user: &str, login: &Login) -> Failure {
    let from = &login.user;
    Failure::new(
        "what answers is not a POSIX shell",
        format!("Working as {user} on {}, logged in as {from}.", login.address),
    )
    .class(Class::Unreachable)
    .why("It gives back what it is sent, and runs nothing of it.")
    .help(format!(
        "Give {from} there a login shell such as /bin/sh or /bin/bash, and see that its start files do not run another \
         program in its place."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_we_ask_ourselves_tells_of_a_host_that_cannot_be_talked_to() {
        for (function, waiting, class) in [
            ("facts", Waiting::Question, Class::Unreachable),
            ("run", Waiting::Question, Class::Error),
            ("list", Waiting::Question, Class::Error),
            ("run", Waiting::Action, Class::Error),
            ("apt", Waiting::Action, Class::Error),
        ] {
            let failure = too_long(function, waiting);
            assert_eq!(failure.class, class, "{function}");
            assert_eq!(
                failure.help.contains("the command"),
                class == Class::Error && function != "list"
            );
        }
    }
}
