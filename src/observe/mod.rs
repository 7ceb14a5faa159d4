//! Asking the world, and asking nothing twice.

mod remembered;
mod touched;

pub use remembered::Remembered;
pub use touched::{plain, touched};
