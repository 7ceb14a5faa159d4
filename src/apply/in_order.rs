//! Performing the actions of a change, and taking back what was done where one of them fails.

use crate::model::{Action, Change, Class, Failure, Outcome, Progress, Redactor, World};

/// Performs the actions in order.
///
/// A failure says whether something was changed before it, and stays: where the change knows how to take it back, it is
/// taken back. The redactor learns a secret that an action gives before the next one is begun: that may fail, and repeat
/// what it was sent.
pub(super) async fn in_order(
    world: &dyn World,
    change: &Change,
    progress: &Progress,
    redactor: &Redactor,
) -> Result<Vec<Outcome>, Failure> {
    let mut outcomes = Vec::with_capacity(change.actions.len());
    for action in &change.actions {
        match world.act(action, progress).await {
            Ok(outcome) => {
                if let Outcome::GaveSecret(secret) = &outcome {
                    redactor.learn_born(secret);
                }
                outcomes.push(outcome);
            }
            Err(failure) => {
                let done = &change.actions[..outcomes.len()];
                return Err(if done.iter().any(Action::alters) {
                    taken_back(world, change, failure, progress).await
                } else {
                    failure
                });
            }
        }
    }
    Ok(outcomes)
}

async fn taken_back(
    world: &dyn World,
    change: &Change,
    failure: Failure,
    progress: &Progress,
) -> Failure {
    // A place that does not answer can be told nothing; after a request to end, the next run looks at what is.
    let gone = matches!(failure.class, Class::Unreachable | Class::Interrupted);
    if change.undo.is_empty() || gone {
        return failure.made(1);
    }
    let left = |said: String| {
        if failure.left_behind.is_empty() {
            said
        } else {
            format!("{} {said}", failure.left_behind)
        }
    };
    for action in &change.undo {
        if let Err(why) = world.act(action, progress).await {
            let said = format!(
                "What had been done could not be taken back: {} {}",
                why.what, why.why
            );
            let left = left(said);
            return failure.left_behind(left).made(1);
        }
    }
    let left = left("What had been done was taken back.".to_owned());
    failure.left_behind(left)
}
