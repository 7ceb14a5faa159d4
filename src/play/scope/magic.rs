//! What the program itself tells a playbook, under Ansible's names.

use serde_json::json;

use crate::{
    model::{Map, Value, playbook::Base},
    play::{scope::play_scope::PlayScope, walk::Walk},
};

/// The ansible-core whose behaviour the playbooks are walked with.
const VERSION: (u32, u32, u32) = (2, 19, 0);

/// Names that every task sees.
pub fn names(walk: &Walk, play: &PlayScope) -> Map {
    let host = &walk.address.name;
    let short = host.split('.').next().unwrap_or(host);
    let folder = match &walk.playbook.base {
        Base::Folder(folder) => folder.display().to_string(),
        Base::Shipped => "playbooks".to_owned(),
    };
    let (major, minor, revision) = VERSION;
    let full = format!("{major}.{minor}.{revision}");
    let Value::Object(names) = json!({
        "inventory_hostname": host,
        "inventory_hostname_short": short,
        "ansible_host": walk.login.address,
        "ansible_port": walk.login.port,
        "ansible_user": walk.login.user,
        "ansible_connection": "ssh",
        "ansible_check_mode": walk.executor.supposes(),
        "ansible_diff_mode": true,
        "ansible_play_name": play.name,
        "ansible_play_hosts": [host],
        "ansible_play_hosts_all": [host],
        "ansible_play_batch": [host],
        "ansible_version": {
            "full": full, "string": full, "major": major, "minor": minor, "revision": revision,
        },
        "ansible_managed": "Ansible managed",
        "playbook_dir": folder,
        "groups": { "all": [host], "ungrouped": [host] },
        "group_names": ["ungrouped"],
    }) else {
        return Map::new();
    };
    names
}

/// Those of [`names`] that a host's name and the declaration of its login come to.
pub fn login_names(host: &str, login: &Map) -> Map {
    let mut names = Map::from_iter([("inventory_hostname".to_owned(), host.into())]);
    for (name, key) in [
        ("ansible_host", "address"),
        ("ansible_port", "port"),
        ("ansible_user", "user"),
    ] {
        if let Some(value) = login.get(key) {
            names.insert(name.to_owned(), value.clone());
        }
    }
    names
}

/// Gathered facts, as `ansible_facts.NAME`, as `ansible_NAME`, and as `hostvars[HOST].ansible_NAME`.
pub fn facts(walk: &Walk, gathered: &Map) -> Map {
    let mut names: Map = gathered
        .iter()
        .map(|(name, value)| match name.as_str() {
            "ansible_local" => (name.clone(), value.clone()),
            name => (format!("ansible_{name}"), value.clone()),
        })
        .collect();
    names.insert("ansible_facts".into(), Value::Object(gathered.clone()));
    let mut own = names.clone();
    own.insert(
        "inventory_hostname".into(),
        walk.address.name.clone().into(),
    );
    let mut hosts = Map::new();
    hosts.insert(walk.address.name.clone(), Value::Object(own));
    names.insert("hostvars".into(), Value::Object(hosts));
    names
}
