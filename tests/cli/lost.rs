//! A ledger that was lost: nothing is called done that is not, and what bears the environment's tag is found again.

use std::fs;

use aws_sdk_s3::types::{BucketVersioningStatus, VersioningConfiguration};

use super::memory::memory;
use super::project::{LOG, Project};

const STACK: &str = "\n[stacks.log]\ntemplate = \"log\"\n\n[keys.deploy]\n\n[roles.extra]\nname = \"lost-extra\"\nservice = \"ec2.amazonaws.com\"\n";

fn without_extra() -> String {
    STACK.split("\n[roles.extra]").next().unwrap().to_owned()
}

async fn stacks(project: &Project) -> usize {
    let stacks = aws_sdk_cloudformation::Client::new(&project.sdk().await);
    let stacks = stacks.describe_stacks().send().await.unwrap();
    stacks.stacks().len()
}

#[tokio::test]
async fn a_lost_ledger_is_said_and_what_bears_our_tag_is_taken_away_all_the_same() {
    let project = Project::small("600000000201", STACK).await;
    project.write("stacks/log.yaml", LOG);
    project.run(&["apply", "test", "--yes"]).ends(0);
    project.declare(&without_extra());
    let ledger = project.root().join(".landfall/test/ledger.json");
    fs::remove_file(&ledger).unwrap();
    let bucket = project.bucket();
    let destroy = ["destroy", "test", "--yes-delete", &bucket];

    let planned = project
        .run(&["plan", "test"])
        .ends(0)
        .says("The ledger is lost: ")
        .says("roles.worker")
        .says("roles.extra (lost-extra)");
    assert!(!planned.err.contains("In no ledger, and this environment's by the tag landfall:environment=review/test: roles.extra"));
    // Nobody said yes: nothing is entered, and the ledger is lost as before.
    project
        .run(&destroy)
        .ends(6)
        .says("The ledger is lost: ")
        .says("Found again by the tag landfall:environment=review/test")
        .says("roles.worker (review-worker)");
    assert!(!ledger.exists());
    let destroyed = project
        .run(&[&destroy[..], &["--yes"]].concat())
        .ends(7)
        .prints("roles.worker will be deleted")
        .prints("stacks.log will be deleted")
        .says("is declared no more is not known")
        .says("roles.extra (lost-extra)")
        .says("Key=landfall:environment,Values=review/test");
    assert!(!destroyed.out.contains("as declared"), "{}", destroyed.out);
    assert_eq!(project.roles().await, ["lost-extra"]);
    assert_eq!(stacks(&project).await, 0);
    // From here on the ledger is one that has nothing.
    project
        .run(&["destroy", "test"])
        .ends(0)
        .prints("nothing of this environment is entered in the ledger")
        .prints("/.landfall/test/ledger.json");
}

