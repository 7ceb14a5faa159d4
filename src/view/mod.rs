//! How a run is shown: a terminal, plain lines, JSON.

pub mod diagnostics;
mod visible;

pub use visible::{one_line, visible};
