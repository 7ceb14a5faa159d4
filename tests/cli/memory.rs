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

#[tokio::test]
async fn targets_in_a_bucket_are_seen_from_another_copy_of_the_project() {
    let account = "600000000061";
    let added = BACKEND.replace("ACCOUNT", account);
    let here = Project::small(account, &added).await;
    let s3 = here.s3().await;
    let bucket = format!("memory-{account}");
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint(aws_sdk_s3::types::BucketLocationConstraint::UsWest2)
        .build();
    s3.create_bucket()
        .bucket(&bucket)
        .create_bucket_configuration(place)
        .send()
        .await
        .unwrap();
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
    let exported = there.run(&["targets", "export", "test", "--json"]).ends(0);
    let exported: serde_json::Value = serde_json::from_str(&exported.out).unwrap();
    assert_eq!(exported[0]["name"], "web");
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
