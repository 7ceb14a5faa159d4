//! What a task sees: names, inherited keywords, what the walk knows so far, the items of a loop.

pub mod command_words;
pub mod doing;
pub mod inherited;
pub mod lack;
pub mod loop_items;
pub mod loop_lookups;
pub mod magic;
pub mod play_scope;
pub mod scopes;
pub mod sequence;
pub mod settings;
pub mod state;
pub mod task_scope;
pub mod words;
