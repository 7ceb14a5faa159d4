//! The names that variables may have.

/// Words of Jinja that no variable can have for a name.
const RESERVED: [&str; 7] = ["true", "false", "none", "True", "False", "None", "not"];

/// Whether a variable may have this name, as ansible-core judges it.
pub fn is_variable_name(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '_')
        && !RESERVED.contains(&name)
}
