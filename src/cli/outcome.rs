//! What a plan, or what came of one, comes to: an exit code, or a failure.

use super::doing::Doing;
use super::{CommandError, Context, Exit, show};
use crate::model::{Class, Failure};
use crate::plan::{Plan, Work};

/// Shows what came of a plan, and what that comes to. `again` begins the sentence that says how to go on.
pub fn outcome(
    context: &Context,
    applied: &Plan,
    work: &Work,
    doing: Doing,
    again: &str,
) -> Result<Exit, CommandError> {
    let changes = applied.changes();
    if applied.is_whole() {
        let hosts = work.unreached();
        if hosts.is_empty() {
            show::note(context, &format!("Done: {}.", counted(changes)));
            return Ok(Exit::Done);
        }
        if changes == 0 {
            return Err(unreached(&hosts, doing.what)
                .left_behind("Nothing was changed: the rest is as declared.")
                .into());
        }
        show::note(
            context,
            &format!(
                "Partly done: {} made; left out, with what needs it: {}. {again} when what is in the way is mended.",
                counted(changes),
                hosts.join(", ")
            ),
        );
        return Ok(Exit::Partly);
    }
    match whole(context, applied, doing) {
        Err(failure) if changes == 0 => Err(failure
            .left_behind("What each of them left behind is said with it.")
            .into()),
        _ if applied
            .failed
            .iter()
            .all(|(_, failure)| failure.class == Class::Interrupted) =>
        {
            show::note(
                context,
                &format!(
                    "Ended on request: {} made, {} left. {again} to go on.",
                    counted(changes),
                    applied.not_reached.len() + applied.failed.len()
                ),
            );
            Ok(Exit::Interrupted)
        }
        _ => {
            show::note(
                context,
                &format!(
                    "Partly done: {} made, {} failed, {} not begun. {again} when what failed is repaired.",
                    counted(changes),
                    applied.failed.len(),
                    applied.blocked.len() + applied.not_reached.len()
                ),
            );
            Ok(Exit::Partly)
        }
    }
}

/// The failure of a plan that is not whole, after each node's own was shown.
pub fn whole(context: &Context, plan: &Plan, doing: Doing) -> Result<(), Failure> {
    if plan.is_whole() {
        return Ok(());
    }
    show::node_failures(context, &plan.failed);
    let count = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let parts = [
        count(plan.failed.len(), "failed"),
        count(plan.blocked.len(), "blocked by those"),
        count(plan.not_reached.len(), "not reached"),
    ];
    let why = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    // One class for all: what a script would act on first.
    let classes: Vec<Class> = plan
        .failed
        .iter()
        .map(|(_, failure)| failure.class)
        .collect();
    // Who called it off knows why not all was decided.
    let interrupted = classes.is_empty() || classes.contains(&Class::Interrupted);
    let class = match classes.as_slice() {
        _ if interrupted => Class::Interrupted,
        [first, rest @ ..]
            if rest
                .iter()
                .all(|class| Exit::from(*class) == Exit::from(*first)) =>
        {
            *first
        }
        _ => Class::Error,
    };
    let summary = if interrupted {
        "interrupted"
    } else {
        doing.summary
    };
    Err(Failure::new(summary, doing.what)
        .class(class)
        .why(format!("{why}."))
        .left_behind("Nothing was changed."))
}

/// The failure of a run that went on without these hosts, of which each was told when it was not reached.
pub fn unreached(hosts: &[String], doing: &str) -> Failure {
    let why = match hosts.len() {
        1 => "1 host is left out, and what needs it.".to_owned(),
        many => format!("{many} hosts are left out, and what needs them."),
    };
    Failure::new("not every host could be entered", doing)
        .class(Class::Unreachable)
        .why(why)
        .help("Mend what is said above of each, then run it again.")
}

fn counted(changes: usize) -> String {
    match changes {
        0 => "no changes".to_owned(),
        1 => "1 change".to_owned(),
        many => format!("{many} changes"),
    }
}
