//! The template engine: minijinja, made to behave as Ansible's Jinja does.

mod arguments;
mod arithmetic;
mod bounded;
mod budget;
mod comparison;
mod convert;
mod environment;
mod error_text;
mod evaluation;
mod faults;
mod filters;
mod format;
mod header;
mod keys;
mod lookups;
mod methods;
mod mistake;
mod newlines;
mod omit;
mod operators;
mod percent;
mod python;
mod setup;
mod tests;
mod types;
mod versions;
mod watch;

pub(super) use environment::Engine;
pub(super) use evaluation::Evaluation;
pub(super) use setup::set_up;
pub(super) use watch::Written;

/// How much work one rendering may do, in the engine's own instructions.
const FUEL: u64 = 1_000_000;
/// How long an expression may be; the longest in public playbooks are under 1 KiB.
pub(super) const MAX_EXPRESSION: usize = 8 << 10;
/// How long a template, and what it yields, may be.
pub(super) const MAX_TEXT: usize = 1 << 20;
/// How deep one variable may lead to another.
const MAX_DEPTH: usize = 40;
/// How often variables may be rendered inside one rendering.
const MAX_RENDERINGS: usize = 50_000;

/// Whether a text has anything to render.
pub fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// Whether a text begins and ends as a template: a condition that does is rendered before it is judged.
pub fn is_whole_template(text: &str) -> bool {
    let text = text.trim();
    ["{{", "{%", "{#"].iter().any(|tag| text.starts_with(tag))
        && ["}}", "%}", "#}"].iter().any(|tag| text.ends_with(tag))
}
