//! `landfall destroy`: takes away what was made.

use clap::Args;

use super::apply::{Under, carry_out, confirm};
use super::session::{Instead, Scale, Session};
use super::{Context, Exit, Trouble, ask, plan as planning, show};
use crate::model::{Class, Failure, Spec, Value};
use crate::plan::{self, Plan, Work};

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
}

/// Plans the removal of everything the ledger has, shows it, asks, and does it. What holds data is refused, before
/// anything is touched, unless its name was typed.
pub async fn run(args: &DestroyArgs, context: &Context) -> Result<Exit, Trouble> {
    Session::run(
        context,
        &args.environment,
        &Instead::default(),
        async |mut session| {
            session.site.typed.clone_from(&args.yes_delete);
            go(context, session, args.yes).await
        },
    )
    .await
}

/// The same on an open session: what a rehearsal does as well.
pub async fn go(context: &Context, mut session: Session, yes: bool) -> Result<Exit, Trouble> {
    let under = Under::lock(context, &mut session, "destroy").await?;
    let result = async {
        let work = session.work(Scale::Nothing).await?;
        for host in session
            .declaration
            .nodes
            .iter()
            .filter(|node| matches!(node.spec, Spec::Host { .. }))
        {
            show::line(
                context,
                &format!(
                    "{} stays as it was prepared: a playbook has no way back.",
                    host.address
                ),
            );
        }
        let plan = decided(context, &mut session, &work).await?;
        session.site.events.shown().await;
        show::plan(context, &plan)?;
        planning::whole(context, &plan)?;
        if !plan.is_empty() && !yes {
            confirm(context, "Take all of this away?", &session.site.stop).await?;
        }
        carry_out(context, &mut session, &work, &under).await
    }
    .await;
    under.end(result).await
}

/// The plan, asking for the names of what is protected where somebody can type them.
async fn decided(context: &Context, session: &mut Session, work: &Work) -> Result<Plan, Failure> {
    loop {
        let plan = plan::plan(&session.site, work, session.limits()).await;
        if !context.asks {
            return Ok(plan);
        }
        let protected = plan.failed.iter().find_map(|(address, failure)| {
            let name = physical(work, address)?;
            let asked = failure.class == Class::Refused && !session.site.typed.contains(&name);
            asked.then(|| (name, failure.clone()))
        });
        session.site.events.shown().await;
        let Some((name, failure)) = protected else {
            return Ok(plan);
        };
        let question = format!("{} Type `{name}` to delete it all the same: ", failure.why);
        let typed = ask::line(&question, &session.site.stop).await?;
        if typed != name {
            return Ok(plan);
        }
        session.site.typed.push(name);
        session.site.look_again();
    }
}

/// What AWS calls the thing.
fn physical(work: &Work, address: &crate::model::Address) -> Option<String> {
    match &work.remove.get(address)?.spec {
        Spec::Resource(values) => values
            .get("name")
            .and_then(Value::as_str)
            .map(str::to_owned),
        _ => None,
    }
}
