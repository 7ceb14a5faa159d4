//! Asking the world, and asking nothing twice.

mod invalidation;
mod remembered;

pub use invalidation::{invalidates, normalized};
pub use remembered::Remembered;
