//! Everything the program can do.

pub mod ecs;
pub mod host;
pub mod iam;
pub mod instance;
pub mod local;
pub mod registry;
pub mod s3;
pub mod ssm;
pub mod stack;
pub mod swarm;

use serde::Serialize;

use super::{Secret, Value, host::Ran};

/// Something to do. Performing it twice must end where performing it once ends, except for commands the user wrote.
///
/// An action is serialised into plans, events and the journal: what is secret in it shows its digest there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// In IAM.
    Iam(iam::IamAction),
    /// In S3.
    S3(s3::S3Action),
    /// In CloudFormation.
    Stack(stack::StackAction),
    /// In ECS.
    Ecs(ecs::EcsAction),
    /// On a host.
    Host(host::HostAction),
    /// On the operator's machine.
    Local(local::LocalAction),
    /// In the registry of deploy targets.
    Registry(registry::RegistryAction),
    /// With a Swarm of several hosts.
    Swarm(swarm::SwarmAction),
    /// In Systems Manager.
    Ssm(ssm::SsmAction),
    /// With a host as a container instance.
    Instance(instance::InstanceAction),
}

impl Action {
    /// The path on a host that it is about, as [`host::HostAction::path`] has it.
    pub fn path_on_host(&self) -> Option<(&str, bool)> {
        match self {
            Action::Host(action) => action.path(),
            Action::Iam(_)
            | Action::S3(_)
            | Action::Stack(_)
            | Action::Ecs(_)
            | Action::Local(_)
            | Action::Registry(_)
            | Action::Swarm(_)
            | Action::Ssm(_)
            | Action::Instance(_) => None,
        }
    }

    /// Whether performing it has changed something that somebody may care for.
    pub fn alters(&self) -> bool {
        match self {
            Action::Host(action) => action.alters(),
            Action::Iam(_)
            | Action::S3(_)
            | Action::Stack(_)
            | Action::Ecs(_)
            | Action::Local(_)
            | Action::Registry(_)
            | Action::Swarm(_)
            | Action::Ssm(_)
            | Action::Instance(_) => true,
        }
    }
}

/// What an action gave.
#[derive(Debug, Clone, PartialEq)]
pub enum Outcome {
    /// The action was done.
    Done,
    /// The place itself found that nothing had to be done.
    Held,
    /// A command ran; its exit code is not judged here.
    Ran(Ran),
    /// The action was done and gave this, for example the ARN of what was made.
    Gave(Value),
    /// The action was done and gave this, which nothing may show: an access key, a token. A thing hands it on by
    /// [`Attribute::Secret`](crate::model::Attribute::Secret).
    GaveSecret(Secret),
}

macro_rules! into_action {
    ($($variant:ident($inner:ty)),+ $(,)?) => {
        $(impl From<$inner> for Action {
            fn from(inner: $inner) -> Self {
                Action::$variant(inner)
            }
        })+
    };
}

into_action! {
    Iam(iam::IamAction),
    S3(s3::S3Action),
    Stack(stack::StackAction),
    Ecs(ecs::EcsAction),
    Host(host::HostAction),
    Local(local::LocalAction),
    Registry(registry::RegistryAction),
    Swarm(swarm::SwarmAction),
    Ssm(ssm::SsmAction),
    Instance(instance::InstanceAction),
}
