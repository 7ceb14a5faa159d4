//! Questions to IAM.

use std::collections::BTreeMap;

use aws_sdk_iam::{
    Client,
    types::{PolicyEvaluationDecisionType, PolicyScopeType, Tag},
};
use futures::{future::try_join_all, try_join};

use super::{ABSENT, document::decode};
use crate::connect::aws::{
    Clients,
    error::{failed, given, unless},
    settle::{Apart, agreed, torn},
};
use crate::model::Failure;
use crate::model::iam::{IamAnswer, IamQuery, Permission, ProfileSeen, RoleSeen};

/// The paths AWS keeps its own policies under.
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/access_policies_managed-vs-inline.html>
const PATHS: [&str; 4] = ["", "service-role/", "aws-service-role/", "job-function/"];

/// The answer to a question to IAM.
pub(in crate::connect::aws) async fn ask(
    clients: &Clients,
    query: &IamQuery,
) -> Result<IamAnswer, Failure> {
    let iam = &clients.iam;
    match query {
        IamQuery::Caller => Ok(IamAnswer::Caller(clients.caller.clone())),
        IamQuery::Role { name } => agreed(clients.patience, || role(iam, name))
            .await
            .map(IamAnswer::Role),
        IamQuery::ManagedPolicy { name } => {
            let partition = clients.caller.partition();
            managed_policy(iam, partition, name)
                .await
                .map(IamAnswer::ManagedPolicy)
        }
        IamQuery::ManagedPolicies => managed_policies(iam).await.map(IamAnswer::ManagedPolicies),
        IamQuery::InstanceProfile { name } => {
            profile(iam, name).await.map(IamAnswer::InstanceProfile)
        }
        IamQuery::Simulate { role, permissions } => simulate(iam, role, permissions)
            .await
            .map(IamAnswer::Simulated),
    }
}

/// The role with all that hangs on it. IAM answers from replicas, of which one may know of it and another not.
async fn role(iam: &Client, name: &str) -> Result<Option<RoleSeen>, Apart> {
    let what = format!("reading the role {name}");
    let answer = iam.get_role().role_name(name).send().await;
    let Some(answer) = unless(&[ABSENT], answer, failed("iam:GetRole", &what))? else {
        return Ok(None);
    };
    // The SDK makes up an empty one where the answer has none.
    let role = answer.role.filter(|role| !role.arn.is_empty());
    let role = given(role, "Role", &what)?;
    let (managed_policies, inline_policies, instance_profiles) = try_join!(
        attached(iam, name, &what),
        inline(iam, name, &what),
        profiles(iam, name, &what),
    )?;
    Ok(Some(RoleSeen {
        trust: decode(role.assume_role_policy_document().unwrap_or("{}"), &what)?,
        tags: tags(role.tags()),
        arn: role.arn,
        managed_policies,
        inline_policies,
        instance_profiles,
    }))
}

async fn attached(iam: &Client, name: &str, what: &str) -> Result<Vec<String>, Apart> {
    let found: Result<Vec<_>, _> = iam
        .list_attached_role_policies()
        .role_name(name)
        .into_paginator()
        .items()
        .send()
        .collect()
        .await;
    let found = found.map_err(torn(ABSENT, failed("iam:ListAttachedRolePolicies", what)))?;
    Ok(found
        .into_iter()
        .filter_map(|policy| policy.policy_arn)
        .collect())
}

async fn inline(
    iam: &Client,
    role: &str,
    what: &str,
) -> Result<BTreeMap<String, crate::model::Value>, Apart> {
    let names: Result<Vec<String>, _> = iam
        .list_role_policies()
        .role_name(role)
        .into_paginator()
        .items()
        .send()
        .collect()
        .await;
    let names = names.map_err(torn(ABSENT, failed("iam:ListRolePolicies", what)))?;
    let documents = names.into_iter().map(|name| async move {
        let policy = iam
            .get_role_policy()
            .role_name(role)
            .policy_name(&name)
            .send()
            .await
            .map_err(torn(ABSENT, failed("iam:GetRolePolicy", what)))?;
        let document = decode(&policy.policy_document, what)?;
        Ok::<_, Apart>((name, document))
    });
    Ok(try_join_all(documents).await?.into_iter().collect())
}

