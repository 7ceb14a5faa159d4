//! Whether tools that call `docker` as the deploy user reach the engine by it.

use crate::model::{Failure, HostTarget, Profile, Target};

/// Refuses, for the form of such a tool, a host whose deploy user does not reach Docker's socket as far as the record tells.
pub fn refuse_closed(form: &str, target: &Target, host: &HostTarget) -> Result<(), Failure> {
    let refused = |why: &str, help: String| {
        let what = format!(
            "`{form}` was asked for, and `{}` is among its targets.",
            target.name
        );
        Err(Failure::new("docker cannot be called there", what)
            .why(why)
            .help(help))
    };
    let by_sudo = match host.profile {
        Some(Profile::DockerGroup | Profile::Rootless) => false,
        Some(Profile::SudoDocker) => true,
        // Before profiles were recorded there was one way.
        None => host.sudo.iter().any(|rule| rule.contains("docker")),
        Some(Profile::ForcedCommand) => {
            return refused(
                "Its key runs one command of its own and no other, and what reads this form calls docker.",
                format!(
                    "Deploy it by `{}`, and name the others for this form.",
                    target.deploy_command()
                ),
            );
        }
    };
    if by_sudo {
        return refused(
            &format!(
                "`{}` runs docker by sudo alone, and what reads this form calls it without.",
                host.user
            ),
            format!(
                "Give its host the `deploy_profile` docker-group or rootless and apply that, or name the others for this \
                 form; `{}` deploys it as it is.",
                target.deploy_command()
            ),
        );
    }
    Ok(())
}
