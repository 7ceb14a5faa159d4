//! One-off tasks with answers as AWS gives them: no emulator ends a task.

use aws_sdk_cloudwatchlogs::{
    error::ErrorMetadata as LogsMetadata,
    operation::get_log_events::{GetLogEventsError, GetLogEventsOutput},
    types::{OutputLogEvent, error::ResourceNotFoundException},
};
use aws_sdk_ecs::{
    operation::{
        describe_services::DescribeServicesOutput,
        describe_task_definition::DescribeTaskDefinitionOutput,
        describe_tasks::DescribeTasksOutput, list_tasks::ListTasksOutput, run_task::RunTaskOutput,
    },
    types::{
        AwsVpcConfiguration, Container, ContainerDefinition, Failure as Placement, LaunchType,
        LogConfiguration, LogDriver, NetworkConfiguration, PlacementConstraint,
        PlacementConstraintType, Service, Task, TaskDefinition,
    },
};
use aws_smithy_mocks::{Rule, mock};
use landfall::connect::aws::OneOff;
use landfall::model::{Address, Failure, Goal, Kind};
use landfall::resource::{
    Decide,
    aws::{Job, Owner},
};

use crate::support::stubs::{Stubs, told};

const ARN: &str = "arn:aws:ecs:eu-west-1:123456789012:task/production/0123456789abcdef";

fn job() -> Job {
    Job {
        launch_type: None,
        name: "migrate".to_owned(),
        cluster: "production".to_owned(),
        task_definition: "manage".to_owned(),
        container: "manage".to_owned(),
        command: vec!["migrate".to_owned(), "--noinput".to_owned()],
        runs: serde_json::Value::Null,
        ran: None,
        owner: Owner {
            project: "review".to_owned(),
            environment: "production".to_owned(),
        },
    }
}

fn task(status: &str) -> Task {
    Task::builder()
        .task_arn(ARN)
        .task_definition_arn("arn:aws:ecs:eu-west-1:123456789012:task-definition/manage:3")
        .last_status(status)
        .build()
}

fn stopped(exit: Option<i32>, reason: &str) -> Task {
    let container = Container::builder().name("manage").set_exit_code(exit);
    Task::builder()
        .task_arn(ARN)
        .last_status("STOPPED")
        .stopped_reason(reason)
        .containers(container.build())
        .build()
}

fn no_orphan() -> Rule {
    mock!(aws_sdk_ecs::Client::list_tasks)
        .match_requests(|asked| {
            // ECS takes no other filter beside it.
            asked.desired_status().is_none()
                && asked
                    .started_by()
                    .is_some_and(|token| token.starts_with("landfall-") && token.len() <= 36)
        })
        .then_output(|| {
            ListTasksOutput::builder()
                .set_task_arns(Some(Vec::new()))
                .build()
        })
}

fn started() -> Rule {
    mock!(aws_sdk_ecs::Client::run_task)
        .match_requests(|asked| {
            let overrides = asked.overrides().unwrap().container_overrides();
            overrides[0].name() == Some("manage")
                && overrides[0].command() == ["migrate", "--noinput"]
                && asked.client_token().is_some()
        })
        .then_output(|| RunTaskOutput::builder().tasks(task("PROVISIONING")).build())
}

fn definition() -> Rule {
    mock!(aws_sdk_ecs::Client::describe_task_definition).then_output(|| {
        let logs = LogConfiguration::builder()
            .log_driver(LogDriver::Awslogs)
            .options("awslogs-group", "/ecs/review")
            .options("awslogs-stream-prefix", "manage")
            .build()
            .unwrap();
        let container = ContainerDefinition::builder()
            .name("manage")
            .log_configuration(logs);
        let definition = TaskDefinition::builder().container_definitions(container.build());
        DescribeTaskDefinitionOutput::builder()
            .task_definition(definition.build())
            .build()
    })
}

