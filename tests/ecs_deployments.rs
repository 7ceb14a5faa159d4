//! Deployments to ECS: on an emulator, and with answers as AWS gives them, which an emulator never does.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use aws_sdk_ecs::operation::describe_services::DescribeServicesOutput;
use aws_sdk_ecs::operation::describe_task_definition::DescribeTaskDefinitionOutput;
use aws_sdk_ecs::operation::list_tasks::ListTasksOutput;
use aws_sdk_ecs::operation::register_task_definition::RegisterTaskDefinitionOutput;
use aws_sdk_ecs::operation::update_service::UpdateServiceOutput;
use aws_sdk_ecs::types::{
    Compatibility, ContainerDefinition, Deployment, DeploymentRolloutState, HostVolumeProperties,
    PidMode, Service, Tag, TaskDefinition, TaskDefinitionField, TaskDefinitionPlacementConstraint,
    TaskDefinitionPlacementConstraintType, TaskDefinitionStatus, Volume,
};
use aws_sdk_ecs::{Client, config};
use aws_smithy_mocks::{Rule, mock};
use landfall::backend::{Backend, ReleaseState};
use landfall::connect::aws::{Aws, Settings};
use landfall::model::ecs_action::EcsAction;
use landfall::model::{Address, EcsService, EcsTarget, Events, Failure, Kind, Target, TargetKind};
use landfall::register::{self, Deployed, Site};
use tokio_util::sync::CancellationToken;

use crate::support::stubs::{Stubs, told};
use crate::support::{http, lab::emulator, stores};

const ACCOUNT: &str = "210000000047";
const DIGEST: &str = "sha256:39bca3e03795d365026703cc9b2adca83fcb906bef10a8a07d5ab2b4ea5f7571";

async fn aws() -> Aws {
    Aws::connect(Settings {
        region: "us-west-2".to_owned(),
        account: None,
        profile: None,
        endpoint: Some(emulator().await),
        credentials: Some((ACCOUNT.to_owned(), "test".to_owned())),
        alone: true,
    })
    .await
    .unwrap()
}

async fn client() -> Client {
    let config = config::Builder::new()
        .behavior_version(config::BehaviorVersion::latest())
        .region(config::Region::new("us-west-2"))
        .endpoint_url(emulator().await)
        .http_client(http::client())
        .credentials_provider(config::Credentials::new(
            ACCOUNT, "test", None, None, "test",
        ))
        .build();
    Client::from_conf(config)
}

fn target() -> Target {
    Target {
        name: "web".to_owned(),
        project: "review".to_owned(),
        environment: "production".to_owned(),
        registered: String::new(),
        version: 1,
        images: BTreeMap::from([("app".to_owned(), "docker.io/example/app".to_owned())]),
        verified: None,
        kind: TargetKind::Ecs(EcsTarget {
            account: ACCOUNT.to_owned(),
            region: "us-west-2".to_owned(),
            cluster: "deployed".to_owned(),
            service: "web".to_owned(),
            task_family: Some("web".to_owned()),
            role: None,
            services: BTreeMap::new(),
        }),
    }
}

/// A family with more than our own fields, and a service that runs it.
/// Which instances the tasks keep to.
fn constraint() -> TaskDefinitionPlacementConstraint {
    TaskDefinitionPlacementConstraint::builder()
        .r#type(TaskDefinitionPlacementConstraintType::MemberOf)
        .expression("attribute:site == berlin")
        .build()
}

async fn prepare(client: &Client) {
    client
        .create_cluster()
        .cluster_name("deployed")
        .send()
        .await
        .unwrap();
    let container = |name: &str, image: &str| {
        ContainerDefinition::builder()
            .name(name)
            .image(image)
            .memory(64)
            .readonly_root_filesystem(true)
            .build()
    };
    let tag = |key: &str| Tag::builder().key(key).value("review/production").build();
    client
        .register_task_definition()
        .family("web")
        .container_definitions(container("web", "example/app:1"))
        .container_definitions(container("proxy", "nginx:stable"))
        .volumes(
            Volume::builder()
                .name("data")
                .host(
                    HostVolumeProperties::builder()
                        .source_path("/srv/data")
                        .build(),
                )
                .build(),
        )
        .pid_mode(PidMode::Task)
        .requires_compatibilities(Compatibility::External)
        .placement_constraints(constraint())
        .tags(tag("landfall:environment"))
        .tags(tag("team"))
        .send()
        .await
        .unwrap();
    client
        .create_service()
        .cluster("deployed")
        .service_name("web")
        .task_definition("web")
        .desired_count(1)
        .send()
        .await
        .unwrap();
}