#[tokio::test]
async fn without_any_memory_the_tags_alone_tell_what_is_ours() {
    let project = Project::small("600000000202", "").await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    // As another copy of the project has it.
    fs::remove_dir_all(project.root().join(".landfall")).unwrap();
    let bucket = project.bucket();
    project
        .run(&["destroy", "test", "--yes"])
        .ends(6)
        .says("things with this environment's tag stand")
        .says(&format!("--yes-delete {bucket}"));
    project
        .run(&["plan", "test"])
        .ends(0)
        .says("In no ledger, and this environment's by the tag")
        .says("roles.worker");
    // An apply enters them again, and says that it does.
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .says("The ledger is lost: ");
    assert!(
        project
            .read(".landfall/test/ledger.json")
            .contains("review-worker")
    );
    let planned = project.run(&["plan", "test"]).ends(0);
    assert!(!planned.err.contains("ledger"), "{}", planned.err);
    project
        .run(&["destroy", "test", "--yes", "--yes-delete", &bucket])
        .ends(7)
        .says("The ledger was lost once");
    assert_eq!(project.roles().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_part_of_what_a_lost_ledger_had_is_taken_away_and_no_success() {
    let project = Project::small("600000000206", "").await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    fs::remove_file(project.root().join(".landfall/test/ledger.json")).unwrap();
    let part = |name| project.run(&["destroy", "test", "--yes", "--limit", name]);
    part("settings.py")
        .ends(7)
        .says("The ledger is lost: ")
        .says("all that is known of what was chosen was taken away");
    assert_eq!(project.objects().await, ["ecs.config"]);
    // It was begun again with what was found, and still tells what it may not have.
    part("worker").ends(7).says("The ledger was lost once");
    assert_eq!(project.roles().await, Vec::<String>::new());
    // Of what was chosen nothing is left, and the rest stands.
    part("worker")
        .ends(1)
        .says("of what was chosen, nothing stands with its tag");
    let bucket = project.bucket();
    project
        .run(&["destroy", "test", "--yes", "--yes-delete", &bucket])
        .ends(7);
    project.run(&["destroy", "test", "--yes"]).ends(0);
}

#[tokio::test]
async fn what_runs_made_and_nothing_finds_again_is_no_success() {
    let extra = "\n[roles.extra]\nname = \"lost-extra\"\nservice = \"ec2.amazonaws.com\"\n";
    let project = Project::new("600000000203").await;
    let declared = |more: &str| {
        format!(
            "project = \"review\"\n[aws]\nregion = \"us-west-2\"\naccount = \"600000000203\"\n{more}"
        )
    };
    project.write("environments/test.toml", &declared(extra));
    project.run(&["apply", "test", "--yes"]).ends(0);
    project.write("environments/test.toml", &declared(""));
    fs::remove_file(project.root().join(".landfall/test/ledger.json")).unwrap();
    project
        .run(&["destroy", "test", "--yes"])
        .ends(1)
        .says("the ledger is lost")
        .says("roles.extra (lost-extra)")
        .says("a folder keeps no earlier versions");
    assert_eq!(project.roles().await, ["lost-extra"]);
}

#[tokio::test]
async fn an_environment_that_was_never_applied_has_lost_nothing() {
    let project = Project::small("600000000204", "").await;
    let planned = project.run(&["plan", "test"]).ends(0);
    assert!(!planned.err.contains("ledger"), "{}", planned.err);
    // An apply that nobody agreed to leaves a journal and no ledger.
    project.run(&["apply", "test"]).ends(6);
    project
        .run(&["destroy", "test", "--yes"])
        .ends(0)
        .prints("nothing of this environment is entered in the ledger");
    let planned = project.run(&["plan", "test"]).ends(0);
    assert!(!planned.err.contains("ledger"), "{}", planned.err);
    // Somebody else's role of the same name is not ours by its name.
    let role = project.iam().await.create_role().role_name("review-worker");
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"ec2.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    role.assume_role_policy_document(trust)
        .send()
        .await
        .unwrap();
    project.run(&["destroy", "test", "--yes"]).ends(0);
    assert_eq!(project.roles().await, ["review-worker"]);
}

#[tokio::test]
async fn what_is_said_of_earlier_versions_in_a_bucket_is_true() {
    let account = "600000000205";
    let added = format!("\n[backend]\ns3 = \"memory-{account}\"\nprefix = \"p\"\n");
    let project = Project::small(account, &added).await;
    let bucket = memory(&project).await;
    let s3 = project.s3().await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    let damage = async || {
        let put = s3.put_object().bucket(&bucket).key("p/test/ledger.json");
        put.body(b"{\"version\": 1, \"lin".to_vec().into())
            .send()
            .await
            .unwrap();
    };
    let get = async || {
        let got = s3.get_object().bucket(&bucket).key("p/test/ledger.json");
        got.send()
            .await
            .unwrap()
            .body
            .collect()
            .await
            .unwrap()
            .to_vec()
    };
    let whole = get().await;
    damage().await;
    project
        .run(&["plan", "test"])
        .ends(1)
        .says("It is cut off: ")
        .says("The bucket has no earlier version of it.");

    let versioning = VersioningConfiguration::builder()
        .status(BucketVersioningStatus::Enabled)
        .build();
    let on = s3.put_bucket_versioning().bucket(&bucket);
    on.versioning_configuration(versioning)
        .send()
        .await
        .unwrap();
    let put = s3.put_object().bucket(&bucket).key("p/test/ledger.json");
    put.body(whole.clone().into()).send().await.unwrap();
    damage().await;
    let failed = project.run(&["destroy", "test", "--yes"]).ends(1);
    let command = failed.err.split("aws s3api copy-object ").nth(1).unwrap();
    // The command, done by hand, brings the ledger back.
    let words: Vec<&str> = command.split_whitespace().collect();
    assert_eq!(
        words[..4],
        ["--bucket", bucket.as_str(), "--key", "p/test/ledger.json"]
    );
    let copy = s3.copy_object().bucket(&bucket).key("p/test/ledger.json");
    copy.copy_source(words[5]).send().await.unwrap();
    assert_eq!(get().await, whole);

    // Deleted, it is lost, and there is a way back all the same.
    let delete = s3.delete_object().bucket(&bucket).key("p/test/ledger.json");
    delete.send().await.unwrap();
    project
        .run(&["plan", "test"])
        .ends(0)
        .says("The ledger is lost: `s3://")
        .says("The bucket has an earlier version of it. To bring it back: aws s3api copy-object");
    let secrets = project.bucket();
    project
        .run(&["destroy", "test", "--yes", "--yes-delete", &secrets])
        .ends(7)
        .says("The ledger is lost: `s3://");
    assert_eq!(project.roles().await, Vec::<String>::new());
}
