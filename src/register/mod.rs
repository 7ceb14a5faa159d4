//! Tries where one can now deploy, writes it down, and hands it on in the forms that CI reads.

mod export;
mod registry;
mod verify;

pub use export::{DOTENV, FORMATS, File, Format, JSON, Selection, export, export_files, format};
pub use registry::Registry;
pub use verify::{Entered, Entrance, Standing, stamp, standing, verify};
