//! The places a run touches: AWS, hosts over SSH, the operator's machine.

pub mod aws;
pub mod leftovers;
pub mod local;
pub mod process;
pub mod ssh;