/// The task is pending, runs, and then rests as `end`.
fn states(end: fn() -> Task) -> Rule {
    let told = |task: Task| DescribeTasksOutput::builder().tasks(task).build();
    mock!(aws_sdk_ecs::Client::describe_tasks)
        .sequence()
        .output(move || told(task("PENDING")))
        .output(move || told(task("RUNNING")))
        .output(move || told(end()))
        .repeatedly()
        .build()
}

fn lines(lines: &'static [&'static str], token: &'static str) -> GetLogEventsOutput {
    let events = lines
        .iter()
        .map(|line| OutputLogEvent::builder().message(*line).build());
    GetLogEventsOutput::builder()
        .set_events(Some(events.collect()))
        .next_forward_token(token)
        .build()
}

/// Two pages, the first of which is not there at once.
fn two_pages() -> Vec<Rule> {
    let at = |token: Option<&'static str>| {
        mock!(aws_sdk_cloudwatchlogs::Client::get_log_events).match_requests(move |asked| {
            asked.log_group_name() == Some("/ecs/review")
                && asked.log_stream_name() == Some("manage/manage/0123456789abcdef")
                && asked.next_token() == token
        })
    };
    vec![
        at(None)
            .sequence()
            .error(|| {
                let meta = LogsMetadata::builder()
                    .code("ResourceNotFoundException")
                    .build();
                let inner = ResourceNotFoundException::builder().meta(meta).build();
                GetLogEventsError::ResourceNotFoundException(inner)
            })
            .output(|| lines(&["Applying 0001\n", "Applying \u{1b}[1m0002"], "f/1"))
            .repeatedly()
            .build(),
        at(Some("f/1")).then_output(|| lines(&["Applying 0003"], "f/2")),
        at(Some("f/2")).then_output(|| lines(&[], "f/2")),
    ]
}

/// Runs the job against these answers; gives its end and what was said.
async fn run(ecs: &[&Rule], logs: &[&Rule]) -> (Result<(), Failure>, Vec<String>) {
    run_job(&job(), ecs, logs).await
}

async fn run_job(job: &Job, ecs: &[&Rule], logs: &[&Rule]) -> (Result<(), Failure>, Vec<String>) {
    let aws = Stubs {
        ecs,
        logs,
        ..Stubs::default()
    }
    .aws();
    let decision = job.decide(&aws, Goal::Present).await.unwrap();
    let address = Address::new(Kind::Job, "migrate");
    told(&aws, &address, &decision.change.actions).await
}

#[tokio::test]
async fn its_states_and_every_page_of_its_log_are_told_once() {
    let pages = two_pages();
    let states = states(|| stopped(Some(0), "Essential container in task exited"));
    let rules = [&no_orphan(), &started(), &definition(), &states];
    let (end, said) = run(&rules, &pages.iter().collect::<Vec<_>>()).await;
    end.unwrap();
    assert_eq!(
        said,
        [
            "0123456789abcdef PROVISIONING",
            "0123456789abcdef PENDING",
            "Applying 0001",
            "Applying \\u{1b}[1m0002",
            "Applying 0003",
            "0123456789abcdef RUNNING",
            "0123456789abcdef STOPPED",
        ]
    );
}

#[tokio::test]
async fn another_exit_code_than_0_fails_with_the_last_lines() {
    let pages = two_pages();
    let states = states(|| stopped(Some(3), "Essential container in task exited"));
    let rules = [&no_orphan(), &started(), &definition(), &states];
    let (end, _) = run(&rules, &pages.iter().collect::<Vec<_>>()).await;
    let failure = end.expect_err("it exited with 3");
    assert_eq!(failure.summary, "the task ended with an error");
    assert_eq!(
        failure.why,
        "The container manage exited with 3. Its last lines:\nApplying 0001\nApplying \\u{1b}[1m0002\nApplying 0003"
    );
}

