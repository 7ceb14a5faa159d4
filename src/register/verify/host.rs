//! What is tried at a host, with the key that CI has.

use std::sync::Arc;

use futures::future::join_all;

use super::asked::{last_line, ran};
use super::entrance::{Entered, Entrance};
use super::outcome::{check, failed, of_failure, passed, skipped};
use super::{allowed, listening, outside, refused, registry, renewal};
use crate::backend::Release;
use crate::model::host::Ran;
use crate::model::{Check, CheckResult, Failure, HostTarget, Probe, Profile, Target};

/// Tries the login, what must work and what must be refused by it, and what anybody on the network sees.
pub async fn verify(
    target: &Target,
    host: &HostTarget,
    released: Option<&Release>,
    entrance: &dyn Entrance,
) -> Vec<Check> {
    let tried = format!("{}@{}, port {}", host.user, host.address, host.port);
    let entered = entrance.host(target, host).await;
    let (mut checks, listening) = match entered {
        Err(failure) => (vec![check("login", tried, of_failure(&failure))], None),
        Ok(Entered::NoKey(why)) => (vec![check("login", tried, skipped(why))], None),
        Ok(Entered::Probe(probe)) => {
            let (checks, listening) = futures::join!(
                inside(target, host, released, &probe, tried),
                listening::ports(host, &probe),
            );
            (checks, listening)
        }
    };
    checks.extend(
        outside::verify(
            host,
            &target.environment,
            listening,
            released,
            entrance.network(),
        )
        .await,
    );
    checks
}

async fn inside(
    target: &Target,
    host: &HostTarget,
    released: Option<&Release>,
    probe: &Arc<dyn Probe>,
    tried: String,
) -> Vec<Check> {
    let mut checks = vec![check("login", tried, passed("logs in"))];
    let (docker, swarm, project, registry, refused, directories, renewals) = futures::join!(
        deploys(host, probe),
        swarm(host, probe),
        project(host, probe),
        registry::pulled(host, released, probe),
        refused(host, probe),
        directories(host, probe),
        renewal::verify(host, &target.environment, probe),
    );
    checks.extend(docker);
    checks.extend(swarm);
    // What docker refuses at all, it refuses of the project as well: that is said once.
    let works = checks
        .iter()
        .all(|check| !matches!(check.result, CheckResult::Failed { .. }));
    checks.extend(project.into_iter().chain(registry).filter(|_| works));
    checks.extend(refused);
    checks.extend(directories);
    checks.extend(renewals);
    checks
}

/// Docker's engine and its compose plugin, called as a deployment calls them.
async fn deploys(host: &HostTarget, probe: &Arc<dyn Probe>) -> Option<Check> {
    host.docker.as_ref()?;
    let mut seen = Vec::new();
    let commands = allowed::deploys(host);
    let tried = commands
        .last()
        .map(|words| words.join(" "))
        .unwrap_or_default();
    for words in commands {
        match ran(probe, &words).await {
            Ok(ran) if ran.ok() => seen.push(ran.out().trim().replace('\n', ", ")),
            Ok(ran) => return Some(check("docker", words.join(" "), not_allowed(host, &ran))),
            Err(failure) => return Some(check("docker", words.join(" "), of_failure(&failure))),
        }
    }
    Some(check("docker", tried, passed(seen.join(", "))))
}

fn not_allowed(host: &HostTarget, ran: &Ran) -> CheckResult {
    failed(
        format!("`{}` cannot do it: {}", host.user, last_line(ran)),
        "Apply the environment, which puts its rights back",
    )
}

/// The engine manages the Swarm, and no node of it is lost.
async fn swarm(host: &HostTarget, probe: &Arc<dyn Probe>) -> Option<Check> {
    host.swarm.as_ref()?;
    let words = allowed::swarm(host)?;
    let result = match ran(probe, &words).await {
        Ok(ran) if ran.ok() => nodes(&ran.out()),
        Ok(ran) => failed(
            format!("It manages no swarm that answers: {}", last_line(&ran)),
            "Apply the environment, which makes the swarm or lets the host join it",
        ),
        Err(failure) => of_failure(&failure),
    };
    Some(check("swarm", words.join(" "), result))
}

