//! `landfall apply`: does it.

use std::path::Path;

use clap::Args;

use crate::cli::doing::APPLYING;
use crate::cli::gone::Gone;
use crate::cli::locked_run::LockedRun;
use crate::cli::outcome::{outcome, whole};
use crate::cli::parts::Parts;
use crate::cli::session::{PlanMode, Session, Substitutes};
use crate::cli::{CommandError, Context, Exit, ask, lost_ledger, protected, show};
use crate::declare;
use crate::model::{Failure, shell_word};
use crate::plan::{self, Saved};

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
    /// The hosts that are gone.
    #[command(flatten)]
    pub gone: Gone,
    /// The parts of the environment it is about.
    #[command(flatten)]
    pub parts: Parts,
}

/// Plans, shows the plan, asks, and applies; a saved plan is compared with what is now instead of asking.
pub async fn run(args: &ApplyArgs, context: &Context) -> Result<Exit, CommandError> {
    let saved = saved(&args.what, context)?;
    if let Some(saved) = saved
        .as_ref()
        .filter(|_| !args.parts.choice().is_everything())
    {
        return Err(whole_or_nothing(args, &saved.environment).into());
    }
    let environment = saved
        .as_ref()
        .map_or(args.what.clone(), |saved| saved.environment.clone());
    Session::run(
        context,
        &environment,
        &Substitutes::default(),
        async |mut session| {
            if let Some(saved) = saved.as_ref().filter(|saved| saved.account.is_some()) {
                // Before the lock and the journal, which may lie in that account as well.
                let account = session.connections.account().await?.account();
                saved.same_account(Some(&account))?;
            }
            let typed = saved.iter().flat_map(|saved| &saved.typed);
            protected::accept_names(&mut session, &args.yes_delete).await?;
            args.gone.accept(&mut session, PlanMode::Normal).await?;
            session.site.typed.extend(typed.cloned());
            let gone = saved.iter().flat_map(|saved| &saved.gone);
            session.site.gone.extend(gone.cloned());
            session.choice = args.parts.choice();
            run_in(context, session, saved.as_ref(), args.yes).await
        },
    )
    .await
}

/// Applies what an open session declares, or exactly the saved plan: what `apply` and a rehearsal have in common.
pub async fn run_in(
    context: &Context,
    mut session: Session,
    saved: Option<&Saved>,
    yes: bool,
) -> Result<Exit, CommandError> {
    let run = LockedRun::lock(context, &mut session, "apply").await?;
    let result = async {
        let mut work = session.work(PlanMode::Normal).await?;
        let plan = match saved {
            Some(saved) => {
                work = work.without(&saved.left_out);
                plan::plan(&session.site, &work, session.limits()).await
            }
            None => {
                let mut plan = protected::plan(context, &mut session, &work).await?;
                plan.leave_unreached_out(&mut work);
                plan
            }
        };
        session.site.events.shown().await;
        session.not_interrupted(APPLYING.before.what)?;
        // What is now is not what was saved, so that it is not shown as what would be done.
        if let Some(saved) = saved
            && plan.is_whole()
        {
            saved.still_holds(&session.saved(&plan, &work)?)?;
        }
        show::plan(context, &plan, &work)?;
        let lost = lost_ledger::tell(context, &session, &plan).await?;
        whole(context, &plan, APPLYING.before)
            .map_err(|failure| protected::with_way_on(failure, &plan, &work))?;
        if saved.is_none() && !plan.is_empty() && !yes {
            ask::confirm(context, "Do this?", &session.site.stop).await?;
        }
        if lost {
            session.ledger.begin_again(Vec::new()).await?;
        }
        let applied = run.apply(&mut session, &work).await?;
        let again = match saved {
            Some(saved) => format!(
                "Plan again, or run `landfall apply {}`,",
                shell_word(&saved.environment)
            ),
            None => "Run it again".to_owned(),
        };
        outcome(context, &applied, &work, APPLYING.during, &again)
    }
    .await;
    run.end(result).await
}

fn whole_or_nothing(args: &ApplyArgs, environment: &str) -> Failure {
    let file = &args.what;
    Failure::new("a saved plan is applied whole", format!("applying {file}"))
        .why("`--limit` and `--exclude` choose while a plan is made.")
        .left_behind("Nothing was changed.")
        .help(format!(
            "Choose with: `landfall plan {} --out {}{}`",
            shell_word(environment),
            shell_word(file),
            args.parts.options()
        ))
}

/// The saved plan, when what was named is a file, or can be nothing else.
fn saved(what: &str, context: &Context) -> Result<Option<Saved>, CommandError> {
    let file = Path::new(what);
    if file.is_file() {
        return Ok(Some(Saved::open(file)?));
    }
    if what.contains(['/', '.']) && !declare::exists(&context.root()?, what) {
        return Err(no_such_plan(what).into());
    }
    Ok(None)
}

/// Not an environment's misspelt name: to propose one that is nearly called so could apply what nobody planned.
fn no_such_plan(file: &str) -> Failure {
    Failure::new("there is no such plan", format!("looking for {file}"))
        .why("There is no file of this name, and no environment.")
        .left_behind("Nothing was changed.")
        .help(format!(
            "Make one with: `landfall plan ENV --out {}`",
            shell_word(file)
        ))
}
