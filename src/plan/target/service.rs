//! A service on ECS, as a target's record describes it.

use crate::answer;
use crate::model::ecs::{EcsAnswer, EcsQuery};
use crate::model::iam::{IamAnswer, IamQuery};
use crate::model::{Answer, EcsService, Failure, Node, Place, Probe, Query};
use crate::plan::Site;

/// The account that it is in, by its twelve digits.
pub async fn account(site: &Site) -> Result<String, Failure> {
    let aws = site.open(&Place::Aws, None).await?;
    let caller = answer!(aws, Query::Iam(IamQuery::Caller), Answer::Iam(IamAnswer::Caller(caller)) => caller);
    Ok(caller.account)
}

/// An active service, with the family of what it runs where none is given.
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
    // …:task-definition/FAMILY:REVISION
    let running = seen
        .task_definition
        .rsplit('/')
        .next()
        .and_then(|tail| tail.split(':').next());
    Ok(EcsService {
        service,
        task_family: task_family.or_else(|| running.map(str::to_owned)),
    })
}
