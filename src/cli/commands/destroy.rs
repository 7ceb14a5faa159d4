//! `landfall destroy`: takes away what was made.

use clap::Args;

use crate::cli::doing::DESTROYING;
use crate::cli::gone::Gone;
use crate::cli::locked_run::LockedRun;
use crate::cli::outcome::{outcome, whole};
use crate::cli::parts::Parts;
use crate::cli::session::{PlanMode, Session, Substitutes};
use crate::cli::{CommandError, Context, Exit, ask, lost_ledger, protected, show};
use crate::model::Spec;
use crate::plan::Work;

/// What `destroy` takes.
#[derive(Debug, Args)]
pub struct DestroyArgs {
    /// The environment
    pub environment: String,
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

/// Plans the removal of everything the ledger has, shows it, asks, and does it. What holds data is refused, before
/// anything is touched, unless its name was typed.
pub async fn run(args: &DestroyArgs, context: &Context) -> Result<Exit, CommandError> {
    Session::run(
        context,
        &args.environment,
        &Substitutes::default(),
        async |mut session| {
            protected::accept_names(&mut session, &args.yes_delete).await?;
            args.gone.accept(&mut session, PlanMode::Destroy).await?;
            session.choice = args.parts.choice();
            run_in(context, session, args.yes).await
        },
    )
    .await
}

/// Takes away what an open session's ledger has: what `destroy` and a rehearsal have in common.
pub async fn run_in(
    context: &Context,
    mut session: Session,
    yes: bool,
) -> Result<Exit, CommandError> {
    let run = LockedRun::lock(context, &mut session, "destroy").await?;
    let result = async {
        let lost = lost_ledger::recover(context, &session).await?;
        session.found = lost.iter().flat_map(|lost| lost.found.clone()).collect();
        let work = session.work(PlanMode::Destroy).await?;
        for host in session
            .declaration
            .nodes
            .iter()
            .filter(|node| matches!(node.spec, Spec::Host { .. }))
        {
            show::note(
                context,
                &format!(
                    "{} stays as it was prepared: a playbook has no way back.",
                    host.address
                ),
            );
        }
        let plan = protected::plan(context, &mut session, &work).await?;
        session.site.events.shown().await;
        session.not_interrupted(DESTROYING.before.what)?;
        show::plan_or(context, &plan, &work, &nothing(&session, &work).await)?;
        whole(context, &plan, DESTROYING.before)?;
        if let Some(lost) = &lost
            && work.remove.nodes().is_empty()
        {
            return Err(lost.nothing_found(&session, &work).await.into());
        }
        if !plan.is_empty() && !yes {
            ask::confirm(context, "Take all of this away?", &session.site.stop).await?;
        }
        if !session.found.is_empty() {
            session.ledger.begin_again(session.found.clone()).await?;
        }
        let applied = run.apply(&mut session, &work).await?;
        let exit = outcome(context, &applied, &work, DESTROYING.during, "Run it again")?;
        let Some(lost) = lost.filter(|_| exit == Exit::Done) else {
            return Ok(exit);
        };
        // While a part stands, whoever takes it away is to be told as well.
        if work.left_out.is_empty() {
            session.ledger.settle().await?;
        }
        show::note(context, &lost.partly_done(&work));
        Ok(Exit::Partly)
    }
    .await;
    run.end(result).await
}

/// What is said where there is nothing to take away.
async fn nothing(session: &Session, work: &Work) -> String {
    let location = session.ledger.location();
    if work.remove.nodes().is_empty() && work.released.is_empty() {
        format!(
            "Nothing to do: nothing of this environment is entered in the ledger (`{location}`), and nothing that is \
             declared bears its tag."
        )
    } else {
        format!(
            "Nothing to do: of what the ledger (`{location}`) has, nothing stands that is to be taken away."
        )
    }
}
