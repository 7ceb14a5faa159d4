//! What a deploy user must be able to do.

use crate::model::{HostTarget, Profile};

/// The words in front of every call of docker by this user; none where it has no shell to call it from.
///
/// A record of a host whose playbook says no profile has a rule of sudo, or the user is in docker's group.
pub fn docker(host: &HostTarget) -> Option<Vec<&'static str>> {
    match host.profile {
        Some(Profile::SudoDocker) => Some(vec!["sudo", "-n", "docker"]),
        Some(Profile::DockerGroup | Profile::Rootless) => Some(vec!["docker"]),
        Some(Profile::ForcedCommand) => None,
        None if host.user == "root" || host.sudo.is_empty() => Some(vec!["docker"]),
        None => Some(vec!["sudo", "-n", "docker"]),
    }
}

/// The commands that show that docker's engine and compose answer this user.
pub fn deploys(host: &HostTarget) -> Vec<Vec<String>> {
    let Some(docker) = docker(host) else {
        // Its one command says which versions it has.
        return vec![vec!["version".to_owned()]];
    };
    let call = |words: &[&str]| {
        docker
            .iter()
            .chain(words)
            .map(|&word| word.to_owned())
            .collect()
    };
    let mut all = vec![call(&["version", "--format", "{{.Server.Version}}"])];
    if host.compose.is_some() {
        all.push(call(&["compose", "version", "--short"]));
    }
    all
}

/// The command that shows that the engine manages a Swarm, and how its nodes are.
pub fn swarm(host: &HostTarget) -> Option<Vec<String>> {
    let words = ["node", "ls", "--format", "{{.Hostname}} {{.Status}}"];
    let docker = docker(host)?.into_iter().chain(words);
    Some(docker.map(str::to_owned).collect())
}

/// The command that shows that the compose project is there to be deployed.
pub fn project(host: &HostTarget) -> Option<Vec<String>> {
    let project = host.project.as_ref()?;
    let Some(docker) = docker(host) else {
        return Some(vec!["status".to_owned()]);
    };
    let words = [
        "compose",
        "--project-name",
        &project.name,
        "--file",
        &project.file,
        // Which images it runs is said at a deployment.
        "config",
        "--no-interpolate",
        "--quiet",
    ];
    let docker = docker.into_iter().map(str::to_owned);
    Some(docker.chain(words.map(str::to_owned)).collect())
}
