//! What docker says of a stack's services and tasks, read and judged.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::stack_file::SUM;
use crate::model::{Failure, Value};

/// So many tasks of a service that fail one after the other are no accident any more: Docker starts one after the other
/// for ever where the service is new.
const FAILING: usize = 3;

/// A service of a stack.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackService {
    /// Its whole name: `STACK_SERVICE`.
    pub name: String,
    sum: Option<String>,
    image: String,
    update: String,
    message: String,
}

/// The services in what `docker service inspect` printed.
pub fn services(printed: &str) -> Result<Vec<StackService>, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Inspected {
        spec: Spec,
        update_status: Option<UpdateStatus>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Spec {
        name: String,
        #[serde(default)]
        labels: BTreeMap<String, String>,
        task_template: Value,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct UpdateStatus {
        #[serde(default)]
        state: String,
        #[serde(default)]
        message: String,
    }
    let inspected: Vec<Inspected> =
        serde_json::from_str(printed).map_err(|error| unread("service inspect", &error))?;
    let service = |one: Inspected| {
        let update = one.update_status.unwrap_or_default();
        let image = one.spec.task_template.pointer("/ContainerSpec/Image");
        StackService {
            name: one.spec.name,
            sum: one.spec.labels.get(SUM).cloned(),
            image: image.and_then(Value::as_str).unwrap_or_default().to_owned(),
            update: update.state,
            message: update.message,
        }
    };
    Ok(inspected.into_iter().map(service).collect())
}

/// A task of a stack.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Task {
    /// Its id.
    #[serde(rename = "ID")]
    pub id: String,
    name: String,
    image: String,
    desired_state: String,
    current_state: String,
    #[serde(default)]
    error: String,
    /// The node that it was given to; empty where none takes it.
    #[serde(default)]
    node: String,
}

impl Task {
    /// Whether it is one of this service: `x_app.1` of `x_app`.
    fn is_of(&self, service: &StackService) -> bool {
        self.name
            .rsplit_once('.')
            .is_some_and(|(name, _)| name == service.name)
    }

    fn has_failed(&self) -> bool {
        ["Failed", "Rejected"]
            .iter()
            .any(|state| self.current_state.starts_with(state))
    }

    /// Whether it has begun and is not healthy yet.
    fn begins(&self) -> bool {
        self.current_state.starts_with("Starting")
    }

    /// Whether it is to run and no node has it yet.
    fn waits(&self) -> bool {
        self.desired_state == "Running" && self.current_state.starts_with("Pending")
    }
}

/// The tasks of a service that are new and not well, those that failed first: their logs are theirs alone, where a service's
/// is that of the healthy ones, too.
pub fn ailing<'a>(
    service: &StackService,
    tasks: &'a [Task],
    before: &BTreeSet<String>,
) -> Vec<&'a Task> {
    let new = tasks
        .iter()
        .filter(|task| task.is_of(service) && !before.contains(&task.id));
    let mut ailing: Vec<&Task> = new
        .filter(|task| task.has_failed() || task.begins())
        .collect();
    ailing.sort_by_key(|task| !task.has_failed());
    ailing
}

/// The tasks in what `docker stack ps --format '{{json .}}'` printed, an object a line.
pub fn tasks(printed: &str) -> Result<Vec<Task>, Failure> {
    let lines = printed.lines().filter(|line| !line.trim().is_empty());
    let tasks: Result<Vec<Task>, _> = lines.map(serde_json::from_str).collect();
    tasks.map_err(|error| unread("stack ps", &error))
}

/// How many of each service's tasks run and shall run, in what `docker stack services` printed: `x_app 1/2`.
pub fn replicas(printed: &str) -> BTreeMap<String, (u64, u64)> {
    let line = |line: &str| {
        let (name, rest) = line.trim().split_once(' ')?;
        let (running, wanted) = rest.split_whitespace().next()?.split_once('/')?;
        Some((
            name.to_owned(),
            (running.parse().ok()?, wanted.parse().ok()?),
        ))
    };
    printed.lines().filter_map(line).collect()
}

/// How a service fares.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fares {
    /// It runs as it shall.
    Steady,
    /// It is on its way.
    Moving(String),
    /// It will not come up, for this reason.
    Fails(String),
}

