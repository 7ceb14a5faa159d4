//! The steps of a deployment to a compose project on a host.
//!
//! The images' new words stand in a file of their own until their images were fetched and their tasks have ended well. What
//! a cut leaves before that is that file, and after that a project that the next deployment finds as it is.

use std::collections::BTreeMap;

use super::answers::Service;
use super::compose::Compose;
use super::ended;
use super::env_file::{self, NAME, NEXT, Words};
use super::history::{History, pinned};
use super::images::{Images, variable};
use super::project::{Down, Project};
use super::reference::{is_id, repository_of};
use super::said;
use super::site::{Deployed, Site};
use crate::backend::{Release, ReleaseState, ReleasedImage};
use crate::model::{Class, Failure, HostTarget};

/// What shall run, and how one gets there.
struct Wanted<'a> {
    /// Every image of the project, by the words that it was asked for by.
    words: Words,
    /// Those that this deployment was asked for.
    chosen: Vec<String>,
    /// The release that is gone back to; none at a deployment.
    back_to: Option<&'a Release>,
}

/// Deploys these images, those that run beside them unchanged.
pub(super) async fn deploy(
    site: &Site<'_>,
    host: &HostTarget,
    history: &History,
    images: &Images,
) -> Result<Deployed, Failure> {
    let (project, now) = look(site, host).await?;
    let mut words = now.clone().unwrap_or_default();
    for (name, reference) in images {
        // The file has names only as its variables have them.
        words.retain(|known, _| variable(known) != variable(name));
        words.insert(name.clone(), reference.to_string());
    }
    let wanted = Wanted {
        words,
        chosen: images.keys().cloned().collect(),
        back_to: None,
    };
    prepared(&project, history, now, &wanted).await
}

/// Brings the images of an earlier release back.
pub(super) async fn roll_back(
    site: &Site<'_>,
    host: &HostTarget,
    history: &History,
    earlier: &Release,
) -> Result<Deployed, Failure> {
    let (project, now) = look(site, host).await?;
    let wanted = Wanted {
        words: pinned(&earlier.images),
        chosen: earlier.images.keys().cloned().collect(),
        back_to: Some(earlier),
    };
    prepared(&project, history, now, &wanted).await
}

/// The project, and the images that its file names now; none where there is no file yet.
async fn look<'a>(
    site: &'a Site<'a>,
    host: &HostTarget,
) -> Result<(Project<'a>, Option<Words>), Failure> {
    let compose = Compose::of(host, &format!("deploying to `{}`", site.target.name))?;
    let (dotenv, images) = (compose.beside(".env"), compose.beside(NAME));
    let (file, dotenv, now) = futures::try_join!(
        site.is_file(compose.file()),
        site.is_file(&dotenv),
        site.content(&images),
    )?;
    if !file {
        return Err(Failure::new(
            "there is no compose file",
            format!("Looking for {} on `{}`.", compose.file(), site.target.name),
        )
        .why("Landfall uploads nothing but the names of the images; the compose file is yours.")
        .left_behind("Nothing was changed.")
        .help("Put it there by the host's playbook, and apply the environment."));
    }
    let now = now.map(|content| env_file::read(site.target, &content));
    Ok((Project::new(site, compose.dotenv(dotenv)), now))
}

/// Writes the next file, and takes it away again whatever comes of it but a cut: then the next deployment does.
async fn prepared(
    project: &Project<'_>,
    history: &History,
    now: Option<Words>,
    wanted: &Wanted<'_>,
) -> Result<Deployed, Failure> {
    project.write(NEXT, &wanted.words).await?;
    let done = fetched(project, history, now, wanted).await;
    if done.as_ref().is_err_and(is_cut) {
        return done;
    }
    let removed = project.remove(NEXT).await;
    let done = done?;
    removed?;
    Ok(done)
}

/// Whether a failure is about the way to the host or somebody's wish, so that nobody knows how far the step came.
fn is_cut(failure: &Failure) -> bool {
    matches!(failure.class, Class::Unreachable | Class::Interrupted)
}

