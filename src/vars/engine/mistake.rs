//! What is said of a mistake in a template: one that several of the engine's parts can meet.

use minijinja::{Error, ErrorKind, value::Value as Jinja};

/// How deep the parts of a value may lie in each other.
pub(super) const DEEPEST: usize = 100;

/// A mistake in a template's use of something.
pub(super) fn wrong(why: impl Into<String>) -> Error {
    Error::new(ErrorKind::InvalidOperation, why.into())
}

/// An operator was used on two values that it does not go with.
pub(super) fn unlike(sign: &str, a: &Jinja, b: &Jinja) -> Error {
    wrong(format!(
        "`{sign}` does not work between {} and {}",
        a.kind(),
        b.kind()
    ))
}

/// The parts of a value lie deeper in each other than [`DEEPEST`].
pub(super) fn too_deep() -> Error {
    wrong(format!(
        "the parts of a value lie more than {DEEPEST} deep in each other"
    ))
}
