//! `landfall targets verify`: uses targets the way CI will use them.

use std::path::Path;

use futures::future::try_join_all;
use jiff::Timestamp;
use serde_json::json;

use crate::backend::Releases;
use crate::cli::session::Session;
use crate::cli::{CommandError, Context, Exit, named_targets::select, show};
use crate::model::{Check, Failure, Target, visible};
use crate::register::{self, Entrance};
use crate::view;

/// Tries the named targets, or all, and writes into each record what came out.
///
/// Ends as failed when a check failed. Fails when a named target is not registered.
pub async fn run(
    context: &Context,
    environment: &str,
    names: &[String],
    identity: Option<&Path>,
) -> Result<Exit, CommandError> {
    Session::with_backend_only(context, environment, async |session| {
        let targets = session.backend.targets();
        let chosen = select(targets.list().await?, names)?;
        if chosen.is_empty() {
            show::note(
                context,
                &format!("No target is registered: `landfall apply {environment}` does that."),
            );
        }
        let entrance = session.entrance(identity);
        let tried = verified(&chosen, &session.backend.releases(), &entrance).await?;
        let mut good = true;
        for (target, checks) in chosen.iter().zip(tried) {
            let stamp = register::stamp(target, checks, Timestamp::now())?;
            good &= stamp.passed();
            show_one(context, &target.name, &stamp.checks, &stamp.at)?;
            if !targets.stamp(target, &stamp).await? {
                let name = &target.name;
                show::note(
                    context,
                    &format!("`{name}` was registered anew meanwhile; nothing was written down."),
                );
            }
        }
        Ok(if good { Exit::Done } else { Exit::Error })
    })
    .await
}

/// What came of trying each, all at once. Fails when a release's record cannot be read.
pub async fn verified(
    targets: &[Target],
    releases: &Releases,
    entrance: &dyn Entrance,
) -> Result<Vec<Vec<Check>>, Failure> {
    let one = async |target: &Target| {
        let released = releases.current(&target.name).await?;
        Ok(register::verify(target, released.as_ref(), entrance).await)
    };
    try_join_all(targets.iter().map(one)).await
}

/// Shows what came of one. Fails when it cannot be printed.
pub fn show_one(
    context: &Context,
    target: &str,
    checks: &[Check],
    at: &str,
) -> Result<(), CommandError> {
    if context.json {
        let line = json!({ "target": target, "at": at, "checks": checks });
        view::print(&format!("{}\n", visible::json(&line.to_string())))?;
    } else {
        view::print(&view::verification(target, checks, context.style.out))?;
    }
    Ok(())
}
