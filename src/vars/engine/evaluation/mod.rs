//! One rendering.
//!
//! A value may hold templates, and a template reads values: each is rendered when it is reached (`lazy`), which asks
//! the rendering for its names (`names`), which gives values that are rendered when they are reached.

mod handle;
mod lazy;
mod names;
mod rendering;
mod state;

pub(super) use handle::of;
pub(in crate::vars) use state::Evaluation;
