//! The end of a text: Jinja drops a line break there, and Ansible puts back what is missing.

/// `rendered` with as many line breaks at its end as `text`, its template, has at the least.
pub(super) fn ended_as(text: &str, mut rendered: String, newline: &str) -> String {
    let count = |text: &str| text.len() - text.trim_end_matches('\n').len();
    let missing = count(text).saturating_sub(count(&rendered));
    rendered.extend(std::iter::repeat_n(newline, missing));
    rendered
}
