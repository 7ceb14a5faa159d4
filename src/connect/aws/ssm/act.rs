//! Actions in Systems Manager.

use std::collections::BTreeMap;
use std::time::{Duration, SystemTime};

use aws_sdk_ssm::types::{ResourceTypeForTagging, Tag};

use super::super::{
    Clients,
    error::{failed, given, unless},
    settle::settle,
};
use super::ABSENT;
use crate::model::ssm_action::SsmAction;
use crate::model::{Failure, Outcome, Secret};

/// For how long an activation is good: a host registers within seconds, and one that nobody takes away again shall not
/// be good for the day that Systems Manager gives it by default.
const GOOD_FOR: Duration = Duration::from_secs(3600);

/// The codes of a role, or a trust in it, that was just made and is not known everywhere.
const NOT_YET: &[&str] = &["ValidationException", "InvalidParameters"];

/// Performs an action in Systems Manager.
pub(in crate::connect::aws) async fn act(
    clients: &Clients,
    action: &SsmAction,
) -> Result<Outcome, Failure> {
    match action {
        SsmAction::Activate { role, name, tags } => {
            let secret = activate(clients, role, name, tags).await?;
            return Ok(Outcome::GaveSecret(secret));
        }
        SsmAction::DeleteActivation { id } => {
            let request = clients.ssm.delete_activation().activation_id(id);
            let what = format!("deleting the activation {id}");
            let gone = &["InvalidActivation", "InvalidActivationId"];
            unless(
                gone,
                request.send().await,
                failed("ssm:DeleteActivation", what),
            )?;
        }
        SsmAction::SetRole { instance, role } => {
            let request = || {
                let request = clients.ssm.update_managed_instance_role();
                request.instance_id(instance).iam_role(role).send()
            };
            let what = format!("giving the managed instance {instance} the role {role}");
            settle(clients.patience, NOT_YET, request)
                .await
                .map_err(failed("ssm:UpdateManagedInstanceRole", what))?;
        }
        SsmAction::Tag { instance, tags } => {
            clients
                .ssm
                .add_tags_to_resource()
                .resource_type(ResourceTypeForTagging::ManagedInstance)
                .resource_id(instance)
                .set_tags(Some(sdk_tags(tags)?))
                .send()
                .await
                .map_err(failed(
                    "ssm:AddTagsToResource",
                    format!("tagging the managed instance {instance}"),
                ))?;
        }
        SsmAction::Deregister { instance } => {
            let request = clients.ssm.deregister_managed_instance();
            let answer = request.instance_id(instance).send().await;
            let what = format!("deregistering the managed instance {instance}");
            unless(
                ABSENT,
                answer,
                failed("ssm:DeregisterManagedInstance", what),
            )?;
        }
    }
    Ok(Outcome::Done)
}

/// An activation for one machine: its id and its code, apart by a space.
async fn activate(
    clients: &Clients,
    role: &str,
    name: &str,
    tags: &BTreeMap<String, String>,
) -> Result<Secret, Failure> {
    let what = || format!("making an activation for {name}");
    let tags = sdk_tags(tags)?;
    let request = || {
        clients
            .ssm
            .create_activation()
            .iam_role(role)
            .default_instance_name(name)
            .registration_limit(1)
            .expiration_date((SystemTime::now() + GOOD_FOR).into())
            .set_tags(Some(tags.clone()))
            .send()
    };
    let answer = settle(clients.patience, NOT_YET, request)
        .await
        .map_err(|error| {
            failed("ssm:CreateActivation", what())(error).left_behind("The host was not changed.")
        })?;
    let id = given(answer.activation_id, "ActivationId", what())?;
    let code = given(answer.activation_code, "ActivationCode", what())?;
    Ok(Secret::new(format!("{id} {code}")))
}

fn sdk_tags(tags: &BTreeMap<String, String>) -> Result<Vec<Tag>, Failure> {
    let tags = tags.iter();
    tags.map(|(key, value)| Tag::builder().key(key).value(value).build())
        .collect::<Result<_, _>>()
        .map_err(|error| Failure::bug(error.to_string()))
}
