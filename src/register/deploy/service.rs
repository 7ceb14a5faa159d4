//! The steps of a deployment to the services of a target on ECS.

use std::collections::BTreeMap;

use super::history::History;
use super::images::Images;
use super::reference::{repository_of, whole};
use super::revisions::containers;
use super::site::{Deployed, Site};
use crate::backend::{Release, ReleaseState, ReleasedImage};
use crate::model::{EcsTarget, Failure, Target};

/// One of the target's services, and what shall become of it.
struct Part {
    service: String,
    /// The ARN of the revision that it runs.
    runs: String,
    /// The revision that the new one is made from.
    from: String,
    /// The new images by the containers' names; those that differ from the revision's own.
    images: BTreeMap<String, String>,
    /// Whether it has any of the images, changed or not.
    concerned: bool,
}

/// Deploys these images: a new revision for each service whose image is another one, and nothing else of it changed.
pub(super) async fn deploy(
    site: &Site<'_>,
    ecs: &EcsTarget,
    history: &History,
    images: &Images,
) -> Result<Deployed, Failure> {
    let mut parts = Vec::new();
    let mut used: Vec<&String> = Vec::new();
    for (service, family) in services(ecs) {
        let runs = site.runs(ecs, service).await?;
        let base = site.base(&runs, family).await?;
        let seen = base.from;
        let mut part = Part {
            service: service.to_owned(),
            runs,
            from: seen.arn.clone(),
            images: base.live,
            concerned: false,
        };
        for (name, reference) in images {
            for (container, image) in containers(&seen) {
                if !is_of(site.target, name, &container, &image) {
                    continue;
                }
                used.push(name);
                part.concerned = true;
                if image == reference.to_string() {
                    part.images.remove(&container);
                } else {
                    part.images.insert(container, reference.to_string());
                }
            }
        }
        parts.push(part);
    }
    if let Some(name) = images.keys().find(|name| !used.contains(name)) {
        return Err(unused(site, name));
    }
    let mut all = history
        .current()
        .map(|release| release.images.clone())
        .unwrap_or_default();
    all.extend(asked(images));
    let mut release = Release::begin(site.run, &site.target.name, all);
    // Those that stay as they are belong to the release too: one goes back to all of it.
    let runs = parts
        .iter()
        .map(|part| (part.service.clone(), part.runs.clone()));
    release.task_definitions = runs.collect();
    parts.retain(|part| part.concerned);
    let exact = images
        .values()
        .all(|reference| reference.digest().is_some());
    let changes = parts
        .iter()
        .any(|part| !part.images.is_empty() || part.from != part.runs);
    if !changes && exact && history.ended_well() {
        let recorded = |current: &&Release| {
            let pinned = |(name, asked): (&String, &ReleasedImage)| {
                let known = current.images.get(name);
                known.is_some_and(|known| known.digest == asked.digest)
            };
            asked(images).iter().all(pinned)
        };
        if let Some(current) = history.current().filter(recorded) {
            return Ok(Deployed::Nothing(current.clone()));
        }
        // What somebody else deployed is written down, and nothing of it begun anew.
        parts.clear();
    }
    site.not_stopped("Nothing was changed.")?;
    site.releases.put(&release).await?;
    let came = exchanged(site, ecs, &parts, &mut release).await;
    ended(site, ecs, release, came).await
}

/// Brings the services back to the revisions of an earlier release. An image that was named by a tag then is named by the
/// digest that it had.
pub(super) async fn roll_back(
    site: &Site<'_>,
    ecs: &EcsTarget,
    earlier: &Release,
) -> Result<Deployed, Failure> {
    let mut parts = Vec::new();
    for (service, _) in services(ecs) {
        let Some(from) = earlier.task_definitions.get(service) else {
            continue;
        };
        let seen = site.revision(from).await?;
        let exact = |image: &str| {
            let mut known = earlier.images.values();
            let known = known.find(|known| known.reference == image && known.digest.is_some());
            known
                .map(|known| known.pinned.clone())
                .filter(|pinned| pinned != image)
        };
        let named = containers(&seen).into_iter();
        let images = named.filter_map(|(container, image)| Some((container, exact(&image)?)));
        parts.push(Part {
            service: service.to_owned(),
            runs: site.runs(ecs, service).await?,
            from: seen.arn.clone(),
            images: images.collect(),
            concerned: true,
        });
    }
    parts.retain(|part| !part.images.is_empty() || part.from != part.runs);
    site.not_stopped("Nothing was changed.")?;
    let mut release = Release::back_to(site.run, earlier);
    site.releases.put(&release).await?;
    let came = exchanged(site, ecs, &parts, &mut release).await;
    ended(site, ecs, release, came).await
}

/// Brings one service after the other to its new revision; when one fails, those before it and itself go back.
async fn exchanged(
    site: &Site<'_>,
    ecs: &EcsTarget,
    parts: &[Part],
    release: &mut Release,
) -> Result<(), (ReleaseState, Failure)> {
    let mut touched: Vec<(&Part, bool)> = Vec::new();
    for part in parts {
        let came = async {
            let revision = match part.images.is_empty() {
                true => part.from.clone(),
                false => site.reimaged(&part.from, &part.images).await?,
            };
            release
                .task_definitions
                .insert(part.service.clone(), revision.clone());
            // What this run changes is known before it is changed.
            site.releases.put(release).await?;
            site.progress
                .say(format!("having {} run {revision}", part.service));
            let anew = revision == part.runs;
            touched.push((part, anew));
            site.bring(ecs, &part.service, &revision, anew).await
        };
        if let Err(failure) = came.await {
            return Err(brought_back(site, ecs, &touched, failure).await);
        }
    }
    Ok(())
}

