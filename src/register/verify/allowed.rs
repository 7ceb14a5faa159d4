//! What a deploy user must be able to do.

use crate::model::{HostTarget, Profile};
use crate::register::deploy::IMAGES_FILE;

/// The files of variables that a deployment hands to compose, in this order, where they lie beside the compose file.
pub const BESIDE: [&str; 2] = [".env", IMAGES_FILE];

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

/// The command that shows that the compose project is there to be deployed; `beside` are the files of variables that lie
/// beside its compose file.
pub fn project(host: &HostTarget, beside: &[&str]) -> Option<Vec<String>> {
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
    ];
    let docker = docker.into_iter().chain(words).map(str::to_owned);
    let mut words: Vec<String> = docker.collect();
    for file in beside {
        let file = format!("{}/{file}", folder(&project.file));
        words.extend(["--env-file".to_owned(), file]);
    }
    words.push("config".to_owned());
    // Which images it runs is said at a deployment: before the first one its variables have no values.
    if !beside.contains(&IMAGES_FILE) {
        words.push("--no-interpolate".to_owned());
    }
    words.push("--quiet".to_owned());
    Some(words)
}

/// The commands that tell whether each of [`BESIDE`] lies there.
pub fn lie_beside(host: &HostTarget) -> Vec<Vec<String>> {
    let (Some(project), Some(_)) = (&host.project, docker(host)) else {
        return Vec::new();
    };
    let folder = folder(&project.file);
    let test = |file: &&str| {
        ["test", "-f", &format!("{folder}/{file}")]
            .map(str::to_owned)
            .to_vec()
    };
    BESIDE.iter().map(test).collect()
}

fn folder(file: &str) -> &str {
    file.rsplit_once('/').map_or(".", |(folder, _)| folder)
}
