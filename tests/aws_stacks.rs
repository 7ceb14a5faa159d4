//! Stacks on an emulator that really creates, changes, rolls back and deletes.

use std::collections::BTreeMap;

use landfall::connect::aws::{Aws, Settings};
use landfall::model::{
    Address, Attribute, Class, Decision, Effect, Event, Events, Failure, Goal, Kind, Progress,
    Value, World,
};
use landfall::resource::{
    Decide,
    aws::{Owner, Reader, Stack},
};
use landfall::vars::yaml;

use crate::support::{http, lab::emulator};

/// An account of the emulator's, with the lines that its actions say.
struct Account {
    aws: Aws,
    progress: Progress,
    lines: tokio::sync::mpsc::UnboundedReceiver<Event>,
}

impl Account {
    async fn open(number: &str) -> Self {
        let aws = Aws::connect(Settings {
            region: "us-west-2".to_owned(),
            account: Some(number.to_owned()),
            profile: None,
            endpoint: Some(emulator().await),
            credentials: Some((number.to_owned(), "test".to_owned())),
            alone: true,
        })
        .await
        .unwrap();
        let (events, lines) = Events::channel();
        let progress = events.progress(&Address::new(Kind::Stack, "cluster"));
        Self {
            aws,
            progress,
            lines,
        }
    }

    async fn decide(&self, stack: &Stack, goal: Goal) -> Decision {
        stack.decide(&self.aws, goal).await.unwrap()
    }

    /// Performs what is decided; gives the effect.
    async fn perform(&self, stack: &Stack, goal: Goal) -> Result<Effect, Failure> {
        let decision = self.decide(stack, goal).await;
        for action in &decision.change.actions {
            self.aws.act(action, &self.progress).await?;
        }
        Ok(decision.change.effect)
    }

    /// Performs what is decided and shows that nothing more is to be done.
    async fn settle(&self, stack: &Stack) -> Effect {
        let effect = self.perform(stack, Goal::Present).await.unwrap();
        let second = self.decide(stack, Goal::Present).await.change;
        assert!(second.is_none(), "{:?}", second.diff);
        effect
    }

    fn said(&mut self) -> Vec<String> {
        let mut said = Vec::new();
        while let Ok(event) = self.lines.try_recv() {
            if let Event::Said { line, .. } = event {
                said.push(line);
            }
        }
        said
    }
}

fn stack(name: &str, body: &str, parameters: &[(&str, &str)]) -> Stack {
    Stack {
        name: name.to_owned(),
        template: format!("stacks/{name}.yaml"),
        body: body.to_owned(),
        parameters: parameters
            .iter()
            .map(|(name, value)| (name.to_string(), value.to_string()))
            .collect(),
        secret_parameters: Vec::new(),
        defaults: BTreeMap::new(),
        outputs: Vec::new(),
        holds: Vec::new(),
        reader: Reader(yaml::template),
        delete_with_data: false,
        capabilities: Vec::new(),
        tags: BTreeMap::new(),
        adopt: false,
        held: None,
        owner: Owner {
            project: "review".to_owned(),
            environment: "test".to_owned(),
        },
    }
}

fn shipped(name: &str) -> String {
    let path = format!("{}/stacks/{name}.yaml", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

fn known<'a>(decision: &'a Decision, name: &str) -> Option<&'a str> {
    match decision.attributes.get(name) {
        Some(Attribute::Known(Value::String(text))) => Some(text),
        _ => None,
    }
}

const GROUP: &str = "\
Parameters:
  Days: { Type: Number, Default: 7 }
Resources:
  Log:
    Type: AWS::Logs::LogGroup
    Properties: { RetentionInDays: !Ref Days }
Outputs:
  Name: { Value: !Ref Log }
";

#[tokio::test]
async fn the_cluster_that_is_shipped_stands_changes_and_goes() {
    let mut account = Account::open("200000000001").await;
    let given = [
        ("SecretsBucket", "review-secrets"),
        ("InstanceProfile", "ecsInstanceRole"),
    ];
    let mut stack = stack("cluster", &shipped("ecs-cluster"), &given);
    assert_eq!(account.settle(&stack).await, Effect::Create);
    let said = account.said();
    assert!(
        said.iter().any(|line| line == "Service CREATE_COMPLETE"),
        "{said:#?}"
    );

    let decision = account.decide(&stack, Goal::Present).await;
    assert_eq!(known(&decision, "outputs.ClusterName"), Some("cluster"));
    assert_eq!(known(&decision, "outputs.ServiceName"), Some("cluster-web"));
    assert_eq!(known(&decision, "outputs.TaskFamily"), Some("cluster"));
    assert!(known(&decision, "outputs.LoadBalancerDnsName").is_some());

    stack
        .parameters
        .insert("DesiredCapacity".to_owned(), "2".to_owned());
    assert_eq!(account.settle(&stack).await, Effect::Update);

    let effect = account.perform(&stack, Goal::Absent).await.unwrap();
    assert_eq!(effect, Effect::Delete);
    assert!(account.decide(&stack, Goal::Absent).await.change.is_none());
}

