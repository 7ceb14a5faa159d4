//! Where files beside a playbook are looked for, and what is read of them.

pub mod controller_files;
pub mod controller_folder;
pub mod glob;
pub mod library;
pub mod task_files;
pub mod variables;
