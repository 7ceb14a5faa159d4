//! Tries where one can now deploy, writes it down, and hands it on in the forms that CI reads.

mod deploy;
mod export;
mod registry;
mod verify;

pub use deploy::{
    Deployed, Images, OneOffTask, Site, choose, deploy, one_off, one_off_task, roll_back,
};
pub use export::{
    DOTENV, FORMATS, File, Format, JSON, Selection, export, export_files, format, key_copy, schema,
};
pub use registry::Registry;
pub use verify::{
    Entered, Entrance, HTTPS, NEAR, Standing, at, no_record, served, stamp, standing, verify,
};
