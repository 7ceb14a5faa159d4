//! One form for what means the same, so that only a difference in meaning counts.

use std::collections::BTreeMap;

use crate::model::{Value, arn};

/// Every field that says something other than ECS's default, by its path: `containers.web.image`.
pub fn fields(definition: &Value) -> BTreeMap<String, Value> {
    let mode = definition["network_mode"].as_str().unwrap_or("bridge");
    let mut fields = BTreeMap::new();
    if let Some(definition) = definition.as_object() {
        for (name, value) in definition {
            let value = match (name.as_str(), value) {
                ("containers", _) => continue,
                // On Linux instances, what is left out means this (API reference, `RegisterTaskDefinition`).
                ("network_mode", Value::String(mode)) if mode == "bridge" => continue,
                ("task_role" | "execution_role", Value::String(role)) => role_name(role),
                (_, value) => value.clone(),
            };
            keep(&mut fields, name.clone(), value);
        }
    }
    for (name, container) in definition["containers"].as_object().into_iter().flatten() {
        for (field, value) in container.as_object().into_iter().flatten() {
            let path = format!("containers.{name}.{field}");
            match (field.as_str(), value) {
                ("environment", Value::Object(variables)) => {
                    for (variable, value) in variables {
                        fields.insert(format!("{path}.{variable}"), value.clone());
                    }
                }
                ("ports", Value::Array(ports)) => keep(&mut fields, path, sorted(ports, mode)),
                ("essential", Value::Bool(true)) => {}
                ("cpu", value) if value.as_i64() == Some(0) => {}
                (_, value) => keep(&mut fields, path, value.clone()),
            }
        }
    }
    fields
}

/// ECS gives null, an empty list or an empty text for what was never said.
fn keep(fields: &mut BTreeMap<String, Value>, path: String, value: Value) {
    let says_nothing = match &value {
        Value::Null => true,
        Value::Array(items) => items.is_empty(),
        Value::String(text) => text.is_empty(),
        _ => false,
    };
    if !says_nothing {
        fields.insert(path, value);
    }
}

/// ECS takes a role's name or its ARN and tells the ARN; the account is the same either way.
fn role_name(role: &str) -> Value {
    Value::from(match role.starts_with("arn:") {
        true => arn::name(role),
        false => role,
    })
}

fn sorted(ports: &[Value], mode: &str) -> Value {
    let mut ports: Vec<String> = ports
        .iter()
        .map(|port| match port {
            Value::String(text) => normal_port(text, mode),
            other => other.to_string(),
        })
        .collect();
    ports.sort();
    Value::from(ports)
}

/// `8080:80/tcp` is `8080:80`; `0:80` is `80`; and where the container has its host's or its own network, `80:80` is `80`.
fn normal_port(port: &str, mode: &str) -> String {
    let port = port.strip_suffix("/tcp").unwrap_or(port);
    match port.split_once(':') {
        Some(("0", container)) => container.to_owned(),
        Some((host, container))
            if mode != "bridge" && host == container.split('/').next().unwrap_or(container) =>
        {
            container.to_owned()
        }
        _ => port.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_port_has_one_form() {
        assert_eq!(normal_port("8080:80/tcp", "bridge"), "8080:80");
        assert_eq!(normal_port("0:80", "bridge"), "80");
        assert_eq!(normal_port("80:80", "bridge"), "80:80");
        assert_eq!(normal_port("80:80", "awsvpc"), "80");
        assert_eq!(normal_port("53:53/udp", "host"), "53/udp");
    }
}