/// Runs one verb as the program does, under a run of this name.
async fn at(backend: &Backend, run: &str, image: Option<&str>) -> Result<Deployed, Failure> {
    let (events, _reader) = Events::channel();
    let target = target();
    let site = Site {
        target: &target,
        world: Arc::new(aws().await),
        releases: &backend.releases(),
        run,
        progress: &events.progress(&Address::new(Kind::Target, "web")),
        stop: &CancellationToken::new(),
        seconds: 1,
    };
    match image {
        Some(image) => {
            let images = register::choose(&target, &[format!("app={image}")])?;
            register::deploy(&site, &images).await
        }
        None => register::roll_back(&site).await,
    }
}

async fn runs(client: &Client) -> String {
    let services = client
        .describe_services()
        .cluster("deployed")
        .services("web")
        .send()
        .await
        .unwrap();
    services.services()[0].task_definition().unwrap().to_owned()
}

#[tokio::test]
async fn a_revision_that_differs_in_the_image_alone_is_deployed_and_gone_back_from() {
    let client = client().await;
    prepare(&client).await;
    let kept = stores::folder();
    let backend = Backend::new(kept.store.clone(), "", "review", "production").unwrap();
    let first = runs(&client).await;

    let done = at(&backend, "1", Some("docker.io/example/app:2"))
        .await
        .unwrap();
    let Deployed::Done(release) = done else {
        panic!("{done:?}")
    };
    let second = runs(&client).await;
    assert_ne!(first, second);
    assert_eq!(release.task_definitions["web"], second);
    let describe = |arn: String| {
        let asked = client.describe_task_definition().task_definition(arn);
        asked.include(TaskDefinitionField::Tags).send()
    };
    let (before, after) = (
        describe(first.clone()).await.unwrap(),
        describe(second.clone()).await.unwrap(),
    );
    let keys: Vec<&str> = after.tags().iter().filter_map(|tag| tag.key()).collect();
    assert_eq!(
        keys,
        ["team"],
        "what an environment registered itself is told by its tag"
    );
    let (before, after) = (
        before.task_definition.unwrap(),
        after.task_definition.unwrap(),
    );
    let image = |one: &TaskDefinition, name: &str| {
        let mut each = one.container_definitions().iter();
        each.find(|one| one.name() == Some(name))
            .unwrap()
            .image()
            .unwrap()
            .to_owned()
    };
    assert_eq!(image(&after, "web"), "docker.io/example/app:2");
    assert_eq!(image(&after, "proxy"), "nginx:stable");
    assert_eq!(before.volumes(), after.volumes());
    assert_eq!(after.pid_mode(), Some(&PidMode::Task));
    assert_eq!(after.placement_constraints(), [constraint()]);
    assert_eq!(after.requires_compatibilities(), [Compatibility::External]);
    let plain = |one: &TaskDefinition| {
        let mut containers = one.container_definitions().to_vec();
        containers.iter_mut().for_each(|one| one.image = None);
        containers
    };
    assert_eq!(plain(&before), plain(&after));

    // By a digest exactly the same is nothing to do.
    let exact = format!("example/app@{DIGEST}");
    let done = at(&backend, "2", Some(&exact)).await.unwrap();
    assert!(matches!(done, Deployed::Done(_)), "{done:?}");
    let third = runs(&client).await;
    let done = at(&backend, "3", Some(&exact)).await.unwrap();
    assert!(matches!(done, Deployed::Nothing(_)), "{done:?}");
    assert_eq!(runs(&client).await, third);
    let releases = backend.releases().list("web").await.unwrap();
    assert_eq!(releases.len(), 2);
    assert_eq!(releases[1].images["app"].digest.as_deref(), Some(DIGEST));

    at(&backend, "4", None).await.unwrap();
    assert_eq!(runs(&client).await, second);
    let failure = at(&backend, "5", None).await.unwrap_err();
    assert_eq!(failure.summary, "there is no earlier release");
    let releases = backend.releases().list("web").await.unwrap();
    assert!(releases.iter().all(|one| one.state == ReleaseState::Done));
    assert_eq!(releases[2].back_to.as_deref(), Some("1"));

    // What CI deployed by its own tools is written down, and nothing begun anew.
    let update = client.update_service().cluster("deployed").service("web");
    update.task_definition(&third).send().await.unwrap();
    let done = at(&backend, "6", Some(&exact)).await.unwrap();
    let Deployed::Done(release) = done else {
        panic!("{done:?}")
    };
    assert_eq!(release.task_definitions["web"], third);
    assert_eq!(release.images["app"].digest.as_deref(), Some(DIGEST));
    let done = at(&backend, "7", Some(&exact)).await.unwrap();
    assert!(matches!(done, Deployed::Nothing(_)), "{done:?}");

    // What is declared after the revision that runs counts from the next deployment on, but for the images.
    let container = |name: &str, image: &str, memory| {
        let one = ContainerDefinition::builder().name(name).image(image);
        one.memory(memory).build()
    };
    let tag = Tag::builder().key("landfall:environment");
    let declared = client.register_task_definition().family("web");
    let declared = declared
        .container_definitions(container("web", "example/app:1", 96))
        .container_definitions(container("proxy", "nginx:mainline", 64))
        .container_definitions(container("log", "example/log:1", 32))
        .tags(tag.value("review/production").build());
    declared.send().await.unwrap();
    at(&backend, "8", Some("docker.io/example/app:3"))
        .await
        .unwrap();
    let asked = client
        .describe_task_definition()
        .task_definition(runs(&client).await);
    let now = asked.send().await.unwrap().task_definition.unwrap();
    let said = |one: &ContainerDefinition| {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        (text(one.name()), text(one.image()), one.memory())
    };
    let is = |name: &str, image: &str, memory| (name.to_owned(), image.to_owned(), Some(memory));
    let now: Vec<_> = now.container_definitions().iter().map(said).collect();
    assert_eq!(
        now,
        [
            is("web", "docker.io/example/app:3", 96),
            is("proxy", "nginx:stable", 64),
            is("log", "example/log:1", 32),
        ]
    );
}

