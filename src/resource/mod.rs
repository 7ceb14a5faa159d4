//! The kinds of thing there are, a file each: what is observed of a thing, how it is compared, and what holds for every
//! thing of the kind ([`nature`](mod@nature)). Nothing here acts.

pub mod aws;
pub mod certificate;
pub mod host;
pub mod instance;
pub mod key;
mod kinds;
mod machine;
pub mod nature;
pub mod registration;
pub mod swarm;

use async_trait::async_trait;

use crate::model::{Attributes, Change, Decision, Failure, Goal, Outcome, Probe};
use aws::Ownership;
pub use kinds::nature;

/// A thing as it shall be.
#[async_trait]
pub trait Resource: Send + Sync {
    /// What was found out about it.
    type Observed: Send + Sync;

    /// Finds out what is. Fails only when the world could not be asked.
    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure>;

    /// Compares what shall be with what is. Pure: the same observation gives the same change.
    ///
    /// Fails when it must not be done: foreign property, a value the world would refuse.
    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure>;

    /// Finds out what there is to take away; by default what [`Resource::observe`] finds. Fails as it does.
    async fn observe_removal(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        self.observe(world).await
    }

    /// What is still to be done when a change was just made; by default whatever [`Resource::plan`] finds.
    ///
    /// A kind says otherwise where it does something each time because nobody tells whether it is needed: right after
    /// that was done, it is done.
    fn remaining(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        self.plan(seen)
    }

    /// What must be done to take it away; by default it cannot be.
    ///
    /// Fails when it must not be done.
    fn remove(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        let _ = seen;
        Err(Failure::bug(
            "this kind of thing was asked to be taken away, which it cannot be",
        ))
    }

    /// The secrets that its actions gave, as what others may refer to. `outcomes` are in the order of the actions.
    ///
    /// Nobody can ask for them again: a kind that gives one keeps it where the next run finds it.
    fn born(&self, outcomes: &[Outcome]) -> Attributes {
        let _ = outcomes;
        Attributes::new()
    }

    /// What a change is remembered by that the place itself found to be none, so that it is none from then on; none where
    /// it is to be tried again.
    fn held(&self, change: &Change) -> Option<String> {
        let _ = change;
        None
    }

    /// Whose it is, by what it carries itself; none where it is not there, or where things of its kind carry nothing.
    fn whose(&self, seen: &Self::Observed) -> Option<Ownership> {
        let _ = seen;
        None
    }

    /// What others may refer to, given what is and what will be done.
    fn attributes(&self, seen: &Self::Observed, change: &Change) -> Attributes {
        let _ = (seen, change);
        Attributes::new()
    }
}

/// A [`Resource`] whose type of observation is hidden, so that things of different kinds can be boxed alike.
#[async_trait]
pub trait Decide: Send + Sync {
    /// Observes, then compares. Fails as [`Resource::observe`], [`Resource::plan`] and [`Resource::remove`] do.
    async fn decide(&self, world: &dyn Probe, goal: Goal) -> Result<Decision, Failure>;

    /// Observes what was just changed, and compares by [`Resource::remaining`]. Fails as [`Decide::decide`].
    ///
    /// Where the world answered that nothing had to be done (`held`), that is its last word: nothing is compared.
    async fn settle(&self, world: &dyn Probe, goal: Goal, held: bool) -> Result<Decision, Failure>;

    /// The secrets that its actions gave, as [`Resource::born`].
    fn born(&self, outcomes: &[Outcome]) -> Attributes;

    /// What a change is remembered by, as [`Resource::held`].
    fn held(&self, change: &Change) -> Option<String>;

    /// Observes whose it is, by [`Resource::whose`], and what others may refer to while nothing is done to it.
    async fn stands(&self, world: &dyn Probe) -> Result<(Option<Ownership>, Attributes), Failure>;
}

#[async_trait]
impl<R: Resource> Decide for R {
    async fn decide(&self, world: &dyn Probe, goal: Goal) -> Result<Decision, Failure> {
        let seen = match goal {
            Goal::Present => self.observe(world).await?,
            Goal::Absent => self.observe_removal(world).await?,
        };
        let change = match goal {
            Goal::Present => self.plan(&seen)?,
            Goal::Absent => self.remove(&seen)?,
        };
        let attributes = self.attributes(&seen, &change);
        Ok(Decision { change, attributes })
    }

    async fn settle(&self, world: &dyn Probe, goal: Goal, held: bool) -> Result<Decision, Failure> {
        if goal == Goal::Absent {
            return self.decide(world, goal).await;
        }
        let seen = self.observe(world).await?;
        let change = if held {
            Change::none()
        } else {
            self.remaining(&seen)?
        };
        let attributes = self.attributes(&seen, &change);
        Ok(Decision { change, attributes })
    }

    fn born(&self, outcomes: &[Outcome]) -> Attributes {
        Resource::born(self, outcomes)
    }

    fn held(&self, change: &Change) -> Option<String> {
        Resource::held(self, change)
    }

    async fn stands(&self, world: &dyn Probe) -> Result<(Option<Ownership>, Attributes), Failure> {
        let seen = self.observe_removal(world).await?;
        let attributes = self.attributes(&seen, &Change::none());
        Ok((self.whose(&seen), attributes))
    }
}
