//! Asking the world, and asking nothing twice.

mod invalidation;
mod remembered;
mod ways;

pub use invalidation::{invalidates, normalized};
pub use remembered::Remembered;