#[tokio::test]
async fn the_fargate_cluster_that_is_shipped_stands_changes_and_goes() {
    let account = Account::open("200000000002").await;
    let given = [(
        "ExecutionRole",
        "arn:aws:iam::200000000002:role/ecsTaskExecutionRole",
    )];
    let mut stack = stack("fargate", &shipped("ecs-fargate"), &given);
    assert_eq!(account.settle(&stack).await, Effect::Create);
    let decision = account.decide(&stack, Goal::Present).await;
    assert_eq!(known(&decision, "outputs.ClusterName"), Some("fargate"));
    assert_eq!(known(&decision, "outputs.ServiceName"), Some("fargate-web"));
    stack
        .parameters
        .insert("DesiredCount".to_owned(), "3".to_owned());
    assert_eq!(account.settle(&stack).await, Effect::Update);
    account.perform(&stack, Goal::Absent).await.unwrap();
    assert!(account.decide(&stack, Goal::Absent).await.change.is_none());
}

#[tokio::test]
async fn no_event_is_told_twice() {
    let mut account = Account::open("200000000003").await;
    let stack = stack("events", GROUP, &[]);
    account.settle(&stack).await;
    let said = account.said();
    let made: Vec<_> = said
        .iter()
        .filter(|line| line.as_str() == "Log CREATE_COMPLETE")
        .collect();
    assert_eq!(made.len(), 1, "{said:#?}");
    account.perform(&stack, Goal::Absent).await.unwrap();
    let said = account.said();
    assert!(
        said.iter().any(|line| line == "Log DELETE_COMPLETE"),
        "{said:#?}"
    );
    assert!(
        !said.iter().any(|line| line.contains("CREATE_")),
        "{said:#?}"
    );
}

