//! `landfall releases`: what was deployed to a target, and when.

use clap::Args;

use serde::Serialize;

use crate::backend::{Release, ReleasedImage, which_runs};
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

/// A release among those of its target.
#[derive(Debug, Serialize)]
pub struct Listed {
    #[serde(flatten)]
    release: Release,
    /// Whether it is the one that runs; `null` where that is not known.
    runs: Option<bool>,
}

/// These releases, the newest first.
pub fn listed(releases: Vec<Release>) -> impl Iterator<Item = Listed> {
    let runs = which_runs(&releases);
    let each = releases.into_iter().zip(runs).rev();
    each.map(|(release, runs)| Listed { release, runs })
}

/// Lists the releases, the newest first. Fails when the target is not registered.
pub async fn run(args: &ReleasesArgs, context: &Context) -> Result<Exit, CommandError> {
    let releases = Session::with_backend_only(context, &args.environment, async |session| {
        let target = named_targets::one(&session, &args.target).await?;
        Ok(session.backend.releases().list(&target.name).await?)
    })
    .await?;
    if context.json {
        listed(releases).try_for_each(|listed| object(&listed))?;
        return Ok(Exit::Done);
    }
    if releases.is_empty() {
        let none = format!("Nothing was deployed to `{}` by landfall yet.", args.target);
        show::note(context, &none);
        return Ok(Exit::Done);
    }
    let mut rows = Vec::new();
    let mut unknown = false;
    for Listed { release, runs } in listed(releases) {
        let mut state = release.state.word().to_owned();
        state.extend(release.back_to.map(|run| format!(", back to {run}")));
        match runs {
            Some(true) => state.push_str(", runs"),
            Some(false) => {}
            None => {
                unknown = true;
                state.push_str(", may run");
            }
        }
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
    if unknown {
        let note = format!(
            "Which of them runs is not known: the last one that was begun did not end well. \
             `landfall deploy {} {} --image NAME=IMAGE` makes sure of it.",
            args.environment, args.target
        );
        show::note(context, &note);
    }
    Ok(Exit::Done)
}

/// Prints a release: its images for a person, all of it for a program.
pub fn print(context: &Context, release: &Release) -> Result<(), Failure> {
    if context.json {
        return object(release);
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

fn object(release: &impl Serialize) -> Result<(), Failure> {
    let text = serde_json::to_string(release)
        .map_err(|error| Failure::bug(format!("a release cannot be written: {error}")))?;
    view::print(&format!("{}\n", visible::json(&text)))
}

/// Which image it was: by its registry's digest, else by its own id.
fn exactly(image: &ReleasedImage) -> &str {
    let known = image.digest.as_deref().or(image.id.as_deref());
    known.unwrap_or("not known")
}
