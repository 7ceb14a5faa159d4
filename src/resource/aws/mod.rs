//! Kinds in an AWS account. Each type is what an environment's section is read into once its templates are rendered.

mod bucket;
mod job;
mod managed_policy;
mod object;
mod owner;
mod policy;
mod role;
mod service;
mod stack;
mod task_definition;

/// How the environment's secrets move to another bucket.
const MOVE_SECRETS: &str = "To move, save what it holds, take [secrets] out of the file and apply, which takes the old \
                            bucket away, then declare the new one.";

pub use bucket::Bucket;
pub use job::Job;
pub use object::{Object, ObjectSource};
pub use owner::{Owner, Ownership};
pub use role::{ObjectRef, Role};
pub use service::Service;
pub use stack::{Reader, Stack, holding, outlives};
pub use task_definition::{Container, TaskDefinition};
