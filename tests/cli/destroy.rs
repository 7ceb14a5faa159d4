//! `destroy`: what is ours goes, what is not stays, and data goes only by its name.

use aws_sdk_s3::types::{BucketLocationConstraint, CreateBucketConfiguration};

use super::project::{LOG, Project};

const ADDED: &str = r#"
[stacks.log]
template = "log"

[stacks.cluster]
template = "ecs-cluster"

[stacks.cluster.parameters]
SecretsBucket = "{{ secrets.bucket }}"
InstanceProfile = "{{ roles.worker.instance_profile }}"

[tasks.manage]
family = "manage"

[tasks.manage.containers.app]
image = "docker.io/library/python:3.13-slim"
memory = 128

[targets.web]
cluster = "{{ stacks.cluster.outputs.ClusterName }}"
service = "{{ stacks.cluster.outputs.ServiceName }}"
"#;

/// Everything that could be left in the account, by name.
async fn left(project: &Project) -> Vec<String> {
    let sdk = project.sdk().await;
    let mut left = project.roles().await;
    let profiles = project.iam().await.list_instance_profiles().send().await;
    let profiles = profiles.unwrap();
    left.extend(
        profiles
            .instance_profiles()
            .iter()
            .map(|profile| format!("profile {}", profile.instance_profile_name())),
    );
    let buckets = project.s3().await.list_buckets().send().await.unwrap();
    left.extend(
        buckets
            .buckets()
            .iter()
            .filter_map(|bucket| bucket.name().map(str::to_owned)),
    );
    let stacks = aws_sdk_cloudformation::Client::new(&sdk);
    let stacks = stacks.describe_stacks().send().await.unwrap();
    left.extend(
        stacks
            .stacks()
            .iter()
            .filter_map(|stack| stack.stack_name().map(str::to_owned)),
    );
    let ecs = aws_sdk_ecs::Client::new(&sdk);
    let active = aws_sdk_ecs::types::TaskDefinitionStatus::Active;
    let definitions = ecs.list_task_definitions().status(active).send().await;
    left.extend_from_slice(definitions.unwrap().task_definition_arns());
    left.extend_from_slice(ecs.list_clusters().send().await.unwrap().cluster_arns());
    let groups = aws_sdk_cloudwatchlogs::Client::new(&sdk);
    let groups = groups.describe_log_groups().send().await.unwrap();
    left.extend(
        groups
            .log_groups()
            .iter()
            .filter_map(|group| group.log_group_name().map(str::to_owned)),
    );
    left
}

/// A role, a bucket and a stack that somebody else made.
async fn foreign(project: &Project) {
    let role = project.iam().await.create_role().role_name("theirs");
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    role.assume_role_policy_document(trust)
        .send()
        .await
        .unwrap();
    let place = CreateBucketConfiguration::builder()
        .location_constraint(BucketLocationConstraint::UsWest2)
        .build();
    let bucket = project.s3().await.create_bucket().bucket("theirs-6021");
    bucket
        .create_bucket_configuration(place)
        .send()
        .await
        .unwrap();
    let stack = aws_sdk_cloudformation::Client::new(&project.sdk().await).create_stack();
    stack
        .stack_name("theirs")
        .template_body(LOG)
        .send()
        .await
        .unwrap();
}

#[tokio::test]
async fn what_we_made_goes_and_what_others_made_stays() {
    let project = Project::small("600000000021", ADDED).await;
    project.write("stacks/log.yaml", LOG);
    foreign(&project).await;
    let before = left(&project).await;
    assert!(before.len() >= 4, "{before:?}");
    project.run(&["apply", "test", "--yes"]).ends(0);
    let standing = left(&project).await;
    assert!(standing.len() >= before.len() + 7, "{standing:?}");

    // Nobody said yes.
    let bucket = project.bucket();
    project
        .run(&["destroy", "test", "--yes-delete", &bucket])
        .ends(6)
        .says("standard input is no terminal")
        .says("Nothing was changed.");
    assert_eq!(left(&project).await, standing);
    // Nobody named the bucket that holds data.
    project
        .run(&["destroy", "test", "--yes"])
        .ends(6)
        .says("the bucket holds objects")
        .says(&format!("--yes-delete {bucket}"))
        .says("Nothing was changed.");
    assert_eq!(left(&project).await, standing);
    assert_eq!(project.objects().await, ["ecs.config", "settings.py"]);

    project
        .run(&["destroy", "test", "--yes", "--yes-delete", &bucket])
        .ends(0)
        .prints("8 to delete");
    assert_eq!(left(&project).await, before);
    let targets = project.run(&["targets", "list", "test", "--json"]).ends(0);
    assert_eq!(targets.objects(), Vec::<serde_json::Value>::new());
    // A second time there is nothing left to do, and nothing to agree to.
    project
        .run(&["destroy", "test"])
        .ends(0)
        .prints("Nothing to do");
}
