//! Deciding over one thing, and handing on what was decided. A dry run and a real one differ in the executor only.

use std::time::Duration;

use super::{LedgerExecutor, Section, Site, realize::Thing, record::Record};
use crate::backoff::Backoff;
use crate::model::{
    Attribute, Attributes, Change, Class, Decision, Effect, Event, Failure, Goal, Map, Node,
    Outcome, Verdict,
};
use crate::observe::Remembered;
use crate::play::Performed;

/// How often a thing is looked at again after it was changed, until the world agrees that nothing differs any more, and
/// the first pause before that. Together that is twenty seconds, which IAM's replicas rarely need.
const AGAIN: (u32, Duration) = (6, Duration::from_millis(300));

/// A thing that is decided over, with all that the decision stands on.
pub struct Subject<'a> {
    /// The walk.
    pub site: &'a Site,
    /// What is declared.
    pub node: &'a Node,
    /// What observes and compares it.
    pub thing: &'a Thing,
    /// What the ledger would record of it.
    pub record: &'a Record,
    /// Whether it is wanted.
    pub goal: Goal,
    /// Where it is.
    pub world: &'a Remembered,
    /// What becomes of the decision.
    pub executor: &'a dyn LedgerExecutor,
}

impl Subject<'_> {
    /// Decides over the thing, hands the decision on, and notes what others may refer to.
    ///
    /// Where the thing had changed before it was acted on, as a stack does that a cut run left under way, it is looked at
    /// and decided over once more. Fails, with what came from secrets taken out, when the world cannot be asked, when it
    /// must not be done, and as the executor does.
    pub async fn decide(&self) -> Result<Section, Failure> {
        let decided = match self.attempt().await {
            Err(failure) if failure.class == Class::Stale && !self.executor.supposes() => {
                self.world.forget_all();
                self.attempt().await
            }
            decided => decided,
        };
        let redactor = &self.thing.redactor;
        let change = decided.map_err(|failure| redactor.failure(failure))?;
        let verdict = redactor.verdict(verdict(change));
        Ok(Section::of(&self.node.address, verdict))
    }

    /// Decides and acts, once.
    ///
    /// After a change was really made the thing is looked at again, until nothing differs: only then is it done.
    async fn attempt(&self) -> Result<Change, Failure> {
        let deciding = self.thing.decide.decide(self.world, self.goal);
        let Decision { change, attributes } = self.site.unless_stopped(self.node, deciding).await?;
        self.site.events.send(Event::Decided {
            address: self.node.address.clone(),
            task: None,
            verdict: self.thing.redactor.verdict(verdict(change.clone())),
        });
        if change.is_none() {
            self.stands(self.record, attributes, None).await?;
            return Ok(change);
        }
        if self.site.stop.is_cancelled() {
            return Err(Site::interrupted(self.node));
        }
        if self.goal == Goal::Present {
            let begun = self.record.begun(self.node.address.kind);
            self.executor
                .enter(self.node, &begun, Some(change.effect))
                .await?;
        }
        match self.perform(&change).await? {
            Performed::Supposed => self.give(attributes, true),
            Performed::Done(outcomes) => {
                self.site.events.send(Event::Acted {
                    address: self.node.address.clone(),
                    task: None,
                });
                // The place itself found that nothing had to be done.
                let held = outcomes.iter().all(|outcome| *outcome == Outcome::Held);
                let made = usize::from(!held);
                let attributes = self
                    .settled(&change, &outcomes, held)
                    .await
                    .map_err(|failure| failure.made(made))?;
                let remembered = self.thing.decide.held(&change).filter(|_| held);
                let record = match remembered {
                    Some(digest) => &self.record.digested(&digest),
                    None => self.record,
                };
                self.stands(record, attributes, Some(change.effect)).await?;
                if held && self.goal == Goal::Present {
                    return Ok(Change::none());
                }
            }
        }
        Ok(change)
    }

    async fn perform(&self, change: &Change) -> Result<Performed, Failure> {
        let shown = self.thing.redactor.change(change);
        if !self.executor.supposes() {
            self.site.events.send(Event::Acting {
                address: self.node.address.clone(),
                task: None,
                change: shown.clone(),
            });
        }
        let progress = self.site.events.progress(&self.node.address);
        self.executor
            .perform(
                self.world,
                &self.node.address,
                "",
                change,
                &shown,
                &progress,
            )
            .await
    }

    /// What a thing gives once the world shows it as it shall be, or has said itself that nothing had to be done.
    async fn settled(
        &self,
        change: &Change,
        outcomes: &[Outcome],
        held: bool,
    ) -> Result<Attributes, Failure> {
        if change.effect == Effect::Run {
            return Ok(Attributes::new());
        }
        let mut backoff = Backoff::doubling(AGAIN.1, AGAIN.0);
        loop {
            let settling = self.thing.decide.settle(self.world, self.goal, held);
            let mut decision = settling.await?;
            decision.attributes.extend(self.thing.decide.born(outcomes));
            let known = decision
                .attributes
                .values()
                .all(|attribute| !matches!(attribute, Attribute::AfterApply));
            if decision.change.is_none() && (known || self.goal == Goal::Absent) {
                return Ok(decision.attributes);
            }
            if !backoff.pause().await {
                return Err(not_taken(&decision.change));
            }
            self.world.forget_invalidated(&change.actions);
        }
    }

    /// Notes a thing that is as it shall be: what it gives, and that it is ours.
    async fn stands(
        &self,
        record: &Record,
        attributes: Attributes,
        effect: Option<Effect>,
    ) -> Result<(), Failure> {
        let record = record.standing(self.node.address.kind, &attributes);
        self.give(attributes, false);
        if self.goal == Goal::Present {
            self.executor.enter(self.node, &record, effect).await?;
        }
        Ok(())
    }

    fn give(&self, attributes: Attributes, pending: bool) {
        self.site
            .outputs
            .give(&self.node.address, attributes, pending, Map::new());
    }
}

fn not_taken(change: &Change) -> Failure {
    let fields: Vec<&str> = change
        .diff
        .iter()
        .map(|field| field.path.as_str())
        .collect();
    Failure::new("a change did not take", "looking at what was changed")
        .why(format!(
            "Every step was answered with success, and these fields still differ: {}.",
            fields.join(", ")
        ))
        .left_behind("What was done stays.")
        .help("Run it again; if it stays so, something else changes it back.")
}

/// The verdict over a change: one without anything to do and to say is none.
fn verdict(change: Change) -> Verdict {
    if change.is_none() && change.notes.is_empty() {
        Verdict::Unchanged
    } else {
        Verdict::Change(change)
    }
}
