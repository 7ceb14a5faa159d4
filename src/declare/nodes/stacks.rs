//! Stacks.

use super::Draft;

/// A node for each stack.
pub fn stacks(_draft: &mut Draft<'_>) {}
