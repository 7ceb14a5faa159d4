//! What CI is told of targets, as variables.

use std::collections::BTreeMap;

use super::{selection::Selection, ssh};
use crate::model::{Failure, Target, TargetKind};

/// A variable.
pub struct Variable {
    /// Its name.
    pub name: String,
    /// Its value, which may have several lines.
    pub value: String,
}

/// The variables of all targets, in their order: `WEB_1_SSH_USER`, or `SSH_USER` of one that was asked for by name.
///
/// The private key (`PEM_FILE_CONTENT` of older pipelines) and AWS keys are not among them: they are secret, and a
/// record holds no secret.
pub fn variables(selection: &Selection<'_>) -> Result<Vec<Variable>, Failure> {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    let mut all = Vec::new();
    for target in selection.targets {
        let prefix = if selection.one_by_name {
            String::new()
        } else {
            prefix(&target.name)
        };
        for (name, value) in of_one(target)? {
            let name = format!("{prefix}{name}");
            if let Some(owner) = owners.insert(name.clone(), &target.name) {
                return Err(Failure::new(
                    "two targets have the same variables",
                    format!(
                        "`{owner}` and `{}` would both be written as `{name}`.",
                        target.name
                    ),
                )
                .help("Rename one of them, or export them one at a time."));
            }
            if value.contains('\0') {
                return Err(Failure::new(
                    "a value cannot be exported",
                    format!("`{name}` holds a NUL, which no variable can."),
                ));
            }
            all.push(Variable { name, value });
        }
    }
    Ok(all)
}

/// The variables of one target, in the names that pipelines of the field read.
fn of_one(target: &Target) -> Result<Vec<(&'static str, String)>, Failure> {
    let mut all = vec![
        ("DEPLOY_TARGET", target.name.clone()),
        ("DEPLOY_PROJECT", target.project.clone()),
        ("DEPLOY_ENVIRONMENT", target.environment.clone()),
    ];
    match &target.kind {
        TargetKind::Ecs(ecs) => {
            all.push(("DEPLOY_KIND", "ecs".to_owned()));
            all.push(("AWS_ACCOUNT_ID", ecs.account.clone()));
            all.push(("AWS_DEFAULT_REGION", ecs.region.clone()));
            all.push(("AWS_REGION", ecs.region.clone()));
            all.push(("ECS_CLUSTER", ecs.cluster.clone()));
            all.push(("ECS_SERVICE", ecs.service.clone()));
            all.extend(
                ecs.task_family
                    .clone()
                    .map(|family| ("ECS_TASK_FAMILY", family)),
            );
            all.extend(ecs.role.clone().map(|role| ("AWS_ROLE_ARN", role)));
        }
        TargetKind::Host(host) => {
            all.push(("DEPLOY_KIND", "host".to_owned()));
            all.push(("DEST_HOST_ADDR", host.address.clone()));
            all.push(("DEST_HOST_PORT", host.port.to_string()));
            all.push(("SSH_USER", host.user.clone()));
            let keys = ssh::known_hosts(&[(target, host)])?;
            if !keys.is_empty() {
                all.push(("SSH_KNOWN_HOSTS", keys.trim_end().to_owned()));
            }
            if !host.directories.is_empty() {
                all.push(("DEPLOY_DIRECTORIES", host.directories.join(":")));
            }
            all.extend(
                host.docker
                    .clone()
                    .map(|version| ("DOCKER_VERSION", version)),
            );
            all.extend(
                host.compose
                    .clone()
                    .map(|version| ("COMPOSE_VERSION", version)),
            );
        }
    }
    Ok(all)
}

/// `web-1` as the beginning of a variable's name: `WEB_1_`. A name does not begin with a digit.
fn prefix(name: &str) -> String {
    let mut prefix: String = name
        .chars()
        .map(|c| {
            if c.is_ascii_alphanumeric() {
                c.to_ascii_uppercase()
            } else {
                '_'
            }
        })
        .collect();
    if prefix.starts_with(|c: char| c.is_ascii_digit()) {
        prefix.insert(0, '_');
    }
    prefix + "_"
}
