//! The images of the newest revision, which deployments choose: while the declared ones are what they were when this
//! environment last registered a revision, those that somebody deployed since stay.

use std::collections::BTreeMap;

use super::TaskDefinition;
use crate::model::ecs::TaskDefinitionSeen;
use crate::model::{Digest, Value};
use crate::resource::aws::Ownership;

/// The tag, on a revision with deployed images, with the digest of those that were declared then.
const DECLARED: &str = "landfall:declared-images";

/// A family as it stands.
pub struct Seen {
    /// Its newest revision.
    pub newest: TaskDefinitionSeen,
    /// The newest that this environment registered, where the newest of all is somebody else's.
    pub ours: Option<TaskDefinitionSeen>,
}

impl TaskDefinition {
    /// The task definition with the images that stay, and these by their containers.
    pub(super) fn with_live_images(&self, seen: Option<&Seen>) -> (Self, BTreeMap<String, String>) {
        let mut whole = self.clone();
        let mut live = BTreeMap::new();
        let Some(seen) = seen.filter(|seen| self.is_as_it_was(seen)) else {
            return (whole, live);
        };
        for (name, container) in &mut whole.containers {
            let image = image_of(&seen.newest, name);
            if let Some(image) = image.filter(|image| *image != container.image) {
                container.image = image.to_owned();
                live.insert(name.clone(), image.to_owned());
            }
        }
        (whole, live)
    }

    /// The tags of a revision with these deployed images.
    pub(super) fn tags(&self, live: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut tags = self.owner.tags(false);
        if !live.is_empty() {
            tags.insert(DECLARED.to_owned(), self.declared_images());
        }
        tags
    }

    /// Whether the declared images are what they were when the last revision of ours was registered.
    fn is_as_it_was(&self, seen: &Seen) -> bool {
        let ours = match &seen.ours {
            Some(ours) => ours,
            None if self.owner.of(&seen.newest.tags) == Ownership::Ours => &seen.newest,
            None => return false,
        };
        match ours.tags.get(DECLARED) {
            Some(digest) => *digest == self.declared_images(),
            None => self
                .containers
                .iter()
                .all(|(name, container)| image_of(ours, name) == Some(&container.image)),
        }
    }

    fn declared_images(&self) -> String {
        let images: BTreeMap<&String, &str> = self
            .containers
            .iter()
            .map(|(name, container)| (name, container.image.as_str()))
            .collect();
        let text = Value::from_iter(
            images
                .into_iter()
                .map(|(name, image)| (name.clone(), image)),
        );
        Digest::of(text.to_string().as_bytes()).sha256
    }
}

fn image_of<'a>(seen: &'a TaskDefinitionSeen, container: &str) -> Option<&'a str> {
    seen.definition["containers"][container]["image"].as_str()
}
