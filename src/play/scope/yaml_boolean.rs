//! Booleans as they are spelt.

use crate::model::{Failure, Origin, Value};

/// What a keyword such as `become` takes as a boolean; none for anything else.
pub fn boolean(value: &Value) -> Option<bool> {
    match value {
        Value::Bool(truth) => Some(*truth),
        Value::Number(number) => match number.as_f64() {
            Some(1.0) => Some(true),
            Some(0.0) => Some(false),
            _ => None,
        },
        Value::String(text) => match text.trim().to_lowercase().as_str() {
            "y" | "yes" | "on" | "1" | "true" | "t" | "1.0" => Some(true),
            "n" | "no" | "off" | "0" | "false" | "f" | "0.0" => Some(false),
            _ => None,
        },
        Value::Null | Value::Array(_) | Value::Object(_) => None,
    }
}

/// The failure of a keyword that says neither.
pub fn no_boolean(said: &Value, at: &Origin) -> Failure {
    let what = format!("`true` or `false` is expected here, but there is `{said}`.");
    Failure::new("neither true nor false", what).at(at)
}

/// YAML 1.1's other spellings of a boolean, which are names of variables in the quotes of a condition.
pub fn yaml_boolean(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "on" | "On" | "True" | "true" => Some(true),
        "no" | "No" | "off" | "Off" | "False" | "false" => Some(false),
        _ => None,
    }
}
