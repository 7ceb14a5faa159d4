//! Registering and deregistering revisions of a task definition.

use std::collections::BTreeMap;

use aws_sdk_ecs::types::{
    ContainerDefinition, KeyValuePair, LogConfiguration, LogDriver, NetworkMode, PortMapping,
    TransportProtocol,
};

use super::super::{
    Clients,
    error::{failed, given},
    settle::settle_while,
};
use super::{definition, new_role::role_is_new, tags::sdk_tags};
use crate::model::{Failure, Progress, Value};

/// Registers a revision; gives its ARN.
pub(super) async fn register(
    clients: &Clients,
    family: &str,
    definition: &Value,
    tags: &BTreeMap<String, String>,
) -> Result<String, Failure> {
    let containers = definition["containers"].as_object().into_iter().flatten();
    let containers = containers
        .map(|(name, fields)| container(&clients.region, family, name, fields))
        .collect::<Result<Vec<_>, _>>()?;
    let what = format!("registering a revision of the task definition {family}");
    let request = clients
        .ecs
        .register_task_definition()
        .family(family)
        .set_network_mode(definition["network_mode"].as_str().map(NetworkMode::from))
        .set_cpu(text(&definition["cpu"]))
        .set_memory(text(&definition["memory"]))
        .set_task_role_arn(text(&definition["task_role"]))
        .set_execution_role_arn(text(&definition["execution_role"]))
        .set_container_definitions(Some(containers))
        .set_tags(Some(sdk_tags(tags)));
    let answer = settle_while(clients.patience, role_is_new, || request.clone().send())
        .await
        .map_err(failed("ecs:RegisterTaskDefinition", &what))?;
    let registered = answer.task_definition;
    let arn = registered.and_then(|registered| registered.task_definition_arn);
    given(arn, "taskDefinitionArn", what)
}

/// Deregisters every active revision of a family that carries these tags.
pub(super) async fn deregister(
    clients: &Clients,
    family: &str,
    tags: &BTreeMap<String, String>,
    progress: &Progress,
) -> Result<(), Failure> {
    for arn in definition::revisions(clients, family).await? {
        let seen = definition::newest(clients, &arn).await?;
        if !seen.is_some_and(|seen| definition::carries(&seen, tags)) {
            continue;
        }
        clients
            .ecs
            .deregister_task_definition()
            .task_definition(&arn)
            .send()
            .await
            .map_err(failed(
                "ecs:DeregisterTaskDefinition",
                format!("deregistering {arn}"),
            ))?;
        progress.say(format!("deregistered {arn}"));
    }
    Ok(())
}

fn container(
    region: &str,
    family: &str,
    name: &str,
    fields: &Value,
) -> Result<ContainerDefinition, Failure> {
    let environment = fields["environment"].as_object().into_iter().flatten();
    let environment = environment.map(|(name, value)| {
        KeyValuePair::builder()
            .name(name)
            .value(value.as_str().unwrap_or_default())
            .build()
    });
    let ports = fields["ports"].as_array().into_iter().flatten();
    let ports = ports
        .map(|text| port(family, text.as_str().unwrap_or_default()))
        .collect::<Result<Vec<_>, _>>()?;
    let command = fields["command"].as_array().into_iter().flatten();
    let command = command.filter_map(|word| word.as_str().map(str::to_owned));
    let builder = ContainerDefinition::builder()
        .name(name)
        .set_image(text(&fields["image"]))
        .set_memory(number(&fields["memory"]))
        .set_cpu(number(&fields["cpu"]))
        .set_command(Some(command.collect()))
        .set_working_directory(text(&fields["working_directory"]))
        .set_environment(Some(environment.collect()))
        .set_port_mappings(Some(ports))
        .essential(fields["essential"].as_bool().unwrap_or(true))
        .set_log_configuration(logs(region, family, &fields["log_group"])?);
    Ok(builder.build())
}

fn logs(region: &str, family: &str, group: &Value) -> Result<Option<LogConfiguration>, Failure> {
    let Some(group) = group.as_str() else {
        return Ok(None);
    };
    LogConfiguration::builder()
        .log_driver(LogDriver::Awslogs)
        .options("awslogs-group", group)
        .options("awslogs-region", region)
        .options("awslogs-stream-prefix", family)
        .build()
        .map(Some)
        .map_err(|error| Failure::bug(error.to_string()))
}

/// Reads `80`, `8080:80`, `8080:80/udp`.
fn port(family: &str, text: &str) -> Result<PortMapping, Failure> {
    let refused = || {
        Failure::new(
            "this is not a port",
            format!("registering a revision of the task definition {family}"),
        )
        .why(format!(
            "`{text}` is neither `container` nor `host:container`."
        ))
        .left_behind("Nothing was registered.")
        .help("Write `80`, `8080:80` or `8080:80/udp`.")
    };
    let (ports, protocol) = match text.split_once('/') {
        None | Some((_, "tcp")) => (text.trim_end_matches("/tcp"), TransportProtocol::Tcp),
        Some((ports, "udp")) => (ports, TransportProtocol::Udp),
        Some(_) => return Err(refused()),
    };
    let (host, container) = match ports.split_once(':') {
        None => (None, ports),
        Some((host, container)) => (Some(host), container),
    };
    let parse = |text: &str| text.parse::<u16>().map(i32::from).map_err(|_| refused());
    Ok(PortMapping::builder()
        .container_port(parse(container)?)
        .set_host_port(host.map(parse).transpose()?)
        .protocol(protocol)
        .build())
}

fn text(value: &Value) -> Option<String> {
    value.as_str().map(str::to_owned)
}

fn number(value: &Value) -> Option<i32> {
    value.as_i64().and_then(|number| i32::try_from(number).ok())
}