#[tokio::test]
async fn a_task_that_finds_no_room_says_so() {
    let placed = mock!(aws_sdk_ecs::Client::run_task).then_output(|| {
        RunTaskOutput::builder()
            .failures(
                Placement::builder()
                    .arn("arn")
                    .reason("RESOURCE:MEMORY")
                    .build(),
            )
            .build()
    });
    let (end, _) = run(&[&no_orphan(), &placed], &[]).await;
    let failure = end.expect_err("there is no room");
    assert_eq!(failure.summary, "ECS cannot place the task");
    assert_eq!(failure.why, "RESOURCE:MEMORY");
    assert!(failure.help.contains("has room"), "{failure}");
}

#[tokio::test]
async fn an_image_that_cannot_be_fetched_is_why_it_never_ran() {
    let pages = two_pages();
    let states = states(|| stopped(None, "CannotPullContainerError: manifest unknown"));
    let rules = [&no_orphan(), &started(), &definition(), &states];
    let (end, _) = run(&rules, &pages.iter().collect::<Vec<_>>()).await;
    let failure = end.expect_err("it never ran");
    assert_eq!(failure.summary, "the task stopped before its container ran");
    assert_eq!(failure.why, "CannotPullContainerError: manifest unknown");
    assert!(failure.help.contains("image"), "{failure}");
}

#[tokio::test]
async fn a_task_for_instances_outside_of_aws_is_started_there() {
    let started = mock!(aws_sdk_ecs::Client::run_task)
        .match_requests(|asked| {
            asked.launch_type() == Some(&LaunchType::External)
                && asked.network_configuration().is_none()
                && asked.capacity_provider_strategy().is_empty()
        })
        .then_output(|| RunTaskOutput::builder().tasks(task("PROVISIONING")).build());
    let pages = two_pages();
    let states = states(|| stopped(Some(0), ""));
    let rules = [&no_orphan(), &started, &definition(), &states];
    let outside = Job {
        launch_type: Some("EXTERNAL".to_owned()),
        ..job()
    };
    let logs: Vec<&Rule> = pages.iter().collect();
    let (end, _) = run_job(&outside, &rules, &logs).await;
    end.unwrap();
    assert_eq!(started.num_calls(), 1);
    // What ran well elsewhere has run.
    assert_eq!(outside.digest(), job().digest());
}

#[tokio::test]
async fn a_task_that_a_cut_run_left_is_followed_and_none_is_started() {
    let orphan = mock!(aws_sdk_ecs::Client::list_tasks)
        .then_output(|| ListTasksOutput::builder().task_arns(ARN).build());
    let started = started();
    let pages = two_pages();
    let states = states(|| stopped(Some(0), ""));
    let rules = [&orphan, &started, &definition(), &states];
    let (end, said) = run(&rules, &pages.iter().collect::<Vec<_>>()).await;
    end.unwrap();
    assert_eq!(started.num_calls(), 0);
    assert!(said[0].contains("since an earlier run"), "{said:?}");
}

/// ECS does not know the task so many times, then it runs, then ECS forgets it.
fn unknown(times: usize) -> Rule {
    let told = |task: Option<Task>| {
        DescribeTasksOutput::builder()
            .set_tasks(Some(task.into_iter().collect()))
            .build()
    };
    mock!(aws_sdk_ecs::Client::describe_tasks)
        .sequence()
        .output(move || told(None))
        .times(times)
        .output(move || told(Some(task("RUNNING"))))
        .output(move || told(None))
        .repeatedly()
        .build()
}

#[tokio::test]
async fn a_task_that_is_not_known_at_once_is_waited_for_and_one_that_vanishes_is_gone() {
    let states = unknown(10);
    let pages = two_pages();
    let rules = [&no_orphan(), &started(), &definition(), &states];
    let (end, said) = run(&rules, &pages.iter().collect::<Vec<_>>()).await;
    assert!(
        said.contains(&"0123456789abcdef RUNNING".to_owned()),
        "{said:?}"
    );
    assert_eq!(end.expect_err("it vanished").summary, "the task is gone");
    assert_eq!(states.num_calls(), 12);
}

