//! A CloudFormation stack, created and updated by change sets.

mod change;
mod compare;
mod data;
mod data_kinds;
mod declared;
mod fingerprint;
mod seen;
mod state;
mod template;

pub use data::{holding, outlives};
pub use declared::Stack;
pub use template::Reader;
