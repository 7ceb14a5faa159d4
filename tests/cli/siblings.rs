//! Two environments of one project: neither takes what is the other's.

use super::project::{LOG, Project};

const THINGS: &str = r#"
[stacks.log]
stack_name = "shared-log"
template = "log"
adopt = true

[roles.extra]
name = "shared-extra"
service = "ec2.amazonaws.com"
adopt = true
"#;

#[tokio::test]
async fn what_another_environment_has_is_never_taken_over() {
    let project = Project::small("600000000211", THINGS).await;
    project.write("stacks/log.yaml", LOG);
    project.run(&["apply", "test", "--yes"]).ends(0);
    let text = project.read("environments/test.toml");
    let text = text.replace("[secrets]\n", "[secrets]\nadopt = true\n");
    project.write("environments/other.toml", &text);
    let ledger = project.read(".landfall/test/ledger.json");
    for verb in [&["plan", "other"][..], &["apply", "other", "--yes"]] {
        let refused = project
            .run(verb)
            .ends(6)
            .says("It belongs to the environment `review/test`.")
            .says("deciding over the role shared-extra")
            .says("deciding over the bucket ")
            .says("deciding over the stack shared-log");
        assert!(
            !refused.err.contains("Set `adopt = true`"),
            "{}",
            refused.err
        );
    }
    // Nothing there is the other's to destroy either.
    project.run(&["destroy", "other", "--yes"]).ends(0);
    assert_eq!(project.roles().await, ["review-worker", "shared-extra"]);
    assert_eq!(project.read(".landfall/test/ledger.json"), ledger);
    let bucket = project.bucket();
    project
        .run(&["destroy", "test", "--yes", "--yes-delete", &bucket])
        .ends(0);
    assert_eq!(project.roles().await, Vec::<String>::new());
}

#[tokio::test]
async fn check_finds_what_two_environments_are_both_to_have() {
    let project = Project::small("600000000212", THINGS).await;
    project.write("stacks/log.yaml", LOG);
    let more = r#"
[keys.deploy]
file = "keys/deploy"

[tasks.web]
family = "shared-web"

[tasks.web.containers.web]
image = "nginx:1.29"
memory = 64
log_group = "/shared"

[services.web]
service_name = "web"
cluster = "shared"
task = "web"

[hosts.web]
address = "203.0.113.7"
"#;
    project.declare(&format!("{THINGS}{more}"));
    let text = project.read("environments/test.toml");
    project.write(
        "environments/other.toml",
        &text.replace("review-worker", "Review-Worker"),
    );
    // Also where one is named only.
    for args in [&["check"][..], &["check", "test"], &["check", "other"]] {
        let checked = project.run(args).ends(1);
        // Each file's own spelling is shown, and names of roles are not told apart by case.
        let role = match args {
            ["check", "other"] => "the role `Review-Worker`",
            _ => "the role `review-worker`",
        };
        for what in [
            role,
            "the role `shared-extra`",
            "the bucket `review-secrets-600000000212`",
            "the stack `shared-log`",
            "the task definition `shared-web`",
            "the service `shared/web`",
            "keys/deploy` is also keys.deploy of",
            "the log group `/shared`",
            "the host `203.0.113.7:22`",
        ] {
            assert!(
                checked.err.contains(what),
                "{args:?}: {what}\n{}",
                checked.err
            );
        }
        assert_eq!(checked.err.matches("the stack `shared-log`").count(), 1);
    }

    // What has the environment's name in it is two things, though it is written alike.
    let apart = text
        .replace("shared", "shared-{{ environment }}")
        .replace("\"review-", "\"review-{{ environment }}-")
        .replace("keys/deploy", "keys/{{ environment }}/deploy")
        .replace("203.0.113.7", "{{ environment }}.example.org");
    for name in ["test", "other"] {
        project.write(&format!("environments/{name}.toml"), &apart);
    }
    let checked = project.run(&["check"]).ends(0);
    assert!(!checked.err.contains("also"), "{}", checked.err);

    // Another account has roles and stacks of its own; a bucket's name is one in the world.
    project.write("environments/test.toml", &text);
    project.write(
        "environments/other.toml",
        &text
            .replace("account = \"600000000212\"", "account = \"600000000213\"")
            .replace("keys/deploy", "keys/other"),
    );
    let checked = project
        .run(&["check"])
        .ends(1)
        .says("the bucket `review-secrets-600000000212`");
    assert!(!checked.err.contains("the role `"), "{}", checked.err);
    assert!(!checked.err.contains("the stack `"), "{}", checked.err);
}

#[tokio::test]
async fn two_environments_that_init_writes_share_nothing() {
    let project = Project::new("600000000214").await;
    project.write("home/.docker/config.json", super::project::DOCKER);
    let run = |args: &[&str]| {
        let mut command = project.command(args);
        command.env("HOME", project.root().join("home"));
        super::project::Ran::of(&mut command)
    };
    for name in ["production", "staging-2"] {
        let account = ["--account", "600000000214", "--region", "us-west-2"];
        let args = [
            &["init", name, "--project", "review", "--aws"],
            &account[..],
        ]
        .concat();
        run(&args).ends(0);
    }
    // It becomes part of the names of stacks, which have none.
    let slip = ["init", "staging_2", "--project", "review", "--aws"];
    run(&[&slip[..], &["--account", "600000000214"]].concat())
        .ends(1)
        .says("A name has letters, digits and `-`");
    let checked = run(&["check"]).ends(0);
    assert!(!checked.err.contains("also"), "{}", checked.err);
    for text in [
        "review-production-ecs-instance",
        "\"review-production-secrets-600000000214\"",
    ] {
        assert!(
            project.read("environments/production.toml").contains(text),
            "{text}"
        );
    }
    assert!(
        project
            .read("environments/staging-2.toml")
            .contains("\"review-staging-2-secrets-")
    );
}
