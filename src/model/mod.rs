//! The words every other module speaks: what is declared, asked, decided, done and said.
//!
//! Nothing here performs anything and nothing here names another module of this crate.

pub mod account;
mod action;
mod address;
pub mod arn;
mod causes;
mod certificate;
mod change;
mod content;
mod diagnostic;
pub mod escaped;
mod event;
mod events;
mod failure;
pub mod meant;
mod node;
pub mod openpgp;
mod origin;
pub mod pem;
mod place;
pub mod playbook;
mod printed;
pub mod private;
mod query;
mod redact;
pub mod renewal;
pub mod reserved;
pub mod secrecy;
mod shell_word;
pub mod tags;
mod target;
mod transfer_time;
mod verification;
pub mod visible;
mod world;

pub use account::Account;
pub use action::{Action, Outcome, ecs as ecs_action, host as host_action, iam as iam_action};
pub use action::{
    instance as instance_action, local as local_action, registry as registry_action,
    s3 as s3_action, ssm as ssm_action, stack as stack_action, swarm as swarm_action,
};
pub use address::{Address, Kind, Realm};
pub use causes::causes;
pub use certificate::CertificateFacts;
pub use change::{Attribute, Attributes, Change, Decision, Effect, Field, Goal, Shown, Verdict};
pub use content::{Content, Digest, Secret};
pub use diagnostic::{Diagnostic, Severity, Source, Span};
pub use event::{Event, Mark};
pub use events::{Events, Progress};
pub use failure::{Class, Failure, Report};
pub use node::{Node, Spec};
pub use origin::{Located, Origin};
pub use place::Place;
pub use printed::{COMES, Printed};
pub use query::{
    Answer, Query, ecs, host, iam, instance, local, network, registry, s3, ssm, stack, swarm,
};
pub use redact::Redactor;
pub use shell_word::shell_word;
pub use target::{
    ComposeProject, DeployKey, EcsService, EcsTarget, HostTarget, Profile, Target, TargetKind,
};
pub use transfer_time::transfer_time;
pub use verification::{Check, CheckResult, Verification};
pub use world::{Login, Probe, World, Worlds, without_brackets};

/// A value as JSON knows it, in the order it was written: what YAML, TOML and Jinja are read into.
pub type Value = serde_json::Value;
/// A mapping in the order it was written.
pub type Map = serde_json::Map<String, Value>;