fn deployment(id: &str, status: &str, revision: &str, state: DeploymentRolloutState) -> Deployment {
    Deployment::builder()
        .id(id)
        .status(status)
        .task_definition(revision)
        .rollout_state(state)
        .rollout_state_reason("tasks failed to start")
        .build()
}

fn service_of(running: i32, deployments: Vec<Deployment>) -> Service {
    Service::builder()
        .service_name("web")
        .status("ACTIVE")
        .desired_count(1)
        .running_count(running)
        .set_deployments(Some(deployments))
        .build()
}

fn seen(running: i32, deployments: Vec<Deployment>) -> DescribeServicesOutput {
    DescribeServicesOutput::builder()
        .services(service_of(running, deployments))
        .build()
}

use DeploymentRolloutState::{Completed, Failed as GivenUp, InProgress};

/// Deploys the revision `new` while ECS gives these answers.
async fn deployed(looks: &Rule) -> Result<(), Failure> {
    let update = mock!(Client::update_service).then_output(|| {
        let deployments = vec![
            deployment("2", "PRIMARY", "new", InProgress),
            deployment("1", "ACTIVE", "old", Completed),
        ];
        UpdateServiceOutput::builder()
            .service(service_of(1, deployments))
            .build()
    });
    let aws = Stubs {
        ecs: &[&update, looks],
        ..Stubs::default()
    }
    .aws();
    let action = EcsAction::Deploy {
        cluster: "production".to_owned(),
        service: "web".to_owned(),
        revision: "new".to_owned(),
        anew: false,
    };
    told(&aws, &Address::new(Kind::Target, "web"), &[action.into()])
        .await
        .0
}

