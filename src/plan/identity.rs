//! A thing whose name in the world is no longer the one it was made under, or that was made elsewhere.
//!
//! The ledger has one entry an address. Were it written over, the old thing would stay with nobody to take it away.

use super::{Site, realize, record::Record};
use crate::answer;
use crate::model::iam::{IamAnswer, IamQuery};
use crate::model::{Address, Answer, Class, Failure, Goal, Node, Place, Probe, Query};
use crate::observe::Remembered;
use crate::resource::{nature, nature::Within};

/// Where a thing in AWS is: the account, and with `/` the region where there is one in each.
///
/// None for what is not in AWS. Fails when the account cannot be asked.
pub async fn home(site: &Site, node: &Node, world: &Remembered) -> Result<Option<String>, Failure> {
    if !matches!(node.place, Place::Aws | Place::Instance(_)) {
        return Ok(None);
    }
    let query = Query::Iam(IamQuery::Caller);
    let caller = answer!(world, query, Answer::Iam(IamAnswer::Caller(caller)) => caller);
    Ok(Some(match nature(node.address.kind).lies_in {
        Within::World | Within::Account => caller.account,
        Within::Region => format!("{}/{}", caller.account, site.region),
    }))
}

/// The section that declares the thing this one was entered under, when the section itself was renamed: then nothing is
/// taken away. What is declared comes first in a walk, so it is known by then.
///
/// Fails when two sections declare the same thing: each would undo what the other does.
pub fn renamed(
    site: &Site,
    node: &Node,
    record: &Record,
    goal: Goal,
) -> Result<Option<Address>, Failure> {
    let kind = node.address.kind;
    let Some(name) = nature(kind).name(&record.values) else {
        return Ok(None);
    };
    if goal == Goal::Absent {
        return Ok(site.declared.get(kind, &name.same));
    }
    let holder = site.declared.enter(kind, name.same, &node.address);
    if holder == node.address {
        return Ok(None);
    }
    Err(Failure::new(
        "two sections declare the same thing",
        format!("deciding over {}", node.address),
    )
    .class(Class::Refused)
    .why(format!(
        "{holder} is the {} `{}` as well.",
        kind.noun(),
        name.shown
    ))
    .left_behind("Nothing was changed.")
    .help("Give one of them another name, or take one out."))
}

/// Refuses to make or take away a thing that the ledger has elsewhere, and to make one that it has under another name
/// while that one is still there. Fails when the world cannot be asked.
pub async fn refuse(
    site: &Site,
    node: &Node,
    record: &Record,
    goal: Goal,
    world: &Remembered,
) -> Result<(), Failure> {
    let Some(before) = site.remembered.get(&node.address) else {
        return Ok(());
    };
    if let (Some(was), Some(is)) = (&before.home, &record.home)
        && was != is
    {
        return Err(elsewhere(node, was, is));
    }
    let nature = nature(node.address.kind);
    let names = (
        nature.anchored(&before.values),
        nature.anchored(&record.values),
    );
    let (Some(was), Some(is)) = names else {
        return Ok(());
    };
    // One that is spelled anew only is found by the world under one of its spellings, so that is refused as well.
    if was.shown == is.shown || goal == Goal::Absent {
        return Ok(());
    }
    let old = realize::realize(site, node, &before.values, Goal::Absent)?;
    match old.decide.decide(world, Goal::Absent).await {
        // It never came to be, or is gone: there is nothing to leave behind.
        Ok(decision) if decision.change.is_none() => Ok(()),
        Err(failure) if !matches!(failure.class, Class::Refused | Class::Protected) => Err(failure),
        _ => Err(left_behind(node, &was.shown, &is.shown)),
    }
}

fn elsewhere(node: &Node, was: &str, is: &str) -> Failure {
    Failure::new(
        "it was made in another account or region",
        format!("deciding over {}", node.address),
    )
    .class(Class::Refused)
    .why(format!(
        "It is in {was}, and this run works in {is}: from here it could neither be seen nor taken away."
    ))
    .left_behind("Nothing was changed.")
    .help(
        "Put the account and region of [aws] back, or use other credentials. To move, destroy the environment where \
         it is, then apply it in the new place.",
    )
}

fn left_behind(node: &Node, was: &str, is: &str) -> Failure {
    let kind = node.address.kind;
    let renaming = || {
        format!(
            "To move, name its section anew as well, [{}.…]: then the new one is made, and the old one is taken away \
             after it, with what it holds.",
            kind.section()
        )
    };
    let to_move = nature(kind).anchor.and_then(|anchor| anchor.to_move);
    let to_move = to_move.map_or_else(renaming, str::to_owned);
    Failure::new(
        "the old one would be left behind",
        format!("deciding over {}", node.address),
    )
    .class(Class::Refused)
    .why(format!(
        "It was made as `{was}` and is now declared as `{is}`: that is another {}, and nobody would take the old one \
         away.",
        kind.noun()
    ))
    .left_behind("Nothing was changed.")
    .help(format!("Put `{was}` back. {to_move}"))
}
