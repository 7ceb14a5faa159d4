//! What a task sees: names, inherited keywords, what the walk knows so far, the items of a loop.

pub mod inherited;
pub mod loop_items;
pub mod loop_lookups;
pub mod magic;
pub mod play_scope;
pub mod scopes;
pub mod secret_words;
pub mod sequence;
pub mod state;
pub mod task_item;
pub mod task_keywords;
pub mod task_scope;
pub mod unresolved;
pub mod yaml_boolean;
