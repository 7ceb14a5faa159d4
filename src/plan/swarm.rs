//! A Swarm: its hosts entered, those that are declared no more among them, and decided over as one place.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    LedgerExecutor, Section, Site,
    decide::Subject,
    realize::{self, Thing},
    record::{self, Record},
    undecided::Undecided,
};
use crate::model::{Class, Failure, Goal, Login, Map, Node, Value, World};
use crate::observe::Remembered;
use crate::resource::swarm::{Member, Past, Swarm};

/// The hosts that are declared no more, in the ledger's record until they have left.
const LEAVING: &str = "leaving";

/// A host of the Swarm, as it is declared and as it is recorded.
#[derive(Debug, Clone, Deserialize)]
struct Entry {
    login: Login,
    #[serde(flatten)]
    member: Member,
}

/// What is declared of a Swarm, or recorded of it.
#[derive(Debug, Deserialize)]
struct Declared {
    owner: String,
    managers: Vec<String>,
    members: BTreeMap<String, Entry>,
    #[serde(default)]
    leaving: BTreeMap<String, Entry>,
}

/// Enters every host, decides over the Swarm, and hands the decision on.
///
/// Undecided until its hosts are as they will be: before that they may have no Docker.
pub async fn visit(
    site: &Site,
    node: &Node,
    values: &Map,
    goal: Goal,
    executor: &dyn LedgerExecutor,
) -> Result<Section, Undecided> {
    let values = site.render(values, node)?;
    site.outputs.settled(&node.needs)?;
    let declared: Declared = realize::read(node, &values)?;
    let recorded = site.remembered.get(&node.address);
    let past: Option<Declared> = recorded
        .map(|record| realize::read(node, &record.values))
        .transpose()?;
    let known = past.is_some();
    let mut before: BTreeMap<String, Entry> = BTreeMap::new();
    for past in past.into_iter() {
        before.extend(past.leaving);
        before.extend(past.members);
    }
    let leaving: BTreeMap<String, Entry> = before
        .iter()
        .filter(|(host, _)| !declared.members.contains_key(*host))
        .map(|(host, entry)| (host.clone(), entry.clone()))
        .collect();
    let world = enter(site, &declared.members, &leaving, goal).await?;
    let swarm = Swarm {
        owner: declared.owner,
        managers: declared.managers,
        members: each(&declared.members, |entry| entry.member.clone()),
        past: each(&before, |entry| Past {
            labels: entry.member.labels.clone(),
        }),
        known,
        gone: site.gone.iter().cloned().collect(),
    };
    let thing = Thing::of(site, Box::new(swarm));
    let standing = Record::of(recordable(site, values));
    let mut record = standing.clone();
    if !leaving.is_empty()
        && let Some(recorded) = recorded
    {
        let entry = |host: &String| {
            let part = |name: &str| recorded.values.get(name)?.get(host).cloned();
            let entry = part("members").or_else(|| part(LEAVING))?;
            Some((host.clone(), entry))
        };
        let entries: Map = leaving.keys().filter_map(entry).collect();
        record
            .values
            .insert(LEAVING.to_owned(), Value::Object(entries));
    }
    let subject = Subject {
        site,
        node,
        thing: &thing,
        record: &record,
        goal,
        world: &world,
        executor,
    };
    let section = subject.decide().await?;
    // They have left: nobody asks them again.
    if goal == Goal::Present && !leaving.is_empty() {
        executor.enter(node, &standing, None).await?;
    }
    Ok(section)
}

/// Every host as root. One that is to leave may be gone already; one that is declared must be there, unless all is taken
/// away and it is said to be gone.
async fn enter(
    site: &Site,
    members: &BTreeMap<String, Entry>,
    leaving: &BTreeMap<String, Entry>,
    goal: Goal,
) -> Result<Remembered, Failure> {
    let mut hosts: BTreeMap<String, Result<std::sync::Arc<dyn World>, String>> = BTreeMap::new();
    for (host, entry) in members.iter().chain(leaving) {
        if site.is_gone(host) {
            hosts.insert(
                host.clone(),
                Err("It is said to be gone for good.".to_owned()),
            );
            continue;
        }
        let world = match site.as_root(host, &entry.login).await {
            Ok(world) => Ok(world),
            Err(failure) if failure.class == Class::Unreachable && leaving.contains_key(host) => {
                Err(failure.why.clone())
            }
            Err(failure) => return Err(site.or_gone(failure, host, goal)),
        };
        hosts.insert(host.clone(), world);
    }
    Ok(Remembered::new(site.worlds.swarm(hosts)))
}

fn each<T>(entries: &BTreeMap<String, Entry>, of: impl Fn(&Entry) -> T) -> BTreeMap<String, T> {
    entries
        .iter()
        .map(|(host, entry)| (host.clone(), of(entry)))
        .collect()
}

/// The values with their paths as they are on every machine of the team.
fn recordable(site: &Site, mut values: Map) -> Map {
    let members = values.get_mut("members").and_then(Value::as_object_mut);
    for member in members.into_iter().flat_map(|members| members.values_mut()) {
        if let Some(member) = member.as_object_mut() {
            record::login_below(member, &site.root);
        }
    }
    values
}
