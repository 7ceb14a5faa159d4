//! Hosts as contexts of Docker's client.

use std::path::Path;

use super::{format::Format, selection::Selection, shell::quoted, ssh::word};
use crate::model::Failure;

/// A command a host, which makes its context (docker-context-create(1)). The deploy user must be let to Docker's socket.
pub const DOCKER_CONTEXT: Format = Format {
    name: "docker_context",
    about: "commands that make a docker context for each host",
    file: "docker-contexts.sh",
    program: false,
    render,
    beside: &[],
};

fn render(selection: &Selection<'_>, _: Option<&Path>) -> Result<String, Failure> {
    let mut text = String::new();
    for (target, host) in selection.hosts(DOCKER_CONTEXT.name)? {
        let address = word(target, "address", &host.address)?;
        let address = if address.contains(':') {
            format!("[{address}]")
        } else {
            address.to_owned()
        };
        let user = word(target, "user", &host.user)?;
        let endpoint = format!("host=ssh://{user}@{address}:{}", host.port);
        let name = word(target, "name", &target.name)?;
        text.push_str(&format!(
            "docker context create {name} --docker {}\n",
            quoted(&endpoint)
        ));
    }
    Ok(text)
}
