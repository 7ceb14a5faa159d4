//! `landfall plan`: what would change.

use std::path::PathBuf;

use clap::Args;

use super::doing::{Doing, PLANNING};
use super::parts::Parts;
use super::session::{Instead, Scale, Session};
use super::{Context, Exit, Trouble, lost, output, protected, show};
use crate::connect::aws::Aws;
use crate::model::{Class, Failure};
use crate::plan::{self, About, Plan, Saved, Work};

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
    /// The parts of the environment it is about.
    #[command(flatten)]
    pub parts: Parts,
}

/// Decides over everything, shows it, and saves it where that was asked for.
pub async fn run(args: &PlanArgs, context: &Context) -> Result<Exit, Trouble> {
    if let Some(path) = &args.out {
        output::PLAN.file(path)?;
    }
    let (plan, work, saved) = Session::run(
        context,
        &args.environment,
        &Instead::default(),
        async |mut session| {
            protected::take(&mut session, &args.yes_delete).await?;
            session.choice = args.parts.choice();
            let mut work = session.work(Scale::Declared).await?;
            let mut plan = plan::plan(&session.site, &work, session.limits()).await;
            plan.leave_unreached_out(&mut work);
            session.site.events.shown().await;
            lost::tell(context, &session, &plan).await?;
            let saved = match args.out {
                Some(_) if plan.is_whole() => Some(save(&session, &plan, &work)?),
                _ => None,
            };
            Ok((plan, work, saved))
        },
    )
    .await?;
    show::plan(context, &plan, &work)?;
    whole(context, &plan, PLANNING).map_err(|failure| protected::way_on(failure, &plan, &work))?;
    if let (Some(path), Some(saved)) = (&args.out, saved) {
        output::PLAN.write(path, &saved.write()?)?;
        show::line(
            context,
            &format!(
                "Saved. To do exactly this: landfall apply {}",
                path.display()
            ),
        );
    }
    if !plan.unreached.is_empty() {
        show::failures(context, &plan.unreached);
        return Err(unreached(&work.unreached(), PLANNING.what)
            .left("Nothing was changed. The plan above is what can be done without them.")
            .into());
    }
    Ok(if args.detailed_exitcode && !plan.is_empty() {
        Exit::Changes
    } else {
        Exit::Done
    })
}

/// The plan as it would be saved.
pub fn save(session: &Session, plan: &Plan, work: &Work) -> Result<Saved, Failure> {
    let declaration = &session.declaration;
    Saved::new(
        plan,
        work,
        About {
            project: &declaration.project,
            environment: &declaration.name,
            declaration: &declaration.file.text,
            // Reached by now wherever anything in it is asked of AWS.
            account: session.places.account.get().map(Aws::account),
            typed: &session.site.typed,
        },
    )
}

/// The failure of a plan that is not whole, after each node's own was shown.
pub fn whole(context: &Context, plan: &Plan, doing: Doing) -> Result<(), Failure> {
    if plan.is_whole() {
        return Ok(());
    }
    show::failures(context, &plan.failed);
    let count = |count: usize, what: &str| (count > 0).then(|| format!("{count} {what}"));
    let parts = [
        count(plan.failed.len(), "failed"),
        count(plan.blocked.len(), "blocked by those"),
        count(plan.left.len(), "not reached"),
    ];
    let why = parts.into_iter().flatten().collect::<Vec<_>>().join(", ");
    // One class for all: what a script would act on first.
    let classes: Vec<Class> = plan
        .failed
        .iter()
        .map(|(_, failure)| failure.class)
        .collect();
    // Who called it off knows why not all was decided.
    let interrupted = classes.is_empty() || classes.contains(&Class::Interrupted);
    let class = match classes.as_slice() {
        _ if interrupted => Class::Interrupted,
        [first, rest @ ..]
            if rest
                .iter()
                .all(|class| Exit::from(*class) == Exit::from(*first)) =>
        {
            *first
        }
        _ => Class::Error,
    };
    let summary = if interrupted {
        "interrupted"
    } else {
        doing.summary
    };
    Err(Failure::new(summary, doing.what)
        .class(class)
        .why(format!("{why}."))
        .left("Nothing was changed."))
}

/// The failure of a run that went on without these hosts.
pub fn unreached(hosts: &[String], doing: &str) -> Failure {
    Failure::new("not every host could be entered", doing)
        .class(Class::Unreachable)
        .why(format!(
            "Left out: {}, and what needs them.",
            hosts.join(", ")
        ))
        .help("Mend what is said of each of them, then run it again.")
}