#[tokio::test]
async fn a_task_that_is_never_known_is_gone_after_a_while() {
    let states = unknown(1000);
    let pages = two_pages();
    let rules = [&no_orphan(), &started(), &definition(), &states];
    let (end, _) = run(&rules, &pages.iter().collect::<Vec<_>>()).await;
    assert_eq!(end.expect_err("it is gone").summary, "the task is gone");
    assert_eq!(states.num_calls(), 17);
}

#[tokio::test]
async fn throttled_answers_are_asked_for_again() {
    let slow = r#"{"__type":"ThrottlingException","message":"Rate exceeded"}"#;
    let states = mock!(aws_sdk_ecs::Client::describe_tasks)
        .sequence()
        .http_status(400, Some(slow.to_owned()))
        .output(|| {
            DescribeTasksOutput::builder()
                .tasks(stopped(Some(0), ""))
                .build()
        })
        .build();
    let pages = two_pages();
    let rules = [&no_orphan(), &started(), &definition(), &states];
    let (end, _) = run(&rules, &pages.iter().collect::<Vec<_>>()).await;
    end.unwrap();
    assert_eq!(states.num_calls(), 2);
}

#[tokio::test]
async fn what_ran_well_is_not_run_again_until_its_declaration_differs() {
    let mut done = job();
    done.ran = Some(job().digest());
    let (aws, _) = (job(), ());
    assert_eq!(aws.digest(), done.digest());
    let nothing = landfall::resource::Resource::plan(&done, &()).unwrap();
    assert!(nothing.is_none());
    done.command.push("--fake".to_owned());
    let again = landfall::resource::Resource::plan(&done, &()).unwrap();
    assert!(!again.is_none());
}

/// The service `web`, which runs its tasks on Fargate in a network of its own.
fn service() -> Rule {
    mock!(aws_sdk_ecs::Client::describe_services)
        .match_requests(|asked| {
            asked.cluster() == Some("production") && asked.services() == ["web"]
        })
        .then_output(|| {
            let service = Service::builder()
                .service_name("web")
                .task_definition("arn:aws:ecs:eu-west-1:123456789012:task-definition/manage:3")
                .launch_type(LaunchType::Fargate)
                .platform_version("1.4.0")
                .network_configuration(network());
            DescribeServicesOutput::builder()
                .services(service.build())
                .build()
        })
}

fn network() -> NetworkConfiguration {
    let own = AwsVpcConfiguration::builder()
        .subnets("subnet-1")
        .security_groups("sg-1");
    NetworkConfiguration::builder()
        .awsvpc_configuration(own.build().unwrap())
        .build()
}

/// Runs a command once beside the service; gives what came of it, what was printed and what was noted.
async fn once(ecs: &[&Rule], logs: &[&Rule]) -> (Result<i32, Failure>, Vec<String>, Vec<String>) {
    let aws = Stubs {
        ecs,
        logs,
        ..Stubs::default()
    }
    .aws();
    let command = ["migrate".to_owned(), "--noinput".to_owned()];
    let one = OneOff {
        cluster: "production",
        service: "web",
        container: "manage",
        command: &command,
    };
    let (mut printed, mut noted) = (Vec::new(), Vec::new());
    let mut print = |line: &str| printed.push(line.to_owned());
    let mut note = |text: &str| noted.push(text.to_owned());
    let code = aws.run_once(&one, &mut print, &mut note).await;
    (code, printed, noted)
}

