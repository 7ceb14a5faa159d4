//! Targets.

use serde_json::json;

use super::{arns, draft::Draft, ecs, iam};
use crate::declare::environment::Target;
use crate::model::{Address, Kind, Map, Place, Spec, Value};

/// A node for each target, which needs its host or what its cluster and service refer to.
pub fn targets(draft: &mut Draft<'_>) {
    let environment = draft.environment;
    for (name, target) in &environment.targets {
        let made = match (
            &target.host,
            &target.swarm,
            &target.cluster,
            &target.service,
        ) {
            (Some(host), None, None, None) => on_host(draft, name, target, host),
            (None, Some(swarm), None, None) => on_swarm(draft, name, target, swarm),
            (None, None, Some(cluster), Some(service)) => {
                Some(on_ecs(draft, name, target, cluster, service))
            }
            _ if draft.given.faults.touch(&["targets", name]) => None,
            _ => {
                draft.error(
                    "a target is a host, a swarm or a service",
                    format!("`{name}` is none of them, or more than one"),
                    &["targets", name],
                    "give `host`, `swarm`, or `cluster` and `service`",
                );
                None
            }
        };
        if let Some((place, values, needs)) = made {
            let mut spec = Map::from_iter([("name".to_owned(), Value::from(name.as_str()))]);
            if !target.images.is_empty() {
                let images = target.images.iter();
                let images = images.map(|(name, one)| (name.clone(), Value::from(one.as_str())));
                spec.insert("images".to_owned(), images.collect());
            }
            spec.extend(values);
            let address = Address::new(Kind::Target, name);
            draft.node(address, place, Spec::Target(spec), needs);
        }
    }
}

type Made = (Place, Vec<(String, Value)>, Vec<Address>);

/// A target on a Swarm is its first manager, through which stacks are deployed.
fn on_swarm(draft: &mut Draft<'_>, name: &str, target: &Target, swarm: &str) -> Option<Made> {
    let swarms = &draft.environment.swarms;
    let Some(declared) = swarms.get(swarm) else {
        let names = swarms.keys().map(String::as_str);
        draft.undeclared(Kind::Swarm, swarm, &["targets", name, "swarm"], names);
        return None;
    };
    // One that is not declared was noted where the swarm names it.
    let manager = declared.managers.first()?;
    if !draft.environment.hosts.contains_key(manager) {
        return None;
    }
    let (place, mut values, mut needs) = on_host(draft, name, target, manager)?;
    values.push(("swarm".to_owned(), Value::from(swarm)));
    needs.push(Address::new(Kind::Swarm, swarm));
    Some((place, values, needs))
}

fn on_host(draft: &mut Draft<'_>, name: &str, target: &Target, host: &str) -> Option<Made> {
    let path = ["targets", name, "host"];
    let of_a_service = [
        ("task", target.task.is_some()),
        ("role", target.role.is_some()),
        ("services", !target.services.is_empty()),
    ];
    for (key, given) in of_a_service {
        if given {
            draft.error(
                "this belongs to a service",
                format!("a host has no `{key}`"),
                &["targets", name, key],
                "",
            );
        }
    }
    let hosts = &draft.environment.hosts;
    if !hosts.contains_key(host) {
        let names = hosts.keys().map(String::as_str);
        draft.undeclared(Kind::Host, host, &path, names);
        return None;
    }
    let mut values = vec![("host".to_owned(), Value::from(host))];
    // Where none is given, the host's own variables say who deploys, and only its playbook can render them.
    values.extend(
        target
            .user
            .as_ref()
            .map(|user| ("user".to_owned(), Value::from(user.as_str()))),
    );
    let mut needs = vec![Address::new(Kind::Host, host)];
    if let Some(ports) = &target.ports {
        draft.each_once(["targets", name, "ports"], ports);
        values.push(("ports".to_owned(), Value::from(ports.as_slice())));
    }
    if let Some(key) = &target.key {
        if draft.environment.keys.contains_key(key) {
            needs.push(Address::new(Kind::Key, key));
            values.push((
                "key".to_owned(),
                json!({
                    "file": format!("{{{{ keys['{key}'].file }}}}"),
                    "public": format!("{{{{ keys['{key}'].public }}}}"),
                }),
            ));
        } else {
            let names = draft.environment.keys.keys().map(String::as_str);
            draft.undeclared(Kind::Key, key, &["targets", name, "key"], names);
        }
    }
    Some((Place::Host(host.to_owned()), values, needs))
}

fn on_ecs(
    draft: &mut Draft<'_>,
    name: &str,
    target: &Target,
    cluster: &str,
    service: &str,
) -> Made {
    let of_a_host = [
        ("user", target.user.is_some()),
        ("key", target.key.is_some()),
        ("ports", target.ports.is_some()),
    ];
    for (key, given) in of_a_host {
        if given {
            draft.error(
                "this belongs to a host",
                format!("a service has no `{key}`"),
                &["targets", name, key],
                "",
            );
        }
    }
    arns::check(draft, cluster, &["targets", name, "cluster"]);
    arns::check(draft, service, &["targets", name, "service"]);
    for (further, service) in &target.services {
        arns::check(draft, service, &["targets", name, "services", further]);
    }
    let mut needs = Vec::new();
    let mut values = vec![
        ("cluster".to_owned(), Value::from(cluster)),
        ("service".to_owned(), Value::from(service)),
    ];
    if let Some(task) = &target.task
        && task.contains("{{")
    {
        values.push(("task_family".to_owned(), Value::from(task.as_str())));
    } else if let Some(task) = &target.task
        && let Some(declared) = ecs::task(draft, task, &["targets", name, "task"])
    {
        needs.push(Address::new(Kind::TaskDefinition, task));
        let family = ecs::family(draft, task, declared);
        values.push(("task_family".to_owned(), Value::from(family)));
    }
    if let Some(given) = &target.role {
        let path = ["targets", name, "role"];
        let role = iam::role(draft, given, &path, "arn", &mut needs);
        values.push(("role".to_owned(), Value::from(role)));
    }
    if !target.services.is_empty() {
        let services = target.services.iter();
        let services = services.map(|(name, one)| (name.clone(), Value::from(one.as_str())));
        values.push(("services".to_owned(), services.collect()));
    }
    (Place::Aws, values, needs)
}