#[tokio::test]
async fn a_failed_creation_is_explained_by_its_first_cause_and_made_anew() {
    let mut account = Account::open("200000000004").await;
    // Nobody ever signals, so that the condition fails after four seconds and the stack rolls back.
    let failing = "\
Resources:
  Log: { Type: AWS::Logs::LogGroup }
  Handle: { Type: AWS::CloudFormation::WaitConditionHandle }
  Ready:
    Type: AWS::CloudFormation::WaitCondition
    DependsOn: Log
    Properties: { Handle: !Ref Handle, Timeout: \"4\" }
";
    let mut stack = stack("failing", failing, &[]);
    let failure = account
        .perform(&stack, Goal::Present)
        .await
        .expect_err("the condition cannot hold");
    assert_eq!(failure.summary, "the stack could not be created");
    assert!(
        failure
            .why
            .starts_with("Ready (AWS::CloudFormation::WaitCondition) CREATE_FAILED: "),
        "{failure}"
    );
    assert!(
        failure.left_behind.contains("ROLLBACK_COMPLETE"),
        "{failure}"
    );
    let said = account.said();
    assert!(
        said.iter().any(|line| line == "Log DELETE_COMPLETE"),
        "{said:#?}"
    );

    stack.body = GROUP.to_owned();
    assert_eq!(account.settle(&stack).await, Effect::Replace);
    account.perform(&stack, Goal::Absent).await.unwrap();
}

#[tokio::test]
async fn a_failed_update_leaves_the_stack_as_it_was() {
    let account = Account::open("200000000005").await;
    let mut stack = stack("updating", GROUP, &[]);
    account.settle(&stack).await;
    stack.body = format!(
        "{}{}",
        GROUP.replace("Outputs:\n  Name: { Value: !Ref Log }\n", ""),
        "  Handle: { Type: AWS::CloudFormation::WaitConditionHandle }
  Ready:
    Type: AWS::CloudFormation::WaitCondition
    Properties: { Handle: !Ref Handle, Timeout: \"4\" }
"
    );
    let failure = account
        .perform(&stack, Goal::Present)
        .await
        .expect_err("the condition cannot hold");
    assert_eq!(failure.summary, "the stack could not be updated");
    assert!(failure.why.starts_with("Ready "), "{failure}");
    assert!(
        failure.left_behind.contains("stands as before"),
        "{failure}"
    );
    stack.body = GROUP.to_owned();
    assert!(account.decide(&stack, Goal::Present).await.change.is_none());
    account.perform(&stack, Goal::Absent).await.unwrap();
}

#[tokio::test]
async fn a_template_that_means_the_same_changes_nothing_and_leaves_no_change_set() {
    let mut account = Account::open("200000000006").await;
    let mut stack = stack("same", GROUP, &[("Days", "7")]);
    account.settle(&stack).await;
    account.said();
    stack.parameters.clear();
    stack.defaults = BTreeMap::from([("Days".to_owned(), "7".to_owned())]);
    assert!(account.decide(&stack, Goal::Present).await.change.is_none());
    // Decided once and performed twice, as after a cut: the second change set finds nothing.
    let deploy = account
        .decide(&self::stack("same-again", GROUP, &[]), Goal::Present)
        .await;
    for _ in 0..2 {
        for action in &deploy.change.actions {
            account.aws.act(action, &account.progress).await.unwrap();
        }
    }
    let said = account.said();
    assert!(
        said.contains(&"same-again: CloudFormation finds nothing to change".to_owned()),
        "{said:#?}"
    );
}

#[tokio::test]
async fn a_secret_parameter_is_noticed_by_its_fingerprint_and_never_told() {
    let account = Account::open("200000000007").await;
    let body = format!("{}{GROUP}", "# a comment\n").replace(
        "Resources:",
        "  Password: { Type: String, NoEcho: true }\nResources:",
    );
    let mut stack = stack(
        "secret",
        &body,
        &[("Password", "correct horse battery staple")],
    );
    stack.secret_parameters = vec!["Password".to_owned()];
    account.settle(&stack).await;
    stack.parameters.insert(
        "Password".to_owned(),
        "incorrect horse battery staple".to_owned(),
    );
    let change = account.decide(&stack, Goal::Present).await.change;
    let shown = serde_json::to_string(&change.diff).unwrap();
    assert!(shown.contains("parameters.Password"), "{shown}");
    assert!(!shown.contains("horse"), "{shown}");
    assert!(!format!("{stack:?}{change:?}").contains("horse"));
    assert_eq!(account.settle(&stack).await, Effect::Update);
    account.perform(&stack, Goal::Absent).await.unwrap();
}

/// The SDK over an account, to do what somebody else would.
async fn sdk(account: &str) -> aws_sdk_cloudformation::Client {
    let config = aws_sdk_cloudformation::config::Builder::new()
        .behavior_version(aws_sdk_cloudformation::config::BehaviorVersion::v2026_01_12())
        .region(aws_sdk_cloudformation::config::Region::new("us-west-2"))
        .endpoint_url(emulator().await)
        .http_client(http::client())
        .credentials_provider(aws_sdk_cloudformation::config::Credentials::new(
            account, "test", None, None, "test",
        ))
        .build();
    aws_sdk_cloudformation::Client::from_conf(config)
}

#[tokio::test]
async fn a_stack_of_somebody_elses_is_refused_then_adopted_then_left() {
    let account = Account::open("200000000008").await;
    let create = sdk("200000000008").await.create_stack();
    let create = create.stack_name("shared").template_body(GROUP);
    create.send().await.expect("an emulator creates a stack");

    let mut ours = stack("shared", GROUP, &[]);
    let refused = ours
        .decide(&account.aws, Goal::Present)
        .await
        .expect_err("it is not ours");
    assert_eq!(refused.class, Class::Refused);
    assert!(refused.help.contains("`adopt = true`"), "{refused}");

    ours.adopt = true;
    assert_eq!(account.settle(&ours).await, Effect::Adopt);
    let gone = account.decide(&ours, Goal::Absent).await.change;
    assert!(gone.is_none(), "{gone:?}");
}

#[tokio::test]
async fn a_stack_of_another_environment_is_refused_also_when_it_is_to_be_adopted() {
    let account = Account::open("200000000018").await;
    let mut theirs = stack("shared", GROUP, &[]);
    theirs.owner.environment = "theirs".to_owned();
    account.settle(&theirs).await;
    for adopt in [false, true] {
        let mut ours = stack("shared", GROUP, &[]);
        ours.adopt = adopt;
        let refused = ours
            .decide(&account.aws, Goal::Present)
            .await
            .expect_err("it is not ours");
        assert_eq!(refused.class, Class::Refused);
        assert!(refused.why.contains("review/theirs"), "{refused}");
    }
}

#[tokio::test]
async fn parameters_that_are_refused_leave_nothing() {
    let account = Account::open("200000000009").await;
    let stack = stack("refused", GROUP, &[("Days", "seven")]);
    let failure = account
        .perform(&stack, Goal::Present)
        .await
        .expect_err("seven is no number");
    assert!(failure.why.contains("Days"), "{failure}");
    let change = account.decide(&stack, Goal::Absent).await.change;
    assert!(change.is_none(), "{change:?}");
}

#[tokio::test]
async fn a_protected_stack_is_not_deleted() {
    let account = Account::open("200000000010").await;
    let stack = stack("protected", GROUP, &[]);
    account.settle(&stack).await;
    sdk("200000000010")
        .await
        .update_termination_protection()
        .stack_name("protected")
        .enable_termination_protection(true)
        .send()
        .await
        .unwrap();
    let refused = stack
        .decide(&account.aws, Goal::Absent)
        .await
        .expect_err("it is protected");
    assert_eq!(refused.class, Class::Refused);
    assert!(refused.help.contains("--no-enable-termination-protection"));
}
