//! The places a run touches: AWS, hosts over SSH, the operator's machine, the network around it.

pub mod aws;
mod command;
pub mod instance;
pub mod leftovers;
pub mod local;
pub mod network;
pub mod process;
pub mod ssh;
pub mod swarm;
