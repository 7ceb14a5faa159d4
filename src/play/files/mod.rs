//! Where files beside a playbook are looked for, and what is read of them.

pub mod glob;
pub mod library;
pub mod search_path;
pub mod task_files;
pub mod variables;
