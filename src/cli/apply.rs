//! `landfall apply`: does it.

use std::path::Path;
use std::sync::Arc;

use clap::Args;
use tokio_util::sync::CancellationToken;

use super::doing::{APPLYING, Doing};
use super::parts::Parts;
use super::session::{Instead, Scale, Session};
use super::{Context, Exit, Trouble, lost, plan as planning, protected, show};
use crate::apply;
use crate::backend::{Backend, Cut, Guard};
use crate::model::{Class, Event, Failure};
use crate::plan::{self, Plan, Saved, Work};

/// What `apply` takes.
#[derive(Debug, Args)]
pub struct ApplyArgs {
    /// The environment, or a file that `plan --out` saved
    #[arg(value_name = "ENVIRONMENT|FILE")]
    pub what: String,
    /// Do not ask
    #[arg(short, long)]
    pub yes: bool,
    /// The name, in full, of a bucket or stack that holds data and may go all the same
    #[arg(long, value_name = "NAME")]
    pub yes_delete: Vec<String>,
    /// The parts of the environment it is about.
    #[command(flatten)]
    pub parts: Parts,
}

/// Plans, shows the plan, asks, and applies; a saved plan is compared with what is now instead of asking.
pub async fn run(args: &ApplyArgs, context: &Context) -> Result<Exit, Trouble> {
    let saved = saved(&args.what)?;
    if saved.is_some() && !args.parts.choice().is_everything() {
        return Err(whole_or_nothing(&args.what).into());
    }
    let environment = saved
        .as_ref()
        .map_or(args.what.clone(), |saved| saved.environment.clone());
    Session::run(
        context,
        &environment,
        &Instead::default(),
        async |mut session| {
            if let Some(saved) = saved.as_ref().filter(|saved| saved.account.is_some()) {
                // Before the lock and the journal, which may lie in that account as well.
                let account = session.places.account().await?.account();
                saved.same_account(Some(&account))?;
            }
            let typed = saved.iter().flat_map(|saved| &saved.typed);
            protected::take(&mut session, &args.yes_delete).await?;
            session.site.typed.extend(typed.cloned());
            session.choice = args.parts.choice();
            go(context, session, saved.as_ref(), args.yes).await
        },
    )
    .await
}

/// The same on an open session: what a rehearsal does as well.
pub async fn go(
    context: &Context,
    mut session: Session,
    saved: Option<&Saved>,
    yes: bool,
) -> Result<Exit, Trouble> {
    let under = Under::lock(context, &mut session, "apply").await?;
    let result = async {
        let mut work = session.work(Scale::Declared).await?;
        let plan = match saved {
            Some(saved) => {
                work = work.without(&saved.left_out);
                plan::plan(&session.site, &work, session.limits()).await
            }
            None => {
                let mut plan = protected::decided(context, &mut session, &work).await?;
                plan.leave_unreached_out(&mut work);
                plan
            }
        };
        session.site.events.shown().await;
        // What is now is not what was saved, so that it is not shown as what would be done.
        if let Some(saved) = saved
            && plan.is_whole()
        {
            saved.still_holds(&planning::save(&session, &plan, &work)?)?;
        }
        show::plan(context, &plan, &work)?;
        let lost = lost::tell(context, &session, &plan).await?;
        planning::whole(context, &plan, APPLYING.before)
            .map_err(|failure| protected::way_on(failure, &plan, &work))?;
        if saved.is_none() && !plan.is_empty() && !yes {
            confirm(context, "Do this?", &session.site.stop).await?;
        }
        if lost {
            session.ledger.begin_again(Vec::new()).await?;
        }
        let applied = carry_out(&mut session, &work, &under).await?;
        outcome(context, &applied, &plan, &work, APPLYING.during)
    }
    .await;
    under.end(result).await
}

/// The lock and the journal of a run that changes things.
pub struct Under {
    guard: Guard,
    /// The runs that were cut before this one, when this one repairs what they left.
    cut: Vec<Cut>,
    backend: Backend,
    run: String,
    journal: Arc<crate::backend::Journal>,
}