#[tokio::test]
async fn a_command_runs_as_the_services_tasks_do_and_gives_its_exit_code() {
    let started = mock!(aws_sdk_ecs::Client::run_task)
        .match_requests(|asked| {
            asked.network_configuration() == Some(&network())
                && asked.launch_type() == Some(&LaunchType::Fargate)
                && asked.platform_version() == Some("1.4.0")
                && asked
                    .task_definition()
                    .is_some_and(|arn| arn.ends_with("manage:3"))
                && asked.overrides().unwrap().container_overrides()[0].command()
                    == ["migrate", "--noinput"]
        })
        .then_output(|| RunTaskOutput::builder().tasks(task("PROVISIONING")).build());
    let pages = two_pages();
    let states = states(|| stopped(Some(3), "Essential container in task exited"));
    let rules = [&service(), &started, &definition(), &states];
    let (code, printed, noted) = once(&rules, &pages.iter().collect::<Vec<_>>()).await;
    assert_eq!(code.unwrap(), 3);
    // As the container printed it.
    assert_eq!(
        printed,
        ["Applying 0001", "Applying \u{1b}[1m0002", "Applying 0003"]
    );
    assert!(
        noted.contains(&"0123456789abcdef RUNNING".to_owned()),
        "{noted:?}"
    );
}

#[tokio::test]
async fn a_command_keeps_to_the_instances_that_the_service_keeps_to() {
    fn constraints() -> Vec<PlacementConstraint> {
        let constraint = PlacementConstraint::builder()
            .r#type(PlacementConstraintType::MemberOf)
            .expression("attribute:site == berlin");
        vec![constraint.build()]
    }
    let service = mock!(aws_sdk_ecs::Client::describe_services).then_output(|| {
        let service = Service::builder()
            .service_name("web")
            .task_definition("arn:aws:ecs:eu-west-1:123456789012:task-definition/manage:3")
            .launch_type(LaunchType::External)
            .set_placement_constraints(Some(constraints()));
        DescribeServicesOutput::builder()
            .services(service.build())
            .build()
    });
    let started = mock!(aws_sdk_ecs::Client::run_task)
        .match_requests(|asked| {
            asked.launch_type() == Some(&LaunchType::External)
                && asked.placement_constraints() == constraints()
                && asked.network_configuration().is_none()
        })
        .then_output(|| RunTaskOutput::builder().tasks(task("PROVISIONING")).build());
    let pages = two_pages();
    let states = states(|| stopped(Some(0), "Essential container in task exited"));
    let rules = [&service, &started, &definition(), &states];
    let (code, ..) = once(&rules, &pages.iter().collect::<Vec<_>>()).await;
    assert_eq!(code.unwrap(), 0);
}

#[tokio::test]
async fn a_command_that_never_ran_has_no_exit_code() {
    let started = mock!(aws_sdk_ecs::Client::run_task)
        .then_output(|| RunTaskOutput::builder().tasks(task("PROVISIONING")).build());
    let pages = two_pages();
    let states = states(|| stopped(None, "CannotPullContainerError: manifest unknown"));
    let rules = [&service(), &started, &definition(), &states];
    let (code, printed, _) = once(&rules, &pages.iter().collect::<Vec<_>>()).await;
    let failure = code.expect_err("it never ran");
    assert_eq!(failure.summary, "the task stopped before its container ran");
    assert_eq!(failure.left_behind, "The command was not run.");
    assert_eq!(printed.len(), 3);
    // Once it was started, nobody is told to start another one.
    let vanishing = unknown(1);
    let rules = [&service(), &started, &definition(), &vanishing];
    let (code, _, noted) = once(&rules, &pages.iter().collect::<Vec<_>>()).await;
    let failure = code.expect_err("it vanished");
    assert_eq!(failure.summary, "the task is gone");
    assert!(failure.left_behind.contains("may run on"), "{failure}");
    assert!(failure.help.contains("starts another one"), "{failure}");
    assert!(noted[0].starts_with("0123456789abcdef "), "{noted:?}");
    let none = mock!(aws_sdk_ecs::Client::describe_services).then_output(|| {
        DescribeServicesOutput::builder()
            .set_services(Some(Vec::new()))
            .build()
    });
    let (code, _, _) = once(&[&none], &[]).await;
    assert_eq!(
        code.unwrap_err().summary,
        "the service says no task definition"
    );
}
