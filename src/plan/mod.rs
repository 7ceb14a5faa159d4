//! Decides what differs.

pub mod playbook;
