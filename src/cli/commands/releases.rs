//! `landfall releases`: what was deployed to a target, and when.

use clap::Args;

use crate::backend::{Release, ReleasedImage};
use crate::cli::named_targets;
use crate::cli::session::Session;
use crate::cli::{CommandError, Context, Exit, show};
use crate::model::{Failure, visible};
use crate::view;

/// What `releases` takes.
#[derive(Debug, Args)]
pub struct ReleasesArgs {
    /// The environment
    pub environment: String,
    /// The target
    pub target: String,
}

/// Lists the releases, the newest first. Fails when the target is not registered.
pub async fn run(args: &ReleasesArgs, context: &Context) -> Result<Exit, CommandError> {
    let releases = Session::with_backend_only(context, &args.environment, async |session| {
        let target = named_targets::one(&session, &args.target).await?;
        Ok(session.backend.releases().list(&target.name).await?)
    })
    .await?;
    if context.json {
        releases
            .iter()
            .rev()
            .try_for_each(|release| print(context, release))?;
        return Ok(Exit::Done);
    }
    if releases.is_empty() {
        let none = format!("Nothing was deployed to `{}` by landfall yet.", args.target);
        show::note(context, &none);
        return Ok(Exit::Done);
    }
    let mut rows = Vec::new();
    for release in releases.iter().rev() {
        let state = match &release.back_to {
            Some(run) => format!("{}, back to {run}", release.state.word()),
            None => release.state.word().to_owned(),
        };
        for (place, (name, image)) in release.images.iter().enumerate() {
            let first = |text: &str| {
                if place == 0 {
                    text.to_owned()
                } else {
                    String::new()
                }
            };
            rows.push(vec![
                first(&release.run),
                first(&state),
                name.clone(),
                image.reference.clone(),
                exactly(image).to_owned(),
            ]);
        }
    }
    view::print(&view::table(
        &["release", "state", "name", "image", "digest"],
        &rows,
        context.style.out,
    ))?;
    Ok(Exit::Done)
}

/// Prints a release: its images for a person, all of it for a program.
pub fn print(context: &Context, release: &Release) -> Result<(), Failure> {
    if context.json {
        let text = serde_json::to_string(release)
            .map_err(|error| Failure::bug(format!("a release cannot be written: {error}")))?;
        return view::print(&format!("{}\n", visible::json(&text)));
    }
    let row = |(name, image): (&String, &ReleasedImage)| {
        vec![
            name.clone(),
            image.reference.clone(),
            exactly(image).to_owned(),
        ]
    };
    let rows: Vec<Vec<String>> = release.images.iter().map(row).collect();
    view::print(&view::table(
        &["name", "image", "digest"],
        &rows,
        context.style.out,
    ))
}

/// Which image it was: by its registry's digest, else by its own id.
fn exactly(image: &ReleasedImage) -> &str {
    let known = image.digest.as_deref().or(image.id.as_deref());
    known.unwrap_or("not known")
}
