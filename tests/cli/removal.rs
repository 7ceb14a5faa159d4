//! What is taken out of the file is taken out of the world, exactly it; what was only taken over is let go.

use super::project::Project;

const EXTRA: &str = r#"
[roles.extra]
service = "ecs-tasks.amazonaws.com"

[secrets.objects."more.py"]
file = "more.py"
"#;

#[tokio::test]
async fn what_is_declared_no_more_is_deleted_and_nothing_else() {
    let project = Project::small("600000000031", EXTRA).await;
    project.write("more.py", "MORE = 1\n");
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert_eq!(project.roles().await, ["extra", "review-worker"]);
    assert_eq!(
        project.objects().await,
        ["ecs.config", "more.py", "settings.py"]
    );
    project.declare("");
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .prints("roles.extra will be deleted")
        .prints("secrets.objects.more.py will be deleted")
        .prints("0 to create, 0 to change, 2 to delete");
    assert_eq!(project.roles().await, ["review-worker"]);
    assert_eq!(project.objects().await, ["ecs.config", "settings.py"]);
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
}

#[tokio::test]
async fn a_role_that_was_taken_over_is_released_and_stays() {
    let adopted = "\n[roles.older]\nservice = \"ec2.amazonaws.com\"\nadopt = true\n";
    let project = Project::small("600000000032", adopted).await;
    let role = project.iam().await.create_role().role_name("older");
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    role.assume_role_policy_document(trust)
        .send()
        .await
        .unwrap();
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert!(
        project
            .read(".landfall/test/ledger.json")
            .contains("roles.older")
    );
    project.declare("");
    let applied = project.run(&["apply", "test", "--yes"]).ends(0);
    assert!(!applied.out.contains("deleted"), "{}", applied.out);
    assert_eq!(project.roles().await, ["older", "review-worker"]);
    assert!(
        !project
            .read(".landfall/test/ledger.json")
            .contains("roles.older")
    );
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
}

#[tokio::test]
async fn a_role_that_others_made_is_not_taken_over_unasked() {
    let project = Project::small("600000000033", "").await;
    let role = project.iam().await.create_role().role_name("review-worker");
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    role.assume_role_policy_document(trust)
        .send()
        .await
        .unwrap();
    project
        .run(&["apply", "test", "--yes"])
        .ends(6)
        .says("adopt = true");
}