async fn brought_back(
    site: &Site<'_>,
    ecs: &EcsTarget,
    touched: &[(&Part, bool)],
    failure: Failure,
) -> (ReleaseState, Failure) {
    let (same, others): (Vec<_>, Vec<_>) = touched.iter().partition(|(_, anew)| *anew);
    for (part, _) in others.iter().rev() {
        site.progress
            .say(format!("bringing {} back to {}", part.service, part.runs));
        if let Err(second) = site.bring(ecs, &part.service, &part.runs, false).await {
            let left = format!(
                "{} could not be brought back to {}: {}",
                part.service,
                part.runs,
                second.in_short()
            );
            return (ReleaseState::Failed, failure.left_behind(left).made(1));
        }
    }
    let help = "Correct the cause (often the image, its health check or the room on the cluster), then deploy again.";
    if !same.is_empty() {
        let services: Vec<&str> = same.iter().map(|(part, _)| part.service.as_str()).collect();
        let mut left = format!(
            "{} {} ran the same revision before, so that there is none to go back to.",
            failure.left_behind,
            services.join(", ")
        );
        if !others.is_empty() {
            left.push_str(" The others run the revisions of before again.");
        }
        let failure = failure.left_behind(left.trim()).help(help).made(1);
        return (ReleaseState::Failed, failure);
    }
    let (state, left) = match touched.is_empty() {
        true => (ReleaseState::Unchanged, "The services were not touched."),
        false => (
            ReleaseState::RolledBack,
            "The revisions of before run again; the new ones stay registered.",
        ),
    };
    (state, failure.left_behind(left).help(help))
}

/// Writes down how it ended, with the digests that ECS tells of the tasks that run.
async fn ended(
    site: &Site<'_>,
    ecs: &EcsTarget,
    mut release: Release,
    came: Result<(), (ReleaseState, Failure)>,
) -> Result<Deployed, Failure> {
    match came {
        Ok(()) => {
            for (service, revision) in release.task_definitions.clone() {
                let digests = site.digests(ecs, &service, &revision).await?;
                for image in release.images.values_mut() {
                    if let Some(digest) = digests.get(&image.reference) {
                        image.pinned = format!("{}@{digest}", repository_of(&image.reference));
                        image.digest = Some(digest.clone());
                    }
                }
            }
            let release = release.end(ReleaseState::Done);
            site.releases.put(&release).await?;
            Ok(Deployed::Done(release))
        }
        Err((state, failure)) => {
            site.releases.put(&release.end(state)).await?;
            Err(failure)
        }
    }
}

/// The target's services, each with its family where the record has one.
fn services(ecs: &EcsTarget) -> impl Iterator<Item = (&str, Option<&str>)> {
    let more = ecs.services.values();
    let more = more.map(|one| (one.service.as_str(), one.task_family.as_deref()));
    std::iter::once((ecs.service.as_str(), ecs.task_family.as_deref())).chain(more)
}

/// Whether a container runs the image of this name: by the repository that the target declares, else by its own name.
fn is_of(target: &Target, name: &str, container: &str, image: &str) -> bool {
    let declared = target.images.get(name);
    let same = declared.is_some_and(|from| whole(from) == whole(repository_of(image)));
    same || container == name
}

fn asked(images: &Images) -> BTreeMap<String, ReleasedImage> {
    let image = |(name, reference): (&String, &super::reference::Reference)| {
        let words = reference.to_string();
        let image = ReleasedImage {
            digest: reference.digest().map(str::to_owned),
            id: None,
            pinned: match reference.digest() {
                Some(digest) => format!("{}@{digest}", reference.repository()),
                None => words.clone(),
            },
            reference: words,
        };
        (name.clone(), image)
    };
    images.iter().map(image).collect()
}

fn unused(site: &Site<'_>, name: &str) -> Failure {
    let from = site.target.images.get(name);
    let from = from.map(|from| format!(" and none whose image comes from {from}"));
    Failure::new(
        "no container runs this image",
        format!("Looking for the image `{name}` in the services of `{}`.", site.target.name),
    )
    .why(format!(
        "Their task definitions have no container `{name}`{}.",
        from.unwrap_or_default()
    ))
    .left_behind("Nothing was changed.")
    .help("Name the image as the container is called, or declare its repository under the target's `images`.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::TargetKind;

    #[test]
    fn a_container_is_found_by_its_repository_or_its_name() {
        let ecs = EcsTarget {
            account: String::new(),
            region: String::new(),
            cluster: String::new(),
            service: "web".to_owned(),
            task_family: None,
            role: None,
            services: BTreeMap::new(),
        };
        let target = Target {
            name: "web".to_owned(),
            project: String::new(),
            environment: String::new(),
            registered: String::new(),
            version: 0,
            images: BTreeMap::from([("app".to_owned(), "example/app".to_owned())]),
            verified: None,
            kind: TargetKind::Ecs(ecs),
        };
        assert!(is_of(&target, "app", "web", "docker.io/example/app:1"));
        assert!(is_of(&target, "app", "app", "example/something:1"));
        assert!(!is_of(&target, "app", "web", "example/other:1"));
    }
}