/// Fetches the images, pins each to exactly what was fetched, and goes on when that is not what runs.
async fn fetched(
    project: &Project<'_>,
    history: &History,
    now: Option<Words>,
    wanted: &Wanted<'_>,
) -> Result<Deployed, Failure> {
    let services = match project.services(NEXT).await {
        Ok(services) => services,
        Err(failure) if is_cut(&failure) => return Err(failure),
        // At the first deployment the variable of the right name has no value either, and compose says only that.
        Err(failure) => return Err(misnamed(project, wanted).await.unwrap_or(failure)),
    };
    let mut once = services.iter();
    if let Some(task) = once.find(|one| one.runs_before() || one.runs_after())
        && project.is_stack
    {
        return Err(runs_once(project, &task.name));
    }
    let used = |words: &String| services.iter().any(|one| one.image.as_ref() == Some(words));
    if let Some(name) = wanted
        .chosen
        .iter()
        .find(|name| !wanted.words.get(*name).is_some_and(used))
    {
        return Err(unused(project, name));
    }
    let stands = !project.is_stack || project.contents_stand(NEXT).await?;
    project.site.not_stopped("Nothing was changed.")?;
    pull(project, &services, wanted).await?;
    let images = images(project, history, wanted).await?;
    let exact = pinned(&images);
    project.write(NEXT, &exact).await?;

    let mut release = Release::begin(project.site.run, &project.site.target.name, images);
    release.back_to = wanted.back_to.map(|earlier| earlier.run.clone());
    let runs = wanted.back_to.is_none() && now.as_ref() == Some(&exact) && history.ended_well();
    // What somebody else deployed is written down by deploying it.
    if let Some(current) = history.current()
        && runs
        && stands
        && pinned(&current.images) == exact
        && project.is_current().await?
    {
        project.tell_stale().await;
        return Ok(Deployed::Nothing(current.clone()));
    }
    project
        .site
        .not_stopped("Nothing was changed; the images were fetched.")?;
    // What a cut or failed release left in the file is nothing to come back to.
    let before = match history.is_settled() {
        true => now,
        false => history.current().map(|release| pinned(&release.images)),
    };
    project.site.releases.put(&release).await?;
    let (state, result) = match exchanged(project, &exact, before, wanted).await {
        Ok(()) => (ReleaseState::Done, Ok(())),
        Err((state, failure)) => (state, Err(failure)),
    };
    // How far a cut one came is for the next to find out.
    if state != ReleaseState::Begun {
        release = release.end(state);
        project.site.releases.put(&release).await?;
    }
    result?;
    project.tell_stale().await;
    Ok(Deployed::Done(release))
}

/// Runs what is to run before, exchanges the containers, and runs what is to run after.
async fn exchanged(
    project: &Project<'_>,
    exact: &Words,
    before: Option<Words>,
    wanted: &Wanted<'_>,
) -> Result<(), (ReleaseState, Failure)> {
    let failed = |failure: Failure| match is_cut(&failure) {
        true => (ReleaseState::Begun, failure),
        false => (ReleaseState::Failed, failure),
    };
    let services = project.services(NEXT).await.map_err(failed)?;
    let deploys = wanted.back_to.is_none();
    let mut tasks = 0;
    for service in services.iter().filter(|one| deploys && one.runs_before()) {
        let left = ended::TASKS_BEFORE;
        let ran = project.task(NEXT, &service.name, left).await;
        ran.map_err(|failure| match failed(failure.made(tasks)) {
            (ReleaseState::Failed, failure) => (ReleaseState::Unchanged, failure),
            cut => cut,
        })?;
        tasks += 1;
    }
    project.write(NAME, exact).await.map_err(failed)?;
    if let Err(Down { failure, untouched }) = project.up().await {
        if is_cut(&failure) {
            return Err(failed(failure));
        }
        return Err(match untouched {
            true => project.left_alone(failure, before).await,
            false if before.as_ref() == Some(exact) => {
                ended::nothing_else(failure, project.compose.file())
            }
            false => project.brought_back(failure, before, tasks).await,
        });
    }
    for service in services.iter().filter(|one| deploys && one.runs_after()) {
        let left = ended::TASK_AFTER;
        let ran = project.task(NAME, &service.name, left).await;
        ran.map_err(|failure| failed(failure.made(1)))?;
    }
    Ok(())
}

/// Fetches what may have come under the same words since, and what is not there. Nothing else: the image of a database
/// does not move because an application is deployed.
async fn pull(
    project: &Project<'_>,
    services: &[Service],
    wanted: &Wanted<'_>,
) -> Result<(), Failure> {
    let (mut fetch, mut repositories) = (Vec::new(), Vec::new());
    for name in &wanted.chosen {
        let words = wanted
            .words
            .get(name)
            .map(String::as_str)
            .unwrap_or_default();
        let exact = is_id(words) || words.contains('@');
        if exact && project.held(words).await?.is_some() {
            continue;
        }
        if is_id(words) {
            return Err(gone(project, name, wanted));
        }
        let of_it = services
            .iter()
            .filter(|one| one.image.as_deref() == Some(words));
        fetch.extend(of_it.map(|one| one.name.as_str()));
        repositories.push(repository_of(words));
    }
    if fetch.is_empty() {
        return Ok(());
    }
    project.pull(&fetch).await.map_err(|failure| {
        let docker = project.compose.docker_words();
        failure.help(said::not_fetched(&docker, repositories))
    })
}

