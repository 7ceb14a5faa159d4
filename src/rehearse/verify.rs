//! Trying at a target what a deployment would do there first.

use std::path::Path;

use crate::answer;
use crate::connect::ssh;
use crate::model::host::{Command, HostAnswer, HostQuery, Ran};
use crate::model::{Answer, Failure, HostTarget, Login, Probe, Query, Target, TargetKind};

/// Logs in to a host as its deploy user, with the one key pair that was made, and asks for what it may do as root.
///
/// An ECS target was seen with its service when it was registered. Fails when the login, or the one command that
/// deployments with compose begin with, does not work, and when more works than should.
pub async fn verify(target: &Target, keys: &Path, known_hosts: &Path) -> Result<String, Failure> {
    match &target.kind {
        TargetKind::Ecs(ecs) => Ok(format!(
            "{}: service {} on cluster {} in account {}, {}",
            target.name, ecs.service, ecs.cluster, ecs.account, ecs.region
        )),
        TargetKind::Host(host) => match key(keys) {
            None => Ok(format!(
                "{}: {}@{} is registered; no key pair of this environment opens it",
                target.name, host.user, host.address
            )),
            Some(identity) => enter(target, host, identity, known_hosts).await,
        },
    }
}

/// The private key of the first pair in the folder.
fn key(folder: &Path) -> Option<String> {
    let mut names: Vec<_> = std::fs::read_dir(folder)
        .ok()?
        .flatten()
        .map(|entry| entry.path())
        .collect();
    names.sort();
    names
        .into_iter()
        .find(|path| path.extension().is_none())
        .map(|path| path.display().to_string())
}

async fn enter(
    target: &Target,
    host: &HostTarget,
    identity: String,
    known_hosts: &Path,
) -> Result<String, Failure> {
    let login = Login {
        address: host.address.clone(),
        port: host.port,
        user: host.user.clone(),
        identity: Some(identity),
        sudo_password_file: None,
    };
    let settings = ssh::Settings::new(known_hosts, "verify");
    let world = ssh::Host::connect(&login, &target.name, settings).await?;
    if host.docker.is_none() {
        run(&world, &["true"]).await?;
        return Ok(format!(
            "{}: {}@{} logs in",
            target.name, host.user, host.address
        ));
    }
    let (compose, shadow) = futures::try_join!(
        run(
            &world,
            &["sudo", "-n", "docker", "compose", "version", "--short"]
        ),
        run(&world, &["sudo", "-n", "cat", "/etc/shadow"]),
    )?;
    let doing = || format!("verifying the target {}", target.name);
    if !compose.ok() {
        return Err(
            Failure::new("the deploy user cannot use docker compose", doing()).why(compose.err()),
        );
    }
    if host.user != "root" && shadow.ok() {
        return Err(
            Failure::new("the deploy user may do more than it should", doing())
                .why("It can read /etc/shadow by sudo."),
        );
    }
    Ok(format!(
        "{}: {}@{} logs in with its key, runs `sudo docker compose` {}, and is refused other commands by sudo",
        target.name,
        host.user,
        host.address,
        compose.out().trim()
    ))
}

async fn run(world: &ssh::Host, command: &[&str]) -> Result<Ran, Failure> {
    let query = Query::Host(HostQuery::Run(Command::new(command.iter().copied())));
    Ok(answer!(world, query, Answer::Host(HostAnswer::Ran(ran)) => ran))
}
