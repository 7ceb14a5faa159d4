//! Commands of a host, for the places that are made of hosts. How one ended is for whoever gives it to judge.

use crate::answer;
use crate::model::host::{Command, HostAnswer, HostQuery, Ran};
use crate::model::host_action::HostAction;
use crate::model::{Action, Answer, Failure, Outcome, Progress, Query, World};

/// What a command that changes nothing gives.
pub async fn asked(world: &dyn World, command: Command) -> Result<Ran, Failure> {
    let query = Query::Host(HostQuery::Run(command));
    Ok(answer!(world, query, Answer::Host(HostAnswer::Ran(ran)) => ran))
}

/// What a command gives that is a step of its own.
pub async fn done(
    world: &dyn World,
    command: Command,
    progress: &Progress,
) -> Result<Ran, Failure> {
    let action = Action::Host(HostAction::Run {
        command,
        judge: false,
    });
    match world.act(&action, progress).await? {
        Outcome::Ran(ran) => Ok(ran),
        other => Err(Failure::bug(format!("a command came to {other:?}"))),
    }
}
