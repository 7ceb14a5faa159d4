//! What the program on the host prints (`playbooks/files/landfall-deploy`), read.

use serde::Deserialize;

use super::reference::{Reference, repository_of, whole};
use super::said;
use super::stale::{self, Stale};
use crate::backend::ReleasedImage;

/// What begins each line that the program says itself.
const SAYS: &str = "landfall-deploy: ";
/// What it says of a task that it begins, with the service behind it.
const TASK: &str = "running the task ";
/// What begins each line of a log that it hands on.
pub const LOG: &str = "    ";

/// A container, as `status` tells of it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "PascalCase")]
pub struct Container {
    image: String,
    #[serde(rename = "ImageID", default)]
    image_id: String,
    #[serde(default)]
    image_digests: Vec<String>,
}

/// The containers in what `status` printed, an object a line.
pub fn containers(printed: &str) -> Result<Vec<Container>, serde_json::Error> {
    printed.lines().map(serde_json::from_str).collect()
}

/// Fills in which image it was, by a container that runs one of its repository.
pub fn exactly(image: &mut ReleasedImage, containers: &[Container]) {
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
    let digest = digest.and_then(|words| words.digest().map(str::to_owned));
    // Somebody may have deployed past these records: then it is called what the container calls it.
    if image.digest.is_some() && digest != image.digest {
        let name = runs.image.split('@').next();
        image.reference = name.unwrap_or(&runs.image).to_owned();
    }
    image.digest = digest;
    image.id = Some(runs.image_id.clone()).filter(|id| !id.is_empty());
    if let Some(digest) = &image.digest {
        image.pinned = format!("{}@{digest}", repository_of(&image.reference));
    }
}

/// What a release would change, as `changes` tells it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// Whether there is anything.
    pub any: bool,
    /// The files that were changed and that compose does not see.
    pub stale: Vec<Stale>,
}

/// The changes in what `changes` printed.
pub fn changes(printed: &str) -> Changes {
    Changes {
        any: printed.lines().any(|line| line.starts_with("change ")),
        stale: stale::read(printed),
    }
}

/// What became of a release that did not come up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Left {
    /// The release before is up again.
    PutBack,
    /// The images were those from before.
    Same,
    /// There was none before.
    First,
    /// The one before did not come up either.
    NotPutBack,
}

/// A release that did not come up.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NotUp {
    /// Why, with the last lines of the services that are not well.
    pub why: String,
    /// What became of it.
    pub left: Left,
    /// How many tasks had ended well before.
    pub tasks: usize,
    /// Why the one before did not come up either.
    pub second: String,
}

/// Reads what `up` and `rollback` print of a release that did not come up; none where they say something else.
pub fn not_up(printed: &str) -> Option<NotUp> {
    let says = |words: &str| format!("{SAYS}{words}");
    let split = |text: &str, line: String| -> Option<(String, String)> {
        let lines: Vec<&str> = text.lines().collect();
        let at = lines.iter().position(|one| *one == line)?;
        Some((lines[..at].join("\n"), lines[at + 1..].join("\n")))
    };
    let (before, after) = split(printed, says("it did not come up"))?;
    let (first, second) = split(&after, says("the images from before are put back"))
        .unwrap_or((after.clone(), String::new()));
    let said = |words: &str| after.lines().any(|line| line.starts_with(&says(words)));
    let left = if said("the release from before is up again") {
        Left::PutBack
    } else if said("the images are those from before") {
        Left::Same
    } else if said("there is no release before it") {
        Left::First
    } else if said("the release from before did not come up either") {
        Left::NotPutBack
    } else {
        return None;
    };
    let why = |text: &str, rest: &str| {
        let own = |line: &&str| !line.starts_with(SAYS);
        let text: Vec<&str> = text.lines().filter(own).collect();
        let cause = said::cause(&text.join("\n"));
        let ailing = ailing(rest);
        [cause]
            .into_iter()
            .chain(ailing)
            .filter(|part| !part.is_empty())
            .collect::<Vec<_>>()
            .join("\n")
    };
    let second = match split(
        &second,
        says("the release from before did not come up either"),
    ) {
        Some((text, rest)) => why(&text, &rest),
        None => String::new(),
    };
    Some(NotUp {
        why: why(&before, &first),
        left,
        tasks: tasks(&before),
        second,
    })
}

/// A task of a release that failed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FailedTask {
    /// The service.
    pub service: String,
    /// The last lines that it printed.
    pub log: String,
    /// Whether it ran after the containers were exchanged.
    pub after: bool,
    /// How many ended well before it.
    pub ran: usize,
}

/// Reads what `up` prints of a task that failed; none where it says something else.
pub fn failed_task(printed: &str) -> Option<FailedTask> {
    let own = |line: &str| line.strip_prefix(SAYS).map(str::to_owned);
    let before = |said: &str| {
        let rest = said.strip_prefix("the task ")?;
        Some((
            rest.strip_suffix(" failed; the containers are as they were")?
                .to_owned(),
            false,
        ))
    };
    let after = |said: &str| {
        let rest = said.strip_prefix("it is up, and the task ")?;
        Some((rest.strip_suffix(" failed")?.to_owned(), true))
    };
    let mut said = printed.lines().filter_map(own);
    let (service, after) = said.find_map(|said| before(&said).or_else(|| after(&said)))?;
    let begun = format!("{SAYS}{TASK}{service}");
    let log = printed.lines().skip_while(|line| *line != begun);
    let log: Vec<&str> = log.filter_map(|line| line.strip_prefix(LOG)).collect();
    Some(FailedTask {
        log: said::told(&log.join("\n")),
        ran: tasks(printed).saturating_sub(1),
        service,
        after,
    })
}

