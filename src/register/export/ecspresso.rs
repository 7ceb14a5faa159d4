//! A service on ECS as ecspresso is configured for it.

use std::path::Path;

use serde_json::json;

use super::{format::Format, selection::Selection};
use crate::model::{Failure, shell_word, visible};

/// `ecspresso.yml`, whose definitions `ecspresso init` writes beside it (ecspresso's README, "Configuration file").
pub const ECSPRESSO: Format = Format {
    name: "ecspresso",
    about: "ecspresso's configuration for a service on ECS",
    file: "ecspresso.yml",
    program: false,
    render,
    beside: &[],
};

fn render(selection: &Selection<'_>, _: Option<&Path>) -> Result<String, Failure> {
    let services = selection.services(ECSPRESSO.name)?;
    let [(_, ecs)] = services[..] else {
        let names: Vec<&str> = services.iter().map(|(one, _)| one.name.as_str()).collect();
        let command = services.first().map(|(one, _)| {
            let (environment, name) = (shell_word(&one.environment), shell_word(&one.name));
            format!("landfall targets export {environment} {name} --format ecspresso")
        });
        return Err(Failure::new(
            "a value cannot be exported",
            "A configuration of ecspresso is for one service, and here are several.",
        )
        .help(format!(
            "Name one of {}: `{}`",
            names.join(", "),
            command.unwrap_or_default()
        )));
    };
    // A text of JSON is one of YAML as well, whatever is in it.
    Ok([
        ("region", &*ecs.region),
        ("cluster", &*ecs.cluster),
        ("service", &*ecs.service),
        ("service_definition", "ecs-service-def.json"),
        ("task_definition", "ecs-task-def.json"),
    ]
    .iter()
    .map(|(key, value)| format!("{key}: {}\n", visible::json(&json!(value).to_string())))
    .collect())
}
