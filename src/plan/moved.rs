//! A thing whose name in the world is no longer the one it was made under, or that was made elsewhere.
//!
//! The ledger has one entry an address. Were it written over, the old thing would stay with nobody to take it away.

use super::{Kept, Site, realize};
use crate::answer;
use crate::model::iam::{IamAnswer, IamQuery};
use crate::model::{
    Address, Answer, Class, Failure, Goal, Kind, Map, Node, Place, Probe, Query, Value,
};
use crate::observe::Remembered;

/// Where a thing in AWS is: the account, and with `/` the region where there is one in each.
///
/// None for what is not in AWS. Fails when the account cannot be asked.
pub async fn home(site: &Site, node: &Node, world: &Remembered) -> Result<Option<String>, Failure> {
    if node.place != Place::Aws {
        return Ok(None);
    }
    let query = Query::Iam(IamQuery::Caller);
    let caller = answer!(world, query, Answer::Iam(IamAnswer::Caller(caller)) => caller);
    Ok(Some(match node.address.kind {
        Kind::Role => caller.account,
        _ => format!("{}/{}", caller.account, site.region),
    }))
}

/// The section that declares the thing this one was entered under, when the section itself was renamed: then nothing is
/// taken away. What is declared comes first in a walk, so it is known by then.
///
/// Fails when two sections declare the same thing: each would undo what the other does.
pub fn renamed(
    site: &Site,
    node: &Node,
    kept: &Kept,
    goal: Goal,
) -> Result<Option<Address>, Failure> {
    let kind = node.address.kind;
    let Some(name) = identity(kind, &kept.values) else {
        return Ok(None);
    };
    if goal == Goal::Absent {
        return Ok(site.declared.get(kind, &name));
    }
    let holder = site.declared.enter(kind, name.clone(), &node.address);
    if holder == node.address {
        return Ok(None);
    }
    Err(Failure::new(
        "two sections declare the same thing",
        format!("deciding over {}", node.address),
    )
    .class(Class::Refused)
    .why(format!("{holder} is the {} `{name}` as well.", kind.noun()))
    .left("Nothing was changed.")
    .help("Give one of them another name, or take one out."))
}

/// What tells a thing from every other of its kind in this environment; none for what goes by its address alone.
pub fn identity(kind: Kind, values: &Map) -> Option<String> {
    match kind {
        Kind::Key => values
            .get("file")
            .and_then(Value::as_str)
            .map(str::to_owned),
        // An object is named by its section, in the one bucket there is.
        Kind::Object => None,
        _ => name(kind, values),
    }
}

/// Refuses to make or take away a thing that the ledger has elsewhere, and to make one that it has under another name
/// while that one is still there. Fails when the world cannot be asked.
pub async fn refuse(
    site: &Site,
    node: &Node,
    kept: &Kept,
    goal: Goal,
    world: &Remembered,
) -> Result<(), Failure> {
    let Some(before) = site.remembered.get(&node.address) else {
        return Ok(());
    };
    if let (Some(was), Some(is)) = (&before.home, &kept.home)
        && was != is
    {
        return Err(elsewhere(node, was, is));
    }
    let names = (
        name(node.address.kind, &before.values),
        name(node.address.kind, &kept.values),
    );
    let (Some(was), Some(is)) = names else {
        return Ok(());
    };
    if was == is || goal == Goal::Absent {
        return Ok(());
    }
    let old = realize::realize(site, node, &before.values, Goal::Absent)?;
    match old.decide.decide(world, Goal::Absent).await {
        // It never came to be, or is gone: there is nothing to leave behind.
        Ok(decision) if decision.change.is_none() => Ok(()),
        Err(failure) if !matches!(failure.class, Class::Refused | Class::Protected) => Err(failure),
        _ => Err(left_behind(node, &was, &is)),
    }
}

/// What the world calls a thing; none for what has no name of its own there.
fn name(kind: Kind, values: &Map) -> Option<String> {
    let text = |key: &str| values.get(key).and_then(Value::as_str);
    match kind {
        Kind::Role | Kind::Bucket | Kind::Stack => text("name").map(str::to_owned),
        Kind::Object => text("bucket").map(str::to_owned),
        Kind::TaskDefinition => text("family").map(str::to_owned),
        Kind::Service => {
            // A cluster goes by its name and by its ARN, which ends with it.
            let cluster = text("cluster")?.rsplit('/').next()?;
            Some(format!("{cluster}/{}", text("name")?))
        }
        // A key pair's file differs from machine to machine, and a one-off task leaves nothing behind.
        Kind::Key | Kind::Job | Kind::Host | Kind::Target => None,
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
    .left("Nothing was changed.")
    .help(
        "Put the account and region of [aws] back, or use other credentials. To move, destroy the environment where \
         it is, then apply it in the new place.",
    )
}

fn left_behind(node: &Node, was: &str, is: &str) -> Failure {
    let kind = node.address.kind;
    let move_on = match kind {
        Kind::Bucket | Kind::Object => {
            "To move, save what it holds, take [secrets] out of the file and apply, \
            which takes the old bucket away, then declare the new one."
                .to_owned()
        }
        _ => format!(
            "To move, name its section anew as well, [{}.…]: then the new one is made, and the old one is taken away \
             after it, with what it holds.",
            kind.section()
        ),
    };
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
    .left("Nothing was changed.")
    .help(format!("Put `{was}` back. {move_on}"))
}
