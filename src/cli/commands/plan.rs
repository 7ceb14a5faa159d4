//! `landfall plan`: what would change.

use std::path::PathBuf;

use clap::Args;

use crate::cli::doing::PLANNING;
use crate::cli::gone::Gone;
use crate::cli::outcome::{unreached, whole};
use crate::cli::parts::Parts;
use crate::cli::session::{PlanMode, Session, Substitutes};
use crate::cli::{CommandError, Context, Exit, lost_ledger, output, protected, show};
use crate::model::shell_word;
use crate::plan;

/// What `plan` takes.
#[derive(Debug, Args)]
pub struct PlanArgs {
    /// The environment
    pub environment: String,
    /// Save the plan, to apply exactly it
    #[arg(long, value_name = "FILE")]
    pub out: Option<PathBuf>,
    /// End with 2 when there are changes
    #[arg(long)]
    pub detailed_exitcode: bool,
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

/// Decides over everything, shows it, and saves it where that was asked for.
pub async fn run(args: &PlanArgs, context: &Context) -> Result<Exit, CommandError> {
    if let Some(path) = &args.out {
        output::PLAN.file(path)?;
    }
    let (plan, work, saved) = Session::run(
        context,
        &args.environment,
        &Substitutes::default(),
        async |mut session| {
            protected::accept_names(&mut session, &args.yes_delete).await?;
            args.gone.accept(&mut session, PlanMode::Normal).await?;
            session.choice = args.parts.choice();
            let mut work = session.work(PlanMode::Normal).await?;
            let mut plan = plan::plan(&session.site, &work, session.limits()).await;
            plan.leave_unreached_out(&mut work);
            session.site.events.shown().await;
            lost_ledger::tell(context, &session, &plan).await?;
            let saved = match args.out {
                Some(_) if plan.is_whole() => Some(session.saved(&plan, &work)?),
                _ => None,
            };
            Ok((plan, work, saved))
        },
    )
    .await?;
    show::plan(context, &plan, &work)?;
    whole(context, &plan, PLANNING)
        .map_err(|failure| protected::with_way_on(failure, &plan, &work))?;
    if let (Some(path), Some(saved)) = (&args.out, saved) {
        output::PLAN.write(path, &saved.write()?)?;
        show::note(
            context,
            &format!(
                "Saved. To do exactly this: `landfall apply {}`",
                shell_word(&path.to_string_lossy())
            ),
        );
    }
    if !plan.unreached.is_empty() {
        return Err(unreached(&work.unreached(), PLANNING.what)
            .left_behind("Nothing was changed. The plan above is what can be done without them.")
            .into());
    }
    Ok(if args.detailed_exitcode && !plan.is_empty() {
        Exit::Changes
    } else {
        Exit::Done
    })
}
