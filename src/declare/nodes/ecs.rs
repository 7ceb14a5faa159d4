//! Task definitions, services and one-off tasks.

use serde_json::json;

use super::{arns, draft::Draft, iam};
use crate::declare::{
    environment::{Task, shape},
    secrecy::{is_secret, password},
};
use crate::model::{Address, Diagnostic, Kind};

/// A node for each task definition.
pub fn tasks(draft: &mut Draft<'_>) {
    let environment = draft.environment;
    for (name, task) in &environment.tasks {
        if task.containers.is_empty() {
            draft.error(
                "a task without containers",
                format!("`{name}` needs one container at least"),
                &["tasks", name, "containers"],
                format!(
                    "add {}.containers.NAME] with its `image`",
                    Address::new(Kind::TaskDefinition, name)
                        .header()
                        .trim_end_matches(']')
                ),
            );
        }
        for (container, definition) in &task.containers {
            // ECS places a task by its memory (API reference, `ContainerDefinition`).
            let faults = draft.given.faults;
            let faulty = faults.touch(&["tasks", name, "memory"])
                || faults.touch(&["tasks", name, "containers", container, "memory"]);
            if task.memory.is_none() && definition.memory.is_none() && !faulty {
                let span = draft.key(&["tasks", name, "containers", container]);
                let label = "neither it nor its task says how much memory it may have";
                draft.found.push(
                    Diagnostic::error("a container without memory", label, span)
                        .help("add `memory`, its hard limit in MiB"),
                );
            }
            for (variable, value) in &definition.environment {
                if !is_secret(variable) && password(value).is_none() {
                    continue;
                }
                draft.warning(
                    "a secret in a task definition",
                    format!("whoever may describe the task reads `{variable}`"),
                    &["tasks", name, "containers", container, "environment", variable],
                    "let the container read it from an object of the secrets bucket, by its `task_role`",
                );
            }
        }
        let roles = [
            ("task_role", &task.task_role),
            ("execution_role", &task.execution_role),
        ];
        let mut needs = Vec::new();
        let mut named = Vec::new();
        for (key, role) in roles {
            let path = ["tasks", name, key];
            named.push(
                role.as_ref()
                    .map(|role| iam::role(draft, role, &path, "name", &mut needs)),
            );
        }
        let family = family(draft, name, task);
        if task.family.is_none() {
            draft.check_default_name(&family, &shape::ECS, ["tasks", name], "family");
        }
        let values = json!({
            "family": family,
            "network_mode": task.network_mode,
            "cpu": task.cpu.map(|cpu| cpu.to_string()),
            "memory": task.memory.map(|memory| memory.to_string()),
            "task_role": named[0],
            "execution_role": named[1],
            "containers": task.containers,
            "owner": draft.owner(),
        });
        draft.resource(Address::new(Kind::TaskDefinition, name), values, needs);
    }
}

/// A node for each service, which needs its task definition.
pub fn services(draft: &mut Draft<'_>) {
    let environment = draft.environment;
    for (name, service) in &environment.services {
        let Some(task) = task(draft, &service.task, &["services", name, "task"]) else {
            continue;
        };
        arns::check(draft, &service.cluster, &["services", name, "cluster"]);
        placed(
            draft,
            ["services", name],
            service.launch_type.as_deref(),
            task,
        );
        let service_name = service.service_name.clone().unwrap_or_else(|| {
            let made = draft.default_name(name);
            draft.check_default_name(&made, &shape::ECS, ["services", name], "service_name");
            made
        });
        let values = json!({
            "name": service_name,
            "cluster": service.cluster,
            "task_definition": family(draft, &service.task, task),
            "desired": service.desired,
            "minimum_healthy": service.minimum_healthy,
            "maximum": service.maximum,
            "launch_type": service.launch_type,
            "adopt": service.adopt,
            "owner": draft.owner(),
        });
        let needs = [Address::new(Kind::TaskDefinition, &service.task)];
        draft.resource(Address::new(Kind::Service, name), values, needs);
    }
}

/// A node for each one-off task, which needs its task definition.
pub fn jobs(draft: &mut Draft<'_>) {
    let environment = draft.environment;
    for (name, job) in &environment.jobs {
        let Some(task) = task(draft, &job.task, &["jobs", name, "task"]) else {
            continue;
        };
        arns::check(draft, &job.cluster, &["jobs", name, "cluster"]);
        placed(draft, ["jobs", name], job.launch_type.as_deref(), task);
        let container = match &job.container {
            Some(container) if task.containers.contains_key(container) => container.clone(),
            None if task.containers.len() == 1 => {
                task.containers.keys().cloned().collect::<String>()
            }
            _ if draft
                .given
                .faults
                .touch(&["tasks", &job.task, "containers"]) =>
            {
                continue;
            }
            given => {
                let names: Vec<&str> = task.containers.keys().map(String::as_str).collect();
                draft.error(
                    "this names no container of the task",
                    match given {
                        Some(given) => format!("`{}` has no container `{given}`", job.task),
                        None => format!("`{}` has more than one container", job.task),
                    },
                    &["jobs", name, "container"],
                    format!("its containers: {}", names.join(", ")),
                );
                continue;
            }
        };
        let runs = task.containers.get(&container).map(|definition| {
            json!({
                "image": definition.image,
                "environment": definition.environment,
                "working_directory": definition.working_directory,
            })
        });
        let values = json!({
            "name": name,
            "cluster": job.cluster,
            "runs": runs,
            "task_definition": family(draft, &job.task, task),
            "container": container,
            "command": job.command,
            "launch_type": job.launch_type,
            "owner": draft.owner(),
        });
        let needs = [Address::new(Kind::TaskDefinition, &job.task)];
        draft.resource(Address::new(Kind::Job, name), values, needs);
    }
}

/// Notes tasks that hosts outside AWS cannot run: these have no network interfaces of AWS (ECS developer guide, "Amazon ECS
/// clusters for external instances").
fn placed(draft: &mut Draft<'_>, path: [&str; 2], launch_type: Option<&str>, task: &Task) {
    if launch_type == Some("EXTERNAL") && task.network_mode.as_deref() == Some("awsvpc") {
        let [section, name] = path;
        draft.error(
            "hosts outside AWS have no network of AWS",
            "its task has `network_mode = \"awsvpc\"`, which `EXTERNAL` cannot have",
            &[section, name, "launch_type"],
            "give the task `bridge` or `host`",
        );
    }
}

/// The task definition of this name, or a mistake at the path that names it.
pub fn task<'a>(draft: &mut Draft<'a>, name: &str, path: &[&str]) -> Option<&'a Task> {
    let tasks = &draft.environment.tasks;
    let found = tasks.get(name);
    if found.is_none() {
        let names = tasks.keys().map(String::as_str);
        draft.undeclared(Kind::TaskDefinition, name, path, names);
    }
    found
}

/// A task definition's family.
pub fn family(draft: &Draft<'_>, name: &str, task: &Task) -> String {
    let family = task.family.clone();
    family.unwrap_or_else(|| draft.default_name(name))
}
