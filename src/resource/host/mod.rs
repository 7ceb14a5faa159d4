//! Kinds on a host: what Ansible calls modules. A module's arguments, already rendered, are read into its type.
//!
//! Argument names, defaults and what a task registers are Ansible's. A module never refuses what an earlier task may
//! still bring (a user, a package, a unit): it decides an action that fails with the host's own words when it was not
//! brought, and says so in a note.

mod access;
mod arguments;
mod ask;
mod command_action;
mod context;
mod expansion;
mod file_content;
mod guarded_command;
mod keyring;
mod managed_file;
mod mode;
mod modules;
mod psql;
mod python_regex;
pub mod shell_words;
mod table;
mod text_file;
mod url;

pub use context::{Brought, Context, TaskUser};
pub use expansion::ask_task_user;
pub use table::{NAMES, arguments, needs_task_user, realize, users_named};
