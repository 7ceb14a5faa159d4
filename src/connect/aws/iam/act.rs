//! Actions in IAM.

use std::collections::BTreeMap;

use aws_sdk_iam::types::Tag;

use super::{ABSENT, PRESENT, ask::ask};
use crate::connect::aws::{
    Clients,
    error::{failed, unless},
    settle::settle,
};
use crate::model::iam::{IamAnswer, IamQuery};
use crate::model::iam_action::IamAction;
use crate::model::{Class, Failure, Outcome, Progress, Value};

/// Performs an action in IAM. What hangs something on a role waits until IAM knows the role everywhere.
pub(in crate::connect::aws) async fn act(
    clients: &Clients,
    action: &IamAction,
    _: &Progress,
) -> Result<Outcome, Failure> {
    perform(clients, action).await.map_err(|failure| {
        if failure.left_behind.is_empty() {
            failure.left_behind(left_behind(action))
        } else {
            failure
        }
    })?;
    Ok(Outcome::Done)
}

async fn perform(clients: &Clients, action: &IamAction) -> Result<(), Failure> {
    let (iam, patience) = (&clients.iam, clients.patience);
    match action {
        IamAction::CreateRole { name, trust, tags } => create(clients, name, trust, tags).await,
        IamAction::SetTrust { name, trust } => settle(patience, &[ABSENT], || {
            iam.update_assume_role_policy()
                .role_name(name)
                .policy_document(trust.to_string())
                .send()
        })
        .await
        .map(drop)
        .map_err(failed("iam:UpdateAssumeRolePolicy", what(action))),
        IamAction::Attach { role, policy } => settle(patience, &[ABSENT], || {
            iam.attach_role_policy()
                .role_name(role)
                .policy_arn(policy)
                .send()
        })
        .await
        .map(drop)
        .map_err(failed("iam:AttachRolePolicy", what(action))),
        IamAction::Detach { role, policy } => {
            let request = iam.detach_role_policy().role_name(role).policy_arn(policy);
            unless(
                &[ABSENT],
                request.send().await,
                failed("iam:DetachRolePolicy", what(action)),
            )
            .map(drop)
        }
        IamAction::PutInline {
            role,
            name,
            document,
        } => settle(patience, &[ABSENT], || {
            iam.put_role_policy()
                .role_name(role)
                .policy_name(name)
                .policy_document(document.to_string())
                .send()
        })
        .await
        .map(drop)
        .map_err(failed("iam:PutRolePolicy", what(action))),
        IamAction::DeleteInline { role, name } => {
            let request = iam.delete_role_policy().role_name(role).policy_name(name);
            unless(
                &[ABSENT],
                request.send().await,
                failed("iam:DeleteRolePolicy", what(action)),
            )
            .map(drop)
        }
        IamAction::PutInProfile {
            role,
            profile,
            tags,
        } => put_in_profile(clients, role, profile, tags).await,
        IamAction::DeleteProfile { role, profile } => delete_profile(clients, role, profile).await,
        IamAction::Tag { role, tags } => settle(patience, &[ABSENT], || {
            iam.tag_role()
                .role_name(role)
                .set_tags(Some(tag_list(tags)))
                .send()
        })
        .await
        .map(drop)
        .map_err(failed("iam:TagRole", what(action))),
        IamAction::Untag { role, keys } => {
            let request = iam
                .untag_role()
                .role_name(role)
                .set_tag_keys(Some(keys.clone()));
            unless(
                &[ABSENT],
                request.send().await,
                failed("iam:UntagRole", what(action)),
            )
            .map(drop)
        }
        // What was just taken off a role may still be seen on it for a moment.
        IamAction::DeleteRole { name } => {
            let answer = settle(patience, &["DeleteConflict"], || {
                iam.delete_role().role_name(name).send()
            })
            .await;
            unless(&[ABSENT], answer, failed("iam:DeleteRole", what(action))).map(drop)
        }
    }
}

/// Makes the role, or, when an earlier attempt made it without our hearing of it, sets its trust policy.
async fn create(
    clients: &Clients,
    name: &str,
    trust: &Value,
    tags: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let what = format!("making the role {name}");
    let request = clients
        .iam
        .create_role()
        .role_name(name)
        .assume_role_policy_document(trust.to_string())
        .set_tags(Some(tag_list(tags)));
    let made = unless(
        &[PRESENT],
        request.send().await,
        failed("iam:CreateRole", &what),
    )?;
    if made.is_some() {
        return Ok(());
    }
    let query = IamQuery::Role {
        name: name.to_owned(),
    };
    match ask(clients, &query).await? {
        IamAnswer::Role(Some(role)) if carries(&role.tags, tags) => {
            let trust = trust.clone();
            let name = name.to_owned();
            Box::pin(perform(clients, &IamAction::SetTrust { name, trust })).await
        }
        _ => Err(Failure::new("a role of this name exists meanwhile", what)
            .class(Class::Refused)
            .why("It does not carry our tags, so that somebody else made it.")
            .left_behind("Nothing was changed.")
            .help(
                "Set `adopt = true` under [roles.NAME] to take it over, or choose another name.",
            )),
    }
}

