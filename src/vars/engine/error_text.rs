//! What the engine could not do, in our words.

use minijinja::{Error, ErrorKind};

use super::bounded::too_long;
use crate::{model::meant::nearest, vars::Scope};

/// What is wrong with a template or an expression.
pub(super) fn wrong_with(error: &Error) -> String {
    let detail = error.detail().unwrap_or_default();
    match error.kind() {
        ErrorKind::OutOfFuel => "the template does more work than it may".to_owned(),
        ErrorKind::InvalidOperation if !detail.is_empty() => detail.to_owned(),
        ErrorKind::WriteFailure => too_long().detail().unwrap_or_default().to_owned(),
        kind if detail.is_empty() => kind.to_string(),
        kind => format!("{kind}: {detail}"),
    }
}

/// That a name is undefined, with the one that was probably meant.
pub(super) fn undefined(name: Option<String>, scope: &Scope) -> String {
    let Some(name) = name else {
        return "a value that is used is undefined".to_owned();
    };
    let near = if name.contains('.') {
        None
    } else {
        nearest(&name, scope.names(), 0)
    };
    match near {
        Some(near) => format!("`{name}` is undefined; did you mean `{near}`?"),
        None => format!("`{name}` is undefined"),
    }
}
