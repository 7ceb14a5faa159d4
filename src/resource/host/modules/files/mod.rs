//! Modules about files.

pub mod blockinfile;
pub mod copy;
pub mod file;
pub mod get_url;
pub mod lineinfile;
pub mod replace;
pub mod slurp;
pub mod stat;
pub mod template;
