//! A target's record as variables, in the names that pipelines of the field read.

use super::ssh;
use crate::model::{EcsTarget, Failure, HostTarget, Target, TargetKind};

/// The variables of one target, without its name in front.
///
/// Whatever it may have several of (images, further services) is called by its name from the first one on, so that no
/// variable changes its name when another comes.
pub fn variables(target: &Target) -> Result<Vec<(String, String)>, Failure> {
    let mut all = Vec::new();
    let mut add = |name: &str, value: &str| all.push((name.to_owned(), value.to_owned()));
    add("DEPLOY_TARGET", &target.name);
    add("DEPLOY_PROJECT", &target.project);
    add("DEPLOY_ENVIRONMENT", &target.environment);
    match &target.kind {
        TargetKind::Ecs(ecs) => service(ecs, &mut add),
        TargetKind::Host(host) => self::host(target, host, &mut add)?,
    }
    for (name, repository) in &target.images {
        add(&format!("IMAGE_{}", upper(name)), repository);
    }
    Ok(all)
}

fn service(ecs: &EcsTarget, add: &mut impl FnMut(&str, &str)) {
    add("DEPLOY_KIND", "ecs");
    add("AWS_ACCOUNT_ID", &ecs.account);
    add("AWS_DEFAULT_REGION", &ecs.region);
    add("AWS_REGION", &ecs.region);
    add("ECS_CLUSTER", &ecs.cluster);
    add("ECS_SERVICE", &ecs.service);
    if let Some(family) = &ecs.task_family {
        add("ECS_TASK_FAMILY", family);
    }
    for (name, further) in &ecs.services {
        let name = upper(name);
        add(&format!("ECS_{name}_SERVICE"), &further.service);
        if let Some(family) = &further.task_family {
            add(&format!("ECS_{name}_TASK_FAMILY"), family);
        }
    }
    if let Some(role) = &ecs.role {
        add("AWS_ROLE_ARN", role);
    }
}

fn host(
    target: &Target,
    host: &HostTarget,
    add: &mut impl FnMut(&str, &str),
) -> Result<(), Failure> {
    add("DEPLOY_KIND", "host");
    add("DEST_HOST_ADDR", &host.address);
    add("DEST_HOST_PORT", &host.port.to_string());
    // Whoever reads it writes `ssh "$SSH_USER@…"`, where one that begins with a hyphen would be an option.
    add("SSH_USER", ssh::word(target, "user", &host.user)?);
    let keys = ssh::known_hosts(&[(target, host)])?;
    if !keys.is_empty() {
        add("SSH_KNOWN_HOSTS", keys.trim_end());
    }
    if let Some(profile) = host.profile {
        add("DEPLOY_PROFILE", profile.name());
    }
    if let Some(project) = &host.project {
        add("COMPOSE_PROJECT_NAME", &project.name);
        add("COMPOSE_FILE", &project.file);
    }
    if let Some(swarm) = &host.swarm {
        add("DEPLOY_SWARM", swarm);
    }
    if !host.directories.is_empty() {
        add("DEPLOY_DIRECTORIES", &host.directories.join(":"));
    }
    if !host.domains.is_empty() {
        add("DEPLOY_DOMAINS", &host.domains.join(","));
    }
    let ports = host.ports.iter().flatten();
    let ports: Vec<String> = ports.map(u16::to_string).collect();
    if !ports.is_empty() {
        add("DEPLOY_PORTS", &ports.join(","));
    }
    if let Some(version) = &host.docker {
        add("DOCKER_VERSION", version);
    }
    if let Some(version) = &host.compose {
        add("COMPOSE_VERSION", version);
    }
    Ok(())
}

/// A name as part of a variable's: `web-1` as `WEB_1`.
pub fn upper(name: &str) -> String {
    let letter = |c: char| match c.is_ascii_alphanumeric() {
        true => c.to_ascii_uppercase(),
        false => '_',
    };
    name.chars().map(letter).collect()
}
