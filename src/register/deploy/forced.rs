//! The steps of a deployment by a key that may only ask: root's own program on the host does them (`landfall-deploy`).

use serde::Deserialize;

use super::history::History;
use super::images::Images;
use super::reference::{Reference, repository_of, whole};
use super::site::{Deployed, Site};
use crate::backend::{Release, ReleaseState, ReleasedImage};
use crate::model::host::{Command, Ran};
use crate::model::{Class, Failure};

/// What the program ends with when it refuses a request, and when another deployment is at work for too long.
const REFUSED: i32 = 126;
const BUSY: i32 = 75;

/// What it says when it has put the images from before back.
const PUT_BACK: &str = "the release from before is up again";

/// A container, as `status` tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Container {
    #[serde(rename = "ID")]
    id: String,
    image: String,
    #[serde(rename = "ImageID", default)]
    image_id: String,
    #[serde(default)]
    image_digests: Vec<String>,
    state: String,
    #[serde(default)]
    health: String,
}

/// Deploys these images. The program on the host brings back what ran before when they do not come up.
pub(super) async fn deploy(
    site: &Site<'_>,
    history: &History,
    images: &Images,
) -> Result<Deployed, Failure> {
    let words: Vec<String> = images
        .iter()
        .map(|(name, image)| format!("{name}={image}"))
        .collect();
    let request = |verb: &str| [&[verb.to_owned()][..], &words].concat();
    // Before the first release the compose file may name no images.
    let before = match history.current() {
        Some(_) => Some(status(site).await?),
        None => None,
    };
    site.progress.say("fetching images");
    let pulled = site.run(Command::new(request("pull"))).await?;
    if !pulled.ok() {
        return Err(failed(site, "fetching images", &pulled).left_behind("Nothing was changed."));
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
    let release = Release::begin(site.run, &site.target.name, asked);
    site.releases.put(&release).await?;
    site.progress.say("exchanging the containers");
    let ran = site.run(Command::new(request("up"))).await?;
    let release = judged(site, release, ran).await?;
    let same = before == Some(status(site).await?) && history.ended_well();
    match same {
        true => Ok(Deployed::Nothing(release)),
        false => Ok(Deployed::Done(release)),
    }
}

/// Goes a release back, as the program on the host remembers its releases.
pub(super) async fn roll_back(site: &Site<'_>, earlier: &Release) -> Result<Deployed, Failure> {
    let mut release = Release::begin(site.run, &site.target.name, earlier.images.clone());
    release.back_to = Some(earlier.run.clone());
    site.releases.put(&release).await?;
    let ran = site.run(Command::new(["rollback"])).await?;
    judged(site, release, ran).await.map(Deployed::Done)
}

/// Writes down what the program came to, with the digests of what runs now.
async fn judged(site: &Site<'_>, mut release: Release, ran: Ran) -> Result<Release, Failure> {
    if !ran.ok() {
        let said = [ran.out(), ran.err()].concat();
        let (state, left) = match said.contains(PUT_BACK) {
            true => (
                ReleaseState::RolledBack,
                "The release before was brought back and runs.",
            ),
            false if [REFUSED, BUSY].contains(&ran.rc) => {
                (ReleaseState::Failed, "Nothing was changed.")
            }
            false => (
                ReleaseState::Failed,
                "What runs now is what the program on the host says above.",
            ),
        };
        site.releases.put(&release.end(state)).await?;
        return Err(failed(site, "deploying", &ran).left_behind(left));
    }
    let containers = status(site).await?;
    for image in release.images.values_mut() {
        exactly(image, &containers);
    }
    let release = release.end(ReleaseState::Done);
    site.releases.put(&release).await?;
    Ok(release)
}

/// The project's containers.
async fn status(site: &Site<'_>) -> Result<Vec<Container>, Failure> {
    let ran = site.ask(Command::new(["status"])).await?;
    if !ran.ok() {
        return Err(failed(site, "asking for the containers", &ran));
    }
    read(&ran.out()).map_err(|error| {
        Failure::new(
            "the host gave an answer of another form",
            format!("asking for the containers of `{}`", site.target.name),
        )
        .why(error)
        .help("Is the program that the key's forced command runs of another version? Apply the environment.")
    })
}

fn read(printed: &str) -> Result<Vec<Container>, serde_json::Error> {
    printed.lines().map(serde_json::from_str).collect()
}

fn bare(reference: &Reference) -> ReleasedImage {
    ReleasedImage {
        reference: reference.to_string(),
        digest: reference.digest().map(str::to_owned),
        id: None,
        pinned: reference.to_string(),
    }
}

/// Fills in which image it was, by a container that runs one of its repository.
fn exactly(image: &mut ReleasedImage, containers: &[Container]) {
    let repository = whole(repository_of(&image.reference));
    let mut each = containers.iter();
    let Some(runs) = each.find(|one| whole(repository_of(&one.image)) == repository) else {
        return;
    };
    let mut digests = runs
        .image_digests
        .iter()
        .filter_map(|words| Reference::read(words).ok());
    let digest = digests.find(|words| whole(words.repository()) == repository);
    image.digest = digest.and_then(|words| words.digest().map(str::to_owned));
    image.id = Some(runs.image_id.clone()).filter(|id| !id.is_empty());
    if let Some(digest) = &image.digest {
        image.pinned = format!("{}@{digest}", repository_of(&image.reference));
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn which_image_runs_is_read_from_the_status() {
        let digest = format!("sha256:{}", "2".repeat(64));
        let id = format!("sha256:{}", "1".repeat(64));
        let line = format!(
            "{{\"ImageID\":\"{id}\",\"ImageDigests\":[\"example/app@{digest}\"],\"ID\":\"c1\",\
             \"Image\":\"example/app:2\",\"State\":\"running\",\"Service\":\"app\"}}"
        );
        let containers = read(&line).unwrap();
        let mut image = bare(&Reference::read("docker.io/example/app:2").unwrap());
        exactly(&mut image, &containers);
        assert_eq!(image.digest, Some(digest.clone()));
        assert_eq!(image.id, Some(id));
        assert_eq!(image.pinned, format!("docker.io/example/app@{digest}"));
        let mut other = bare(&Reference::read("example/other:2").unwrap());
        exactly(&mut other, &containers);
        assert_eq!(other.id, None);
        assert!(read("no json").is_err());
    }
}
