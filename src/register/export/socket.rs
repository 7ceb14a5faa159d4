//! Whether tools that call `docker` as the deploy user reach the engine by it.

use crate::model::{Failure, HostTarget, Profile, Target, shell_word};

/// Why a deploy user does not reach Docker's socket.
enum Closed {
    /// It runs docker by sudo alone.
    BySudo,
    /// Its key runs one command of its own.
    ByCommand,
}

/// Refuses, for the form of such a tool, hosts of which the deploy user of one does not reach Docker's socket as far as the
/// record tells.
pub fn refuse_closed(form: &str, hosts: &[(&Target, &HostTarget)]) -> Result<(), Failure> {
    let mut found = hosts.iter();
    let found = found.find_map(|(target, host)| Some((target, host, closed(host)?)));
    let Some((target, host, closed)) = found else {
        return Ok(());
    };
    let deploy = target.deploy_command();
    let (why, help) = match closed {
        Closed::BySudo => (
            format!(
                "`{}` runs docker by sudo alone, and what reads this form calls it without.",
                host.user
            ),
            format!(
                "Give its host the `deploy_profile` docker-group or rootless and apply that; as it is, `{deploy}` deploys it."
            ),
        ),
        Closed::ByCommand => (
            "Its key runs one command of its own and no other, and what reads this form calls docker.".to_owned(),
            format!("Deploy it by `{deploy}`."),
        ),
    };
    let what = format!(
        "`{form}` was asked for, and `{}` is among its targets.",
        target.name
    );
    Err(Failure::new("docker cannot be called there", what)
        .why(why)
        .help(help + &others(form, hosts)))
}

/// The command that exports those of the hosts that are open; nothing where none is.
fn others(form: &str, hosts: &[(&Target, &HostTarget)]) -> String {
    let open = hosts.iter().filter(|(_, host)| closed(host).is_none());
    let names: Vec<String> = open.map(|(target, _)| shell_word(&target.name)).collect();
    match (names.as_slice(), hosts.first()) {
        ([_, ..], Some((target, _))) => format!(
            " The others alone: `landfall targets export {} {}{}`",
            shell_word(&target.environment),
            names.join(" "),
            format_args!(" --format {form}")
        ),
        _ => String::new(),
    }
}

fn closed(host: &HostTarget) -> Option<Closed> {
    match host.profile {
        Some(Profile::DockerGroup | Profile::Rootless) => None,
        Some(Profile::SudoDocker) => Some(Closed::BySudo),
        Some(Profile::ForcedCommand) => Some(Closed::ByCommand),
        // Before profiles were recorded there was one way.
        None => {
            let by_sudo = host.sudo.iter().any(|rule| rule.contains("docker"));
            by_sudo.then_some(Closed::BySudo)
        }
    }
}
