//! Questions to Systems Manager.

use std::collections::BTreeMap;

use aws_sdk_ssm::types::{InstanceInformationStringFilter, ResourceTypeForTagging};

use super::super::{
    Clients,
    error::{failed, unless},
};
use super::ABSENT;
use crate::model::Failure;
use crate::model::ssm::{ManagedInstanceSeen, SsmAnswer, SsmQuery};

/// The answer to a question to Systems Manager.
pub(in crate::connect::aws) async fn ask(
    clients: &Clients,
    query: &SsmQuery,
) -> Result<SsmAnswer, Failure> {
    match query {
        SsmQuery::ManagedInstance { id } => {
            managed(clients, id).await.map(SsmAnswer::ManagedInstance)
        }
    }
}

/// The managed instance of this id; none where Systems Manager knows none.
async fn managed(clients: &Clients, id: &str) -> Result<Option<ManagedInstanceSeen>, Failure> {
    let what = format!("looking at the managed instance {id}");
    let only = InstanceInformationStringFilter::builder()
        .key("InstanceIds")
        .values(id)
        .build()
        .map_err(|error| Failure::bug(error.to_string()))?;
    let answer = clients
        .ssm
        .describe_instance_information()
        .filters(only)
        .send()
        .await;
    let answer = unless(
        ABSENT,
        answer,
        failed("ssm:DescribeInstanceInformation", &what),
    )?;
    let list = answer.and_then(|answer| answer.instance_information_list);
    let of_this_id =
        |one: &aws_sdk_ssm::types::InstanceInformation| one.instance_id.as_deref() == Some(id);
    let Some(seen) = list.unwrap_or_default().into_iter().find(of_this_id) else {
        return Ok(None);
    };
    let tags = clients
        .ssm
        .list_tags_for_resource()
        .resource_type(ResourceTypeForTagging::ManagedInstance)
        .resource_id(id)
        .send()
        .await;
    let tags = unless(ABSENT, tags, failed("ssm:ListTagsForResource", &what))?;
    let tags = tags.and_then(|answer| answer.tag_list).unwrap_or_default();
    Ok(Some(ManagedInstanceSeen {
        role: seen.iam_role.unwrap_or_default(),
        tags: tags
            .into_iter()
            .map(|tag| (tag.key, tag.value))
            .collect::<BTreeMap<_, _>>(),
    }))
}
