//! What holds data goes only when its name was typed: as an argument, or where it is asked for.

use std::collections::BTreeSet;

use super::session::Session;
use super::{Context, ask};
use crate::model::{Address, Class, Failure, Spec, Value};
use crate::plan::{self as planning, Plan, Work};
use crate::resource::nature;

/// Takes the names that were typed on the command line.
///
/// Fails for one that no bucket and no stack of the environment has: it is a slip, and what was meant would not go.
pub async fn accept_names(session: &mut Session, names: &[String]) -> Result<(), Failure> {
    let entered = session.ledger.entries().await;
    let entered = entered
        .iter()
        .filter_map(|(address, entry)| Some((address.kind, entry.values.get("name")?)));
    let declared = session.declaration.nodes.iter().filter_map(|node| {
        let Spec::Resource(values) = &node.spec else {
            return None;
        };
        Some((node.address.kind, values.get("name")?))
    });
    let there: BTreeSet<&str> = entered
        .chain(declared)
        .filter(|(kind, _)| nature(*kind).holds_data)
        .filter_map(|(_, name)| name.as_str())
        .collect();
    // A name that is itself made from a template is known only in the plan.
    let open = there.iter().any(|name| name.contains("{{"));
    if let Some(wrong) = names
        .iter()
        .find(|name| !open && !there.contains(name.as_str()))
    {
        let there: Vec<&str> = there.into_iter().collect();
        let failure = Failure::new(
            "nothing has the name that was typed",
            "reading --yes-delete",
        )
        .why(format!(
            "No bucket and no stack of this environment is called `{wrong}`."
        ))
        .left_behind("Nothing was changed.");
        return Err(if there.is_empty() {
            failure
        } else {
            failure.help(format!("There is: {}.", there.join(", ")))
        });
    }
    session.site.typed = names.to_vec();
    Ok(())
}

/// The plan, asking for the names of what is protected where somebody can type them.
pub async fn plan(context: &Context, session: &mut Session, work: &Work) -> Result<Plan, Failure> {
    loop {
        let plan = planning::plan(&session.site, work, session.limits()).await;
        if !context.asks {
            return Ok(plan);
        }
        let protected = plan.failed.iter().find_map(|(address, failure)| {
            let name = physical(work, address)?;
            let asked = failure.class == Class::Protected && !session.site.typed.contains(&name);
            asked.then(|| (name, failure.clone()))
        });
        session.site.events.shown().await;
        let Some((name, failure)) = protected else {
            return Ok(plan);
        };
        let question = format!("{} Type `{name}` to delete it all the same:", failure.why);
        let typed = ask::line(context, &question, &session.site.stop).await?;
        if typed != name {
            return Ok(plan);
        }
        session.site.typed.push(name);
        session.site.look_again();
    }
}

/// The failure of a plan that is not whole, with the way on where what is declared no more may not go.
pub fn with_way_on(failure: Failure, plan: &Plan, work: &Work) -> Failure {
    let held = plan.failed.iter().map(|(address, _)| address);
    let held: Vec<String> = held
        .filter(|address| work.remove.get(address).is_some())
        .map(Address::to_string)
        .collect();
    if held.is_empty() {
        return failure;
    }
    failure.help(format!(
        "Declared no more, and so to be taken away: {}. Do what is said above of it, or declare it again: the rest is \
         done then.",
        held.join(", ")
    ))
}

/// The physical name, as AWS has it, of a thing that is to be taken away or replaced.
fn physical(work: &Work, address: &Address) -> Option<String> {
    let node = work.remove.get(address);
    match &node.or_else(|| work.build.get(address))?.spec {
        Spec::Resource(values) => values
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned),
        _ => None,
    }
}
