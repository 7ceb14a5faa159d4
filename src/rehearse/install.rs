//! Installing, as packages, what this machine lacks for a rehearsal.

use super::{Say, program};
use crate::model::Failure;

/// What is needed: a program that shows it is there, and the Debian package that brings it.
const NEEDS: &[(&str, &str)] = &[
    ("dockerd", "docker.io"),
    ("docker", "docker.io"),
    ("iptables", "iptables"),
    ("debootstrap", "debootstrap"),
    ("ssh", "openssh-client"),
    ("ssh-keygen", "openssh-client"),
    ("python3", "python3"),
];

/// The packages that must be installed, each once; empty when nothing is lacking.
pub async fn missing() -> Vec<&'static str> {
    let mut packages: Vec<&'static str> = Vec::new();
    for (program, package) in NEEDS {
        if !program::found(program) && !packages.contains(package) {
            packages.push(package);
        }
    }
    // Debian splits the part of Python off that makes virtual environments; the module is there, its pip is not.
    let venv = program::run(
        "looking for Python's venv",
        "python3",
        ["-c", "import venv, ensurepip"],
        b"",
    )
    .await;
    if venv.is_err() {
        packages.push("python3-venv");
    }
    packages
}

/// Installs what is lacking, after saying what that is.
///
/// Fails when this is not root or not a machine with apt, and with apt's own words when apt fails.
pub async fn install(say: Say<'_>) -> Result<(), Failure> {
    let packages = missing().await;
    if packages.is_empty() {
        say("Nothing to install: this machine has everything a rehearsal needs");
        return Ok(());
    }
    let list = packages.join(" ");
    say(&format!("Installing {list}"));
    let what = "installing what a rehearsal needs";
    if !nix::unistd::geteuid().is_root() {
        return Err(Failure::new("only root can install packages", what)
            .left_behind("Nothing was installed.")
            .help(format!(
                "Run it once as root, or: `sudo apt-get install {list}`"
            )));
    }
    if !program::found("apt-get") {
        return Err(Failure::new("this machine has no apt", what)
            .left_behind("Nothing was installed.")
            .help(format!(
                "Install what these Debian packages hold by the means of this machine: {list}"
            )));
    }
    program::run(what, "apt-get", ["update", "--quiet"], b"").await?;
    apt_install(&packages).await?;
    // Newer releases have the client in a package of its own, which the engine only recommends.
    if program::found("docker") {
        Ok(())
    } else {
        apt_install(&["docker-cli"]).await
    }
}

async fn apt_install(packages: &[&str]) -> Result<(), Failure> {
    let fixed = [
        "DEBIAN_FRONTEND=noninteractive",
        "apt-get",
        "install",
        "--yes",
        "--quiet",
        "--no-install-recommends",
    ];
    let args = fixed.iter().chain(packages);
    program::run("installing what a rehearsal needs", "env", args, b"")
        .await
        .map(|_| ())
}
