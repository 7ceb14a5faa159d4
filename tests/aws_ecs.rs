//! Task definitions and services on an emulator.

use std::collections::BTreeMap;

use landfall::connect::aws::{Aws, Settings};
use landfall::model::{Address, Decision, Effect, Events, Goal, Kind, World};
use landfall::resource::{
    Decide,
    aws::{Container, Owner, Reader, Service, Stack, TaskDefinition},
};

use crate::support::{http, lab::emulator};

async fn account(number: &str) -> Aws {
    Aws::connect(Settings {
        region: "us-west-2".to_owned(),
        account: None,
        profile: None,
        endpoint: Some(emulator().await),
        credentials: Some((number.to_owned(), "test".to_owned())),
        alone: true,
    })
    .await
    .unwrap()
}

async fn perform(aws: &Aws, thing: &dyn Decide, goal: Goal) -> Decision {
    let decision = thing.decide(aws, goal).await.unwrap();
    let (events, _reader) = Events::channel();
    let progress = events.progress(&Address::new(Kind::Service, "web"));
    for action in &decision.change.actions {
        aws.act(action, &progress).await.unwrap();
    }
    decision
}

/// Performs what is decided and shows that nothing more is to be done.
async fn settle(aws: &Aws, thing: &dyn Decide) -> Effect {
    let effect = perform(aws, thing, Goal::Present).await.change.effect;
    let second = thing.decide(aws, Goal::Present).await.unwrap().change;
    assert!(second.is_none(), "{:?}", second.diff);
    effect
}

fn owner() -> Owner {
    Owner {
        project: "review".to_owned(),
        environment: "test".to_owned(),
    }
}

fn definition(image: &str) -> TaskDefinition {
    let container = Container {
        image: image.to_owned(),
        memory: Some(128),
        cpu: None,
        command: vec!["sleep".to_owned(), "1".to_owned()],
        working_directory: Some("/srv".to_owned()),
        environment: BTreeMap::from([
            ("B".to_owned(), "2".to_owned()),
            ("A".to_owned(), "1".to_owned()),
        ]),
        ports: vec!["8080:80".to_owned(), "53/udp".to_owned()],
        essential: true,
        log_group: Some("/ecs/review".to_owned()),
    };
    TaskDefinition {
        family: "manage".to_owned(),
        network_mode: None,
        cpu: None,
        memory: None,
        task_role: Some("taskRole".to_owned()),
        execution_role: None,
        containers: BTreeMap::from([("manage".to_owned(), container)]),
        owner: owner(),
    }
}

#[tokio::test]
async fn a_revision_is_registered_only_when_its_meaning_differs() {
    let aws = account("210000000001").await;
    assert_eq!(settle(&aws, &definition("app:1")).await, Effect::Create);
    let mut named = definition("app:1");
    named.network_mode = Some("bridge".to_owned());
    named.task_role = Some("arn:aws:iam::210000000001:role/taskRole".to_owned());
    let same = named.decide(&aws, Goal::Present).await.unwrap().change;
    assert!(same.is_none(), "{:?}", same.diff);

    assert_eq!(settle(&aws, &definition("app:2")).await, Effect::Update);
    let gone = perform(&aws, &definition("app:2"), Goal::Absent).await;
    assert_eq!(gone.change.effect, Effect::Delete);
    let after = definition("app:2")
        .decide(&aws, Goal::Absent)
        .await
        .unwrap();
    assert!(after.change.is_none());
}

#[tokio::test]
async fn our_revisions_go_although_a_deployment_registered_newer_ones_which_stay() {
    let aws = account("210000000003").await;
    settle(&aws, &definition("app:1")).await;
    let config = aws_sdk_ecs::config::Builder::new()
        .behavior_version(aws_sdk_ecs::config::BehaviorVersion::latest())
        .region(aws_sdk_ecs::config::Region::new("us-west-2"))
        .endpoint_url(emulator().await)
        .http_client(http::client())
        .credentials_provider(aws_sdk_ecs::config::Credentials::new(
            "210000000003",
            "test",
            None,
            None,
            "test",
        ))
        .build();
    let ecs = aws_sdk_ecs::Client::from_conf(config);
    let container = aws_sdk_ecs::types::ContainerDefinition::builder()
        .name("manage")
        .image("app:2");
    ecs.register_task_definition()
        .family("manage")
        .container_definitions(container.build())
        .send()
        .await
        .unwrap();

    let gone = perform(&aws, &definition("app:1"), Goal::Absent).await;
    assert_eq!(gone.change.effect, Effect::Delete);
    let after = definition("app:1").decide(&aws, Goal::Absent).await;
    assert!(after.unwrap().change.is_none());
    let left = ecs.list_task_definitions().family_prefix("manage").send();
    let left = left.await.unwrap().task_definition_arns().to_vec();
    assert_eq!(left.len(), 1, "{left:?}");
    assert!(left[0].ends_with("manage:2"), "{left:?}");
}

fn service() -> Service {
    Service {
        launch_type: None,
        name: "web".to_owned(),
        cluster: "services".to_owned(),
        task_definition: "manage".to_owned(),
        desired: 2,
        minimum_healthy: 50,
        maximum: 150,
        adopt: false,
        owner: owner(),
    }
}

#[tokio::test]
async fn a_service_is_made_altered_and_deleted_and_keeps_the_revision_it_runs() {
    let aws = account("210000000002").await;
    let cluster = Stack {
        name: "services".to_owned(),
        template: "services".to_owned(),
        body:
            "Resources: { C: { Type: AWS::ECS::Cluster, Properties: { ClusterName: services } } }\n"
                .to_owned(),
        parameters: BTreeMap::new(),
        secret_parameters: Vec::new(),
        defaults: BTreeMap::new(),
        outputs: Vec::new(),
        holds: Vec::new(),
        reader: Reader::default(),
        delete_with_data: false,
        capabilities: Vec::new(),
        tags: BTreeMap::new(),
        adopt: false,
        held: None,
        owner: owner(),
    };
    let before = service().decide(&aws, Goal::Absent).await.unwrap();
    assert!(
        before.change.is_none(),
        "without its cluster it is not there"
    );
    settle(&aws, &cluster).await;
    settle(&aws, &definition("app:1")).await;
    assert_eq!(settle(&aws, &service()).await, Effect::Create);

    settle(&aws, &definition("app:2")).await;
    let unmoved = service().decide(&aws, Goal::Present).await.unwrap();
    assert!(
        unmoved.change.is_none(),
        "a newer revision is for a deployment to run"
    );

    let mut scaled = service();
    scaled.desired = 3;
    assert_eq!(settle(&aws, &scaled).await, Effect::Update);

    let mut theirs = service();
    theirs.owner.project = "other".to_owned();
    theirs
        .decide(&aws, Goal::Present)
        .await
        .expect_err("it is not theirs");

    perform(&aws, &scaled, Goal::Absent).await;
    let after = scaled.decide(&aws, Goal::Absent).await.unwrap();
    assert!(after.change.is_none());
}
