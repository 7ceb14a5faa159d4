//! Hosts as Kamal is configured for them.

use std::path::Path;

use serde_json::json;

use super::{format::Format, selection::Selection, ssh::word};
use crate::model::Failure;

/// The sections `servers` and `ssh` of `config/deploy.yml`.
pub const KAMAL: Format = Format {
    name: "kamal",
    about: "the sections `servers` and `ssh` of Kamal's config/deploy.yml",
    file: "kamal.yml",
    program: false,
    render,
    beside: &[],
};

fn render(selection: &Selection<'_>, _: Option<&Path>) -> Result<String, Failure> {
    let hosts = selection.hosts(KAMAL.name)?;
    let mut text = "servers:\n".to_owned();
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
            "Name those that are alike: landfall targets export ENVIRONMENT TARGET… --format kamal",
        ));
    }
    let user = word(target, "user", &first.user)?;
    text.push_str(&format!(
        "ssh:\n  user: {}\n  port: {}\n",
        json!(user),
        first.port
    ));
    Ok(text)
}
