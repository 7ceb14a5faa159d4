//! The sign and the words of an effect.

use super::paint::Paint;
use crate::model::Effect;

/// The sign before a changed thing: `+`, `~`, `-` as in other tools of the field.
pub(super) fn sign(effect: Effect, paint: Paint) -> String {
    match effect {
        Effect::Create => paint.added("+"),
        Effect::Update => paint.altered("~"),
        Effect::Replace => paint.removed("±"),
        Effect::Adopt => paint.altered("="),
        Effect::Delete => paint.removed("-"),
        Effect::Run => paint.open(">"),
    }
}

/// The sign before what is left out, or not begun: nothing is done with it.
pub(super) const LEFT_OUT: &str = "·";

/// What a plan says of it.
pub(super) fn future(effect: Effect) -> &'static str {
    match effect {
        Effect::Create => "will be created",
        Effect::Update => "will be updated in place",
        Effect::Replace => "will be replaced",
        Effect::Adopt => "exists already and will be taken over",
        Effect::Delete => "will be deleted",
        Effect::Run => "will be run",
    }
}

/// What is said while it is done.
pub(super) fn present(effect: Effect) -> &'static str {
    match effect {
        Effect::Create => "creating",
        Effect::Update => "updating",
        Effect::Replace => "replacing",
        Effect::Adopt => "taking over",
        Effect::Delete => "deleting",
        Effect::Run => "running",
    }
}
