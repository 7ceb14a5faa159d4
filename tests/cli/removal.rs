//! What is taken out of the file is taken out of the world, exactly it; what was only taken over is let go.

use std::fs::File;
use std::io::{Read, Write};
use std::process::Stdio;

use nix::pty::openpty;

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

const STACK: &str = r#"
[stacks.one]
stack_name = "review-log"
template = "log"

[keys.one]
file = "keys/one"
"#;

#[tokio::test]
async fn a_section_that_was_renamed_keeps_what_it_declares() {
    let project = Project::small("600000000039", STACK).await;
    project.write("stacks/log.yaml", super::project::LOG);
    project.run(&["apply", "test", "--yes"]).ends(0);
    let private = project.read("keys/one");
    let renamed = STACK.replace(".one]", ".two]");
    project.declare(&renamed);
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0)
        .prints("Nothing to do");
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .says("Done: no changes.");
    assert_eq!(project.read("keys/one"), private);
    let ledger = project.read(".landfall/test/ledger.json");
    assert!(
        !ledger.contains("stacks.one") && ledger.contains("stacks.two"),
        "{ledger}"
    );
    // It is ours as before, so it goes with all the rest.
    let bucket = project.bucket();
    project
        .run(&["destroy", "test", "--yes", "--yes-delete", &bucket])
        .ends(0)
        .prints("stacks.two will be deleted")
        .prints("keys.two will be deleted");
    assert!(!project.root().join("keys/one").exists());
}

