//! One node of a walk: which way it is decided over, and what is told of it.

use std::sync::Arc;

use super::{
    LedgerExecutor, Section, Site,
    decide::Subject,
    host, identity, instance, realize,
    record::{self, Record},
    swarm, target,
    undecided::Undecided,
};
use crate::model::{Address, Event, Failure, Goal, Map, Node, Spec, Verdict};

/// Observes a node, decides, and hands the decision on.
///
/// A node that uses what is known only later gets [`Verdict::Unknown`]. Fails when the world cannot be asked, when
/// what is declared must not be done, and as the executor does.
pub async fn visit(
    site: &Site,
    node: &Node,
    goal: Goal,
    executor: &Arc<dyn LedgerExecutor>,
) -> Result<Section, Failure> {
    let decided = match &node.spec {
        Spec::Resource(values) => resource(site, node, values, goal, executor.as_ref()).await,
        Spec::Host {
            login,
            playbooks,
            vars,
            r#become,
        } => {
            let declared = host::Declared {
                login,
                playbooks,
                vars,
                r#become: *r#become,
            };
            host::visit(site, node, declared, executor).await
        }
        Spec::Swarm(values) => swarm::visit(site, node, values, goal, executor.as_ref()).await,
        Spec::Instance(values) => {
            instance::visit(site, node, values, goal, executor.as_ref()).await
        }
        Spec::Target(values) => target::visit(site, node, values, goal, executor.as_ref()).await,
    };
    let section = match decided {
        Ok(section) => section,
        Err(Undecided::Until(after)) if executor.supposes() => unknown(site, node, after),
        Err(Undecided::Until(after)) => {
            return Err(Failure::bug(format!(
                "{} is not known although {after} was applied",
                node.address
            )));
        }
        Err(Undecided::Failed(failure)) => return Err(failure),
    };
    if goal == Goal::Absent {
        executor.leave(node).await?;
    }
    site.events.send(Event::Finished {
        address: node.address.clone(),
        // What is only supposed was not made.
        changes: if executor.supposes() {
            0
        } else {
            section.changes()
        },
    });
    Ok(section)
}

/// A node over which nothing is decided before that other one was applied: everything it would give is unknown as well.
fn unknown(site: &Site, node: &Node, after: Address) -> Section {
    site.give_nothing(&node.address);
    site.events.send(Event::Decided {
        address: node.address.clone(),
        task: None,
        verdict: Verdict::Unknown(after.clone()),
    });
    Section::unknown(&node.address, after)
}

async fn resource(
    site: &Site,
    node: &Node,
    values: &Map,
    goal: Goal,
    executor: &dyn LedgerExecutor,
) -> Result<Section, Undecided> {
    let (values, redactor) = site.rendered(values, node)?;
    let mut thing =
        realize::realize(site, node, &values, goal).map_err(|failure| redactor.failure(failure))?;
    thing.redactor = redactor;
    let opening = site.open(&node.place, None);
    let world = site.unless_stopped(node, opening).await?;
    let record = Record {
        home: identity::home(site, node, &world).await?,
        extra: Record::of_digest(thing.digest.as_deref()),
        ..Record::of(record::values(node.address.kind, values, &site.root))
    };
    if let Some(now) = identity::renamed(site, node, &record, goal)? {
        let why = format!("it is declared as {now} now");
        return Ok(Section::of(&node.address, Verdict::Skipped(why)));
    }
    let refusing = identity::refuse(site, node, &record, goal, &world);
    site.unless_stopped(node, refusing).await?;
    let subject = Subject {
        site,
        node,
        thing: &thing,
        record: &record,
        goal,
        world: &world,
        executor,
    };
    Ok(subject.decide().await?)
}
