//! Kinds on a host: what Ansible calls modules. A module's arguments, already rendered, are read into its type.
//!
//! Argument names, defaults and what a task registers are Ansible's. A module never refuses what an earlier task may
//! still bring (a user, a package, a unit): it decides an action that fails with the host's own words when it was not
//! brought, and says so in a note.

mod access;
mod arguments;
mod ask;
mod context;
mod edit;
mod expansion;
mod guarded_command;
mod keyring;
mod mode;
mod modules;
mod pattern;
mod place;
mod psql;
mod run;
mod table;
mod url;
mod words;

pub use context::{Account, Context};
pub use expansion::account;
pub use table::{NAMES, arguments, needs_account, realize, users_named};
pub use words::split;