/// How many tasks were begun by what it printed.
pub fn tasks(printed: &str) -> usize {
    let begins = [SAYS, TASK].concat();
    let lines = printed.lines();
    lines.filter(|line| line.starts_with(&begins)).count()
}

/// The services that are not well, each with its log behind it: `landfall-deploy: SERVICE: STATE`, `    LINE` …
fn ailing(text: &str) -> Vec<String> {
    let mut told: Vec<(String, Vec<&str>)> = Vec::new();
    for line in text.lines() {
        let service = line
            .strip_prefix(SAYS)
            .and_then(|words| words.split_once(": "));
        match (service, line.strip_prefix(LOG)) {
            (Some((service, state)), _) => told.push((format!("{service}: {state}."), Vec::new())),
            (None, Some(line)) => told
                .last_mut()
                .into_iter()
                .for_each(|(_, log)| log.push(line)),
            (None, None) => {}
        }
    }
    let told = told.into_iter();
    told.map(|(service, log)| format!("{service}\n{}", said::told(&log.join("\n"))))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As the program and compose 2.26.1 print it, shortened.
    const PUT_BACK: &str = " Container shop-web-1  Recreate
 Container shop-web-1  Started
container shop-web-1 exited (3)
landfall-deploy: it did not come up
NAME         IMAGE     SERVICE   STATUS
shop-web-1   shop:3    web       Exited (3) 1 second ago
landfall-deploy: web: Exited (3) 1 second ago
    broken on purpose
    landfall-deploy: it did not come up
landfall-deploy: the images from before are put back
 Container shop-web-1  Recreate
landfall-deploy: the release from before is up again
";

    #[test]
    fn a_task_that_failed_is_told_with_its_log() {
        let printed = "landfall-deploy: running the task check\n    fine\nlandfall-deploy: running the task migrate\n    \
                       landfall-deploy: is up\n    no such table\nlandfall-deploy: the task migrate failed; the containers are as they were\n";
        let task = failed_task(printed).unwrap();
        assert_eq!(
            (task.service.as_str(), task.after, task.ran),
            ("migrate", false, 1)
        );
        assert!(
            task.log.ends_with("landfall-deploy: is up\nno such table"),
            "{task:?}"
        );
        let printed = "landfall-deploy: running the task warm\nlandfall-deploy: it is up, and the task warm failed\n";
        assert!(failed_task(printed).unwrap().after);
        assert_eq!(failed_task("landfall-deploy: is up\n"), None);
    }

    #[test]
    fn what_did_not_come_up_is_told_with_its_log_and_what_became_of_it() {
        let seen = not_up(PUT_BACK).unwrap();
        assert_eq!(
            seen.why,
            "container shop-web-1 exited (3)\nweb: Exited (3) 1 second ago.\nThe last lines of its log:\n\
             broken on purpose\nlandfall-deploy: it did not come up"
        );
        assert_eq!((seen.left, seen.second.as_str()), (Left::PutBack, ""));
        let either = "landfall-deploy: the release from before did not come up either\nlandfall-deploy: web: Created\n    \n";
        let up_again = "landfall-deploy: the release from before is up again\n";
        let seen = not_up(&PUT_BACK.replace(up_again, either)).unwrap();
        assert_eq!(seen.left, Left::NotPutBack);
        assert_eq!(seen.second, "web: Created.\nIts log is empty.");
        for (words, left) in [
            (
                "the images are those from before; what was started stays",
                Left::Same,
            ),
            (
                "there is no release before it; what was started stays",
                Left::First,
            ),
        ] {
            let said = format!("landfall-deploy: it did not come up\nlandfall-deploy: {words}\n");
            assert_eq!(not_up(&said).unwrap().left, left);
        }
        assert_eq!(not_up("landfall-deploy: is up\n"), None);
        assert_eq!(
            not_up("landfall-deploy: it did not come up; the images from before are put back\n"),
            None
        );
    }

    #[test]
    fn what_would_change_is_told_from_what_compose_does_not_see() {
        let seen = changes("stale shop-web-1 /srv/Shop/nginx.conf\n");
        assert!(!seen.any && seen.stale.len() == 1);
        assert!(changes("change web has no container\n").any);
        assert_eq!(changes(""), Changes::default());
    }

    #[test]
    fn which_image_runs_is_read_from_the_status() {
        let digest = format!("sha256:{}", "2".repeat(64));
        let id = format!("sha256:{}", "1".repeat(64));
        let line = format!(
            "{{\"ImageID\":\"{id}\",\"ImageDigests\":[\"example/app@{digest}\"],\"ID\":\"c1\",\
             \"Image\":\"example/app:2\",\"State\":\"running\",\"Service\":\"app\"}}"
        );
        let containers = containers(&line).unwrap();
        let image = |words: &str| ReleasedImage {
            reference: words.to_owned(),
            digest: None,
            id: None,
            pinned: words.to_owned(),
        };
        let mut one = image("docker.io/example/app:2");
        exactly(&mut one, &containers);
        assert_eq!(one.digest, Some(digest.clone()));
        assert_eq!(one.id, Some(id));
        assert_eq!(one.pinned, format!("docker.io/example/app@{digest}"));
        let mut other = image("example/other:2");
        exactly(&mut other, &containers);
        assert_eq!(other.id, None);
        assert!(super::containers("no json").is_err());
    }
}