#[tokio::test]
async fn a_deployment_is_over_when_it_is_the_only_one_left_and_its_tasks_run() {
    let looks = mock!(Client::describe_services)
        .sequence()
        // ECS may not know yet what it was told.
        .output(|| seen(1, vec![deployment("1", "PRIMARY", "old", Completed)]))
        .output(|| {
            let old = deployment("1", "ACTIVE", "old", Completed);
            seen(2, vec![deployment("2", "PRIMARY", "new", InProgress), old])
        })
        .output(|| seen(1, vec![deployment("2", "PRIMARY", "new", InProgress)]))
        .output(|| seen(0, vec![deployment("2", "PRIMARY", "new", Completed)]))
        // One of the same revision that failed before says nothing about this one.
        .output(|| {
            let failed = deployment("0", "ACTIVE", "new", GivenUp);
            seen(
                1,
                vec![failed, deployment("2", "PRIMARY", "new", Completed)],
            )
        })
        .output(|| seen(1, vec![deployment("2", "PRIMARY", "new", Completed)]))
        .build();
    deployed(&looks).await.unwrap();
    assert_eq!(looks.num_calls(), 6);
}

#[tokio::test]
async fn a_deployment_that_a_circuit_breaker_gave_up_fails_with_its_reason() {
    let looks = mock!(Client::describe_services)
        .sequence()
        .output(|| seen(1, vec![deployment("2", "PRIMARY", "new", InProgress)]))
        .output(|| {
            let back = deployment("3", "PRIMARY", "old", InProgress);
            seen(1, vec![back, deployment("2", "ACTIVE", "new", GivenUp)])
        })
        .build();
    let failure = deployed(&looks).await.unwrap_err();
    assert_eq!(failure.summary, "the deployment failed");
    assert!(failure.why.contains("tasks failed to start"), "{failure}");
}

#[tokio::test]
async fn a_deployment_that_ecs_replaced_is_not_taken_for_done() {
    let looks = mock!(Client::describe_services)
        .sequence()
        .output(|| seen(1, vec![deployment("2", "PRIMARY", "new", InProgress)]))
        .output(|| seen(1, vec![deployment("3", "PRIMARY", "old", Completed)]))
        .times(2)
        .build();
    let failure = deployed(&looks).await.unwrap_err();
    assert!(
        failure.why.contains("ECS has replaced the deployment"),
        "{failure}"
    );
}

/// An account with the services `web` and `static`, of which the second one cannot come up with a revision: what each was
/// told to run, in order.
#[derive(Clone)]
struct TwoServices {
    told: Arc<Mutex<Vec<(String, String)>>>,
    bad: &'static str,
}

impl TwoServices {
    /// The revision that a service was told to run last, and the number of that deployment.
    fn now(&self, service: &str) -> (String, usize) {
        let told = self.told.lock().unwrap();
        let of_it = |(name, _): &&(String, String)| name == service;
        let count = told.iter().filter(of_it).count();
        let last = told.iter().rfind(of_it);
        let revision = last.map_or(format!("{service}:1"), |(_, revision)| revision.clone());
        (revision, count)
    }

    fn described(&self, service: &str) -> Service {
        let (revision, number) = self.now(service);
        let id = number.to_string();
        let deployments = match revision == self.bad && number > 0 {
            true => vec![
                deployment("ecs", "PRIMARY", "static:1", InProgress),
                deployment(&id, "ACTIVE", &revision, GivenUp),
            ],
            false => vec![deployment(&id, "PRIMARY", &revision, Completed)],
        };
        Service::builder()
            .service_name(service)
            .status("ACTIVE")
            .desired_count(1)
            .running_count(1)
            .task_definition(revision)
            .set_deployments(Some(deployments))
            .build()
    }