async fn profiles(iam: &Client, name: &str, what: &str) -> Result<Vec<String>, Apart> {
    let found: Result<Vec<_>, _> = iam
        .list_instance_profiles_for_role()
        .role_name(name)
        .into_paginator()
        .items()
        .send()
        .collect()
        .await;
    let found = found.map_err(torn(
        ABSENT,
        failed("iam:ListInstanceProfilesForRole", what),
    ))?;
    Ok(found
        .into_iter()
        .map(|profile| profile.instance_profile_name)
        .collect())
}

/// Asks for the policy under each path that AWS uses: cheaper than listing them all.
async fn managed_policy(
    iam: &Client,
    partition: &str,
    name: &str,
) -> Result<Option<String>, Failure> {
    let arns: Vec<String> = if name.starts_with("arn:") {
        vec![name.to_owned()]
    } else if name.contains('/') {
        vec![format!("arn:{partition}:iam::aws:policy/{name}")]
    } else {
        PATHS
            .iter()
            .map(|path| format!("arn:{partition}:iam::aws:policy/{path}{name}"))
            .collect()
    };
    for arn in arns {
        let answer = iam.get_policy().policy_arn(&arn).send().await;
        // What cannot be a name at all is refused as invalid, and is not there either.
        let found = unless(
            &[ABSENT, "ValidationError", "InvalidInput"],
            answer,
            failed("iam:GetPolicy", format!("reading the policy {arn}")),
        )?;
        if let Some(answer) = found {
            let found = answer.policy.and_then(|policy| policy.arn);
            given(found, "Policy", format!("reading the policy {arn}"))?;
            return Ok(Some(arn));
        }
    }
    Ok(None)
}

async fn managed_policies(iam: &Client) -> Result<BTreeMap<String, String>, Failure> {
    let found: Result<Vec<_>, _> = iam
        .list_policies()
        .scope(PolicyScopeType::Aws)
        .max_items(1000)
        .into_paginator()
        .items()
        .send()
        .collect()
        .await;
    let found = found.map_err(failed(
        "iam:ListPolicies",
        "listing the policies that AWS manages",
    ))?;
    Ok(found
        .into_iter()
        .filter_map(|policy| policy.arn)
        .filter_map(|arn| Some((arn.split_once(":policy/")?.1.to_owned(), arn)))
        .collect())
}

async fn profile(iam: &Client, name: &str) -> Result<Option<ProfileSeen>, Failure> {
    let answer = iam
        .get_instance_profile()
        .instance_profile_name(name)
        .send()
        .await;
    let what = format!("reading the instance profile {name}");
    let Some(answer) = unless(&[ABSENT], answer, failed("iam:GetInstanceProfile", &what))? else {
        return Ok(None);
    };
    let profile = answer.instance_profile;
    let profile = profile.filter(|profile| !profile.instance_profile_name.is_empty());
    let profile = given(profile, "InstanceProfile", what)?;
    Ok(Some(ProfileSeen {
        tags: tags(profile.tags()),
        roles: profile
            .roles
            .into_iter()
            .map(|role| role.role_name)
            .collect(),
    }))
}

/// Asks about each by itself: the simulator tries every action of a request on every resource of it.
async fn simulate(
    iam: &Client,
    role: &str,
    permissions: &[Permission],
) -> Result<Vec<Permission>, Failure> {
    let decided = permissions.iter().map(|one| async move {
        let answer = iam
            .simulate_principal_policy()
            .policy_source_arn(role)
            .action_names(&one.action)
            .resource_arns(&one.resource)
            .send()
            .await
            .map_err(failed(
                "iam:SimulatePrincipalPolicy",
                format!("asking what {role} may do"),
            ))?;
        let decision = answer
            .evaluation_results()
            .first()
            .map(|one| &one.eval_decision);
        let decision = given(
            decision,
            "EvalDecision",
            format!("asking what {role} may do"),
        )?;
        let allowed = *decision == PolicyEvaluationDecisionType::Allowed;
        Ok::<_, Failure>(allowed.then(|| one.clone()))
    });
    Ok(try_join_all(decided).await?.into_iter().flatten().collect())
}

fn tags(tags: &[Tag]) -> BTreeMap<String, String> {
    tags.iter()
        .map(|tag| (tag.key.clone(), tag.value.clone()))
        .collect()
}
