//! `apply` and `plan`: the second time nothing changes, and what moved meanwhile is seen.

use aws_sdk_s3::primitives::ByteStream;

use super::project::Project;

/// What `ecs-cluster` and a target need beside the small environment.
const CLUSTER: &str = r#"
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
command = ["python", "-m", "this"]

[targets.web]
cluster = "{{ stacks.cluster.outputs.ClusterName }}"
service = "{{ stacks.cluster.outputs.ServiceName }}"
task = "{{ stacks.cluster.outputs.TaskFamily }}"
"#;

#[tokio::test]
async fn a_cluster_stands_after_one_apply_and_a_second_changes_nothing() {
    let project = Project::small("600000000001", CLUSTER).await;
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .says("Done: 7 changes.")
        .prints("6 to create, 0 to change, 0 to delete; 1 unknown until apply.");
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .says("Done: no changes.")
        .prints("Nothing to do");
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0)
        .prints("Nothing to do");
    project
        .run(&["targets", "list", "test"])
        .ends(0)
        .prints("review-test-cluster");

    // Two things move behind its back: a policy goes, an object gets another content.
    let arn = "arn:aws:iam::aws:policy/service-role/AmazonEC2ContainerServiceforEC2Role";
    let detach = project.iam().await.detach_role_policy();
    let detach = detach.role_name("review-worker").policy_arn(arn);
    detach.send().await.unwrap();
    let put = project.s3().await.put_object().bucket(project.bucket());
    let put = put
        .key("settings.py")
        .body(ByteStream::from_static(b"DEBUG = True\n"));
    put.send().await.unwrap();
    let planned = project
        .run(&["plan", "test", "--detailed-exitcode", "--json"])
        .ends(2);
    assert_eq!(
        changes(&planned.objects()),
        ["roles.worker", "secrets.objects.settings.py"]
    );
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(2)
        .prints("0 to create, 2 to change, 0 to delete");

    let applied = project.run(&["apply", "test", "--yes", "--json"]).ends(0);
    assert_eq!(
        changes(&applied.objects()),
        ["roles.worker", "secrets.objects.settings.py"]
    );
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
}

#[tokio::test]
async fn what_a_stack_gives_as_an_arn_is_registered_by_its_name() {
    let by_arn = r#"
[targets.other]
cluster = "{{ stacks.cluster.outputs.ClusterArn }}"
service = "{{ stacks.cluster.outputs.ServiceName }}"
task = "arn:aws:ecs:eu-west-1:600000000941:task-definition/{{ stacks.cluster.outputs.TaskFamily }}:1"
"#;
    let project = Project::small("600000000941", &format!("{CLUSTER}{by_arn}")).await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    let record = |name| {
        let shown = project.run(&["targets", "show", "test", name, "--json"]);
        let shown = shown.ends(0).objects().remove(0);
        ["cluster", "service", "task_family"].map(|field| shown[field].clone())
    };
    let plain = record("web");
    assert_eq!(plain[2], "review-test-cluster");
    assert_eq!(record("other"), plain);
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
}

/// A task definition without anything that would run it.
const TASK: &str = r#"
[tasks.manage]
family = "manage"

[tasks.manage.containers.app]
image = "docker.io/library/python:3.13-slim"
memory = 128
"#;

#[tokio::test]
async fn an_image_that_ci_registered_is_not_undone() {
    let project = Project::small("600000000944", TASK).await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    let ecs = aws_sdk_ecs::Client::new(&project.sdk().await);
    let deployed = "docker.io/library/python:3.14-slim";
    let container = aws_sdk_ecs::types::ContainerDefinition::builder()
        .name("app")
        .image(deployed)
        .memory(128)
        .build();
    let register = ecs.register_task_definition().family("manage");
    let register = register.container_definitions(container);
    register.send().await.unwrap();
    let settled = || {
        project
            .run(&["plan", "test", "--detailed-exitcode"])
            .ends(0)
    };
    settled();
    // What else is declared is registered with that image.
    let newest = async || {
        let asked = ecs.describe_task_definition().task_definition("manage");
        let answer = asked.send().await.unwrap().task_definition.unwrap();
        let container = &answer.container_definitions()[0];
        let image = container.image().unwrap().to_owned();
        (answer.revision(), image, container.memory())
    };
    project.declare(&TASK.replace("128", "256"));
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert_eq!(newest().await, (3, deployed.to_owned(), Some(256)));
    settled();
    let declared = "docker.io/library/python:3.15-slim";
    let other = TASK
        .replace("128", "256")
        .replace("docker.io/library/python:3.13-slim", declared);
    project.declare(&other);
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert_eq!(newest().await, (4, declared.to_owned(), Some(256)));
    settled();
}

/// The addresses of what a plan among these objects would change.
fn changes(objects: &[serde_json::Value]) -> Vec<&str> {
    let plan = objects.iter().find(|object| object["event"] == "plan");
    plan.unwrap()["sections"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|section| section["verdict"].get("change").is_some())
        .filter_map(|section| section["address"].as_str())
        .collect()
}

#[tokio::test]
async fn a_plan_says_nothing_of_changes_that_were_made() {
    let project = Project::small("600000000002", "").await;
    let planned = project.run(&["plan", "test"]).ends(0);
    assert!(!planned.err.contains("done"), "{}", planned.err);
    assert_eq!(project.roles().await, Vec::<String>::new());
    let events = project.run(&["plan", "test", "--json"]).ends(0).objects();
    let finished = |object: &&serde_json::Value| object["event"] == "finished";
    assert!(events.iter().filter(finished).count() >= 4);
    assert!(
        events
            .iter()
            .filter(finished)
            .all(|object| object["changes"] == 0),
        "{events:#?}"
    );
}

#[tokio::test]
async fn without_a_terminal_nothing_is_done_that_was_not_agreed_to() {
    let project = Project::small("600000000003", "").await;
    project
        .run(&["apply", "test"])
        .ends(6)
        .says("standard input is no terminal")
        .says("Nothing was changed.");
    assert_eq!(project.roles().await, Vec::<String>::new());
    project.run(&["apply", "test", "--yes"]).ends(0);
    // Where there is nothing to do there is nothing to agree to.
    project.run(&["apply", "test"]).ends(0);
}
