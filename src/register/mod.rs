//! Writes down where one can now deploy, and hands it on in the forms that CI reads.

mod export;
mod registry;

pub use export::{DOTENV, FORMATS, File, Format, JSON, Selection, export, export_files, format};
pub use registry::Registry;
