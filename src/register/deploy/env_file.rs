//! The file that tells compose which images it shall run: `IMAGE_APP=…`, a line each.

use std::collections::BTreeMap;

use super::images::variable;
use super::reference::{Reference, is_id};
use crate::model::{Content, Failure, Target};

/// Its name, beside the compose file.
pub const NAME: &str = "images.env";
/// The name of the next one while its images are fetched and tried.
pub const NEXT: &str = "images.next.env";

const HEAD: &str =
    "# Written by landfall: the images that run here. `docker compose` takes it by --env-file.\n";

/// The words that name each image, by the images' names.
pub type Words = BTreeMap<String, String>;

/// The file's text. Refuses words that are neither a reference nor an id, whatever they were read from.
pub fn text(words: &Words) -> Result<String, Failure> {
    let mut text = HEAD.to_owned();
    for (name, value) in words {
        if !is_id(value) {
            Reference::read(value)?;
        }
        let variable =
            variable(name).ok_or_else(|| Failure::bug(format!("an image is called {name:?}")))?;
        text.push_str(&format!("{variable}={value}\n"));
    }
    Ok(text)
}

/// What a file says, by the names that the target has for its images; else by the variables' own. What is no image is
/// passed over: compose takes it for no image either.
pub fn read(target: &Target, content: &Content) -> Words {
    let names: BTreeMap<String, &String> = target
        .images
        .keys()
        .filter_map(|name| Some((variable(name)?, name)))
        .collect();
    let text = content.text().unwrap_or_default();
    let line = |line: &str| {
        let (variable, value) = line.trim().split_once('=')?;
        let own = variable.strip_prefix("IMAGE_")?;
        let known = names.get(variable).map(|name| (*name).clone());
        let name = known.unwrap_or_else(|| own.to_ascii_lowercase());
        let good = is_id(value) || Reference::read(value).is_ok();
        (good && super::images::variable(&name).is_some()).then(|| (name, value.to_owned()))
    };
    text.lines().filter_map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{HostTarget, TargetKind};

    #[test]
    fn what_is_written_is_read_again_by_the_targets_own_names() {
        let target = Target {
            name: "web".to_owned(),
            project: String::new(),
            environment: String::new(),
            registered: String::new(),
            version: 0,
            images: BTreeMap::from([("my-app".to_owned(), "example/app".to_owned())]),
            verified: None,
            kind: TargetKind::Host(HostTarget::default()),
        };
        let words = Words::from([
            ("my-app".to_owned(), "example/app:1".to_owned()),
            ("other".to_owned(), format!("sha256:{}", "0".repeat(64))),
        ]);
        let text = text(&words).unwrap();
        assert!(text.contains("\nIMAGE_MY_APP=example/app:1\n"), "{text}");
        let odd = format!("{text}IMAGE_X=a b\nOTHER=1\nIMAGE_=a:1\n");
        assert_eq!(read(&target, &Content::public(odd)), words);
        let bad = Words::from([("app".to_owned(), "a:1\nX=1".to_owned())]);
        assert!(super::text(&bad).is_err());
    }
}
