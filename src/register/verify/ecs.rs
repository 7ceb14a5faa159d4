//! What is tried at a service.

use std::sync::Arc;

use super::entrance::Entrance;
use super::outcome::{check, failed, of_failure, passed, skipped};
use crate::answer;
use crate::model::ecs::{EcsAnswer, EcsQuery};
use crate::model::iam::{IamAnswer, IamQuery, Permission};
use crate::model::{Answer, Check, CheckResult, EcsTarget, Failure, Probe, Query, arn};

/// Tries whether each service is there to be deployed to, and what the role of deployments may do.
pub async fn verify(ecs: &EcsTarget, entrance: &dyn Entrance) -> Vec<Check> {
    let aws = match entrance.aws(ecs).await {
        Ok(aws) => aws,
        Err(failure) => {
            let tried = format!("account {}, {}", ecs.account, ecs.region);
            return vec![check("account", tried, of_failure(&failure))];
        }
    };
    let further = ecs.services.values().map(|one| one.service.as_str());
    let mut checks = Vec::new();
    for service in std::iter::once(ecs.service.as_str()).chain(further) {
        let result = match of_service(ecs, service, &aws).await {
            Ok(result) => result,
            Err(failure) => of_failure(&failure),
        };
        checks.push(check(
            "service",
            format!("{}/{service}", ecs.cluster),
            result,
        ));
    }
    if let Some(role) = &ecs.role {
        let result = match of_role(ecs, role, &aws).await {
            Ok(result) => result,
            Err(failure) => skipped(format!(
                "What the role may do could not be asked: {}",
                failure.in_short()
            )),
        };
        checks.push(check("role", role, result));
    }
    checks
}

async fn of_service(
    ecs: &EcsTarget,
    service: &str,
    aws: &Arc<dyn Probe>,
) -> Result<CheckResult, Failure> {
    let query = Query::Ecs(EcsQuery::Service {
        cluster: ecs.cluster.clone(),
        name: service.to_owned(),
    });
    let seen = answer!(aws, query, Answer::Ecs(EcsAnswer::Service(seen)) => seen);
    Ok(match seen.filter(|seen| seen.status == "ACTIVE") {
        Some(seen) => {
            let revision = arn::name(&seen.task_definition);
            passed(format!("active, with {revision}"))
        }
        None => failed(
            format!(
                "The cluster `{}` has no active service `{service}`.",
                ecs.cluster
            ),
            "Apply the environment",
        ),
    })
}

/// By AWS's own policy simulator: the role may update this service, and neither another one nor itself.
async fn of_role(
    ecs: &EcsTarget,
    role: &str,
    aws: &Arc<dyn Probe>,
) -> Result<CheckResult, Failure> {
    let partition = role.split(':').nth(1).unwrap_or("aws");
    let cluster = arn::name(&ecs.cluster);
    let arn = |service: &str| {
        format!(
            "arn:{partition}:ecs:{}:{}:service/{cluster}/{service}",
            ecs.region, ecs.account
        )
    };
    let permission = |action: &str, resource: String| Permission {
        action: action.to_owned(),
        resource,
    };
    let further = ecs.services.values().map(|one| one.service.as_str());
    let own = std::iter::once(ecs.service.as_str()).chain(further);
    let own: Vec<Permission> = own
        .map(|one| permission("ecs:UpdateService", arn(one)))
        .collect();
    let other = [
        permission("ecs:UpdateService", arn("a-service-of-somebody-else")),
        permission(
            "ecs:DeleteCluster",
            format!(
                "arn:{partition}:ecs:{}:{}:cluster/{cluster}",
                ecs.region, ecs.account
            ),
        ),
        permission("iam:CreateUser", "*".to_owned()),
        permission("iam:PutRolePolicy", role.to_owned()),
    ];
    let mut asked = own.clone();
    asked.extend(other.clone());
    let query = Query::Iam(IamQuery::Simulate {
        role: role.to_owned(),
        permissions: asked,
    });
    let allowed = answer!(aws, query, Answer::Iam(IamAnswer::Simulated(allowed)) => allowed);
    let say = |one: &Permission| format!("{} on {}", one.action, one.resource);
    let missing: Vec<String> = own
        .iter()
        .filter(|one| !allowed.contains(one))
        .map(say)
        .collect();
    let excess: Vec<String> = other
        .iter()
        .filter(|one| allowed.contains(one))
        .map(say)
        .collect();
    Ok(if !missing.is_empty() {
        failed(
            format!(
                "It may not do what a deployment does: {}.",
                missing.join(", ")
            ),
            "Give its policy this right",
        )
    } else if !excess.is_empty() {
        failed(
            format!(
                "It may do more than a deployment needs: {}.",
                excess.join(", ")
            ),
            "Take this right out of its policies",
        )
    } else {
        passed("may update the service, and nothing else that was asked about")
    })
}
