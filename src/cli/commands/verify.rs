//! `landfall targets verify`: uses targets the way CI will use them.

use std::path::Path;

use futures::future::try_join_all;
use jiff::Timestamp;
use serde_json::json;

use crate::backend::Releases;
use crate::cli::session::Session;
use crate::cli::{CommandError, Context, Exit, named_targets::select, show};
use crate::declare::Declaration;
use crate::model::{Check, Failure, Target, visible};
use crate::register::{self, Entrance};
use crate::view;

/// Tries the named targets, or all, and writes into each record what came out.
///
/// Ends as failed when a check failed or a declared target is not registered, and as unreachable when nothing else failed
/// than reaching, or nobody could log in because CI's key is not here. Fails when a named target is not registered.
pub async fn run(
    context: &Context,
    environment: &str,
    names: &[String],
    identity: Option<&Path>,
) -> Result<Exit, CommandError> {
    Session::with_backend_only(context, environment, async |session| {
        let targets = session.backend.targets();
        let chosen = select(targets.list().await?, environment, names)?;
        let missing = match names {
            [] => unregistered(&session.declaration, &chosen),
            // One that is named and not registered is a failure by now.
            _ => Vec::new(),
        };
        if chosen.is_empty() && missing.is_empty() {
            show::note(context, &none(environment));
        }
        let entrance = session.entrance(identity);
        let tried = verified(&chosen, &session.backend.releases(), &entrance).await?;
        let mut ends = Vec::new();
        for name in missing {
            let check = register::no_record(name, environment);
            show_one(context, name, &[check], &register::at(Timestamp::now()))?;
            ends.push(Exit::Error);
        }
        for (target, checks) in chosen.iter().zip(tried) {
            let stamp = register::stamp(target, checks, Timestamp::now())?;
            ends.push(match (stamp.passed(), stamp.unreachable()) {
                (true, _) if stamp.logged_in() => Exit::Done,
                (true, _) | (false, true) => Exit::Unreachable,
                (false, false) => Exit::Error,
            });
            show_one(context, &target.name, &stamp.checks, &stamp.at)?;
            if !stamp.logged_in() {
                show::note(context, &not_entered(&target.name));
            }
            if !targets.stamp(target, &stamp).await? {
                let name = &target.name;
                show::note(
                    context,
                    &format!("`{name}` was registered anew meanwhile; nothing was written down."),
                );
            }
        }
        ends.retain(|end| *end != Exit::Done);
        // What was seen to be wrong counts for more than what could not be seen.
        let wrong = ends.iter().find(|end| **end == Exit::Error);
        Ok(*wrong.or(ends.first()).unwrap_or(&Exit::Done))
    })
    .await
}

/// The declared targets that have no record.
pub fn unregistered<'a>(declaration: &'a Declaration, registered: &[Target]) -> Vec<&'a str> {
    let declared = declaration.targets.iter().map(String::as_str);
    declared
        .filter(|name| registered.iter().all(|target| target.name != **name))
        .collect()
}

/// What is said of a target at which what CI may do was not tried.
fn not_entered(target: &str) -> String {
    format!(
        "Nobody logged in at `{target}`, so that what CI can do there is not known: `--identity FILE` names CI's private key."
    )
}

/// What is said where there is no target at all.
pub fn none(environment: &str) -> String {
    format!(
        "There is no target: environments/{environment}.toml declares none, and none is registered."
    )
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
