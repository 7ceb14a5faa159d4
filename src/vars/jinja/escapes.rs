//! How a quoted text inside an expression is read.

/// What a backslash in a quoted text means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::vars) enum Escapes {
    /// Itself: YAML has read the escapes already, so Ansible takes `{{ … }}` of playbooks so.
    Kept,
    /// It starts an escape of Python's, as in template files, statements and conditions.
    Read,
}
