//! Getting in: the connection that all share, becoming a user, and what is said when either fails.

pub mod become_attempts;
pub mod become_user;
pub mod connect_failure;
pub mod connection;
pub mod heard;
pub mod master;
pub mod options;
pub mod readable;
pub mod settings;
pub mod shell_failure;
pub mod ssh_output;
