//! What a value of the engine's is, as Python sees it.

use minijinja::{
    Error,
    value::{Value as Jinja, ValueKind},
};

use super::mistake::wrong;

/// Whether it is a list, or gives its items one after the other as a list does.
pub(super) fn is_list(value: &Jinja) -> bool {
    matches!(value.kind(), ValueKind::Seq | ValueKind::Iterable)
}

/// A boolean or a number as a number.
pub(super) fn number(value: &Jinja) -> Option<f64> {
    match value.kind() {
        ValueKind::Bool => Some(f64::from(u8::from(value.is_true()))),
        ValueKind::Number => f64::try_from(value.clone()).ok(),
        _ => None,
    }
}

/// A boolean or a whole number as a whole number.
pub(super) fn whole(value: &Jinja) -> Option<i128> {
    match value.kind() {
        ValueKind::Bool => Some(i128::from(value.is_true())),
        ValueKind::Number if value.is_integer() => i128::try_from(value.clone()).ok(),
        _ => None,
    }
}

/// Values that stand for a failure become the failure.
pub(super) trait Validated: Sized {
    /// The value, or the failure that it stands for.
    fn validated(self) -> Result<Self, Error>;
}

impl Validated for Jinja {
    fn validated(self) -> Result<Self, Error> {
        if self.kind() == ValueKind::Invalid {
            // Iterating is what makes the engine give the failure back.
            return match self.try_iter() {
                Err(error) => Err(error),
                Ok(_) => Err(wrong("a value is invalid")),
            };
        }
        Ok(self)
    }
}
