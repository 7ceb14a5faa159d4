//! The ends of lines and of a text: Jinja drops a line break there, and Ansible puts back what is missing.

use std::borrow::Cow;

use crate::vars::Style;

/// The text of a template as Jinja reads it, with every end of a line as `\n`. A text without templates stays as it is.
pub(super) fn newlines<'a>(text: &'a str, style: &Style) -> Cow<'a, str> {
    if text.contains('\r') && style.is_template(text) {
        text.replace("\r\n", "\n").replace('\r', "\n").into()
    } else {
        text.into()
    }
}

/// `rendered` with as many line breaks at its end as `text`, its template, has at the least.
pub(super) fn ended_as(text: &str, mut rendered: String, newline: &str) -> String {
    let count = |text: &str| text.len() - text.trim_end_matches('\n').len();
    let missing = count(text).saturating_sub(count(&rendered));
    rendered.extend(std::iter::repeat_n(newline, missing));
    rendered
}
