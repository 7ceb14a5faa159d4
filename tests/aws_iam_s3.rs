//! Roles, the secrets bucket and its objects against an emulator: made, seen as they are, set back when they drift,
//! taken away.

use aws_sdk_iam::config::{BehaviorVersion, Credentials, Region};
use landfall::connect::aws::{Aws, Settings};
use landfall::model::{
    Address, Change, Class, Content, Effect, Events, Failure, Goal, Kind, World,
};
use landfall::resource::Decide;
use landfall::resource::aws::{Bucket, Object, ObjectRef, ObjectSource, Owner, Role};

use crate::support::{http, lab::emulator};

const REGION: &str = "eu-west-1";
const POLICY: &str = "service-role/AmazonEC2ContainerServiceforEC2Role";

async fn settings(account: &str) -> Settings {
    Settings {
        region: REGION.to_owned(),
        account: Some(account.to_owned()),
        endpoint: Some(emulator().await),
        credentials: Some((account.to_owned(), "test".to_owned())),
        ..Settings::default()
    }
}

async fn connect(account: &str) -> Aws {
    Aws::connect(settings(account).await).await.unwrap()
}

/// The hand that makes things drift.
async fn other_iam(account: &str) -> aws_sdk_iam::Client {
    let config = aws_sdk_iam::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .http_client(http::client())
        .endpoint_url(emulator().await)
        .credentials_provider(Credentials::new(account, "test", None, None, "test"));
    aws_sdk_iam::Client::from_conf(config.build())
}

async fn other_s3(account: &str) -> aws_sdk_s3::Client {
    let config = aws_sdk_s3::Config::builder()
        .behavior_version(BehaviorVersion::v2026_01_12())
        .region(Region::new(REGION))
        .http_client(http::client())
        .endpoint_url(emulator().await)
        .force_path_style(true)
        .credentials_provider(Credentials::new(account, "test", None, None, "test"));
    aws_sdk_s3::Client::from_conf(config.build())
}

async fn plan(aws: &Aws, thing: &dyn Decide, goal: Goal) -> Result<Change, Failure> {
    thing
        .decide(aws, goal)
        .await
        .map(|decision| decision.change)
}

/// Decides and does it, each action twice: that must end where once ends.
async fn apply(aws: &Aws, thing: &dyn Decide, goal: Goal) -> Change {
    let change = plan(aws, thing, goal).await.unwrap();
    let (events, _reader) = Events::channel();
    let progress = events.progress(&Address::new(Kind::Role, "test"));
    for action in &change.actions {
        for _ in 0..2 {
            aws.act(action, &progress).await.unwrap();
        }
    }
    change
}

/// After a drift exactly this field differs, and applying sets it back.
async fn drifted(aws: &Aws, thing: &dyn Decide, field: &str) {
    let change = apply(aws, thing, Goal::Present).await;
    let paths: Vec<_> = change.diff.iter().map(|field| &field.path).collect();
    assert_eq!(paths, [field]);
    assert_eq!(change.effect, Effect::Update);
    assert_unchanged(aws, thing).await;
}

async fn assert_unchanged(aws: &Aws, thing: &dyn Decide) {
    let change = plan(aws, thing, Goal::Present).await.unwrap();
    assert!(change.is_none() && change.diff.is_empty(), "{change:#?}");
}

fn owner() -> Owner {
    Owner {
        project: "review".to_owned(),
        environment: "test".to_owned(),
    }
}

fn role(name: &str) -> Role {
    Role {
        name: name.to_owned(),
        services: vec!["ec2.amazonaws.com".to_owned()],
        policies: vec![POLICY.to_owned()],
        instance_profile: true,
        reads: vec![ObjectRef {
            bucket: "review-secrets".to_owned(),
            key: "ecs.config".to_owned(),
        }],
        adopt: false,
        owner: owner(),
    }
}

#[tokio::test]
async fn a_role_is_made_set_back_when_it_drifts_and_taken_away() {
    let account = "210000000001";
    let (aws, other) = (connect(account).await, other_iam(account).await);
    let role = role("instance");
    let change = apply(&aws, &role, Goal::Present).await;
    assert_eq!(change.effect, Effect::Create);
    assert_unchanged(&aws, &role).await;

    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"Service":"lambda.amazonaws.com"},"Action":"sts:AssumeRole"}]}"#;
    let request = other.update_assume_role_policy().role_name("instance");
    request.policy_document(trust).send().await.unwrap();
    drifted(&aws, &role, "trust").await;

    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let request = other.attach_role_policy().role_name("instance");
    request.policy_arn(admin).send().await.unwrap();
    drifted(&aws, &role, "managed_policies").await;

    let request = other.detach_role_policy().role_name("instance");
    let policy = format!("arn:aws:iam::aws:policy/{POLICY}");
    request.policy_arn(policy).send().await.unwrap();
    drifted(&aws, &role, "managed_policies").await;

    let open = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"s3:*","Resource":"*"}]}"#;
    for name in ["landfall-reads", "backdoor"] {
        let request = other.put_role_policy().role_name("instance");
        let request = request.policy_name(name).policy_document(open);
        request.send().await.unwrap();
        drifted(&aws, &role, &format!("inline_policies.{name}")).await;
    }

    let request = other.remove_role_from_instance_profile();
    let request = request
        .instance_profile_name("instance")
        .role_name("instance");
    request.send().await.unwrap();
    drifted(&aws, &role, "instance_profile").await;

    apply(&aws, &role, Goal::Absent).await;
    assert!(other.get_role().role_name("instance").send().await.is_err());
    let request = other.get_instance_profile();
    let profile = request.instance_profile_name("instance").send().await;
    assert!(profile.is_err(), "the instance profile is left");
    assert!(plan(&aws, &role, Goal::Absent).await.unwrap().is_none());
}

