//! Values and how they are written: YAML, dotenv files, Jinja templates.

pub mod registry;