/// Judges a service by its tasks, of which those that were there before the deployment say nothing about it.
pub fn fares(
    service: &StackService,
    sum: &str,
    tasks: &[Task],
    before: &BTreeSet<String>,
    replicas: Option<&(u64, u64)>,
) -> Fares {
    let of_it = || tasks.iter().filter(|task| task.is_of(service));
    let failed: Vec<&Task> = of_it()
        .filter(|task| task.has_failed() && !before.contains(&task.id))
        .collect();
    // A task that no node takes has not failed: it waits for ever, and says why.
    let because = |moves: String| {
        let waits = |task: &&Task| task.waits() || !before.contains(&task.id);
        match errors(of_it().filter(waits)).as_str() {
            "" => moves,
            errors => format!("{moves}: {errors}"),
        }
    };
    match service.update.as_str() {
        "paused" | "rollback_paused" | "rollback_started" | "rollback_completed" => {
            return Fares::Fails(format!(
                "{}: {} {}",
                service.update,
                service.message,
                errors(failed)
            ));
        }
        "updating" => return Fares::Moving(because("is being exchanged".to_owned())),
        _ => {}
    }
    if service.sum.as_deref() != Some(sum) {
        return Fares::Moving("is not as it was declared yet".to_owned());
    }
    if failed.len() >= FAILING {
        return Fares::Fails(format!("{} tasks failed: {}", failed.len(), errors(failed)));
    }
    let mut wanted = of_it().filter(|task| task.desired_state == "Running");
    let all =
        wanted.all(|task| task.image == service.image && task.current_state.starts_with("Running"));
    match replicas {
        Some((running, wanted)) if all && running == wanted => Fares::Steady,
        Some((running, wanted)) => {
            Fares::Moving(because(format!("runs {running} of {wanted} tasks")))
        }
        None => Fares::Moving("is not there yet".to_owned()),
    }
}

/// What these tasks say of why they do not run, each reason once with the nodes that they were on.
fn errors<'a>(tasks: impl IntoIterator<Item = &'a Task>) -> String {
    let mut nodes: BTreeMap<&str, BTreeSet<&str>> = BTreeMap::new();
    for task in tasks.into_iter().filter(|task| !task.error.is_empty()) {
        // Docker puts it in quotes.
        let error = task.error.trim_matches('"');
        let of_it = nodes.entry(error).or_default();
        of_it.extend(Some(task.node.as_str()).filter(|node| !node.is_empty()));
    }
    let told = nodes.into_iter().map(|(error, nodes)| {
        let nodes: Vec<&str> = nodes.into_iter().collect();
        match nodes.is_empty() {
            true => error.to_owned(),
            false => format!("{error} (on {})", nodes.join(", ")),
        }
    });
    told.collect::<Vec<_>>().join("; ")
}

pub(super) fn unread(command: &str, error: &serde_json::Error) -> Failure {
    Failure::new(
        "docker gave an answer of another form",
        format!("Reading what `docker {command}` printed."),
    )
    .why(error)
    .help("Landfall is tried with Docker 26; `docker version` on the host says which one is there.")
}

