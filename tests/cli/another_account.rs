//! What must not be done in an account that is not the one it was meant for: records in a bucket of somebody else's, a
//! plan that was made elsewhere.

use std::fs;

use super::project::{Project, Ran};
use super::proxy::Proxy;
use crate::support::fake::{Answer, Fake};

/// A bucket of the account 555555555555 whose policy lets everybody in.
fn somebody_elses() -> Fake {
    Fake::answering(|asked| match asked.service() {
        "s3" => Some(match asked.header("x-amz-expected-bucket-owner") {
            "" | "555555555555" => open(asked),
            _ => Answer::whole(
                403,
                "<Error><Code>AccessDenied</Code><Message>Access Denied</Message></Error>",
            ),
        }),
        _ => None,
    })
}

fn open(asked: &crate::support::fake::Asked) -> Answer {
    match asked.line.split_once(' ').unwrap_or_default() {
        ("PUT", _) => Answer::Whole(200, "etag: \"1\"\r\n", String::new()),
        ("GET", path) if path.contains("list-type=2") => Answer::whole(
            200,
            "<ListBucketResult><IsTruncated>false</IsTruncated></ListBucketResult>",
        ),
        ("GET", path) if path.contains("versions") => Answer::whole(
            200,
            "<ListVersionsResult><IsTruncated>false</IsTruncated></ListVersionsResult>",
        ),
        ("GET", _) => Answer::whole(
            404,
            "<Error><Code>NoSuchKey</Code><Message>none</Message></Error>",
        ),
        ("HEAD", path) if path.trim_matches('/').contains('/') => Answer::whole(404, ""),
        _ => Answer::whole(200, ""),
    }
}

#[tokio::test]
async fn records_are_neither_read_nor_written_in_a_bucket_of_another_account() {
    let project = Project::new("444444444444").await;
    for account in ["account = \"444444444444\"\n", ""] {
        project.write(
            "environments/test.toml",
            &format!(
                "project = \"review\"\n[aws]\nregion = \"us-west-2\"\n{account}[backend]\ns3 = \"team\"\n"
            ),
        );
        for args in [
            &["plan", "test"][..],
            &["apply", "test", "--yes"],
            &["destroy", "test", "--yes"],
            &["targets", "list", "test"],
        ] {
            let fake = somebody_elses();
            let mut command = project.command(args);
            let ran = Ran::of(command.env("AWS_ENDPOINT_URL", &fake.endpoint));
            ran.ends(6)
                .says("the backend's bucket cannot be used")
                .says("belongs to another account than 444444444444")
                .says("Let `[backend] s3` name a bucket of the account 444444444444.");
            for asked in fake.seen().iter().filter(|asked| asked.service() == "s3") {
                let owner = asked.header("x-amz-expected-bucket-owner");
                assert_eq!(owner, "444444444444", "{}", asked.line);
            }
        }
    }
}

#[tokio::test]
async fn every_request_for_a_record_names_the_account_that_must_own_the_bucket() {
    let project = Project::new("555555555555").await;
    project.write(
        "environments/test.toml",
        "project = \"review\"\n[aws]\nregion = \"us-west-2\"\n[backend]\ns3 = \"team\"\n[keys.deploy]\n",
    );
    let fake = somebody_elses();
    let run = |args: &[&str]| {
        let mut command = project.command(args);
        Ran::of(command.env("AWS_ENDPOINT_URL", &fake.endpoint)).ends(0)
    };
    run(&["apply", "test", "--yes"]);
    let seen = fake.seen();
    let records = seen.iter().filter(|asked| asked.service() == "s3");
    let mut methods = std::collections::BTreeSet::new();
    for asked in records {
        let owner = asked.header("x-amz-expected-bucket-owner");
        assert_eq!(owner, "555555555555", "{}", asked.line);
        methods.extend(asked.line.split(' ').next());
    }
    assert!(
        methods.contains("PUT") && methods.contains("HEAD"),
        "{methods:?}"
    );
}

/// An environment that is not kept to one account.
const ANYWHERE: &str = "project = \"review\"\n[aws]\nregion = \"us-west-2\"\n[roles.worker]\nservice = \"ec2.amazonaws.com\"\n";

#[tokio::test]
async fn a_saved_plan_is_not_applied_in_another_account() {
    let project = Project::new("600000000915").await;
    let other = Project::new("600000000916").await;
    project.write("environments/test.toml", ANYWHERE);
    let file = project.beside("plan").display().to_string();
    project.run(&["plan", "test", "--out", &file]).ends(0);
    let mut command = project.command(&["apply", &file]);
    Ran::of(command.env("AWS_ACCESS_KEY_ID", &other.account))
        .ends(6)
        .says("the plan was made for another AWS account or endpoint")
        .says("its account is 600000000915, and not 600000000916")
        .says("Nothing was changed.");
    assert_eq!(other.roles().await, Vec::<String>::new());
    assert!(!project.root().join(".landfall/test/ledger.json").exists());
    project.run(&["apply", &file]).ends(0);
    assert_eq!(project.roles().await, ["worker"]);
}

#[tokio::test]
async fn a_saved_plan_is_not_applied_at_another_endpoint() {
    let project = Project::new("600000000917").await;
    project.write("environments/test.toml", ANYWHERE);
    let file = project.beside("plan").display().to_string();
    project.run(&["plan", "test", "--out", &file]).ends(0);
    let proxy = Proxy::before(&project.endpoint);
    for variable in ["AWS_ENDPOINT_URL", "AWS_ENDPOINT_URL_IAM"] {
        let mut command = project.command(&["apply", &file]);
        Ran::of(command.env(variable, &proxy.endpoint))
            .ends(6)
            .says("its endpoint")
            .says(&proxy.endpoint);
    }
    assert_eq!(project.roles().await, Vec::<String>::new());
    let asked = proxy.take();
    assert!(
        asked
            .iter()
            .all(|asked| asked.body.contains("GetCallerIdentity")),
        "{asked:?}"
    );
}

#[tokio::test]
async fn a_plan_that_does_not_say_its_account_is_refused() {
    let project = Project::new("600000000918").await;
    project.write("environments/test.toml", ANYWHERE);
    let file = project.beside("plan");
    let name = file.display().to_string();
    project.run(&["plan", "test", "--out", &name]).ends(0);
    let text = fs::read_to_string(&file).unwrap();
    fs::write(&file, text.replace("\"form\": 2", "\"form\": 1")).unwrap();
    project
        .run(&["apply", &name])
        .ends(1)
        .says("An earlier program made it")
        .says("Make a new one");
    assert_eq!(project.roles().await, Vec::<String>::new());
}
