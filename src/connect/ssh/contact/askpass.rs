//! How ssh is told a password: it starts our own program, which answers for that one ssh alone.
//!
//! A host on the way is entered by a ssh of its own, which ours starts and which inherits its environment. What it asks
//! is for another host to hear, so it gets no answer: not the password, nor a yes to a key that nobody compared.

use std::{
    io,
    path::{Path, PathBuf},
};

use tokio::process::Command;
use zeroize::Zeroizing;

use crate::{connect::leftovers, model::Failure};

/// The environment variable that makes our own program answer ssh's questions: see [`answer`]. It names the file with
/// the password; empty where there is none.
pub const ASKED: &str = "LANDFALL_PASSWORD_FILE";

/// The process whose questions are answered.
const ASKER: &str = "LANDFALL_PASSWORD_FOR";

/// The environment variable that names the file with the password that is to be, where there is one.
const NEW: &str = "LANDFALL_NEW_PASSWORD_FILE";

/// Where a question of any other process is written down.
const OTHERS: &str = "LANDFALL_PASSWORD_OTHERS";

/// Becomes ssh, under a number that its askpass knows it by and that no ssh it starts has.
const BECOME: &str = r#"LANDFALL_PASSWORD_FOR=$$; export LANDFALL_PASSWORD_FOR; exec ssh "$@""#;

/// Questions that ssh itself has: about things of this machine, and for a password that is to be.
const OURS: [&str; 6] = [
    "enter passphrase",
    "enter pin",
    "confirm user presence",
    "allow use of",
    "are you sure you want to continue connecting",
    "please type 'yes'",
];

/// A ssh whose questions come to our own program.
pub struct Askpass {
    folder: tempfile::TempDir,
}

impl Askpass {
    /// A folder of ours for what other hosts ask.
    pub fn new() -> Result<Self, Failure> {
        let folder = leftovers::folder(&std::env::temp_dir()).map_err(|error| {
            Failure::new(
                "the folder for ssh's questions could not be made",
                "A temporary folder holds what other hosts on the way ask.",
            )
            .why(error)
            .help("Set TMPDIR to a folder that can be written.")
        })?;
        Ok(Self { folder })
    }

    /// ssh, which is told the first line of this file, and that of `new` where the host demands a new password; every other
    /// question is refused.
    pub fn ssh(&self, password: Option<&Path>, new: Option<&Path>) -> io::Result<Command> {
        let mut command = Command::new("sh");
        command
            .args(["-c", BECOME, "ssh"])
            .env("SSH_ASKPASS", std::env::current_exe()?)
            .env("SSH_ASKPASS_REQUIRE", "force")
            .env(OTHERS, self.others());
        match password {
            Some(path) => command.env(ASKED, path.canonicalize()?),
            None => command.env(ASKED, ""),
        };
        match new {
            Some(path) => command.env(NEW, path.canonicalize()?),
            None => command.env_remove(NEW),
        };
        Ok(command)
    }

    /// What a host on the way asked, if one did.
    pub fn refused(&self) -> Option<String> {
        let asked = std::fs::read_to_string(self.others()).ok()?;
        Some(asked.trim().to_owned())
    }

    fn others(&self) -> PathBuf {
        self.folder.path().join("asked")
    }
}

/// What our own program says when ssh asks it for a password: the first line of the file that [`ASKED`] names.
///
/// None when it was not ssh that started it, so that the program goes on as usual. Fails when the file cannot be read,
/// when it is not the ssh to the host itself that asks, and when that one asks for something else, such as the
/// passphrase of a key that lies here.
pub fn answer() -> Option<Result<Zeroizing<String>, Failure>> {
    let path = std::env::var(ASKED).ok()?;
    let question = std::env::args_os().nth(1).unwrap_or_default();
    let question = question.to_string_lossy();
    let asker = std::env::var(ASKER).ok();
    let parent = std::os::unix::process::parent_id().to_string();
    if path.is_empty() || asker.as_deref() != Some(&parent) {
        if let Some(others) = std::env::var_os(OTHERS) {
            // The refusal is what counts; that it cannot be told better harms nobody.
            let _ = std::fs::write(others, question.as_bytes());
        }
        return Some(Err(Failure::new(
            "another host than the one that the password is for asks for something",
            format!("It asks: {}", question.trim()),
        )));
    }
    let new = std::env::var(NEW).ok();
    Some(reply(&question, &path, new.as_deref()))
}

fn reply(question: &str, path: &str, new: Option<&str>) -> Result<Zeroizing<String>, Failure> {
    // What a host asks is in its own language; what ssh asks about things of this machine is not.
    let words = question.to_lowercase();
    let ours = OURS.iter().any(|ours| words.starts_with(ours));
    if let (Some(new), false, true) = (new, ours, words.contains("new password")) {
        return crate::connect::ssh::login::become_user::password(new);
    }
    if ours || words.contains("new password") {
        return Err(Failure::new(
            "ssh asks for something else than the host's password",
            format!("It asks: {}", question.trim()),
        ));
    }
    crate::connect::ssh::login::become_user::password(path)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_password_is_for_the_host_alone() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("password");
        std::fs::write(&file, "s p'w\nnot this\n").unwrap();
        let file = file.to_str().unwrap();
        for question in ["root@web's password: ", "(root@web) Passwort: "] {
            assert_eq!(reply(question, file, None).unwrap().as_str(), "s p'w");
        }
        let new = folder.path().join("new");
        std::fs::write(&new, "n3w\n").unwrap();
        let new = new.to_str();
        for (question, answer) in [
            ("(root@web) Current password: ", "s p'w"),
            ("(root@web) New password: ", "n3w"),
            ("(root@web) Retype new password: ", "n3w"),
        ] {
            assert_eq!(reply(question, file, new).unwrap().as_str(), answer);
        }
        for question in [
            "Enter passphrase for key '/home/me/.ssh/id': ",
            "Enter PIN for ",
            "Are you sure you want to continue connecting (yes/no/[fingerprint])? ",
            "Please type 'yes', 'no' or the fingerprint: ",
            "Enter root@web's new password: ",
        ] {
            assert!(reply(question, file, None).is_err(), "{question}");
        }
        assert!(reply("Password: ", "/none", None).is_err());
    }

    #[test]
    fn the_process_that_is_answered_is_named_as_it_is_looked_for() {
        assert!(BECOME.starts_with(&format!("{ASKER}=$$; export {ASKER}; exec ssh")));
    }
}
