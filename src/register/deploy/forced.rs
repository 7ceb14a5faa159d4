//! The steps of a deployment by a key that may only ask: root's own program on the host does them (`landfall-deploy`).

use std::collections::BTreeMap;

use super::ended;
use super::forced_answers::{self, Changes, Container, FailedTask, LOG, Left, NotUp, exactly};
use super::history::History;
use super::images::Images;
use super::reference::Reference;
use super::said;
use super::site::{Deployed, Site};
use super::stale;
use crate::backend::{Release, ReleaseState, ReleasedImage};
use crate::model::host::{Command, Ran};
use crate::model::{Class, Failure, HostTarget, shell_word};

/// What the program ends with when it refuses a request, and when another deployment is at work for too long.
const REFUSED: i32 = 126;
const BUSY: i32 = 75;

/// What it says when it remembers no release to go back to.
const NONE_BEFORE: &str = "there is no release before the present one";

/// What one of an older version says, which puts the images from before back as well.
const PUT_BACK: &str = "the release from before is up again";

/// Deploys these images. The program on the host brings back what ran before when they do not come up.
pub(super) async fn deploy(
    site: &Site<'_>,
    host: &HostTarget,
    history: &History,
    images: &Images,
) -> Result<Deployed, Failure> {
    let words: Vec<String> = images
        .iter()
        .map(|(name, image)| format!("{name}={image}"))
        .collect();
    let request = |verb: &str| [&[verb.to_owned()][..], &words].concat();
    site.progress.say("fetching images");
    let pulled = site.run(Command::new(request("pull"))).await?;
    if !pulled.ok() {
        return Err(failed(site, "fetching images", &pulled)
            .left_behind("Nothing was changed.")
            .help(said::not_fetched(
                "sudo docker",
                images.values().map(Reference::repository),
            )));
    }
    site.not_stopped("Nothing was changed; the images were fetched.")?;
    let mut asked = history
        .current()
        .map(|release| release.images.clone())
        .unwrap_or_default();
    asked.extend(
        images
            .iter()
            .map(|(name, image)| (name.clone(), bare(image))),
    );
    // Before the first release the compose file may name no images.
    if let Some(current) = history.current()
        && let Some(seen) = changes(site, request("changes")).await?
        && !seen.any
        && history.ended_well()
        && same(
            &current.images,
            &run_by(asked.clone(), &status(site).await?),
        )
    {
        stale::tell(site, Ok(seen.stale), "docker");
        return Ok(Deployed::Nothing(current.clone()));
    }
    let release = Release::begin(site.run, &site.target.name, asked);
    site.releases.put(&release).await?;
    site.progress.say("exchanging the containers");
    let ran = release_run(site, request("up")).await?;
    judged(site, host, release, ran).await
}

/// Goes a release back, as the program on the host remembers its releases.
pub(super) async fn roll_back(
    site: &Site<'_>,
    host: &HostTarget,
    earlier: &Release,
) -> Result<Deployed, Failure> {
    let release = Release::back_to(site.run, earlier);
    site.releases.put(&release).await?;
    let ran = release_run(site, vec!["rollback".to_owned()]).await?;
    if !ran.ok() && [ran.out(), ran.err()].concat().contains(NONE_BEFORE) {
        site.releases
            .put(&release.end(ReleaseState::Unchanged))
            .await?;
        return Err(not_remembered(site, earlier));
    }
    judged(site, host, release, ran).await
}

/// The release is one from before the program came to the host: it is one of Landfall's alone, and is deployed anew.
fn not_remembered(site: &Site<'_>, earlier: &Release) -> Failure {
    let images = earlier.images.iter();
    let images: Vec<String> = images
        .map(|(name, image)| shell_word(&format!("{name}={}", image.pinned)))
        .collect();
    Failure::new(
        "the host remembers no earlier release",
        format!("going a release back at `{}`", site.target.name),
    )
    .why(format!(
        "Release {} was done before this host had the profile forced-command, whose program goes back by its own list.",
        earlier.run
    ))
    .left_behind("Nothing was changed.")
    .help(format!(
        "Deploy what it had: `landfall deploy {} {} --image {}`.",
        shell_word(&site.target.environment),
        shell_word(&site.target.name),
        images.join(" --image "),
    ))
}

/// Has the program exchange the containers. The logs that it hands on are told with why they do not come up.
async fn release_run(site: &Site<'_>, request: Vec<String>) -> Result<Ran, Failure> {
    let progress = site.progress.clone().without(LOG);
    site.run_telling(Command::new(request), &progress).await
}

/// Writes down what the program came to, with the digests of what runs now.
async fn judged(
    site: &Site<'_>,
    host: &HostTarget,
    mut release: Release,
    ran: Ran,
) -> Result<Deployed, Failure> {
    if !ran.ok() {
        let (state, failure) = match forced_answers::not_up(&ran.out()) {
            Some(seen) => not_up(site, host, seen),
            None => not_done(site, &ran),
        };
        site.releases.put(&release.end(state)).await?;
        return Err(failure.printed(ran.printed()));
    }
    release.images = run_by(release.images, &status(site).await?);
    let release = release.end(ReleaseState::Done);
    site.releases.put(&release).await?;
    let seen = changes(site, vec!["changes".to_owned()]).await;
    let seen = seen.map(|seen| seen.unwrap_or_default().stale);
    stale::tell(site, seen, "docker");
    Ok(Deployed::Done(release))
}

