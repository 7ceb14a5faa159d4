//! A new password for an account whose host lets nobody do anything else before there is one.

use std::path::Path;

use tokio::{io::AsyncWriteExt, process::Command};

use crate::connect::ssh::{
    exchange::liveness::ARRIVAL,
    login::{
        become_user::password,
        heard::{Heard, NOISE},
        readable::clean,
    },
};
use crate::model::{Class, Failure, Login};

/// How `passwd` asks for the password of now, and for the new one, which it wants twice: their common ends.
const NOW: &str = "urrent password:";
const THEN: &str = "ew password:";

/// Logs in with this ssh to a terminal of the host, where sshd starts `passwd`, and answers what that asks from the first
/// lines of the files: the password of now, and the new one. Neither is an argument, and the terminal echoes neither.
///
/// Fails when the host does not take the new one.
pub async fn set(login: &Login, mut ssh: Command, [now, then]: [&Path; 2]) -> Result<(), Failure> {
    let now = password(&now.to_string_lossy())?;
    let then = password(&then.to_string_lossy())?;
    let what = format!(
        "Setting a new password for {} on {}.",
        login.user, login.address
    );
    let broken =
        |error: std::io::Error| Failure::new("ssh could not be run", what.clone()).why(error);
    // What is asked is read by us, so it is English where ssh hands the language on.
    let mut child = ssh
        .env("LC_ALL", "C")
        .args(["-tt", "--", &login.address])
        .spawn()
        .map_err(broken)?;
    let (Some(mut stdin), Some(mut stdout)) = (child.stdin.take(), child.stdout.take()) else {
        return Err(Failure::bug("ssh came without its streams"));
    };
    let mut heard = Heard::default();
    let (mut told_now, mut told_then) = (0, 0);
    let answered = async {
        while !heard.ended && heard.total <= NOISE {
            heard.read(&mut stdout).await;
            let (asked_now, asked_then) = (heard.count(NOW), heard.count(THEN));
            if asked_now > 1 || asked_then > 2 {
                // It was refused, and is asked for again.
                return false;
            }
            for (asked, told, answer) in [
                (asked_now, &mut told_now, &now),
                (asked_then, &mut told_then, &then),
            ] {
                if asked > *told {
                    *told = asked;
                    // A passwd that has ended is told by its end.
                    let _ = stdin.write_all(answer.as_bytes()).await;
                    let _ = stdin.write_all(b"\n").await;
                }
            }
        }
        told_then == 2
    };
    let answered = tokio::time::timeout(ARRIVAL, answered).await;
    let ended = if matches!(answered, Ok(true)) {
        child.wait().await.is_ok_and(|status| status.success())
    } else {
        false
    };
    if ended {
        return Ok(());
    }
    Err(Failure::new("the host does not take the new password", what)
        .class(Class::Unreachable)
        .quoting(clean(&heard.text()))
        .left_behind("The password is most likely what it was; a new one is tried as well by the next run.")
        .help("Is it long enough, and another one than that of now? The host has its own rules."))
}
