//! The targets that are exported.

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
}

impl<'a> Selection<'a> {
    /// Whatever an environment has.
    pub fn all(targets: &'a [Target]) -> Self {
        Self {
            targets,
            one_by_name: false,
        }
    }

    /// The one of a name.
    pub fn one(target: &'a Target) -> Self {
        Self {
            targets: std::slice::from_ref(target),
            one_by_name: true,
        }
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

fn nothing(format: &str, needed: &str, other: &str) -> Failure {
    Failure::new(
        "nothing to export",
        format!("`{format}` was asked for, and none of the targets is {needed}."),
    )
    .help(format!(
        "What is {other} is exported as `dotenv` or `json`, among others."
    ))
}