/// How a release ended that did not come up.
fn not_up(site: &Site<'_>, host: &HostTarget, seen: NotUp) -> (ReleaseState, Failure) {
    let failure = ended::not_up(&site.target.name, seen.why);
    match seen.left {
        Left::PutBack => ended::brought_back(failure, seen.tasks),
        Left::First => ended::nothing_before(failure),
        Left::Same => {
            let project = host.project.as_ref();
            let file = project.map_or("the compose file", |project| project.file.as_str());
            ended::nothing_else(failure, file)
        }
        Left::NotPutBack => {
            let help = format!(
                "`ssh -p {} {}@{} status`, and `logs SERVICE` in its place, say what is there. Deploying again goes on from it.",
                host.port, host.user, host.address
            );
            ended::not_brought_back(failure, &seen.second, &help)
        }
    }
}

/// How one ended of which the program says something else.
fn not_done(site: &Site<'_>, ran: &Ran) -> (ReleaseState, Failure) {
    if let Some(task) = forced_answers::failed_task(&ran.out()) {
        return task_failed(site, &task, ran);
    }
    let said = [ran.out(), ran.err()].concat();
    let failure = failed(site, "deploying", ran);
    let nothing = [REFUSED, BUSY].contains(&ran.rc) || said.contains("nothing was changed");
    match said.contains(PUT_BACK) {
        true => ended::brought_back(failure, forced_answers::tasks(&said)),
        false if nothing => (
            ReleaseState::Unchanged,
            failure.left_behind("Nothing was changed."),
        ),
        false => (
            ReleaseState::Failed,
            failure
                .left_behind("What runs now is what the program on the host says.")
                .made(1),
        ),
    }
}

/// How one ended of which a task failed.
fn task_failed(site: &Site<'_>, task: &FailedTask, ran: &Ran) -> (ReleaseState, Failure) {
    let doing = format!("running the task {}", task.service);
    let failure = failed(site, &doing, ran).quoting(&task.log);
    let (state, left, made) = match task.after {
        false => (ReleaseState::Unchanged, ended::TASKS_BEFORE, task.ran),
        true => (ReleaseState::Failed, ended::TASK_AFTER, 1),
    };
    let failure = failure.left_behind(left).made(made);
    (state, failure.help("Correct it and deploy again."))
}

/// What a release would change; none where the program on the host is of an older version, which cannot tell.
async fn changes(site: &Site<'_>, request: Vec<String>) -> Result<Option<Changes>, Failure> {
    let ran = site.ask(Command::new(request)).await?;
    if ran.rc == REFUSED && ran.err().contains("nothing is called changes") {
        site.progress.message(
            "The program on the host is of an older version and cannot tell what would change, so that it is deployed \
             anyway: applying the environment brings the new one",
        );
        return Ok(None);
    }
    match ran.ok() {
        true => Ok(Some(forced_answers::changes(&ran.out()))),
        false => Err(failed(site, "looking at what would change", &ran)
            .left_behind("No container was changed.")
            .help("Mend the compose file on the host, or put there what it needs.")),
    }
}

/// The project's containers.
async fn status(site: &Site<'_>) -> Result<Vec<Container>, Failure> {
    let ran = site.ask(Command::new(["status"])).await?;
    if !ran.ok() {
        return Err(failed(site, "asking for the containers", &ran));
    }
    forced_answers::containers(&ran.out()).map_err(|error| {
        Failure::new(
            "the host gave an answer of another form",
            format!("asking for the containers of `{}`", site.target.name),
        )
        .why(error)
        .help("Is the program that the key's forced command runs of another version? Apply the environment.")
    })
}

/// These images as the containers run them.
fn run_by(
    mut images: BTreeMap<String, ReleasedImage>,
    containers: &[Container],
) -> BTreeMap<String, ReleasedImage> {
    for image in images.values_mut() {
        exactly(image, containers);
    }
    images
}

/// Whether these are the same images, whatever they are called.
fn same(some: &BTreeMap<String, ReleasedImage>, others: &BTreeMap<String, ReleasedImage>) -> bool {
    let exactly = |(name, image): (&String, &ReleasedImage)| {
        let known = image.digest.as_ref().or(image.id.as_ref());
        (name.clone(), known.unwrap_or(&image.pinned).clone())
    };
    some.iter().map(exactly).eq(others.iter().map(exactly))
}

fn bare(reference: &Reference) -> ReleasedImage {
    ReleasedImage {
        reference: reference.to_string(),
        digest: reference.digest().map(str::to_owned),
        id: None,
        pinned: reference.to_string(),
    }
}

fn failed(site: &Site<'_>, doing: &str, ran: &Ran) -> Failure {
    let printed = ran.printed();
    let class = match ran.rc {
        REFUSED => Class::Refused,
        BUSY => Class::LockHeld,
        _ => Class::Error,
    };
    Failure::new(
        "the host did not do it",
        format!("{doing}, on `{}`", site.target.name),
    )
    .class(class)
    .quoting(printed.why())
    .printed(printed)
}
