//! Whether tools that call `docker` as the deploy user reach the engine by it.

use crate::model::{HostTarget, Profile, Target};

/// Why this host's deploy user does not reach Docker's socket, as a line; none where it does as far as the record tells.
pub fn closed(target: &Target, host: &HostTarget) -> Option<String> {
    let by_sudo = match host.profile {
        Some(Profile::DockerGroup | Profile::Rootless) => false,
        Some(Profile::SudoDocker) => true,
        // Before profiles were recorded there was one way.
        None => host.sudo.iter().any(|rule| rule.contains("docker")),
        Some(Profile::ForcedCommand) => {
            return Some(format!(
                "{}: the key runs one command of its own, so that this is refused there.",
                target.name
            ));
        }
    };
    by_sudo.then(|| {
        format!(
            "{}: {} runs docker by sudo alone, and this calls it without: permission denied, until the host has \
             `deploy_profile` docker-group or rootless.",
            target.name, host.user
        )
    })
}
