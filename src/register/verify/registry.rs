//! Whether images can be fetched: those of the last release, as a deployment fetches them.

use std::sync::Arc;

use super::allowed::docker;
use super::asked::{last_line, ran};
use super::outcome::{check, failed, of_failure, passed, skipped};
use crate::backend::Release;
use crate::model::{Check, HostTarget, Probe};

const NAME: &str = "registry";

/// Fetches the images of the last release by their digests, of which a host that has them only asks the registry.
///
/// None of a host that nothing is deployed to.
pub async fn pulled(
    host: &HostTarget,
    released: Option<&Release>,
    probe: &Arc<dyn Probe>,
) -> Option<Check> {
    host.docker.as_ref()?;
    host.project.as_ref()?;
    let Some(released) = released else {
        let why = "Nothing was deployed yet, so that no image is known to be in a registry.";
        return Some(check(NAME, "pull", skipped(why)));
    };
    let each = released.images.iter();
    let known = each.filter(|(_, image)| image.digest.is_some());
    let known: Vec<(&str, &str)> = known
        .map(|(name, image)| (name.as_str(), image.pinned.as_str()))
        .collect();
    if known.is_empty() {
        let why = "The images of the last release came from no registry.";
        return Some(check(NAME, "pull", skipped(why)));
    }
    let commands = commands(host, &known);
    let tried: Vec<String> = commands.iter().map(|words| words.join(" ")).collect();
    for (words, (_, image)) in commands.iter().zip(&known) {
        let result = match ran(probe, words).await {
            Ok(ran) if ran.ok() => continue,
            Ok(ran) => failed(
                format!("`{}` cannot fetch {image}: {}", host.user, last_line(&ran)),
                "Look at whether the registry has it and answers the host, and at the credentials there \
                 (`registry_user` and `registry_password` of its playbook)",
            ),
            Err(failure) => of_failure(&failure),
        };
        return Some(check(NAME, words.join(" "), result));
    }
    let count = known.len();
    let seen = match count {
        1 => "the image of the last release can be fetched".to_owned(),
        _ => format!("the {count} images of the last release can be fetched"),
    };
    Some(check(NAME, tried.join("; "), passed(seen)))
}

/// The commands that fetch these images, each with its name in the target.
fn commands(host: &HostTarget, images: &[(&str, &str)]) -> Vec<Vec<String>> {
    let words = |(name, image): &(&str, &str)| match docker(host) {
        Some(docker) => {
            let words = docker.into_iter().chain(["pull", "--quiet", "--", image]);
            words.map(str::to_owned).collect()
        }
        None => vec!["pull".to_owned(), format!("{name}={image}")],
    };
    images.iter().map(words).collect()
}
