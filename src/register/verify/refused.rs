//! What a deploy user must not be able to do.

use crate::model::{HostTarget, Profile};

/// Something that the host must refuse. Each is harmless where it is not.
pub struct Forbidden {
    /// The command.
    pub words: Vec<String>,
    /// What somebody could do who is not refused.
    pub then: &'static str,
}

/// What the host must refuse to this user: nothing to root, and nothing to one whom a rule of sudo gives everything.
pub fn forbidden(host: &HostTarget) -> Vec<Forbidden> {
    if host.user == "root" || host.sudo.iter().any(|rule| rule.ends_with("ALL")) {
        return Vec::new();
    }
    let mut all = vec![
        of(
            &["sudo", "-n", "cat", "/etc/shadow"],
            "read the passwords of all users",
        ),
        of(&["sudo", "-n", "sh", "-c", "true"], "become root"),
    ];
    match host.profile {
        Some(Profile::Rootless) => {
            all.push(of(
                &["sudo", "-n", "docker", "version"],
                "use the docker engine of root",
            ));
            all.push(of(
                &["docker", "--host", "unix:///var/run/docker.sock", "version"],
                "use the docker engine of root",
            ));
        }
        Some(Profile::ForcedCommand) => {
            all.push(of(&["true"], "run any command"));
            all.push(of(&["sh", "-c", "true"], "run any command"));
            all.push(of(&["docker", "version"], "use the docker engine of root"));
            all.push(of(&["cat", "/etc/passwd"], "read files"));
            all.push(of(
                &["version;true"],
                "run a second command behind one that is allowed",
            ));
        }
        Some(Profile::SudoDocker | Profile::DockerGroup) | None => {}
    }
    all
}

fn of(words: &[&str], then: &'static str) -> Forbidden {
    Forbidden {
        words: words.iter().map(|&word| word.to_owned()).collect(),
        then,
    }
}
