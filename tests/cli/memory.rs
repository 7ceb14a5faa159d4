//! Memory in a bucket: another copy of the project, on another machine, knows the same.

use super::project::Project;

const BACKEND: &str = r#"
[backend]
s3 = "memory-ACCOUNT"
prefix = "states/review"

[stacks.cluster]
template = "ecs-cluster"

[stacks.cluster.parameters]
SecretsBucket = "{{ secrets.bucket }}"
InstanceProfile = "{{ roles.worker.instance_profile }}"

[targets.web]
cluster = "{{ stacks.cluster.outputs.ClusterName }}"
service = "{{ stacks.cluster.outputs.ServiceName }}"
"#;

/// The bucket for the memory, made.
pub async fn memory(project: &Project) -> String {
    let bucket = format!("memory-{}", project.account);
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint(aws_sdk_s3::types::BucketLocationConstraint::UsWest2)
        .build();
    let request = project.s3().await.create_bucket().bucket(&bucket);
    let request = request.create_bucket_configuration(place);
    request.send().await.unwrap();
    bucket
}

#[tokio::test]
async fn targets_in_a_bucket_are_seen_from_another_copy_of_the_project() {
    let account = "600000000061";
    let added = BACKEND.replace("ACCOUNT", account);
    let here = Project::small(account, &added).await;
    let s3 = here.s3().await;
    let bucket = memory(&here).await;
    here.run(&["apply", "test", "--yes"]).ends(0);
    assert!(!here.root().join(".landfall").exists());
    let kept = s3.list_objects_v2().bucket(&bucket).send().await.unwrap();
    let keys: Vec<&str> = kept.contents().iter().filter_map(|o| o.key()).collect();
    let holds = |end: &str| {
        keys.iter()
            .any(|key| key.starts_with("states/review/") && key.ends_with(end))
    };
    assert!(
        holds("test/ledger.json") && holds("test/targets/web.json"),
        "{keys:?}"
    );
    assert!(!holds("lock.json"), "{keys:?}");

    let there = Project::small(account, &added).await;
    there.run(&["plan", "test", "--detailed-exitcode"]).ends(0);
    there
        .run(&["targets", "list", "test"])
        .ends(0)
        .prints("web")
        .prints("review-test-cluster");
    for verb in [&["list", "test"][..], &["show", "test", "web"]] {
        let args = [&["targets"], verb, &["--json"]].concat();
        let shown = there.run(&args).ends(0).objects();
        assert_eq!(shown.len(), 1);
        assert_eq!(shown[0]["name"], "web");
    }
    there
        .run(&["targets", "show", "test", "web"])
        .ends(0)
        .prints("review-test-cluster-web");
    there
        .run(&["targets", "export", "test", "web"])
        .ends(0)
        .prints("review-test-cluster-web");
    let lines = there.run(&["targets", "export", "test", "--json"]).ends(0);
    assert_eq!(lines.objects()[0]["name"], "web");
    let whole = there
        .run(&["targets", "export", "test", "--format", "json"])
        .ends(0);
    let whole: serde_json::Value = serde_json::from_str(&whole.out).unwrap();
    assert_eq!(whole[0]["name"], "web");
    let one = ["targets", "export", "test", "web"];
    let exported = there.run(&one).ends(0).out;
    there.write("ci.env", &exported);
    let path = there.root().join("ci.env");
    let compare = |name: &[&str]| {
        let file = path.to_str().unwrap();
        there.run(&[&["targets", "export", "test"], name, &["--check", file]].concat())
    };
    compare(&["web"]).ends(0).says("is up to date");
    // Of the whole environment the variables are called otherwise.
    compare(&[])
        .ends(2)
        .prints("+WEB_ECS_SERVICE=review-test-cluster-web");
    there.write("ci.env", &exported.replace("cluster-web", "cluster-api"));
    compare(&["web"])
        .ends(2)
        .prints("-ECS_SERVICE=review-test-cluster-api")
        .says("is not up to date");
    std::fs::remove_file(&path).unwrap();
    compare(&["web"]).ends(1).says("cannot be read");
    // CI has the repository and nothing of the operator's: what is not asked for need not be there.
    let bare = Project::new(account).await;
    bare.write(
        "environments/test.toml",
        &here.read("environments/test.toml"),
    );
    bare.run(&["plan", "test"]).ends(1).says("docker.json");
    bare.run(&["targets", "export", "test"])
        .ends(0)
        .prints("review-test-cluster-web");
    there
        .run(&["targets", "show", "test", "wep"])
        .ends(1)
        .says("Registered are: web.");
    there.run(&["targets", "remove", "test", "web"]).ends(6);
    there
        .run(&["targets", "remove", "test", "web", "--yes"])
        .ends(0);
    let listed = here.run(&["targets", "list", "test"]).ends(0);
    assert!(
        !listed.out.contains("review-test-cluster"),
        "{}",
        listed.out
    );
    // It is declared still, so the next apply registers it again, and that alone.
    here.run(&["apply", "test", "--yes"])
        .ends(0)
        .says("Done: 1 change.");
}

