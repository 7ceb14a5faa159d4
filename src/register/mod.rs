//! Writes down where one can now deploy, and hands it on in the forms that CI reads.

mod dotenv;
mod export;
mod registry;
mod ssh;

pub use export::{File, Format, export, export_files};
pub use registry::Registry;
