//! A service on ECS as a deploy target: what is tried there, where no emulator decides what a role may do.

use std::collections::BTreeMap;
use std::sync::Arc;

use async_trait::async_trait;
use aws_sdk_ecs::Client as Ecs;
use aws_sdk_ecs::operation::describe_services::DescribeServicesOutput;
use aws_sdk_ecs::types::Service;
use aws_sdk_iam::Client as Iam;
use aws_sdk_iam::operation::simulate_principal_policy::SimulatePrincipalPolicyOutput;
use aws_sdk_iam::types::{EvaluationResult, PolicyEvaluationDecisionType};
use aws_smithy_mocks::mock;
use landfall::connect::aws::Aws;
use landfall::model::{
    Check, CheckResult, EcsService, EcsTarget, Failure, HostTarget, Probe, Target, TargetKind,
};
use landfall::register::{Entered, Entrance, verify};

use crate::support::stubs::Stubs;

struct Account(Aws);

#[async_trait]
impl Entrance for Account {
    async fn host(&self, _: &Target, _: &HostTarget) -> Result<Entered, Failure> {
        Err(Failure::new("a host was entered", "a test"))
    }

    async fn aws(&self, _: &EcsTarget) -> Result<Arc<dyn Probe>, Failure> {
        Ok(Arc::new(self.0.clone()))
    }

    fn network(&self) -> Arc<dyn Probe> {
        Arc::new(landfall::connect::network::Network)
    }
}

fn target() -> Target {
    let worker = EcsService {
        service: "worker".into(),
        task_family: None,
    };
    Target {
        name: "web".into(),
        project: "review".into(),
        environment: "production".into(),
        registered: String::new(),
        version: 1,
        images: BTreeMap::new(),
        verified: None,
        kind: TargetKind::Ecs(EcsTarget {
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            cluster: "main".into(),
            service: "web".into(),
            task_family: None,
            role: Some("arn:aws:iam::123456789012:role/ci".into()),
            services: BTreeMap::from([("worker".into(), worker)]),
        }),
    }
}

/// What comes of each check where the role may do these, by action and the resource's end.
async fn tried(allowed: &'static [(&'static str, &'static str)], gone: &'static str) -> Vec<Check> {
    let services = mock!(Ecs::describe_services).then_compute_output(move |request| {
        let name = request.services()[0].clone();
        let status = if name == gone { "INACTIVE" } else { "ACTIVE" };
        let service = Service::builder()
            .service_arn(format!(
                "arn:aws:ecs:eu-west-1:123456789012:service/main/{name}"
            ))
            .service_name(&name)
            .cluster_arn("arn:aws:ecs:eu-west-1:123456789012:cluster/main")
            .task_definition(format!(
                "arn:aws:ecs:eu-west-1:123456789012:task-definition/{name}:7"
            ))
            .status(status);
        DescribeServicesOutput::builder()
            .services(service.build())
            .build()
    });
    let simulator = mock!(Iam::simulate_principal_policy).then_compute_output(move |request| {
        assert_eq!(
            request.policy_source_arn(),
            Some("arn:aws:iam::123456789012:role/ci")
        );
        let (action, resource) = (&request.action_names()[0], &request.resource_arns()[0]);
        let may = |(known, end): &(&str, &str)| known == action && resource.ends_with(end);
        let decision = match allowed.iter().any(may) {
            true => PolicyEvaluationDecisionType::Allowed,
            false => PolicyEvaluationDecisionType::ImplicitDeny,
        };
        let result = EvaluationResult::builder()
            .eval_action_name(action)
            .eval_decision(decision);
        SimulatePrincipalPolicyOutput::builder()
            .evaluation_results(result.build().unwrap())
            .build()
    });
    let aws = Stubs {
        ecs: &[&services],
        iam: &[&simulator],
        ..Stubs::default()
    }
    .aws();
    verify(&target(), None, &Account(aws)).await
}

fn why(checks: &[Check], tried: &str) -> String {
    let check = checks.iter().find(|check| check.tried == tried).unwrap();
    match &check.result {
        CheckResult::Passed { seen } => format!("passed: {seen}"),
        CheckResult::Failed { why, .. } => format!("failed: {why}"),
        CheckResult::Skipped { why } => format!("skipped: {why}"),
    }
}

const ROLE: &str = "arn:aws:iam::123456789012:role/ci";
const OWN: [(&str, &str); 2] = [
    ("ecs:UpdateService", "service/main/web"),
    ("ecs:UpdateService", "service/main/worker"),
];

#[tokio::test]
async fn a_role_may_update_the_services_of_its_target_and_nothing_else() {
    let checks = tried(&OWN, "").await;
    assert_eq!(why(&checks, "main/web"), "passed: active, with web:7");
    assert_eq!(why(&checks, "main/worker"), "passed: active, with worker:7");
    assert!(why(&checks, ROLE).starts_with("passed: "), "{checks:?}");

    let less = tried(&[OWN[0]], "").await;
    assert!(why(&less, ROLE).starts_with("failed: It may not do what a deployment does: ecs:UpdateService on arn:aws:ecs:eu-west-1:123456789012:service/main/worker."), "{less:?}");

    const MORE: [(&str, &str); 3] = [OWN[0], OWN[1], ("iam:CreateUser", "*")];
    let more = tried(&MORE, "").await;
    assert_eq!(
        why(&more, ROLE),
        "failed: It may do more than a deployment needs: iam:CreateUser on *."
    );

    const ANY: [(&str, &str); 1] = [("ecs:UpdateService", "")];
    let any = tried(&ANY, "").await;
    assert!(
        why(&any, ROLE).contains("service/main/a-service-of-somebody-else"),
        "{any:?}"
    );
}

#[tokio::test]
async fn a_service_that_is_gone_fails_alone() {
    let checks = tried(&OWN, "worker").await;
    let failed: Vec<&str> = checks
        .iter()
        .filter(|check| matches!(check.result, CheckResult::Failed { .. }))
        .map(|check| check.tried.as_str())
        .collect();
    assert_eq!(failed, ["main/worker"]);
}