/// Every image of the release, those that were asked for as the host has them now.
async fn images(
    project: &Project<'_>,
    history: &History,
    wanted: &Wanted<'_>,
) -> Result<BTreeMap<String, ReleasedImage>, Failure> {
    let mut images = BTreeMap::new();
    for (name, words) in &wanted.words {
        let known = wanted.back_to.and_then(|earlier| earlier.images.get(name));
        let known = known.or_else(|| history.image(name, words));
        let image = match (wanted.chosen.contains(name), known) {
            (false, Some(known)) => known.clone(),
            (false, None) => ReleasedImage {
                reference: words.clone(),
                digest: words.split_once('@').map(|(_, digest)| digest.to_owned()),
                id: is_id(words).then(|| words.clone()),
                pinned: words.clone(),
            },
            (true, known) => {
                let held = project
                    .held(words)
                    .await?
                    .ok_or_else(|| gone(project, name, wanted))?;
                let reference = known.map_or(words, |known| &known.reference);
                let digest = held.digest(reference);
                ReleasedImage {
                    pinned: match &digest {
                        Some(digest) => {
                            format!("{}@{digest}", repository_of(reference))
                        }
                        // It came from no registry, so that only the host itself has a name for exactly this one.
                        None => held.id.clone(),
                    },
                    reference: reference.clone(),
                    digest,
                    id: Some(held.id),
                }
            }
        };
        images.insert(name.clone(), image);
    }
    Ok(images)
}

fn gone(project: &Project<'_>, name: &str, wanted: &Wanted<'_>) -> Failure {
    let words = wanted
        .words
        .get(name)
        .map(String::as_str)
        .unwrap_or_default();
    Failure::new(
        "the image is not on the host",
        format!("Looking for `{words}` on `{}`, the image `{name}`.", project.site.target.name),
    )
    .why("It was not fetched, and the engine there does not have it: its service says `pull_policy: never`, or it came from no registry and was taken away.")
    .left_behind("Nothing was changed.")
    .help("Push it to a registry and deploy it from there, or load it on the host.")
}

fn runs_once(project: &Project<'_>, service: &str) -> Failure {
    Failure::new(
        "a stack runs nothing once",
        format!("Reading {} for `{}`.", project.compose.file(), project.site.target.name),
    )
    .why(format!(
        "The service `{service}` is to be run at deployments, and compose would run it beside the Swarm, without its networks."
    ))
    .left_behind("Nothing was changed.")
    .help("Take it out, or make it a service of the stack with `deploy: {mode: replicated-job}`.")
}

/// The failure of an image whose variable no service's image has as it is written; none where each has one.
async fn misnamed(project: &Project<'_>, wanted: &Wanted<'_>) -> Option<Failure> {
    let written = project.images_as_written(NEXT).await?;
    let named = |name: &&String| {
        variable(name).is_some_and(|name| written.iter().any(|image| has_variable(image, &name)))
    };
    let mut chosen = wanted.chosen.iter();
    chosen
        .find(|name| !named(name))
        .map(|name| unused(project, name))
}

/// Whether the words have this variable: `$NAME`, `${NAME}`, `${NAME:-other}`.
fn has_variable(words: &str, variable: &str) -> bool {
    let begun = words.split('$').skip(1);
    let mut begun = begun.map(|rest| rest.strip_prefix('{').unwrap_or(rest));
    begun.any(|rest| {
        let behind = rest.strip_prefix(variable);
        behind.is_some_and(|behind| {
            !behind.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_')
        })
    })
}

fn unused(project: &Project<'_>, name: &str) -> Failure {
    let variable = variable(name).unwrap_or_default();
    Failure::new(
        "no service runs this image",
        format!(
            "Looking for the image `{name}` in {}.",
            project.compose.file()
        ),
    )
    .why(format!("No service there has `image: ${{{variable}}}`."))
    .left_behind("Nothing was changed.")
    .help(format!(
        "Write `image: ${{{variable}}}` for the services that shall run it."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_found_in_the_words_of_an_image_by_its_whole_name() {
        for words in [
            "$IMAGE_APP",
            "${IMAGE_APP}",
            "${IMAGE_APP:?none}",
            "a/${B}-$IMAGE_APP",
        ] {
            assert!(has_variable(words, "IMAGE_APP"), "{words}");
            assert!(!has_variable(words, "IMAGE_AP"), "{words}");
        }
        assert!(!has_variable("IMAGE_APP", "IMAGE_APP"));
    }
}