#[tokio::test]
async fn two_projects_in_one_bucket_keep_apart() {
    let account = "600000000062";
    let added = format!("\n[backend]\ns3 = \"memory-{account}\"\n");
    let review = Project::small(account, &added).await;
    let bucket = memory(&review).await;
    review.run(&["apply", "test", "--yes"]).ends(0);

    // Another project with an environment of the same name, in the same bucket.
    let shop = Project::new(account).await;
    let declared = |backend: &str| {
        format!(
            "project = \"shop\"\n[aws]\nregion = \"us-west-2\"\naccount = \"{account}\"\n[backend]\n{backend}\n\
             [roles.shop]\nservice = \"ec2.amazonaws.com\"\n"
        )
    };
    let backend = format!("s3 = \"{bucket}\"");
    shop.write("environments/test.toml", &declared(&backend));
    let applied = shop.run(&["apply", "test", "--yes"]).ends(0);
    assert!(!applied.out.contains("deleted"), "{}", applied.out);
    assert_eq!(review.roles().await, ["review-worker", "shop"]);
    shop.run(&["destroy", "test", "--yes"]).ends(0);
    assert_eq!(review.roles().await, ["review-worker"]);
    review.run(&["plan", "test", "--detailed-exitcode"]).ends(0);

    // Behind one prefix there can be one project only.
    let backend = format!("s3 = \"{bucket}\"\nprefix = \"review\"");
    shop.write("environments/test.toml", &declared(&backend));
    for verb in [
        &["destroy", "test", "--yes"][..],
        &["targets", "list", "test"],
    ] {
        shop.run(verb)
            .ends(6)
            .says("the ledger belongs to another project")
            .says("another `prefix` in [backend]");
    }
    // Not even by a ledger that somebody put there.
    let ledger = shop.s3().await.get_object().bucket(&bucket);
    let ledger = ledger.key("review/test/ledger.json").send().await.unwrap();
    let text = ledger.body.collect().await.unwrap().to_vec();
    let text = String::from_utf8(text).unwrap();
    let text = text.replacen("\"project\": \"review\"", "\"project\": \"shop\"", 1);
    let put = shop.s3().await.put_object().bucket(&bucket);
    let put = put
        .key("copied/test/ledger.json")
        .body(text.into_bytes().into());
    put.send().await.unwrap();
    let backend = format!("s3 = \"{bucket}\"\nprefix = \"copied\"");
    shop.write("environments/test.toml", &declared(&backend));
    shop.run(&["destroy", "test", "--yes"])
        .ends(6)
        .says("the ledger holds what another environment made")
        .says("It belongs to `review/test`");
    assert_eq!(review.roles().await, ["review-worker"]);
}
