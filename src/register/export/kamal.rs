//! Hosts as Kamal is configured for them.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use super::{format::Format, selection::Selection, socket, ssh::word};
use crate::model::Failure;

/// The sections `servers` and `ssh` of `config/deploy.yml`.
pub const KAMAL: Format = Format {
    name: "kamal",
    about: "the sections `servers` and `ssh` of Kamal's config/deploy.yml, for the profiles docker-group and rootless",
    file: "kamal.yml",
    program: false,
    render,
    beside: &[],
};

fn render(selection: &Selection<'_>, folder: Option<&Path>) -> Result<String, Failure> {
    let hosts = selection.hosts(KAMAL.name)?;
    let mut text = String::new();
    for (target, host) in &hosts {
        if host.swarm.is_some() {
            return Err(Failure::new(
                "this target is a Swarm",
                format!("`{}` is deployed as a stack of a Swarm.", target.name),
            )
            .why("Kamal starts containers on each server by itself, beside the Swarm.")
            .help(format!(
                "Deploy it by `landfall deploy ENVIRONMENT {} --image NAME=IMAGE`, or leave this target out; `dotenv` and `json` tell of it.",
                target.name
            )));
        }
        word(target, "name", &target.name)?;
        word(target, "user", &host.user)?;
        if let Some(why) = socket::closed(target, host) {
            text.push_str(&format!("# {why}\n"));
        }
    }
    text.push_str("servers:\n");
    for (target, host) in &hosts {
        let address = word(target, "address", &host.address)?;
        text.push_str(&format!("  - {}\n", json!(address)));
    }
    let Some((target, first)) = hosts.first() else {
        return Ok(text);
    };
    if hosts
        .iter()
        .any(|(_, host)| (&host.user, host.port) != (&first.user, first.port))
    {
        return Err(Failure::new(
            "a value cannot be exported",
            "Kamal enters all servers as one user at one port, and these targets differ in that.",
        )
        .help(
            "Name those that are alike: `landfall targets export ENVIRONMENT TARGET… --format kamal`",
        ));
    }
    let user = word(target, "user", &first.user)?;
    text.push_str(&format!(
        "ssh:\n  user: {}\n  port: {}\n",
        json!(user),
        first.port
    ));
    let keys = hosts
        .iter()
        .filter_map(|(target, host)| selection.key_file(target, host, folder));
    let keys: BTreeSet<String> = keys.map(|file| file.display().to_string()).collect();
    if !keys.is_empty() {
        text.push_str(&format!("  keys: {}\n  keys_only: true\n", json!(keys)));
    }
    Ok(text)
}
