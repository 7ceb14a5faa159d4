//! Booleans as YAML 1.1 spells them.

/// YAML 1.1's other spellings of a boolean, which keywords such as `become: "yes"` are written with.
pub fn yaml_boolean(text: &str) -> Option<bool> {
    match text {
        "yes" | "Yes" | "on" | "On" | "True" | "true" => Some(true),
        "no" | "No" | "off" | "Off" | "False" | "false" => Some(false),
        _ => None,
    }
}
