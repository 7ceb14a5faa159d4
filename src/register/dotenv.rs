//! Targets as variables, quoted so that a POSIX shell reads back what was meant.

use std::collections::BTreeMap;

use super::ssh;
use crate::model::{Failure, Target, TargetKind};

/// A line a variable. With several targets each name begins with its target's: `WEB_1_SSH_USER`.
///
/// The private key (`PEM_FILE_CONTENT` of older pipelines) and AWS keys are not among them: they are secret, and a
/// record holds no secret.
pub(super) fn render(targets: &[Target]) -> Result<String, Failure> {
    let mut owners: BTreeMap<String, &str> = BTreeMap::new();
    let mut text = String::new();
    for target in targets {
        let prefix = match targets.len() {
            1 => String::new(),
            _ => prefix(&target.name),
        };
        for (name, value) in variables(target)? {
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
            text.push_str(&format!("{name}={}\n", quoted(&value)));
        }
    }
    Ok(text)
}

/// The variables of one target, in the names that pipelines of the field read.
fn variables(target: &Target) -> Result<Vec<(&'static str, String)>, Failure> {
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

/// The value as a word of the shell (POSIX 2.2.2): in single quotes unless every character is harmless.
fn quoted(value: &str) -> String {
    let plain = |c: char| c.is_ascii_alphanumeric() || "_-./:@%+,=".contains(c);
    if !value.is_empty() && value.chars().all(plain) {
        value.to_owned()
    } else {
        format!("'{}'", value.replace('\'', r"'\''"))
    }
}
