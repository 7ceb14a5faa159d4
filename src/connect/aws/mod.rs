//! An AWS account and region: every question and action goes to the file of its service.
//!
//! Retries and throttling are the SDK's; what it does not know of (IAM's eventual consistency, a bucket that is just
//! being made) is settled (`settle.rs`).

mod attempts;
mod authorities;
mod cloudformation;
mod config;
mod credentials;
mod ecs;
mod endpoint;
mod error;
mod iam;
mod limits;
mod log_targets;
mod logs;
mod profile;
mod s3;
mod settings;
mod settle;
mod ssm;
mod sts;
mod world;

pub use config::{Clients, check};
pub use ecs::OneOff;
pub use log_targets::TELL_BODIES;
pub use settings::Settings;
pub use settle::Patience;
pub use world::Aws;