async fn put_in_profile(
    clients: &Clients,
    role: &str,
    profile: &str,
    tags: &BTreeMap<String, String>,
) -> Result<(), Failure> {
    let what = format!("putting the role {role} into the instance profile {profile}");
    let request = clients
        .iam
        .create_instance_profile()
        .instance_profile_name(profile)
        .set_tags(Some(tag_list(tags)));
    unless(
        &[PRESENT],
        request.send().await,
        failed("iam:CreateInstanceProfile", &what),
    )?;
    let added = settle(clients.patience, &[ABSENT], || {
        clients
            .iam
            .add_role_to_instance_profile()
            .instance_profile_name(profile)
            .role_name(role)
            .send()
    })
    .await;
    // A profile holds one role: the limit is met by the very role, when this was done before, or by another one.
    let added = unless(
        &["LimitExceeded", PRESENT],
        added,
        failed("iam:AddRoleToInstanceProfile", &what),
    )?;
    if added.is_some() {
        return Ok(());
    }
    let query = IamQuery::InstanceProfile {
        name: profile.to_owned(),
    };
    match ask(clients, &query).await? {
        IamAnswer::InstanceProfile(Some(seen)) if seen.roles.iter().any(|other| other == role) => {
            Ok(())
        }
        _ => Err(
            Failure::new("the instance profile holds another role", what)
                .class(Class::Refused)
                .help("Take that role out of the profile, or choose another name for ours."),
        ),
    }
}

async fn delete_profile(clients: &Clients, role: &str, profile: &str) -> Result<(), Failure> {
    let what = format!("deleting the instance profile {profile}");
    let removed = clients
        .iam
        .remove_role_from_instance_profile()
        .instance_profile_name(profile)
        .role_name(role)
        .send()
        .await;
    unless(
        &[ABSENT],
        removed,
        failed("iam:RemoveRoleFromInstanceProfile", &what),
    )?;
    let deleted = settle(clients.patience, &["DeleteConflict"], || {
        clients
            .iam
            .delete_instance_profile()
            .instance_profile_name(profile)
            .send()
    })
    .await;
    unless(
        &[ABSENT],
        deleted,
        failed("iam:DeleteInstanceProfile", what),
    )
    .map(drop)
}

fn carries(tags: &BTreeMap<String, String>, ours: &BTreeMap<String, String>) -> bool {
    ours.iter().all(|(key, value)| tags.get(key) == Some(value))
}

fn tag_list(tags: &BTreeMap<String, String>) -> Vec<Tag> {
    // Key and value are all that a tag needs, so that building one cannot fail.
    tags.iter()
        .filter_map(|(key, value)| Tag::builder().key(key).value(value).build().ok())
        .collect()
}

fn what(action: &IamAction) -> String {
    match action {
        IamAction::CreateRole { name, .. } => format!("making the role {name}"),
        IamAction::SetTrust { name, .. } => format!("setting who may assume the role {name}"),
        IamAction::Attach { role, policy } => format!("attaching {policy} to the role {role}"),
        IamAction::Detach { role, policy } => format!("detaching {policy} from the role {role}"),
        IamAction::PutInline { role, name, .. } => {
            format!("setting the inline policy {name} of the role {role}")
        }
        IamAction::DeleteInline { role, name } => {
            format!("deleting the inline policy {name} of the role {role}")
        }
        IamAction::PutInProfile { profile, .. } | IamAction::DeleteProfile { profile, .. } => {
            format!("changing the instance profile {profile}")
        }
        IamAction::Tag { role, .. } | IamAction::Untag { role, .. } => {
            format!("changing the tags of the role {role}")
        }
        IamAction::DeleteRole { name } => format!("deleting the role {name}"),
    }
}

fn left_behind(action: &IamAction) -> String {
    match action {
        IamAction::CreateRole { name, .. } => {
            format!("There is no role {name}, or one with our tags that the next run completes.")
        }
        IamAction::PutInProfile { profile, .. } => format!(
            "The instance profile {profile} may be there without its role; the next run completes it."
        ),
        IamAction::DeleteProfile { profile, .. } => format!(
            "The instance profile {profile} may be there without its role; the next run deletes it."
        ),
        IamAction::SetTrust { name: role, .. }
        | IamAction::Attach { role, .. }
        | IamAction::Detach { role, .. }
        | IamAction::PutInline { role, .. }
        | IamAction::DeleteInline { role, .. }
        | IamAction::Tag { role, .. }
        | IamAction::Untag { role, .. }
        | IamAction::DeleteRole { name: role } => {
            format!("The role {role} has what the steps before this one gave it.")
        }
    }
}
