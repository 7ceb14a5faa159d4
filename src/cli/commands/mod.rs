//! The commands, one file each: its arguments, and what it does with them.

pub mod apply;
pub mod certificates;
pub mod check;
pub mod completions;
pub mod deploy;
pub mod destroy;
pub mod export;
pub mod host;
pub mod init;
pub mod plan;
pub mod rehearse;
pub mod releases;
pub mod rollback;
pub mod run;
pub mod schema;
pub mod targets;
pub mod verify;
