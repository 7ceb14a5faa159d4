//! How Python prints values, which is what templates of Ansible yield.

use minijinja::{
    Error,
    value::{Value as Jinja, ValueKind},
};

use super::{MAX_TEXT, arguments::defined, budget, mistake::wrong};

/// `str(value)`.
pub(super) fn text(value: &Jinja) -> Result<String, Error> {
    match value.as_str() {
        Some(text) => {
            budget::text(text.len())?;
            Ok(text.to_owned())
        }
        None => repr(value),
    }
}

/// A text that may grow no further than a template's output may.
pub(super) fn bounded(text: String) -> Result<Jinja, Error> {
    grown(&text)?;
    budget::text(text.len())?;
    Ok(Jinja::from(text))
}

/// Refuses a text that is being made and grew further.
pub(super) fn grown(text: &str) -> Result<(), Error> {
    fits(text.len())
}

/// Refuses a text of so many bytes before it is made.
pub(super) fn fits(bytes: usize) -> Result<(), Error> {
    if bytes > MAX_TEXT {
        Err(wrong(format!("a text grew beyond {} KiB", MAX_TEXT >> 10)))
    } else {
        Ok(())
    }
}

/// `repr(value)`.
pub(super) fn repr(value: &Jinja) -> Result<String, Error> {
    let mut out = String::new();
    write(defined(value)?, &mut out, 0)?;
    budget::text(out.len())?;
    Ok(out)
}

fn write(value: &Jinja, out: &mut String, depth: usize) -> Result<(), Error> {
    budget::steps(1)?;
    if depth > 60 || out.len() > MAX_TEXT {
        return Err(wrong("the value is too large to be written"));
    }
    match value.kind() {
        ValueKind::None => out.push_str("None"),
        ValueKind::Bool => out.push_str(if value.is_true() { "True" } else { "False" }),
        ValueKind::Number if value.is_integer() => out.push_str(&value.to_string()),
        ValueKind::Number => out.push_str(&float(f64::try_from(value.clone())?)),
        ValueKind::String => {
            let text = value.as_str().unwrap_or_default();
            fits(out.len() + text.len())?;
            quoted(text, out);
        }
        ValueKind::Seq | ValueKind::Iterable => {
            out.push('[');
            for (at, item) in value.try_iter()?.checked().enumerate() {
                if at > 0 {
                    out.push_str(", ");
                }
                write(defined(&item?)?, out, depth + 1)?;
            }
            out.push(']');
        }
        ValueKind::Map => {
            out.push('{');
            for (at, key) in value.try_iter()?.checked().enumerate() {
                let key = key?;
                if at > 0 {
                    out.push_str(", ");
                }
                write(&key, out, depth + 1)?;
                out.push_str(": ");
                write(defined(&value.get_item(&key)?)?, out, depth + 1)?;
            }
            out.push('}');
        }
        _ => {
            // Values that stand for a failure print as the failure.
            Jinja::from_pairs([("", value.clone())])
                .get_item(&Jinja::from(""))?
                .try_iter()
                .map(drop)?;
            out.push_str(&value.to_string());
        }
    }
    Ok(())
}

/// A float with the fewest digits that give it back: `0.1`, `1e+16`, `1e-05`.
pub(super) fn float(value: f64) -> String {
    if value.is_nan() {
        return "nan".to_owned();
    }
    if value.is_infinite() {
        return if value > 0.0 { "inf" } else { "-inf" }.to_owned();
    }
    let text = format!("{value:?}");
    match text.split_once('e') {
        None => text,
        Some((digits, power)) => {
            let (sign, power) = match power.strip_prefix('-') {
                Some(power) => ('-', power),
                None => ('+', power),
            };
            format!("{}e{sign}{power:0>2}", digits.trim_end_matches(".0"))
        }
    }
}

fn quoted(text: &str, out: &mut String) {
    let quote = if text.contains('\'') && !text.contains('"') {
        '"'
    } else {
        '\''
    };
    out.push(quote);
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            c if c == quote => {
                out.push('\\');
                out.push(c);
            }
            c if (c as u32) < 0x20 || c as u32 == 0x7f => {
                out.push_str(&format!("\\x{:02x}", c as u32));
            }
            c => out.push(c),
        }
    }
    out.push(quote);
}
