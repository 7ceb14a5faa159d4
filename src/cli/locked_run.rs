//! A run that changes things: under the lock of its environment, with a journal.

use std::sync::Arc;

use super::session::Session;
use super::{CommandError, Context, Exit, show};
use crate::apply;
use crate::backend::{Backend, Guard, Journal, UnfinishedRun};
use crate::model::{Event, Failure};
use crate::plan::{Plan, Work};

/// The lock and the journal of a run that changes things.
pub struct LockedRun {
    guard: Guard,
    /// The runs that were cut before this one, when this one repairs what they left.
    cut: Vec<UnfinishedRun>,
    backend: Backend,
    run: String,
    journal: Arc<Journal>,
}

impl LockedRun {
    /// Takes the lock, reads the ledger as the last run left it, says what an earlier run was cut in, and begins the
    /// journal.
    ///
    /// Fails with [`Class::LockHeld`](crate::model::Class::LockHeld) while another run is at work.
    pub async fn lock(
        context: &Context,
        session: &mut Session,
        purpose: &str,
    ) -> Result<Self, Failure> {
        let says = context.clone();
        let guard = session
            .backend
            .lock()
            .saying(move |line| show::note(&says, line))
            .acquire(purpose, &session.run)
            .await?;
        if let Some(note) = guard.note() {
            show::note(context, note);
        }
        session.reread().await?;
        let repairs = purpose == "apply";
        let unfinished = session.backend.unfinished().await?;
        for cut in &unfinished {
            let doing: Vec<&str> = cut
                .intents
                .iter()
                .map(|intent| intent.address.as_str())
                .collect();
            let doing = if doing.is_empty() {
                "between two steps".to_owned()
            } else {
                format!("in {}", doing.join(", "))
            };
            // Not even its first line was written whole.
            let which = match cut.purpose.as_str() {
                "" => format!("The run {}", cut.run),
                purpose => format!("The run `{purpose}` of {}", cut.at),
            };
            let by = if repairs {
                "this run repairs"
            } else {
                "the next apply repairs"
            };
            show::note(
                context,
                &format!("{which} was cut {doing}; {by} what it left."),
            );
        }
        let journal = Arc::new(session.backend.journal(&session.run, purpose).await?);
        Ok(Self {
            guard,
            cut: unfinished.into_iter().filter(|_| repairs).collect(),
            backend: session.backend.clone(),
            run: session.run.clone(),
            journal,
        })
    }

    /// Applies this work, looking at everything anew, and gives what came of each part.
    ///
    /// Fails when the lock is lost meanwhile: nothing new is begun then, and what runs is waited for.
    pub async fn apply(&self, session: &mut Session, work: &Work) -> Result<Plan, CommandError> {
        session.site.look_again();
        let stop = session.site.stop.clone();
        let applied = {
            let applying = apply::apply(
                &session.site,
                work,
                session.limits(),
                &session.ledger,
                self.journal.clone(),
                &session.run,
            );
            tokio::pin!(applying);
            tokio::select! {
                applied = &mut applying => applied?,
                lost = self.guard.lost() => {
                    // Somebody else may be at work now: nothing new is begun, and what runs is waited for.
                    session.site.events.send(Event::Stopping);
                    stop.cancel();
                    applying.await?;
                    return Err(lost.into());
                }
            }
        };
        session.site.events.shown().await;
        Ok(applied)
    }

    /// Closes the journal and gives the lock back, whatever came out.
    pub async fn end(self, result: Result<Exit, CommandError>) -> Result<Exit, CommandError> {
        let word = match &result {
            Ok(Exit::Done) => "done",
            Ok(Exit::Partly) => "partly done",
            _ => "failed",
        };
        let closed = match Arc::into_inner(self.journal) {
            Some(journal) => journal.end(word).await,
            None => Err(Failure::bug("the journal is still written after the run")),
        };
        if let Ok(Exit::Done | Exit::Partly) = result {
            for cut in &self.cut {
                let by = format!("taken up by {}", self.run);
                self.backend.settle(cut, &by).await?;
            }
        }
        let released = self.guard.release().await;
        let exit = result?;
        closed?;
        released?;
        Ok(exit)
    }
}
