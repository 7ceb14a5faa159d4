//! Deciding over one node, and handing on what was decided. A dry run and a real one differ in the executor only.

use std::time::Duration;

use super::{
    Kept, LedgerExecutor, Section, Site, host, kept, moved,
    realize::{self, Thing},
    target,
};
use crate::model::{
    Attribute, Attributes, Change, Class, Decision, Effect, Event, Failure, Goal, Kind, Map, Node,
    Outcome, Spec, Value, Verdict,
};
use crate::observe::Remembered;
use crate::play::Performed;

/// How often a thing is looked at again after it was changed, until the world agrees that nothing differs any more.
/// With the pauses below that is twenty seconds, which IAM's replicas rarely need.
const LOOKS: u32 = 7;

/// Observes a node, decides, and hands the decision on.
///
/// A node that uses what is known only later gets [`Verdict::Unknown`]. Fails when the world cannot be asked, when
/// what is declared must not be done, and as the executor does.
pub async fn visit(
    site: &Site,
    node: &Node,
    goal: Goal,
    executor: &std::sync::Arc<dyn LedgerExecutor>,
) -> Result<Section, Failure> {
    let section = match &node.spec {
        Spec::Resource(values) => resource(site, node, values, goal, executor.as_ref()).await?,
        Spec::Host {
            login,
            playbook,
            vars,
            r#become,
        } => {
            host::visit(
                site,
                node,
                host::Declared {
                    login,
                    playbook: playbook.as_ref(),
                    vars,
                    r#become: *r#become,
                },
                executor,
            )
            .await?
        }
        Spec::Target(values) => target::visit(site, node, values, goal, executor.as_ref()).await?,
    };
    if let Verdict::Unknown(after) = &section.verdict
        && !executor.supposes()
    {
        return Err(Failure::bug(format!(
            "{} is not known although {after} was applied",
            node.address
        )));
    }
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

async fn resource(
    site: &Site,
    node: &Node,
    values: &Map,
    goal: Goal,
    executor: &dyn LedgerExecutor,
) -> Result<Section, Failure> {
    let (values, redactor) = match site.rendered(values, node)? {
        Ok(rendered) => rendered,
        Err(after) => return Ok(unknown(site, node, after)),
    };
    let mut thing =
        realize::realize(site, node, &values, goal).map_err(|failure| redactor.failure(failure))?;
    thing.redactor = redactor;
    let opening = site.open(&node.place, None);
    let world = site.unless_stopped(node, opening).await?;
    let kept = Kept {
        values: kept::values(node.address.kind, values, &site.root),
        home: moved::home(site, node, &world).await?,
        extra: thing.digest.as_ref().map_or(
            Value::Null,
            |digest| serde_json::json!({ "digest": digest }),
        ),
        adopted: false,
    };
    if let Some(now) = moved::renamed(site, node, &kept, goal)? {
        let why = format!("it is declared as {now} now");
        return Ok(Section::of(&node.address, Verdict::Skipped(why)));
    }
    let refusing = moved::refuse(site, node, &kept, goal, &world);
    site.unless_stopped(node, refusing).await?;
    let change = decide(site, node, &thing, &kept, goal, &world, executor)
        .await
        .map_err(|failure| thing.redactor.failure(failure))?;
    let verdict = thing.redactor.verdict(verdict(change));
    Ok(Section::of(&node.address, verdict))
}

/// Decides over a thing, hands the decision on, and notes what others may refer to.
///
/// Where the thing had moved before it was acted on, as a stack does that a cut run left under way, it is looked at and
/// decided over once more.
#[allow(clippy::too_many_arguments)]
pub(super) async fn decide(
    site: &Site,
    node: &Node,
    thing: &Thing,
    kept: &Kept,
    goal: Goal,
    world: &Remembered,
    executor: &dyn LedgerExecutor,
) -> Result<Change, Failure> {
    match once(site, node, thing, kept, goal, world, executor).await {
        Err(failure) if failure.class == Class::Stale && !executor.supposes() => {
            world.forget_all();
            once(site, node, thing, kept, goal, world, executor).await
        }
        decided => decided,
    }
}

/// Decides and acts.
///
/// After a change was really made the thing is looked at again, until nothing differs: only then is it done.
#[allow(clippy::too_many_arguments)]
async fn once(
    site: &Site,
    node: &Node,
    thing: &Thing,
    kept: &Kept,
    goal: Goal,
    world: &Remembered,
    executor: &dyn LedgerExecutor,
) -> Result<Change, Failure> {
    let deciding = thing.decide.decide(world, goal);
    let Decision { change, attributes } = site.unless_stopped(node, deciding).await?;
    site.events.send(Event::Decided {
        address: node.address.clone(),
        task: None,
        verdict: thing.redactor.verdict(verdict(change.clone())),
    });
    if change.is_none() {
        site.outputs
            .give(&node.address, attributes.clone(), false, Map::new());
        if goal == Goal::Present {
            let kept = kept::told(node.address.kind, kept, &attributes);
            executor.enter(node, &kept, None).await?;
        }
        return Ok(change);
    }
    if site.stop.is_cancelled() {
        return Err(interrupted(node));
    }
    if goal == Goal::Present {
        let begun = kept::begun(node.address.kind, kept);
        executor.enter(node, &begun, Some(change.effect)).await?;
    }
    let progress = site.events.progress(&node.address);
    let shown = thing.redactor.change(&change);
    if !executor.supposes() {
        site.events.send(Event::Acting {
            address: node.address.clone(),
            task: None,
            change: shown.clone(),
        });
    }
    match executor
        .perform(world, &node.address, "", &change, &shown, &progress)
        .await?
    {
        Performed::Supposed => {
            site.outputs
                .give(&node.address, attributes, true, Map::new());
        }
        Performed::Done(outcomes) => {
            site.events.send(Event::Acted {
                address: node.address.clone(),
                task: None,
            });
            let held = outcomes.iter().all(|outcome| *outcome == Outcome::Held);
            let attributes = settled(thing, goal, world, &change, held)
                .await
                .map_err(|failure| failure.made(1))?;
            let kept = kept::told(node.address.kind, kept, &attributes);
            site.outputs
                .give(&node.address, attributes, false, Map::new());
            if goal == Goal::Present {
                executor.enter(node, &kept, Some(change.effect)).await?;
            }
        }
    }
    Ok(change)
}

/// What a thing gives once the world shows it as it shall be, or has said itself that nothing had to be done (`held`).
async fn settled(
    thing: &Thing,
    goal: Goal,
    world: &Remembered,
    change: &Change,
    held: bool,
) -> Result<Attributes, Failure> {
    if change.effect == Effect::Run {
        return Ok(Attributes::new());
    }
    for look in 1..=LOOKS {
        let decision = thing.decide.settle(world, goal, held).await?;
        let known = decision
            .attributes
            .values()
            .all(|attribute| matches!(attribute, Attribute::Known(_)));
        if decision.change.is_none() && (known || goal == Goal::Absent) {
            return Ok(decision.attributes);
        }
        if look == LOOKS {
            let fields: Vec<&str> = decision
                .change
                .diff
                .iter()
                .map(|field| field.path.as_str())
                .collect();
            return Err(
                Failure::new("a change did not take", "looking at what was changed")
                    .why(format!(
                        "Every step was answered with success, and these fields still differ: {}.",
                        fields.join(", ")
                    ))
                    .left("What was done stays.")
                    .help("Run it again; if it stays so, something else changes it back."),
            );
        }
        world.forget_all();
        tokio::time::sleep(Duration::from_millis(150 << look)).await;
    }
    Err(Failure::bug("a bounded loop had no end"))
}

/// The failure of a node that is not begun any further.
pub(super) fn interrupted(node: &Node) -> Failure {
    Failure::new(
        "interrupted",
        format!("{} was not changed any more", node.address),
    )
    .class(Class::Interrupted)
    .left("What was done before stays; it is in the ledger.")
    .help("Run it again to go on.")
}

/// A change without anything to do and to say is no change.
fn verdict(change: Change) -> Verdict {
    if change.is_none() && change.notes.is_empty() {
        Verdict::Unchanged
    } else {
        Verdict::Change(change)
    }
}

/// Notes that everything this node would give is unknown as well.
pub(super) fn unknown(site: &Site, node: &Node, after: crate::model::Address) -> Section {
    nothing_known(site, node);
    let verdict = Verdict::Unknown(after.clone());
    site.events.send(Event::Decided {
        address: node.address.clone(),
        task: None,
        verdict,
    });
    Section::unknown(&node.address, after)
}

/// Notes of all that this node would give that it is not known.
pub(super) fn nothing_known(site: &Site, node: &Node) {
    let names: &[&str] = match node.address.kind {
        Kind::Key => &["public", "file"],
        Kind::Role => &["arn", "name", "instance_profile"],
        Kind::Bucket => &["name"],
        Kind::Stack => &["id", "outputs"],
        Kind::TaskDefinition => &["arn", "family"],
        Kind::Service => &["arn", "name"],
        Kind::Host => &["address", "port", "user"],
        Kind::Object | Kind::Job | Kind::Target => &[],
    };
    let attributes = names
        .iter()
        .map(|name| ((*name).to_owned(), Attribute::AfterApply))
        .collect();
    site.outputs
        .give(&node.address, attributes, true, Map::new());
}
