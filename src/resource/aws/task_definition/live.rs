//! The images of the newest revision, which deployments choose: while the declared image of a container is what it was when
//! this environment last registered a revision, the one that somebody deployed since stays.

use std::collections::BTreeMap;

use super::TaskDefinition;
use crate::model::Digest;
use crate::model::ecs::TaskDefinitionSeen;
use crate::resource::aws::Ownership;

/// What the tag of a container with a deployed image begins with; its value is the digest of the image that was declared.
const DECLARED: &str = "landfall:declared-image:";

/// How much of a container's name is in its tag, which ECS lets have 128 characters.
const NAME: usize = 100;

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
        let Some((seen, ours)) = seen.and_then(|seen| Some((seen, self.ours(seen)?))) else {
            return (whole, live);
        };
        for (name, container) in &mut whole.containers {
            if declared_then(ours, name) != Some(digest(&container.image)) {
                continue;
            }
            let image = image_of(&seen.newest, name);
            if let Some(image) = image.filter(|image| *image != container.image) {
                container.image = image.to_owned();
                live.insert(name.clone(), image.to_owned());
            }
        }
        (whole, live)
    }

    /// The tags of a revision in which these containers have deployed images.
    pub(super) fn tags(&self, live: &BTreeMap<String, String>) -> BTreeMap<String, String> {
        let mut tags = self.owner.tags(false);
        for (name, container) in &self.containers {
            if live.contains_key(name) {
                tags.insert(tag(name), digest(&container.image));
            }
        }
        tags
    }

    /// The newest revision that this environment registered.
    fn ours<'a>(&self, seen: &'a Seen) -> Option<&'a TaskDefinitionSeen> {
        match &seen.ours {
            Some(ours) => Some(ours),
            None => (self.owner.of(&seen.newest.tags) == Ownership::Ours).then_some(&seen.newest),
        }
    }
}

/// The digest of the image that was declared for a container when a revision of ours was registered.
fn declared_then(ours: &TaskDefinitionSeen, container: &str) -> Option<String> {
    match ours.tags.get(&tag(container)) {
        Some(digest) => Some(digest.clone()),
        None => image_of(ours, container).map(digest),
    }
}

fn tag(container: &str) -> String {
    // The names of containers are letters, digits, `_` and `-`.
    format!("{DECLARED}{}", container.get(..NAME).unwrap_or(container))
}

fn digest(image: &str) -> String {
    Digest::of(image.as_bytes()).sha256
}

fn image_of<'a>(seen: &'a TaskDefinitionSeen, container: &str) -> Option<&'a str> {
    seen.definition["containers"][container]["image"].as_str()
}
