//! Writes down where one can now deploy, and hands it on in the forms that CI reads.

mod export;
mod registry;

pub use export::{FORMATS, File, Format, Selection, export, export_files, format};
pub use registry::Registry;
