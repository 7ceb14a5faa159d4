//! Swarms of hosts.

use std::collections::BTreeMap;

use serde_json::json;

use super::draft::Draft;
use crate::declare::environment::Swarm;
use crate::model::{Address, Kind, Map, Place, Spec, Value};

/// A node for each Swarm, which needs its hosts.
pub fn swarms(draft: &mut Draft<'_>) {
    let environment = draft.environment;
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, swarm) in &environment.swarms {
        draft.each_once(["swarms", name, "managers"], &swarm.managers);
        draft.each_once(["swarms", name, "workers"], &swarm.workers);
        let lists = [("managers", &swarm.managers), ("workers", &swarm.workers)];
        for (key, hosts) in lists {
            for (position, host) in hosts.iter().enumerate() {
                let position = position.to_string();
                let path = ["swarms", name, key, position.as_str()];
                if !environment.hosts.contains_key(host) {
                    let names = environment.hosts.keys().map(String::as_str);
                    draft.undeclared(Kind::Host, host, &path, names);
                } else if key == "workers" && swarm.managers.contains(host) {
                    draft.error(
                        "a host has two parts",
                        format!("`{host}` is a manager as well, and a manager runs tasks too"),
                        &path,
                        "take one of them out",
                    );
                } else if let Some(other) = taken.insert(host, name)
                    && other != name
                {
                    draft.error(
                        "a host is in two swarms",
                        format!("`{host}` is in `swarms.{other}` as well"),
                        &path,
                        "an engine is in one swarm at the most: take one of them out",
                    );
                }
            }
        }
        if swarm.managers.len() == 2 {
            draft.warning(
                "two managers are less safe than one",
                "when one of them is down the other decides nothing any more",
                &["swarms", name, "managers"],
                "have one, or three",
            );
        }
        of_members(draft, name, swarm);
        node(draft, name, swarm);
    }
}

/// Notes what is said of hosts that are not in it.
fn of_members(draft: &mut Draft<'_>, name: &str, swarm: &Swarm) {
    let all: Vec<&str> = members(swarm).collect();
    let strange = |host: &str| !all.contains(&host);
    let not_in_it = |draft: &mut Draft<'_>, host: &str, path: &[&str]| {
        draft.error(
            "this host is not in the swarm",
            format!("`{host}` is neither a manager nor a worker of `{name}`"),
            path,
            format!("its hosts: {}", all.join(", ")),
        );
    };
    draft.each_once(["swarms", name, "drained"], &swarm.drained);
    for (position, host) in swarm.drained.iter().enumerate() {
        if strange(host) {
            let position = position.to_string();
            not_in_it(draft, host, &["swarms", name, "drained", &position]);
        }
    }
    for (key, hosts) in [
        ("addresses", swarm.addresses.keys().collect::<Vec<_>>()),
        ("labels", swarm.labels.keys().collect()),
    ] {
        for host in hosts.into_iter().filter(|host| strange(host)) {
            not_in_it(draft, host, &["swarms", name, key, host]);
        }
    }
    if !all.is_empty()
        && all
            .iter()
            .all(|host| swarm.drained.iter().any(|one| one == host))
    {
        draft.error(
            "no host of the swarm runs tasks",
            "each of them is drained",
            &["swarms", name, "drained"],
            "take one of them out",
        );
    }
}

fn members(swarm: &Swarm) -> impl Iterator<Item = &str> {
    let all = swarm.managers.iter().chain(&swarm.workers);
    all.map(String::as_str)
}

fn node(draft: &mut Draft<'_>, name: &str, swarm: &Swarm) {
    let mut entries = Map::new();
    let mut needs = Vec::new();
    for host in members(swarm) {
        let address = Address::new(Kind::Host, host);
        let declared = draft.nodes.iter().find(|node| node.address == address);
        let Some(Spec::Host { login, .. }) = declared.map(|node| &node.spec) else {
            continue;
        };
        let entry = json!({
            "login": login,
            "drained": swarm.drained.iter().any(|one| one == host),
            "address": swarm.addresses.get(host),
            "labels": swarm.labels.get(host).cloned().unwrap_or_default(),
        });
        entries.insert(host.to_owned(), entry);
        needs.push(address);
    }
    let owner = format!("{}.{}.{name}", draft.environment.project, draft.given.name);
    let values = Map::from_iter([
        ("owner".to_owned(), Value::from(owner)),
        (
            "managers".to_owned(),
            Value::from(swarm.managers.as_slice()),
        ),
        ("members".to_owned(), Value::Object(entries)),
    ]);
    let address = Address::new(Kind::Swarm, name);
    let place = Place::Swarm(name.to_owned());
    draft.node(address, place, Spec::Swarm(values), needs);
}
