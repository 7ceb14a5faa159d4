//! A service on ECS, as a target's record describes it.

use crate::answer;
use crate::model::ecs::{EcsAnswer, EcsQuery};
use crate::model::iam::{IamAnswer, IamQuery};
use crate::model::{Answer, EcsService, Failure, Node, Place, Probe, Query, arn};
use crate::plan::Site;

/// The account that it is in, by its twelve digits.
pub async fn account(site: &Site) -> Result<String, Failure> {
    let aws = site.open(&Place::Aws, None).await?;
    let caller = answer!(aws, Query::Iam(IamQuery::Caller), Answer::Iam(IamAnswer::Caller(caller)) => caller);
    Ok(caller.account)
}

/// An active service, with the family of what it runs where none is given. What comes out of stacks as ARNs is recorded by
/// its name, as consumers take it.
pub async fn seen(
    site: &Site,
    node: &Node,
    cluster: &str,
    service: String,
    task_family: Option<String>,
) -> Result<EcsService, Failure> {
    let aws = site.open(&Place::Aws, None).await?;
    let query = Query::Ecs(EcsQuery::Service {
        cluster: cluster.to_owned(),
        name: service.clone(),
    });
    let seen = answer!(aws, query, Answer::Ecs(EcsAnswer::Service(seen)) => seen);
    let Some(seen) = seen.filter(|seen| seen.status == "ACTIVE") else {
        return Err(Failure::new(
            "there is no such service to deploy to",
            format!("registering {}", node.address),
        )
        .why(format!(
            "The cluster `{cluster}` has no active service `{service}`."
        ))
        .left_behind("The registry is as it was.")
        .help("Name a service that exists, or declare it under `[services]` or in a stack."));
    };
    let task = task_family.unwrap_or(seen.task_definition);
    Ok(EcsService {
        service: arn::name(&service).to_owned(),
        task_family: Some(arn::family(&task).to_owned()),
    })
}
