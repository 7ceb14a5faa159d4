//! A name, an account or a region that was changed: nothing is left behind with nobody to take it away.

use super::project::{Project, Ran};

fn role(section: &str, name: &str) -> String {
    format!("\n[roles.{section}]\nname = \"{name}\"\nservice = \"ec2.amazonaws.com\"\n")
}

/// Writes the small environment with one text in the place of another.
fn replaced(project: &Project, before: &str, after: &str) {
    project.declare("");
    let text = project.read("environments/test.toml");
    assert!(text.contains(before));
    project.write("environments/test.toml", &text.replace(before, after));
}

#[tokio::test]
async fn a_role_of_another_name_does_not_leave_the_old_one_behind() {
    let project = Project::small("600000000071", &role("extra", "extra-a")).await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    project.declare(&role("extra", "extra-b"));
    for verb in [&["plan", "test"][..], &["apply", "test", "--yes"]] {
        project
            .run(verb)
            .ends(6)
            .says("the old one would be left behind")
            .says("It was made as `extra-a` and is now declared as `extra-b`")
            .says("Put `extra-a` back.");
    }
    assert_eq!(project.roles().await, ["extra-a", "review-worker"]);

    // As the advice says: another section, by which the new one is made and then the old one is taken away.
    project.declare(&role("other", "extra-b"));
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert_eq!(project.roles().await, ["extra-b", "review-worker"]);

    // What is gone already cannot be left behind.
    let delete = project.iam().await.delete_role().role_name("extra-b");
    delete.send().await.unwrap();
    project.declare(&role("other", "extra-c"));
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert_eq!(project.roles().await, ["extra-c", "review-worker"]);
}

#[tokio::test]
async fn a_bucket_of_another_name_does_not_leave_the_old_one_behind() {
    let project = Project::small("600000000072", "").await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    replaced(&project, "review-secrets-", "review-others-");
    project
        .run(&["plan", "test"])
        .ends(6)
        .says("the old one would be left behind")
        .says(&format!("Put `{}` back.", project.bucket()));
    assert_eq!(project.objects().await, ["ecs.config", "settings.py"]);
}

#[tokio::test]
async fn what_was_made_in_another_region_or_account_is_not_made_twice_nor_forgotten() {
    let project = Project::small("600000000073", "").await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    let ledger = project.read(".landfall/test/ledger.json");
    replaced(&project, "us-west-2", "eu-west-1");
    let verbs = [
        &["plan", "test"][..],
        &["apply", "test", "--yes"],
        &["destroy", "test", "--yes"],
    ];
    for verb in verbs {
        project
            .run(verb)
            .ends(6)
            .says("it was made in another account or region")
            .says("It is in 600000000073/us-west-2, and this run works in 600000000073/eu-west-1");
    }
    replaced(
        &project,
        "\"600000000073\"\n\n[roles",
        "\"600000000074\"\n\n[roles",
    );
    for verb in verbs {
        let mut command = project.command(verb);
        command.env("AWS_ACCESS_KEY_ID", "600000000074");
        Ran::of(&mut command)
            .ends(6)
            .says("It is in 600000000073, and this run works in 600000000074");
    }
    assert_eq!(project.read(".landfall/test/ledger.json"), ledger);
    project.declare("");
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
}
