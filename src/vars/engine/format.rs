//! Python's `format` of texts: `"{0:>8} {name}".format(…)`.

use minijinja::{
    Error,
    formatting::{self, FormatStyle},
    value::{Kwargs, Value as Jinja, ValueKind},
};

use super::{
    arguments::defined,
    budget,
    mistake::wrong,
    percent::{PRECISEST, WIDEST, too_wide},
    python::{grown, repr, text},
    types::Validated,
};

/// The text with its fields filled in.
///
/// Each field is given to the engine by itself, after it was seen how much it asks for.
pub(super) fn format(template: &str, args: &[Jinja]) -> Result<String, Error> {
    let (named, positional) = match args.split_last() {
        Some((last, rest)) if last.is_kwargs() => (Some(Kwargs::try_from(last.clone())?), rest),
        _ => (None, args),
    };
    let mut out = String::new();
    let mut next = 0;
    let mut rest = template;
    while let Some(at) = rest.find(['{', '}']) {
        out.push_str(&rest[..at]);
        let mark = &rest[at..=at];
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix(mark) {
            out.push_str(mark);
            rest = after;
            continue;
        }
        let Some((field, after)) = rest.split_once('}').filter(|_| mark == "{") else {
            return Err(wrong(format!("a single `{mark}` in a format")));
        };
        rest = after;
        let (name, how) = field.split_once(':').unwrap_or((field, ""));
        let (name, conversion) = name.split_once('!').unwrap_or((name, ""));
        let end = name.find(['.', '[']).unwrap_or(name.len());
        let (root, path) = name.split_at(end);
        let value = match root.parse::<usize>() {
            Ok(index) => positional.get(index).cloned(),
            Err(_) if root.is_empty() => {
                next += 1;
                positional.get(next - 1).cloned()
            }
            Err(_) => named.as_ref().and_then(|named| named.peek(root).ok()),
        };
        let value =
            value.ok_or_else(|| wrong(format!("a format has no value for `{{{name}}}`")))?;
        let value = part(value, path)?;
        out.push_str(&field_of(defined(&value)?, conversion, how)?);
        grown(&out)?;
    }
    out.push_str(rest);
    grown(&out)?;
    Ok(out)
}

/// `.name`, `[name]` and `[0]` of a value.
fn part(mut value: Jinja, path: &str) -> Result<Jinja, Error> {
    for step in path.split(['.', '[']).skip(1) {
        let step = step.trim_end_matches(']');
        value = match step.parse::<usize>() {
            Ok(index) if value.kind() != ValueKind::Map => value.get_item_by_index(index)?,
            _ => defined(&value)?.get_item(&Jinja::from(step))?,
        }
        .validated()?;
    }
    Ok(value)
}

fn field_of(value: &Jinja, conversion: &str, how: &str) -> Result<String, Error> {
    let value = match conversion {
        "" => value.clone(),
        "s" => Jinja::from(text(value)?),
        "r" => Jinja::from(repr(value)?),
        _ => return Err(wrong(format!("a format has no conversion `!{conversion}`"))),
    };
    if how.is_empty() {
        return text(&value);
    }
    sized(how)?;
    budget::text(value.as_str().map_or(0, str::len))?;
    formatting::format(FormatStyle::StrFormat, &format!("{{0:{how}}}"), &[value])
}

/// Refuses a field that asks for more than anybody reads.
fn sized(how: &str) -> Result<(), Error> {
    let mut letters = how.chars();
    // What fills the width stands before the sign that says on which side.
    let fill = letters.next().map_or(0, char::len_utf8);
    let sized = match letters.next() {
        Some('<' | '>' | '=' | '^') => &how[fill..],
        _ => how,
    };
    let (width, precision) = sized.split_once('.').unwrap_or((sized, ""));
    for (text, most) in [(width, WIDEST), (precision, PRECISEST)] {
        for digits in text.split(|c: char| !c.is_ascii_digit()) {
            if !digits.is_empty() && digits.parse::<usize>().map_or(true, |size| size > most) {
                return Err(too_wide());
            }
        }
    }
    Ok(())
}
