//! Services with answers as AWS gives them: an emulator knows at once what it made.

use std::collections::BTreeMap;

use aws_sdk_ecs::{
    Client,
    error::ErrorMetadata,
    operation::{
        create_service::{CreateServiceError, CreateServiceOutput},
        describe_services::DescribeServicesOutput,
    },
    types::{Deployment, DeploymentRolloutState, LaunchType, Service},
};
use aws_smithy_mocks::{Rule, mock};
use landfall::model::ecs_action::{EcsAction, ServiceSettings};
use landfall::model::{Address, Failure, Kind};

use crate::support::stubs::{Stubs, told};

fn create(launch_type: Option<&str>) -> EcsAction {
    EcsAction::CreateService(ServiceSettings {
        launch_type: launch_type.map(str::to_owned),
        cluster: "production".to_owned(),
        name: "web".to_owned(),
        task_definition: Some("web".to_owned()),
        desired: Some(1),
        minimum_healthy: 100,
        maximum: 200,
        tags: BTreeMap::new(),
    })
}

fn service(running: i32) -> Service {
    let rollout = match running {
        0 => DeploymentRolloutState::InProgress,
        _ => DeploymentRolloutState::Completed,
    };
    Service::builder()
        .service_name("web")
        .status("ACTIVE")
        .desired_count(1)
        .running_count(running)
        .deployments(Deployment::builder().rollout_state(rollout).build())
        .build()
}

fn inactive() -> Service {
    Service::builder()
        .service_name("web")
        .status("INACTIVE")
        .build()
}

fn answer(service: Option<Service>) -> DescribeServicesOutput {
    DescribeServicesOutput::builder()
        .set_services(Some(service.into_iter().collect()))
        .build()
}

/// Creates the service while ECS gives these answers; gives how that ended.
async fn created(looks: &Rule) -> Result<(), Failure> {
    let create_service =
        mock!(Client::create_service).then_output(|| CreateServiceOutput::builder().build());
    made(None, &[&create_service, looks]).await
}

/// Creates the service of this launch type while ECS answers by these rules; gives how that ended.
async fn made(launch_type: Option<&str>, rules: &[&Rule]) -> Result<(), Failure> {
    let aws = Stubs {
        ecs: rules,
        ..Stubs::default()
    }
    .aws();
    let address = Address::new(Kind::Service, "web");
    told(&aws, &address, &[create(launch_type).into()]).await.0
}

#[tokio::test]
async fn a_service_for_instances_outside_of_aws_is_made_there_and_elsewhere_ecs_decides() {
    for (declared, asked_for) in [(Some("EXTERNAL"), Some(LaunchType::External)), (None, None)] {
        let create_service = mock!(Client::create_service)
            .match_requests(move |asked| asked.launch_type() == asked_for.as_ref())
            .then_output(|| CreateServiceOutput::builder().build());
        let looks = mock!(Client::describe_services).then_output(|| answer(Some(service(1))));
        made(declared, &[&create_service, &looks]).await.unwrap();
        assert_eq!(create_service.num_calls(), 1);
    }
}

#[tokio::test]
async fn a_service_that_is_not_known_at_once_is_waited_for() {
    let looks = mock!(Client::describe_services)
        .sequence()
        .output(|| answer(None))
        .times(5)
        // One of the same name that was deleted before.
        .output(|| answer(Some(inactive())))
        .output(|| answer(Some(service(0))))
        .output(|| answer(Some(service(1))))
        .build();
    created(&looks).await.unwrap();
    assert_eq!(looks.num_calls(), 8);
}

#[tokio::test]
async fn a_service_that_vanishes_while_it_is_waited_for_was_deleted() {
    for end in [None, Some(inactive())] {
        let looks = mock!(Client::describe_services)
            .sequence()
            .output(|| answer(Some(service(0))))
            .output(move || answer(end.clone()))
            .build();
        let failure = created(&looks).await.expect_err("it was deleted");
        assert_eq!(failure.why, "It is not there any more.");
        assert_eq!(looks.num_calls(), 2);
    }
}

#[tokio::test]
async fn a_service_that_is_never_known_was_deleted() {
    let looks = mock!(Client::describe_services).then_output(|| answer(None));
    let failure = created(&looks).await.expect_err("it is not there");
    assert_eq!(failure.why, "It is not there any more.");
    assert_eq!(looks.num_calls(), 17);
}

/// A refusal as ECS words it.
fn refused(code: &'static str, message: &'static str) -> CreateServiceError {
    let why = ErrorMetadata::builder().code(code).message(message);
    CreateServiceError::generic(why.build())
}

#[tokio::test]
async fn a_role_that_is_not_known_everywhere_yet_is_waited_for() {
    let new = [
        ("ClientException", "Role is not valid"),
        (
            "InvalidParameterException",
            "Unable to assume the service linked role. Please verify that the ECS service linked role exists.",
        ),
    ];
    for (code, message) in new {
        let making = mock!(Client::create_service)
            .sequence()
            .error(move || refused(code, message))
            .times(2)
            .output(|| CreateServiceOutput::builder().build())
            .build();
        let looks = mock!(Client::describe_services).then_output(|| answer(Some(service(1))));
        made(None, &[&making, &looks]).await.unwrap();
        assert_eq!(making.num_calls(), 3);
    }
}

#[tokio::test]
async fn a_role_that_stays_wrong_is_told_as_ecs_tells_it_and_other_refusals_at_once() {
    let refusals = [
        ("ClientException", "Role is not valid", 4),
        ("InvalidParameterException", "TaskDefinition is inactive", 1),
    ];
    for (code, message, calls) in refusals {
        let making = mock!(Client::create_service)
            .sequence()
            .error(move || refused(code, message))
            .repeatedly()
            .build();
        let failure = made(None, &[&making]).await;
        assert_eq!(failure.unwrap_err().why, format!("{code}: {message}"));
        assert_eq!(making.num_calls(), calls);
    }
}
