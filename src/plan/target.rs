//! A deploy target: its record is made from what is really there.

mod host;
mod host_keys;
mod service;

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    LedgerExecutor, Section, Site,
    decide::Subject,
    realize::{self, Thing},
    record::Record,
    undecided::Undecided,
};
use crate::model::{
    Address, DeployKey, EcsTarget, Failure, Goal, HostTarget, Kind, Map, Node, Place, Target,
    TargetKind, arn,
};
use crate::resource::registration::Registration;

/// What is declared of a target, rendered.
#[derive(Debug, Deserialize)]
struct Declared {
    cluster: Option<String>,
    service: Option<String>,
    task_family: Option<String>,
    role: Option<String>,
    #[serde(default)]
    services: BTreeMap<String, String>,
    host: Option<String>,
    swarm: Option<String>,
    user: Option<String>,
    key: Option<DeployKey>,
    ports: Option<Vec<u16>>,
    #[serde(default)]
    images: BTreeMap<String, String>,
}

/// Collects the target's record and decides over its registration.
///
/// Undecided until what it deploys to is as it will be; fails when that is not there: a target is registered only when it
/// was seen.
pub async fn visit(
    site: &Site,
    node: &Node,
    values: &Map,
    goal: Goal,
    executor: &dyn LedgerExecutor,
) -> Result<Section, Undecided> {
    let values = site.render(values, node)?;
    // What one deploys to must be as it will be before it can be described.
    site.outputs.settled(&node.needs)?;
    let mut declared: Declared = realize::read(node, &values)?;
    let mut images = std::mem::take(&mut declared.images);
    let kind = match (goal, declared) {
        (Goal::Absent, _) => TargetKind::Host(HostTarget::default()),
        (
            Goal::Present,
            Declared {
                host: Some(host),
                swarm,
                user,
                key,
                ports,
                ..
            },
        ) => {
            let seen = host::seen(site, &host, user).await?;
            if let Some(swarm) = &swarm {
                host::takes_stacks(node, &seen, swarm)?;
            }
            if images.is_empty() {
                images = host::prepared_for(site, &Address::new(Kind::Host, &host));
            }
            let key = key.map(|key| host::deploy_key(site, &key));
            TargetKind::Host(HostTarget {
                key,
                ports,
                swarm,
                ..seen
            })
        }
        (
            Goal::Present,
            Declared {
                cluster: Some(cluster),
                service: Some(service),
                task_family,
                role,
                services,
                ..
            },
        ) => {
            let main = service::seen(site, node, &cluster, service, task_family).await?;
            let mut further = BTreeMap::new();
            for (name, service) in services {
                let one = service::seen(site, node, &cluster, service, None).await?;
                further.insert(name, one);
            }
            TargetKind::Ecs(EcsTarget {
                account: service::account(site).await?,
                region: site.region.clone(),
                cluster: arn::name(&cluster).to_owned(),
                service: main.service,
                task_family: main.task_family,
                role,
                services: further,
            })
        }
        (Goal::Present, other) => {
            let bug = format!("a target is neither host nor service: {other:?}");
            return Err(Failure::bug(bug).into());
        }
    };
    let target = Target {
        name: node.address.name.clone(),
        project: site.project.clone(),
        environment: site.environment.clone(),
        // The registry dates a record when it is written; a plan must not differ by the minute it was made in.
        registered: String::new(),
        version: 0,
        images,
        verified: None,
        kind,
    };
    let world = site.open(&Place::Registry, None).await?;
    let thing = Thing::of(site, Box::new(Registration { target }));
    let record = Record::of(values);
    let subject = Subject {
        site,
        node,
        thing: &thing,
        record: &record,
        goal,
        world: &world,
        executor,
    };
    Ok(subject.decide().await?)
}
