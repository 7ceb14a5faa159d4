//! The targets that are exported.

use std::path::{Path, PathBuf};

use crate::model::{EcsTarget, Failure, HostTarget, Target, TargetKind};

/// Targets, and how they were chosen.
pub struct Selection<'a> {
    /// The targets.
    pub targets: &'a [Target],
    /// Whether one was asked for by its name: its variables then need no name in front.
    ///
    /// Of a whole environment each variable has its target's name in front, also while there is one target only: it keeps
    /// its name when the second one comes.
    pub one_by_name: bool,
    /// The project's root, an absolute path: from there on a record names the private key's file.
    pub root: &'a Path,
    /// Whether the private key lies in the folder that the files go into, under the name that [`key_copy`] gives it.
    pub key_beside: bool,
}

impl<'a> Selection<'a> {
    /// Whatever an environment has.
    pub fn all(targets: &'a [Target], root: &'a Path) -> Self {
        Self {
            targets,
            one_by_name: false,
            root,
            key_beside: false,
        }
    }

    /// The one of a name.
    pub fn one(target: &'a Target, root: &'a Path) -> Self {
        Self {
            one_by_name: true,
            ..Self::all(std::slice::from_ref(target), root)
        }
    }

    /// The records as CI needs them: without what came out when they were last tried, which is another text each time.
    pub fn records(&self) -> Vec<Target> {
        let unstamped = |target: &Target| Target {
            verified: None,
            ..target.clone()
        };
        self.targets.iter().map(unstamped).collect()
    }

    /// The file of the private key that opens the host; none where the record names no key.
    pub fn key_file(
        &self,
        target: &Target,
        host: &HostTarget,
        folder: Option<&Path>,
    ) -> Option<PathBuf> {
        match folder {
            Some(folder) if self.key_beside => Some(folder.join(key_copy(target))),
            _ => self.original_key(host),
        }
    }

    /// The same where it was made, also when a copy of it is handed on.
    pub fn original_key(&self, host: &HostTarget) -> Option<PathBuf> {
        host.key.as_ref().map(|key| self.root.join(&key.file))
    }

    /// What a CI calls the place that is deployed to: the environment, and of one target by its name that as well, so that
    /// variables of a second one do not overwrite those of the first.
    ///
    /// Fails where one of the names has characters that some CI would read as something else.
    pub fn place(&self) -> Result<String, Failure> {
        let Some(first) = self.targets.first() else {
            return Ok(String::new());
        };
        let place = if self.one_by_name {
            format!("{}-{}", first.environment, first.name)
        } else {
            first.environment.clone()
        };
        let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
        if place.starts_with(['-', '.']) || !place.chars().all(plain) {
            return Err(Failure::new(
                "a name cannot be exported",
                format!("A CI would be told of the environment `{}`.", place.escape_debug()),
            )
            .why("Its name may have letters of ASCII, digits, `.`, `_` and `-` alone, and begins with none of the last three but `_`.")
            .help("Give the environment or the target another name."));
        }
        Ok(place)
    }

    /// The targets that are hosts; an error when none is.
    pub fn hosts(&self, format: &str) -> Result<Vec<(&'a Target, &'a HostTarget)>, Failure> {
        let host = |kind: &'a TargetKind| match kind {
            TargetKind::Host(host) => Some(host),
            TargetKind::Ecs(_) => None,
        };
        self.of_kind(host, || nothing(format, "a host", "a service on ECS"))
    }

    /// The targets that are services on ECS; an error when none is.
    pub fn services(&self, format: &str) -> Result<Vec<(&'a Target, &'a EcsTarget)>, Failure> {
        let service = |kind: &'a TargetKind| match kind {
            TargetKind::Ecs(ecs) => Some(ecs),
            TargetKind::Host(_) => None,
        };
        self.of_kind(service, || nothing(format, "a service on ECS", "a host"))
    }

    fn of_kind<T>(
        &self,
        kind: impl Fn(&'a TargetKind) -> Option<&'a T>,
        none: impl FnOnce() -> Failure,
    ) -> Result<Vec<(&'a Target, &'a T)>, Failure> {
        let of_it = |target: &'a Target| Some((target, kind(&target.kind)?));
        let found: Vec<_> = self.targets.iter().filter_map(of_it).collect();
        if found.is_empty() {
            return Err(none());
        }
        Ok(found)
    }
}

/// What a copy of the private key that opens this target is called.
pub fn key_copy(target: &Target) -> String {
    format!("id_{}", target.name)
}

fn nothing(format: &str, needed: &str, other: &str) -> Failure {
    Failure::new(
        "nothing to export",
        format!("`{format}` was asked for, and none of the targets is {needed}."),
    )
    .help(format!(
        "What is {other} is exported as `dotenv` or `json`, among others."
    ))
}