    fn rules(&self) -> [Rule; 5] {
        let definition = |arn: &str, image: &str| {
            let container = ContainerDefinition::builder().name("app").image(image);
            TaskDefinition::builder()
                .task_definition_arn(arn)
                .family(arn.split(':').next().unwrap())
                .status(TaskDefinitionStatus::Active)
                .container_definitions(container.build())
                .build()
        };
        let (update, describe) = (self.clone(), self.clone());
        [
            mock!(Client::describe_services).then_compute_output(move |asked| {
                let service = describe.described(&asked.services()[0]);
                DescribeServicesOutput::builder().services(service).build()
            }),
            mock!(Client::update_service).then_compute_output(move |asked| {
                let (service, revision) =
                    (asked.service().unwrap(), asked.task_definition().unwrap());
                let what = (service.to_owned(), revision.to_owned());
                update.told.lock().unwrap().push(what);
                let id = update.now(service).1.to_string();
                let deployments = vec![deployment(&id, "PRIMARY", revision, InProgress)];
                UpdateServiceOutput::builder()
                    .service(service_of(1, deployments))
                    .build()
            }),
            mock!(Client::describe_task_definition).then_compute_output(move |asked| {
                let arn = asked.task_definition().unwrap();
                let image = if arn.ends_with(":1") {
                    "example/app:1"
                } else {
                    "example/app:2"
                };
                let seen = definition(arn, image);
                DescribeTaskDefinitionOutput::builder()
                    .task_definition(seen)
                    .build()
            }),
            mock!(Client::register_task_definition).then_compute_output(move |asked| {
                let arn = format!("{}:2", asked.family().unwrap());
                let image = asked.container_definitions()[0].image().unwrap();
                let seen = definition(&arn, image);
                RegisterTaskDefinitionOutput::builder()
                    .task_definition(seen)
                    .build()
            }),
            mock!(Client::list_tasks).then_output(|| {
                ListTasksOutput::builder()
                    .set_task_arns(Some(vec![]))
                    .build()
            }),
        ]
    }
}

/// Deploys this image to both: the failure, what each service was told, and what became of the release.
async fn fails(bad: &'static str, image: &str) -> (Failure, Vec<String>, ReleaseState) {
    let account = TwoServices {
        told: Arc::default(),
        bad,
    };
    let rules = account.rules();
    let rules: Vec<&Rule> = rules.iter().collect();
    let aws = Stubs {
        ecs: &rules,
        ..Stubs::default()
    }
    .aws();
    let mut target = target();
    let TargetKind::Ecs(ecs) = &mut target.kind else {
        panic!("it is on ECS")
    };
    let further = EcsService {
        service: "static".to_owned(),
        task_family: None,
    };
    ecs.task_family = None;
    ecs.services.insert("static".to_owned(), further);
    let kept = stores::folder();
    let backend = Backend::new(kept.store.clone(), "", "review", "production").unwrap();
    let (events, _reader) = Events::channel();
    let site = Site {
        target: &target,
        world: Arc::new(aws),
        releases: &backend.releases(),
        run: "1",
        progress: &events.progress(&Address::new(Kind::Target, "web")),
        stop: &CancellationToken::new(),
        seconds: 1,
    };
    let images = register::choose(&target, &[format!("app={image}")]).unwrap();
    let failure = register::deploy(&site, &images).await.unwrap_err();
    assert_eq!(failure.summary, "the deployment failed");
    assert!(failure.why.contains("tasks failed to start"), "{failure}");
    let told = account.told.lock().unwrap().clone();
    let told = told
        .iter()
        .map(|(service, revision)| format!("{service} {revision}"))
        .collect();
    let releases = backend.releases().list("web").await.unwrap();
    assert_eq!(releases.len(), 1);
    (failure, told, releases[0].state)
}

// No emulator has a deployment that fails.
#[tokio::test]
async fn when_one_service_does_not_come_up_those_before_it_go_back_as_well() {
    let (failure, told, state) = fails("static:2", "docker.io/example/app:2").await;
    let left = "The revisions of before run again";
    assert!(failure.left_behind.contains(left), "{failure}");
    assert_eq!(failure.made, 0);
    assert_eq!(
        told,
        [
            "web web:2",
            "static static:2",
            "static static:1",
            "web web:1"
        ]
    );
    assert_eq!(state, ReleaseState::RolledBack);
}

/// The same tag again, of another image by now.
#[tokio::test]
async fn a_revision_that_ran_before_as_well_is_not_gone_back_to() {
    let (failure, told, state) = fails("static:1", "example/app:1").await;
    let left = "static ran the same revision before, so that there is none to go back to";
    assert!(failure.left_behind.contains(left), "{failure}");
    assert_eq!(failure.made, 1);
    assert_eq!(told, ["web web:1", "static static:1"]);
    assert_eq!(state, ReleaseState::Failed);
}
