//! Hosts as Kamal is configured for them.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::json;

use super::{format::Format, selection::Selection, socket, ssh::word};
use crate::model::{Failure, HostTarget, shell_word};

/// The sections `servers` and `ssh` of `config/deploy.yml`. Refuses a host whose deploy user is not let to Docker's socket.
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
    for (target, host) in &hosts {
        if host.swarm.is_some() {
            return Err(Failure::new(
                "this target is a Swarm",
                format!("`{}` is deployed as a stack of a Swarm.", target.name),
            )
            .why("Kamal starts containers on each server by itself, beside the Swarm.")
            .help(format!(
                "Deploy it by `{}`, or leave this target out; `dotenv` and `json` tell of it.",
                target.deploy_command()
            )));
        }
        word(target, "name", &target.name)?;
        word(target, "user", &host.user)?;
    }
    socket::refuse_closed(KAMAL.name, &hosts)?;
    let mut text = "servers:\n".to_owned();
    for (target, host) in &hosts {
        let address = word(target, "address", &host.address)?;
        text.push_str(&format!("  - {}\n", json!(address)));
    }
    let Some((target, first)) = hosts.first() else {
        return Ok(text);
    };
    let is_alike = |host: &HostTarget| (&host.user, host.port) == (&first.user, first.port);
    if hosts.iter().any(|(_, host)| !is_alike(host)) {
        let alike = hosts.iter().filter(|(_, host)| is_alike(host));
        let alike = alike.map(|(target, _)| format!(" {}", shell_word(&target.name)));
        return Err(Failure::new(
            "a value cannot be exported",
            "Kamal enters all servers as one user at one port, and these targets differ in that.",
        )
        .help(format!(
            "Name those that are alike: `landfall targets export {}{} --format kamal`",
            shell_word(&target.environment),
            alike.collect::<String>()
        )));
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
