//! What a module may know beside its arguments.

use std::collections::BTreeMap;

use crate::model::{Content, Value};

/// What a module may know beside its arguments.
#[derive(Debug, Clone, Default)]
pub struct Context {
    /// For `copy` with `src` and for `template`: what the file on the operator's side holds, rendered.
    pub content: Option<Content>,
    /// For `copy` with a folder as `src`: what the folder holds, each folder in it before what that holds.
    pub folder: Option<Vec<Brought>>,
    /// Permission bits of that file, for `mode: preserve`.
    pub source_mode: Option<u32>,
    /// The task's environment variables.
    pub environment: BTreeMap<String, String>,
    /// What is known of the host, under Ansible's names without `ansible_`.
    pub facts: Value,
    /// What is known of the user that the task runs as; needed where [`needs_task_user`](super::needs_task_user) says so.
    pub task_user: TaskUser,
    /// Whether the task is `no_log`: what it writes is shown by digest only.
    pub secret: bool,
}

/// Something in a folder on the operator's side.
#[derive(Debug, Clone)]
pub struct Brought {
    /// Its path from that folder.
    pub path: String,
    /// What it holds; none where it is a folder itself.
    pub content: Option<Content>,
    /// Its permission bits.
    pub mode: u32,
}

/// What is known of the user that a task runs as.
#[derive(Debug, Clone, Default)]
pub struct TaskUser {
    /// The facts as this user sees them.
    pub facts: Value,
    /// The home folders of users that were named, as far as they exist.
    pub homes: BTreeMap<String, String>,
}
