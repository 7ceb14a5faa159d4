//! A task definition, from ECS's own fields into ours.

use std::collections::BTreeMap;

use aws_sdk_ecs::{
    error::ProvideErrorMetadata,
    types::{
        ContainerDefinition, LogDriver, PortMapping, TaskDefinition, TaskDefinitionField,
        TaskDefinitionStatus, TransportProtocol,
    },
};
use serde_json::json;

use super::super::{
    Clients,
    error::{failed, given},
};
use super::tags::tags_of;
use crate::model::ecs::TaskDefinitionSeen;
use crate::model::{Failure, Map, Value};

/// The newest active revision of a family; none when there is no active one. Of a revision's ARN, that revision.
pub(super) async fn newest(
    clients: &Clients,
    family: &str,
) -> Result<Option<TaskDefinitionSeen>, Failure> {
    let what = format!("looking at the task definition {family}");
    let answer = clients
        .ecs
        .describe_task_definition()
        .task_definition(family)
        .include(TaskDefinitionField::Tags)
        .send()
        .await;
    let answer = match answer {
        Ok(answer) => answer,
        // ECS has one code for all that is wrong with a request; a family without active revisions is one of them.
        Err(error)
            if error.code() == Some("ClientException")
                && error
                    .message()
                    .is_some_and(|text| text.contains("Unable to describe task definition")) =>
        {
            return Ok(None);
        }
        Err(error) => {
            return Err(failed("ecs:DescribeTaskDefinition", what)(error));
        }
    };
    let tags = tags_of(answer.tags);
    // Some emulators give an inactive revision where AWS says that there is none.
    let seen = given(answer.task_definition, "taskDefinition", &what)?;
    if seen.status == Some(TaskDefinitionStatus::Inactive) {
        return Ok(None);
    }
    Ok(Some(TaskDefinitionSeen {
        arn: given(seen.task_definition_arn.clone(), "taskDefinitionArn", what)?,
        revision: seen.revision,
        definition: ours(&seen),
        tags,
    }))
}

/// The newest active revision of a family that carries these tags; none when none does.
pub(super) async fn newest_with(
    clients: &Clients,
    family: &str,
    tags: &BTreeMap<String, String>,
) -> Result<Option<TaskDefinitionSeen>, Failure> {
    for arn in revisions(clients, family).await?.iter().rev() {
        let seen = newest(clients, arn).await?;
        if let Some(seen) = seen.filter(|seen| carries(seen, tags)) {
            return Ok(Some(seen));
        }
    }
    Ok(None)
}

/// Whether a revision carries all of these tags.
pub(super) fn carries(seen: &TaskDefinitionSeen, tags: &BTreeMap<String, String>) -> bool {
    tags.iter()
        .all(|(name, value)| seen.tags.get(name) == Some(value))
}

/// Every active revision of exactly this family, oldest first: ECS gives those of every family that begins like it.
pub(super) async fn revisions(clients: &Clients, family: &str) -> Result<Vec<String>, Failure> {
    let mut found = Vec::new();
    let mut pages = clients
        .ecs
        .list_task_definitions()
        .family_prefix(family)
        .status(TaskDefinitionStatus::Active)
        .into_paginator()
        .send();
    while let Some(page) = pages.next().await {
        let what = format!("listing the revisions of the task definition {family}");
        let page = page.map_err(failed("ecs:ListTaskDefinitions", &what))?;
        found.extend(given(
            page.task_definition_arns,
            "taskDefinitionArns",
            what,
        )?);
    }
    let exactly = format!("/{family}:");
    found.retain(|arn| arn.contains(&exactly));
    Ok(found)
}

fn ours(seen: &TaskDefinition) -> Value {
    let containers = seen.container_definitions().iter();
    let containers = containers.map(|one| (one.name.clone().unwrap_or_default(), container(one)));
    json!({
        "network_mode": seen.network_mode.as_ref().map(|mode| mode.as_str()),
        "cpu": seen.cpu,
        "memory": seen.memory,
        "task_role": seen.task_role_arn,
        "execution_role": seen.execution_role_arn,
        "containers": Map::from_iter(containers),
    })
}

fn container(seen: &ContainerDefinition) -> Value {
    let environment = seen.environment().iter().filter_map(|one| {
        Some((
            one.name.clone()?,
            Value::from(one.value.clone().unwrap_or_default()),
        ))
    });
    json!({
        "image": seen.image,
        "memory": seen.memory,
        "cpu": seen.cpu,
        "command": seen.command(),
        "working_directory": seen.working_directory,
        "environment": Map::from_iter(environment),
        "ports": seen.port_mappings().iter().map(port).collect::<Vec<_>>(),
        "essential": seen.essential.unwrap_or(true),
        "log_group": log_group(seen),
    })
}

/// The CloudWatch log group a container writes to.
fn log_group(seen: &ContainerDefinition) -> Option<&String> {
    let logs = seen.log_configuration()?;
    match logs.log_driver {
        LogDriver::Awslogs => logs.options()?.get("awslogs-group"),
        _ => None,
    }
}

/// `host:container/protocol`, as much of it as was said.
fn port(seen: &PortMapping) -> String {
    let container = match (seen.container_port, seen.container_port_range()) {
        (Some(port), _) => port.to_string(),
        (None, range) => range.unwrap_or_default().to_owned(),
    };
    let protocol = match seen.protocol {
        Some(TransportProtocol::Udp) => "/udp",
        _ => "",
    };
    match seen.host_port {
        None | Some(0) => format!("{container}{protocol}"),
        Some(host) => format!("{host}:{container}{protocol}"),
    }
}
