//! The images that are to be deployed, by the names that the target calls them.

use std::collections::BTreeMap;

use super::reference::{Reference, whole};
use crate::model::{Failure, Target};

/// The images of one deployment, by their names.
pub type Images = BTreeMap<String, Reference>;

/// Reads `NAME=REFERENCE` words, each a name and a repository of this target's.
///
/// A target that declares no images takes any. Refuses a name twice, and two names that would be one variable.
pub fn choose(target: &Target, words: &[String]) -> Result<Images, Failure> {
    let mut images = Images::new();
    let mut variables: BTreeMap<String, &str> = BTreeMap::new();
    for word in words {
        let Some((name, reference)) = word.split_once('=') else {
            return Err(refuse(word, "It is not NAME=REFERENCE.")
                .help("For example: --image app=docker.io/example/review:1.4"));
        };
        let reference = Reference::read(reference)?;
        let variable = variable(name).ok_or_else(|| {
            refuse(word, "Its name is not one.")
                .help("Use letters, digits, `-` and `_`, beginning with a letter.")
        })?;
        if let Some(other) = variables.insert(variable.clone(), name) {
            let why = match other == name {
                true => format!("`{name}` was given before."),
                false => format!("`{other}` and `{name}` would both be {variable}."),
            };
            return Err(refuse(word, &why));
        }
        belongs(target, name, &reference)?;
        images.insert(name.to_owned(), reference);
    }
    if images.is_empty() {
        return Err(Failure::new(
            "there is nothing to deploy",
            format!("deploying to `{}`", target.name),
        )
        .why("No image was named.")
        .help("Name one: --image NAME=REPOSITORY:TAG"));
    }
    Ok(images)
}

/// The variable of an image in the file that compose reads; none of what is no name.
pub fn variable(name: &str) -> Option<String> {
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-' || c == '_';
    let first = name.starts_with(|c: char| c.is_ascii_alphabetic());
    (first && name.len() <= 64 && name.chars().all(plain))
        .then(|| format!("IMAGE_{}", name.to_ascii_uppercase().replace('-', "_")))
}

/// Refuses an image that the target has not.
fn belongs(target: &Target, name: &str, reference: &Reference) -> Result<(), Failure> {
    if target.images.is_empty() {
        return Ok(());
    }
    let word = format!("{name}={reference}");
    let Some(repository) = target.images.get(name) else {
        let known: Vec<&str> = target.images.keys().map(String::as_str).collect();
        return Err(
            refuse(&word, &format!("`{}` has no image `{name}`.", target.name))
                .help(format!("Its images are: {}.", known.join(", "))),
        );
    };
    if whole(repository) != whole(reference.repository()) {
        return Err(refuse(
            &word,
            &format!(
                "The image `{name}` of `{}` comes from {repository}.",
                target.name
            ),
        )
        .help("Deploy one of that repository, or declare another one and apply it."));
    }
    Ok(())
}

fn refuse(word: &str, why: &str) -> Failure {
    Failure::new(
        "this image cannot be deployed here",
        format!("`{}` was to be deployed.", word.escape_debug()),
    )
    .why(why)
    .left_behind("Nothing was changed.")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{HostTarget, TargetKind};

    fn target(images: &[(&str, &str)]) -> Target {
        let images = images.iter();
        Target {
            name: "web".to_owned(),
            project: "review".to_owned(),
            environment: "production".to_owned(),
            registered: String::new(),
            version: 1,
            images: images
                .map(|(name, from)| ((*name).to_owned(), (*from).to_owned()))
                .collect(),
            verified: None,
            kind: TargetKind::Host(HostTarget::default()),
        }
    }

    fn chosen(target: &Target, words: &[&str]) -> Result<Images, Failure> {
        let words: Vec<String> = words.iter().map(|word| (*word).to_owned()).collect();
        choose(target, &words)
    }

    #[test]
    fn an_image_is_taken_where_the_target_declares_it_under_whatever_spelling() {
        let declares = target(&[("app", "docker.io/example/review"), ("proxy", "nginx")]);
        let images = chosen(
            &declares,
            &["app=example/review:1", "proxy=docker.io/library/nginx:1"],
        );
        assert_eq!(images.unwrap().len(), 2);
        assert_eq!(chosen(&target(&[]), &["anything=a:1"]).unwrap().len(), 1);
    }

    #[test]
    fn another_name_another_repository_and_the_same_twice_are_refused() {
        let declares = target(&[("app", "docker.io/example/review")]);
        for (words, why) in [
            (&["web=example/review:1"][..], "has no image `web`"),
            (
                &["app=example/reviews:1"],
                "comes from docker.io/example/review",
            ),
            (&["app"], "not NAME=REFERENCE"),
            (
                &["app=example/review:1", "app=example/review:2"],
                "given before",
            ),
            (&[], "No image was named"),
        ] {
            let failure = chosen(&declares, words).unwrap_err().to_string();
            assert!(failure.contains(why), "{failure}");
        }
        for words in [&["1a=a:1"][..], &["a b=a:1"], &["a-b=a:1", "A_B=a:2"]] {
            assert!(chosen(&target(&[]), words).is_err(), "{words:?}");
        }
    }
}
