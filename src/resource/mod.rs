//! The kinds of thing there are: one file a kind, with two functions. Neither acts.

pub mod aws;
pub mod host;
pub mod key;
pub mod registration;

use async_trait::async_trait;

use crate::model::{Attributes, Change, Decision, Failure, Goal, Probe};
use aws::Ownership;

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
    fn left(&self, seen: &Self::Observed) -> Result<Change, Failure> {
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

/// A [`Resource`] whose observation is nobody else's business.
#[async_trait]
pub trait Decide: Send + Sync {
    /// Observes, then compares. Fails as [`Resource::observe`], [`Resource::plan`] and [`Resource::remove`] do.
    async fn decide(&self, world: &dyn Probe, goal: Goal) -> Result<Decision, Failure>;

    /// Observes what was just changed, and compares by [`Resource::left`]. Fails as [`Decide::decide`].
    ///
    /// Where the world answered that nothing had to be done (`held`), that is its last word: nothing is compared.
    async fn settle(&self, world: &dyn Probe, goal: Goal, held: bool) -> Result<Decision, Failure>;

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
        let change = match held {
            true => Change::none(),
            false => self.left(&seen)?,
        };
        let attributes = self.attributes(&seen, &change);
        Ok(Decision { change, attributes })
    }

    async fn stands(&self, world: &dyn Probe) -> Result<(Option<Ownership>, Attributes), Failure> {
        let seen = self.observe_removal(world).await?;
        let attributes = self.attributes(&seen, &Change::none());
        Ok((self.whose(&seen), attributes))
    }
}