impl Under {
    /// Takes the lock, reads the ledger as the last run left it, says what an earlier run was cut in, and begins the
    /// journal.
    ///
    /// Fails with [`Class::LockHeld`] while another run is at work.
    pub async fn lock(
        context: &Context,
        session: &mut Session,
        purpose: &str,
    ) -> Result<Self, Failure> {
        let says = context.clone();
        let guard = session
            .backend
            .lock()
            .saying(move |line| show::line(&says, line))
            .acquire(purpose, &session.run)
            .await?;
        if let Some(note) = guard.note() {
            show::line(context, note);
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
            let by = match repairs {
                true => "this run repairs",
                false => "the next apply repairs",
            };
            show::line(
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

    /// Closes the journal and gives the lock back, whatever came out.
    pub async fn end(self, result: Result<Exit, Trouble>) -> Result<Exit, Trouble> {
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

/// Applies, looking at everything anew.
pub async fn carry_out(session: &mut Session, work: &Work, under: &Under) -> Result<Plan, Trouble> {
    session.site.look_again();
    let stop = session.site.stop.clone();
    let applied = {
        let applying = apply::apply(
            &session.site,
            work,
            session.limits(),
            &session.ledger,
            under.journal.clone(),
            &session.run,
        );
        tokio::pin!(applying);
        tokio::select! {
            applied = &mut applying => applied?,
            lost = under.guard.lost() => {
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

/// Shows what came of a plan, and what that comes to.
pub fn outcome(
    context: &Context,
    applied: &Plan,
    plan: &Plan,
    work: &Work,
    doing: Doing,
) -> Result<Exit, Trouble> {
    let changes = applied.changes();
    show::failures(context, &plan.unreached);
    if applied.is_whole() {
        let unreached = work.unreached();
        if unreached.is_empty() {
            show::line(context, &format!("Done: {}.", counted(changes)));
            return Ok(Exit::Done);
        }
        if changes == 0 {
            return Err(planning::unreached(&unreached, doing.what)
                .left("Nothing was changed: the rest is as declared.")
                .into());
        }
        show::line(
            context,
            &format!(
                "Partly done: {} made; left out, with what needs it: {}. Run it again when what is in the way is mended.",
                counted(changes),
                unreached.join(", ")
            ),
        );
        return Ok(Exit::Partly);
    }
    match planning::whole(context, applied, doing) {
        Err(failure) if changes == 0 => Err(failure
            .left("What each of them left behind is said with it.")
            .into()),
        _ if applied
            .failed
            .iter()
            .all(|(_, failure)| failure.class == Class::Interrupted) =>
        {
            show::line(
                context,
                &format!(
                    "Ended on request: {} made, {} left. Run it again to go on.",
                    counted(changes),
                    applied.left.len() + applied.failed.len()
                ),
            );
            Ok(Exit::Interrupted)
        }
        _ => {
            show::line(
                context,
                &format!(
                    "Partly done: {} made, {} failed, {} not begun. Run it again when what failed is repaired.",
                    counted(changes),
                    applied.failed.len(),
                    applied.blocked.len() + applied.left.len()
                ),
            );
            Ok(Exit::Partly)
        }
    }
}

fn whole_or_nothing(file: &str) -> Failure {
    Failure::new("a saved plan is applied whole", format!("applying {file}"))
        .why("`--limit` and `--exclude` choose while a plan is made.")
        .left("Nothing was changed.")
        .help("Choose with: landfall plan ENV --limit NAME --out FILE")
}

fn counted(changes: usize) -> String {
    match changes {
        0 => "no changes".to_owned(),
        1 => "1 change".to_owned(),
        many => format!("{many} changes"),
    }
}

/// Asks for a yes. Refused when nobody can answer, and interrupted when `stop` comes first.
pub async fn confirm(
    context: &Context,
    question: &str,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let refused = |why: &str| {
        Failure::new("nothing was confirmed", "asking before anything is changed")
            .class(Class::Refused)
            .why(why)
            .left("Nothing was changed.")
    };
    if !context.asks {
        return Err(
            refused("Nobody can answer here: standard input is no terminal.").help("Pass --yes."),
        );
    }
    let question = format!("{question} Only `yes` is taken for a yes: ");
    let answer = super::ask::line(&question, stop).await?;
    if answer == "yes" {
        Ok(())
    } else {
        Err(refused("The answer was not `yes`."))
    }
}

/// The saved plan, when what was named is a file.
fn saved(what: &str) -> Result<Option<Saved>, Failure> {
    if !Path::new(what).is_file() {
        return Ok(None);
    }
    Saved::open(Path::new(what)).map(Some)
}
