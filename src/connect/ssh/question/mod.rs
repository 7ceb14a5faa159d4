//! What can be asked, and what the replies say.

pub mod answer;
mod call;
pub mod facts;
pub mod listing;
pub mod network;
pub mod raw;
pub mod system;

pub use call::{call, more, torn};