#[tokio::test]
async fn a_role_of_others_is_refused_then_taken_over_and_given_back() {
    let account = "210000000002";
    let (aws, other) = (connect(account).await, other_iam(account).await);
    let trust = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":{"AWS":"arn:aws:iam::210000000002:root"},"Action":"sts:AssumeRole"}]}"#;
    let request = other.create_role().role_name("theirs");
    request
        .assume_role_policy_document(trust)
        .send()
        .await
        .unwrap();
    let admin = "arn:aws:iam::aws:policy/AdministratorAccess";
    let request = other.attach_role_policy().role_name("theirs");
    request.policy_arn(admin).send().await.unwrap();

    let mut role = role("theirs");
    let failure = plan(&aws, &role, Goal::Present).await.unwrap_err();
    assert_eq!(failure.class, Class::Refused);
    role.adopt = true;
    assert_eq!(
        apply(&aws, &role, Goal::Present).await.effect,
        Effect::Adopt
    );
    assert_unchanged(&aws, &role).await;

    apply(&aws, &role, Goal::Absent).await;
    let request = other.list_attached_role_policies().role_name("theirs");
    let left = request.send().await.unwrap();
    assert!(
        left.attached_policies()
            .iter()
            .any(|policy| policy.policy_arn() == Some(admin))
    );
    let left = other.get_role().role_name("theirs").send().await.unwrap();
    assert!(left.role.unwrap().tags().is_empty());
}

#[tokio::test]
async fn a_bucket_and_its_objects_are_made_set_back_when_they_drift_and_taken_away() {
    let account = "210000000004";
    let (aws, other) = (connect(account).await, other_s3(account).await);
    let name = "landfall-test-secrets-4";
    let mut bucket = Bucket {
        name: name.to_owned(),
        adopt: false,
        delete_with_objects: false,
        owner: owner(),
    };
    let change = apply(&aws, &bucket, Goal::Present).await;
    assert_eq!(change.effect, Effect::Create);
    assert_unchanged(&aws, &bucket).await;

    let request = other.delete_public_access_block().bucket(name);
    request.send().await.unwrap();
    drifted(&aws, &bucket, "public_access_blocked").await;
    other
        .delete_bucket_policy()
        .bucket(name)
        .send()
        .await
        .unwrap();
    drifted(&aws, &bucket, "policy").await;
    // Keys of one's own are somebody's choice, which nothing sets back.
    let keys = aws_sdk_s3::types::ServerSideEncryptionByDefault::builder()
        .sse_algorithm(aws_sdk_s3::types::ServerSideEncryption::AwsKms)
        .build()
        .unwrap();
    let rule = aws_sdk_s3::types::ServerSideEncryptionRule::builder()
        .apply_server_side_encryption_by_default(keys)
        .build();
    let encryption = aws_sdk_s3::types::ServerSideEncryptionConfiguration::builder()
        .rules(rule)
        .build()
        .unwrap();
    let request = other.put_bucket_encryption().bucket(name);
    let request = request.server_side_encryption_configuration(encryption);
    request.send().await.unwrap();
    assert_unchanged(&aws, &bucket).await;
    let request = other.delete_bucket_ownership_controls().bucket(name);
    request.send().await.unwrap();
    drifted(&aws, &bucket, "ownership").await;
    let suspended = aws_sdk_s3::types::VersioningConfiguration::builder()
        .status(aws_sdk_s3::types::BucketVersioningStatus::Suspended)
        .build();
    let request = other.put_bucket_versioning().bucket(name);
    let request = request.versioning_configuration(suspended);
    request.send().await.unwrap();
    drifted(&aws, &bucket, "versioning").await;

    let mut object = Object {
        bucket: name.to_owned(),
        key: "ecs.config".to_owned(),
        source: ObjectSource::File("ecs.config".to_owned()),
        replaces: false,
        content: Some(Content::secret("A=1\n")),
        owner: owner(),
    };
    apply(&aws, &object, Goal::Present).await;
    assert_unchanged(&aws, &object).await;
    let request = other.put_object().bucket(name).key("ecs.config");
    request.body(b"B=2\n".to_vec().into()).send().await.unwrap();
    drifted(&aws, &object, "content").await;
    object.content = Some(Content::secret("A=2\n"));
    drifted(&aws, &object, "content").await;
    let request = other.get_object().bucket(name).key("ecs.config");
    let stored = request.send().await.unwrap();
    // By the keys that the bucket has.
    assert_eq!(stored.server_side_encryption().unwrap().as_str(), "aws:kms");
    let body = stored.body.collect().await.unwrap();
    assert_eq!(body.to_vec(), b"A=2\n");

    let failure = plan(&aws, &bucket, Goal::Absent).await.unwrap_err();
    assert_eq!(failure.class, Class::Protected);
    assert!(failure.why.contains("1 object"), "{failure}");
    assert!(
        failure.help.contains(&format!("--yes-delete {name}")),
        "{failure}"
    );

    let content = object.content.take();
    apply(&aws, &object, Goal::Absent).await;
    object.content = content;
    let request = other.list_object_versions().bucket(name);
    let left = request.send().await.unwrap();
    assert!(left.versions().is_empty() && left.delete_markers().is_empty());

    apply(&aws, &object, Goal::Present).await;
    bucket.delete_with_objects = true;
    apply(&aws, &bucket, Goal::Absent).await;
    assert!(other.head_bucket().bucket(name).send().await.is_err());
    assert!(plan(&aws, &bucket, Goal::Absent).await.unwrap().is_none());
}

