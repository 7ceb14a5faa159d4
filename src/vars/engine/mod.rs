//! The template engine: minijinja, made to behave as Ansible's Jinja does.

mod convert;
mod evaluation;
mod lazy;

pub(super) use evaluation::{Engine, Evaluation};

/// How much work one rendering may do, in the engine's own instructions.
const FUEL: u64 = 2_000_000;
/// How long an expression may be; the longest in public playbooks are under 1 KiB.
pub(super) const MAX_EXPRESSION: usize = 8 << 10;
/// How long a template, and what it yields, may be.
pub(super) const MAX_TEXT: usize = 1 << 20;
/// How deep one variable may lead to another.
const MAX_DEPTH: usize = 40;

/// Whether a text has anything to render.
pub(super) fn is_template(text: &str) -> bool {
    text.contains("{{") || text.contains("{%") || text.contains("{#")
}

/// The expression inside, when the text is one `{{ … }}` and nothing else.
fn whole_expression(text: &str) -> Option<&str> {
    let inner = text.trim().strip_prefix("{{")?.strip_suffix("}}")?;
    let inner = inner.strip_prefix('-').unwrap_or(inner);
    let inner = inner.strip_suffix('-').unwrap_or(inner);
    (!inner.contains("}}") && !inner.contains("{{") && !inner.contains("{%")).then_some(inner)
}