/// Judges the nodes, a line each: its name and its state.
fn nodes(printed: &str) -> CheckResult {
    let nodes: Vec<(&str, &str)> = printed
        .lines()
        .filter_map(|line| line.trim().rsplit_once(' '))
        .collect();
    let lost: Vec<&str> = nodes
        .iter()
        .filter(|(_, state)| *state != "Ready")
        .map(|(name, _)| *name)
        .collect();
    if lost.is_empty() {
        return passed(format!("{} nodes are ready", nodes.len()));
    }
    failed(
        format!("Nodes of the swarm do not answer: {}.", lost.join(", ")),
        "Bring them back, or take them out of the swarm's declaration and apply the environment",
    )
}

/// The compose project, read as compose reads it at a deployment.
async fn project(host: &HostTarget, probe: &Arc<dyn Probe>) -> Option<Check> {
    let asked = allowed::lie_beside(host);
    let answers = join_all(asked.iter().map(|words| ran(probe, words))).await;
    // What cannot be asked fails below as well, where it is told.
    let lies = |answer: &Result<Ran, Failure>| answer.as_ref().is_ok_and(Ran::ok);
    let beside = allowed::BESIDE.into_iter().zip(&answers);
    let beside: Vec<&str> = beside
        .filter(|(_, answer)| lies(answer))
        .map(|(file, _)| file)
        .collect();
    let words = allowed::project(host, &beside)?;
    let result = match ran(probe, &words).await {
        Ok(ran) if ran.ok() => passed("its compose file is whole"),
        Ok(ran) => failed(
            format!("The compose project cannot be read: {}", last_line(&ran)),
            "Mend its compose file on the host",
        ),
        Err(failure) => of_failure(&failure),
    };
    Some(check("project", words.join(" "), result))
}

/// Whatever must be refused, all in one check.
async fn refused(host: &HostTarget, probe: &Arc<dyn Probe>) -> Option<Check> {
    let forbidden = refused::forbidden(host);
    if forbidden.is_empty() {
        return None;
    }
    let tried: Vec<String> = forbidden.iter().map(|one| one.words.join(" ")).collect();
    let answers = join_all(forbidden.iter().map(|one| ran(probe, &one.words))).await;
    for (one, answer) in forbidden.iter().zip(answers) {
        let words = one.words.join(" ");
        match answer {
            Ok(ran) if ran.ok() => {
                let why = format!(
                    "`{}` may do more than it should: `{words}` works, so that it can {}.",
                    host.user, one.then
                );
                let help = "Take the right away on the host, and apply the environment";
                return Some(check("refused", words, failed(why, help)));
            }
            Ok(_) => {}
            Err(failure) => return Some(check("refused", words, of_failure(&failure))),
        }
    }
    let count = tried.len();
    Some(check(
        "refused",
        tried.join("; "),
        passed(format!("{count} commands were refused")),
    ))
}

/// The application's directories can be written by who deploys. Whoever has a forced command needs to write nowhere.
async fn directories(host: &HostTarget, probe: &Arc<dyn Probe>) -> Option<Check> {
    if host.directories.is_empty() || host.profile == Some(Profile::ForcedCommand) {
        return None;
    }
    let test = |path: &String| {
        ["test", "-d", path, "-a", "-w", path, "-a", "-x", path]
            .map(str::to_owned)
            .to_vec()
    };
    let words: Vec<Vec<String>> = host.directories.iter().map(test).collect();
    let answers = join_all(words.iter().map(|words| ran(probe, words))).await;
    let mut closed = Vec::new();
    for (path, answer) in host.directories.iter().zip(answers) {
        match answer {
            Ok(ran) if ran.ok() => {}
            Ok(_) => closed.push(path.as_str()),
            Err(failure) => return Some(check("directories", path, of_failure(&failure))),
        }
    }
    let result = if closed.is_empty() {
        passed(format!("{} can be written", host.directories.len()))
    } else {
        failed(
            format!("`{}` cannot write in {}.", host.user, closed.join(", ")),
            "Apply the environment, which puts owner and mode back",
        )
    };
    Some(check("directories", host.directories.join(" "), result))
}
