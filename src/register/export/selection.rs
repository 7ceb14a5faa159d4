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
        let host = |target: &'a Target| match &target.kind {
            TargetKind::Host(host) => Some((target, host)),
            TargetKind::Ecs(_) => None,
        };
        let found: Vec<_> = self.targets.iter().filter_map(host).collect();
        if found.is_empty() {
            return Err(nothing(format, "a host", "a service on ECS"));
        }
        Ok(found)
    }

    /// The targets that are services on ECS; an error when none is.
    pub fn services(&self, format: &str) -> Result<Vec<(&'a Target, &'a EcsTarget)>, Failure> {
        let service = |target: &'a Target| match &target.kind {
            TargetKind::Ecs(ecs) => Some((target, ecs)),
            TargetKind::Host(_) => None,
        };
        let found: Vec<_> = self.targets.iter().filter_map(service).collect();
        if found.is_empty() {
            return Err(nothing(format, "a service on ECS", "a host"));
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
