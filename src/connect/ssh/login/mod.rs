//! Getting in: the connection that all share, becoming a user, and what is said when either fails.

pub mod connection;
pub mod denied;
pub mod doors;
pub mod entry;
pub mod heard;
pub mod master;
pub mod options;
pub mod refusal;
pub mod said;
pub mod settings;
pub mod words;