/// Whether `docker stack deploy`, which printed this, came to any service. Networks, secrets and configs come before them.
pub fn touches(printed: &str) -> bool {
    let service =
        |line: &str| line.starts_with("Creating service ") || line.starts_with("Updating service ");
    printed.lines().any(service)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn service(update: &str) -> StackService {
        let status = match update {
            "" => String::new(),
            update => format!(r#","UpdateStatus":{{"State":"{update}","Message":"why"}}"#),
        };
        let printed = format!(
            r#"[{{"Spec":{{"Name":"x_app","Labels":{{"landfall.sum":"s"}},
               "TaskTemplate":{{"ContainerSpec":{{"Image":"a:1"}}}}}}{status}}}]"#
        );
        services(&printed).unwrap().remove(0)
    }

    fn task(id: &str, image: &str, desired: &str, current: &str) -> String {
        format!(
            r#"{{"CurrentState":"{current}","DesiredState":"{desired}","Error":"exit 3","ID":"{id}","Image":"{image}","Name":"x_app.1","Node":"a"}}"#
        )
    }

    fn judged(update: &str, lines: &[String], replicas: (u64, u64)) -> Fares {
        let tasks = tasks(&lines.join("\n")).unwrap();
        let before = BTreeSet::from(["old".to_owned()]);
        fares(&service(update), "s", &tasks, &before, Some(&replicas))
    }

    #[test]
    fn a_service_is_steady_only_when_all_it_shall_run_is_what_it_is_now() {
        let runs = task("1", "a:1", "Running", "Running 5 seconds ago");
        let steady = judged("completed", std::slice::from_ref(&runs), (1, 1));
        assert_eq!(steady, Fares::Steady);
        assert_eq!(judged("", &[], (0, 0)), Fares::Steady);
        for (update, task, replicas) in [
            ("updating", runs.clone(), (1, 1)),
            ("", runs.clone(), (0, 1)),
            (
                "",
                task("1", "a:0", "Running", "Running 1 hour ago"),
                (1, 1),
            ),
            (
                "",
                task("1", "a:1", "Running", "Starting 1 second ago"),
                (1, 1),
            ),
        ] {
            let fares = judged(update, std::slice::from_ref(&task), replicas);
            assert!(matches!(fares, Fares::Moving(_)), "{task}: {fares:?}");
        }
        let tasks = tasks(&runs).unwrap();
        let other = fares(&service(""), "t", &tasks, &BTreeSet::new(), Some(&(1, 1)));
        assert!(matches!(other, Fares::Moving(_)));
    }

    #[test]
    fn it_fails_when_docker_gave_up_or_task_after_task_fails() {
        assert!(matches!(judged("paused", &[], (1, 1)), Fares::Fails(why) if why.contains("why")));
        let failed = |id| task(id, "a:1", "Shutdown", "Failed 1 second ago");
        let three = [failed("1"), failed("2"), failed("3")];
        assert!(matches!(judged("", &three, (0, 1)), Fares::Fails(why) if why.contains("exit 3")));
        let two = [failed("old"), failed("2"), failed("3")];
        assert!(matches!(judged("", &two, (0, 1)), Fares::Moving(_)));
    }

    #[test]
    fn the_tasks_that_are_not_well_are_new_ones_and_those_that_failed_come_first() {
        let lines = [
            task("old", "a:1", "Shutdown", "Failed 1 hour ago"),
            task("1", "a:1", "Running", "Running 5 seconds ago"),
            task("2", "a:1", "Running", "Starting 5 seconds ago"),
            task("3", "a:1", "Shutdown", "Failed 1 second ago"),
            task("4", "a:1", "Shutdown", "Failed 1 second ago").replace("x_app", "x_db"),
        ];
        let tasks = tasks(&lines.join("\n")).unwrap();
        let before = BTreeSet::from(["old".to_owned()]);
        let ailing = ailing(&service(""), &tasks, &before);
        let ids: Vec<&str> = ailing.iter().map(|task| task.id.as_str()).collect();
        assert_eq!(ids, ["3", "2"]);
    }

    /// As Docker 26.1.5 prints them.
    #[test]
    fn a_reason_is_told_once_with_the_nodes_that_gave_it() {
        let task = |id: &str, state: &str, error: &str, node: &str| {
            format!(
                r#"{{"CurrentState":"{state}","DesiredState":"Running","Error":"\"{error}\"","ID":"{id}","Image":"a:1","Name":"x_app.1","Node":"{node}"}}"#
            )
        };
        let rejected = |id, node| task(id, "Rejected 1 second ago", "No such image: a:1", node);
        let three = [rejected("1", "b"), rejected("2", "a"), rejected("3", "b")];
        let Fares::Fails(why) = judged("", &three, (0, 1)) else {
            panic!("it does not fail");
        };
        assert_eq!(why, "3 tasks failed: No such image: a:1 (on a, b)");
        let error = "no suitable node (scheduling constraints not satisfied on 2 nodes)";
        // Also one that waited already when it was looked at first.
        for id in ["1", "old"] {
            for (update, moves) in [
                ("", "runs 0 of 1 tasks"),
                ("updating", "is being exchanged"),
            ] {
                let waits = [task(id, "Pending 9 seconds ago", error, "")];
                let Fares::Moving(why) = judged(update, &waits, (0, 1)) else {
                    panic!("it does not wait");
                };
                assert_eq!(why, format!("{moves}: {error}"));
            }
        }
    }

    #[test]
    fn replicas_are_read_with_what_docker_adds() {
        let seen = replicas("x_app 1/2 (max 1 per node)\nx_db 0/0\nodd\n");
        assert_eq!(seen["x_app"], (1, 2));
        assert_eq!(seen["x_db"], (0, 0));
        assert_eq!(seen.len(), 2);
    }

    /// As Docker 26.1.5 prints it.
    #[test]
    fn a_stack_is_touched_from_the_first_service_on() {
        assert!(!touches(""));
        assert!(!touches(
            "Creating network x_default\nCreating config x_c1\n"
        ));
        assert!(touches("Updating service x_app (id: i3wxfa)\n"));
        assert!(touches(
            "Creating network x_default\nCreating service x_app\n"
        ));
    }
}