#[tokio::test]
async fn a_bucket_that_was_taken_over_gets_back_what_others_had_put_there() {
    let account = "210000000009";
    let (aws, other) = (connect(account).await, other_s3(account).await);
    let name = "landfall-test-secrets-9";
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint(REGION.into())
        .build();
    let request = other.create_bucket().bucket(name);
    let request = request.create_bucket_configuration(place);
    request.send().await.unwrap();
    for key in ["ecs.config", "ecs.config.old"] {
        let request = other.put_object().bucket(name).key(key);
        let request = request.body(b"THEIRS=1\n".to_vec().into());
        request.send().await.unwrap();
    }
    let bucket = Bucket {
        name: name.to_owned(),
        adopt: true,
        delete_with_objects: false,
        owner: owner(),
    };
    assert_eq!(
        apply(&aws, &bucket, Goal::Present).await.effect,
        Effect::Adopt
    );
    let mut object = Object {
        bucket: name.to_owned(),
        key: "ecs.config".to_owned(),
        source: ObjectSource::File("ecs.config".to_owned()),
        replaces: false,
        content: Some(Content::secret("A=1\n")),
        owner: owner(),
    };
    let failure = plan(&aws, &object, Goal::Present).await.unwrap_err();
    assert_eq!(failure.class, Class::Refused);
    object.replaces = true;
    apply(&aws, &object, Goal::Present).await;
    object.content = Some(Content::secret("A=2\n"));
    apply(&aws, &object, Goal::Present).await;
    assert_unchanged(&aws, &object).await;

    object.content = None;
    let change = apply(&aws, &object, Goal::Absent).await;
    assert!(change.notes[0].contains("stays"), "{change:#?}");
    assert!(plan(&aws, &object, Goal::Absent).await.unwrap().is_none());
    for key in ["ecs.config", "ecs.config.old"] {
        let request = other.get_object().bucket(name).key(key);
        let body = request.send().await.unwrap().body.collect().await.unwrap();
        assert_eq!(body.to_vec(), b"THEIRS=1\n");
    }
    let request = other.list_object_versions().bucket(name);
    let left = request.send().await.unwrap();
    assert_eq!((left.versions().len(), left.delete_markers().len()), (2, 0));
}

#[tokio::test]
async fn a_bucket_of_another_account_is_refused_before_anything_is_made() {
    let name = "landfall-test-secrets-5";
    let request = other_s3("210000000006").await.create_bucket().bucket(name);
    let place = aws_sdk_s3::types::CreateBucketConfiguration::builder()
        .location_constraint(REGION.into())
        .build();
    let request = request.create_bucket_configuration(place);
    request.send().await.unwrap();
    let aws = connect("210000000005").await;
    let bucket = Bucket {
        name: name.to_owned(),
        adopt: true,
        delete_with_objects: false,
        owner: owner(),
    };
    let decided = plan(&aws, &bucket, Goal::Present).await;
    let failure = decided.expect_err("the bucket of others was planned for");
    assert_eq!(failure.class, Class::Refused, "{failure}");
}

#[tokio::test]
async fn credentials_of_another_account_are_refused_first() {
    let mut settings = settings("210000000007").await;
    settings.account = Some("999999999999".to_owned());
    let failure = Aws::connect(settings).await.err().unwrap();
    assert_eq!(failure.class, Class::Refused);
    assert!(failure.why.contains("210000000007"), "{failure}");
}

#[tokio::test]
async fn an_endpoint_where_nothing_listens_is_unreachable() {
    // A port that was free a moment ago and is given back.
    let port = std::net::TcpListener::bind("127.0.0.1:0")
        .and_then(|listener| listener.local_addr())
        .unwrap()
        .port();
    let mut settings = settings("210000000008").await;
    settings.endpoint = Some(format!("http://127.0.0.1:{port}"));
    let failure = Aws::connect(settings).await.err().unwrap();
    assert_eq!(failure.class, Class::Unreachable, "{failure}");
    assert_eq!(failure.summary, "AWS could not be reached");
}
