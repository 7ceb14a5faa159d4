//! The first line of a template file, where it says how the rest is written: `#jinja2: trim_blocks: False`.

use crate::{
    model::Value,
    vars::{Style, jinja},
};

/// A template file without its first line where that says how the rest is written, and that style.
pub(super) fn header<'a>(text: &'a str, style: &Style) -> Result<(&'a str, Style), String> {
    let Some(rest) = text.strip_prefix("#jinja2:") else {
        return Ok((text, style.clone()));
    };
    let (options, body) = rest
        .split_once('\n')
        .ok_or("the line `#jinja2:` needs lines after it")?;
    let mut style = style.clone();
    for option in options.trim_end().split(',') {
        let (name, value) = option
            .split_once(':')
            .ok_or_else(|| format!("`#jinja2:` has `name: value`, not `{}`", option.trim()))?;
        let name = name.trim();
        let value = literal(value.trim())?;
        if name == "output_encoding" || !style.set(name, &value)? {
            return Err(format!("`#jinja2:` has no option `{name}` here"));
        }
    }
    Ok((body, style.validated()?))
}

/// One of Python's literals: `True`, `False`, or a text in quotes.
fn literal(text: &str) -> Result<Value, String> {
    match jinja::constant(text) {
        Some(value) => Ok(value),
        None => Err(format!("`{text}` is no value of an option of `#jinja2:`")),
    }
}
