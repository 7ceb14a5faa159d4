//! Hosts as contexts of Docker's client.

use std::path::Path;

use super::{format::Format, selection::Selection, socket, ssh::word};
use crate::model::{Failure, Target, shell_word};

/// A command a host, which makes its context (docker-context-create(1)). Refuses a host whose deploy user
/// is not let to Docker's socket.
pub const DOCKER_CONTEXT: Format = Format {
    name: "docker_context",
    about: "commands that make a docker context for each host, of the profiles docker-group and rootless",
    file: "docker-contexts.sh",
    program: false,
    render,
    beside: &[],
};

fn render(selection: &Selection<'_>, _: Option<&Path>) -> Result<String, Failure> {
    let hosts = selection.hosts(DOCKER_CONTEXT.name)?;
    socket::refuse_closed(DOCKER_CONTEXT.name, &hosts)?;
    let mut text = String::new();
    for (target, host) in hosts {
        let address = word(target, "address", &host.address)?;
        let address = if address.contains(':') {
            format!("[{address}]")
        } else {
            address.to_owned()
        };
        let user = word(target, "user", &host.user)?;
        let endpoint = format!("host=ssh://{user}@{address}:{}", host.port);
        let name = named(target)?;
        text.push_str(&format!(
            "docker context create {name} --docker {}\n",
            shell_word(&endpoint)
        ));
    }
    Ok(text)
}

/// The target's name, where docker takes it for a context's: of two characters or more, among them no `:` or `@`.
fn named(target: &Target) -> Result<&str, Failure> {
    let name = word(target, "name", &target.name)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || "_.+-".contains(c);
    let first = name.starts_with(|c: char| c.is_ascii_alphanumeric());
    if !first || name.len() < 2 || !name.chars().all(plain) {
        return Err(Failure::new(
            "a name cannot be exported",
            format!("Docker has no context of the name `{name}`."),
        )
        .why("A context's name has two characters or more: letters of ASCII, digits, `_`, `.`, `+` and `-`, and begins with a letter or digit.")
        .help("Name the other targets alone, or give this one another name."));
    }
    Ok(name)
}
