//! Values and how they are written: YAML, dotenv files, Jinja templates.
//!
//! ```text
//!  yaml    text ──▶ tree with spans ──▶ model::Value
//!  Scope   layers of names: what the user wrote (templates), what came from outside (never templates)
//!  render  text + Scope ──▶ model::Value, or why not (RenderError)
//!  trace   which parts of a rendered value came from secrets
//!  engine  minijinja, made to behave as Ansible's Jinja does
//! ```

pub mod docker_login;
mod encoding;
mod engine;
mod error;
mod files;
mod jinja;
mod later;
mod render;
mod scope;
mod search_path;
mod secrecy;
pub mod shipped;
mod style;
mod trace;
pub mod yaml;

pub use engine::{is_template, is_whole_template};
pub use error::RenderError;
pub use files::Files;
pub use later::Later;
pub use render::{Reference, Rendered, Renderer};
pub use scope::Scope;
pub use search_path::{FoundFile, SearchPath};
pub use secrecy::{Secrecy, Secrets};
pub use style::Style;
pub use trace::Altered;

use encoding::Encoding;
use style::Delimiters;