#[tokio::test]
async fn two_sections_that_turn_out_to_declare_the_same_thing_are_refused() {
    let twice = "\n[vars]\nname = \"worker\"\n\n[roles.other]\nname = \"review-{{ vars.name }}\"\nservice = \"ec2.amazonaws.com\"\n";
    let project = Project::small("600000000038", twice).await;
    project
        .run(&["apply", "test", "--yes"])
        .ends(6)
        .says("two sections declare the same thing")
        .says("`review-worker`");
    assert_eq!(project.roles().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_role_that_was_taken_over_is_released_and_stays() {
    let adopted = "\n[roles.older]\nservice = \"ec2.amazonaws.com\"\nreads = [\"settings.py\"]\nadopt = true\n";
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
    let applied = project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .prints("The role was taken over, not made here: it stays");
    assert!(!applied.out.contains("deleted"), "{}", applied.out);
    assert_eq!(project.roles().await, ["older", "review-worker"]);
    assert_given_back(&project, "older").await;
    assert!(
        !project
            .read(".landfall/test/ledger.json")
            .contains("roles.older")
    );
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
}

/// Nothing of ours is on the role.
async fn assert_given_back(project: &Project, name: &str) {
    let iam = project.iam().await;
    let role = iam.get_role().role_name(name).send().await.unwrap();
    assert_eq!(role.role.unwrap().tags(), []);
    let inline = iam.list_role_policies().role_name(name).send().await;
    assert_eq!(inline.unwrap().policy_names(), Vec::<String>::new());
}

#[tokio::test]
async fn what_was_taken_over_is_given_back_by_destroy_with_what_others_had_put_there() {
    let adopted = "\n[roles.older]\nservice = \"ec2.amazonaws.com\"\nreads = [\"settings.py\"]\nadopt = true\n";
    let project = Project::small("600000000034", adopted).await;
    let text = project.read("environments/test.toml");
    let text = text.replace("[secrets]\n", "[secrets]\nadopt = true\n");
    project.write("environments/test.toml", &text);
    let role = project.iam().await.create_role().role_name("older");
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let role = role.assume_role_policy_document(trust);
    role.send().await.unwrap();
    let s3 = project.s3().await;
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint(aws_sdk_s3::types::BucketLocationConstraint::UsWest2)
        .build();
    let bucket = s3.create_bucket().bucket(project.bucket());
    let bucket = bucket.create_bucket_configuration(place);
    bucket.send().await.unwrap();
    for key in ["settings.py", "theirs"] {
        let put = s3.put_object().bucket(project.bucket()).key(key);
        put.body(b"THEIRS\n".to_vec().into()).send().await.unwrap();
    }
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .prints("the bucket keeps it as an older version");
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);

    // No name is asked for: nothing of others goes.
    project
        .run(&["destroy", "test", "--yes"])
        .ends(0)
        .prints("what others stored under this key stays");
    assert_eq!(project.roles().await, ["older"]);
    assert_given_back(&project, "older").await;
    assert_eq!(project.objects().await, ["settings.py", "theirs"]);
    let get = s3.get_object().bucket(project.bucket()).key("settings.py");
    let body = get.send().await.unwrap().body.collect().await.unwrap();
    assert_eq!(body.to_vec(), b"THEIRS\n");
    let tags = s3.get_bucket_tagging().bucket(project.bucket());
    let tags = tags.send().await.map(|tags| tags.tag_set().len());
    assert_eq!(tags.unwrap_or_default(), 0);
    project
        .run(&["destroy", "test"])
        .ends(0)
        .prints("Nothing to do");
}

#[tokio::test]
async fn a_bucket_that_is_declared_no_more_goes_when_its_name_is_typed() {
    let project = Project::small("600000000035", "").await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    let text = without_secrets(&project);
    let bucket = project.bucket();
    for verb in [&["plan", "test"][..], &["apply", "test", "--yes"]] {
        project
            .run(verb)
            .ends(6)
            .says(&format!("--yes-delete {bucket}"))
            .says("Declared no more, and so to be taken away: secrets.")
            .says("where: the ledger, for it is declared no more\n")
            .says("or declare it again");
    }
    assert_eq!(project.objects().await, ["ecs.config", "settings.py"]);
    // Typed for a plan, the name goes with it.
    let file = project.beside("plan").display().to_string();
    let typed = ["--yes-delete", &bucket];
    project
        .run(&[&["plan", "test", "--out", &file][..], &typed].concat())
        .ends(0);
    project.run(&["apply", &file]).ends(0);
    let left = project.s3().await.list_buckets().send().await.unwrap();
    assert_eq!(left.buckets().len(), 0);

    project.declare("");
    project.run(&["apply", "test", "--yes"]).ends(0);
    project.write("environments/test.toml", &text);
    project
        .run(&[&["apply", "test", "--yes"][..], &typed].concat())
        .ends(0);
    let left = project.s3().await.list_buckets().send().await.unwrap();
    assert_eq!(left.buckets().len(), 0);
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

#[tokio::test]
async fn at_a_terminal_apply_asks_for_the_name_of_what_holds_data() {
    let project = Project::small("600000000036", "").await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    without_secrets(&project);
    let bucket = project.bucket();
    let terminal = openpty(None, None).unwrap();
    let mut command = project.command(&["apply", "test"]);
    let errors = terminal.slave.try_clone().unwrap();
    command.stdin(terminal.slave).stderr(errors);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    // Only the child has the terminal's other end from here on, so that reading ends with it.
    drop(command);
    let mut terminal = File::from(terminal.master);
    let mut questions = vec![
        (
            "Only `yes` is taken for a yes:".to_owned(),
            "yes\n".to_owned(),
        ),
        (
            format!("Type `{bucket}` to delete it all the same:"),
            format!("{bucket}\n"),
        ),
    ];
    let (mut said, mut bytes) = (String::new(), [0; 4096]);
    while let Ok(count @ 1..) = terminal.read(&mut bytes) {
        said += &String::from_utf8_lossy(&bytes[..count]);
        if let Some((_, answer)) =
            questions.pop_if(|(question, _)| said.contains(question.as_str()))
        {
            terminal.write_all(answer.as_bytes()).unwrap();
        }
    }
    assert_eq!(child.wait().unwrap().code(), Some(0), "{said}");
    assert!(questions.is_empty(), "{said}");
    let left = project.s3().await.list_buckets().send().await.unwrap();
    assert_eq!(left.buckets().len(), 0);
}

/// Takes `[secrets]` out of the file, and what reads of it. Gives the file's text.
fn without_secrets(project: &Project) -> String {
    let text = project.read("environments/test.toml");
    let end = text.find("[secrets]").unwrap();
    let text = text[..end].replace("reads = [\"ecs.config\", \"settings.py\"]\n", "");
    project.write("environments/test.toml", &text);
    text
}
