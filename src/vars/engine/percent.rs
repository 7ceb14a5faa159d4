//! Python's `%` on texts.

use minijinja::{Error, value::Value as Jinja};

use super::{
    arguments::defined,
    mistake::wrong,
    python::{float, grown, repr, text},
    types::{number, whole},
};

/// How wide a value may be written, and with how many digits behind the point: far more than anybody reads.
pub(super) const WIDEST: usize = 4096;
pub(super) const PRECISEST: usize = 100;

/// What is said of a format that asks for more.
pub(super) fn too_wide() -> Error {
    wrong(format!(
        "a format is too wide: a width goes up to {WIDEST}, a precision up to {PRECISEST}"
    ))
}

/// Python's `%` on texts, for the conversions that playbooks use: `s r d i f g x X o %` with flags, width, precision.
pub(super) fn format(template: &str, values: &[Jinja]) -> Result<String, Error> {
    let mut out = String::new();
    let mut values = values.iter();
    let mut rest = template;
    while let Some(at) = rest.find('%') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let end = rest
            .find(|c: char| c.is_ascii_alphabetic() || c == '%')
            .ok_or_else(|| wrong("a `%` at the end of a format"))?;
        let (flags, kind) = (&rest[..end], rest.as_bytes()[end]);
        rest = &rest[end + 1..];
        if kind == b'%' {
            out.push('%');
            continue;
        }
        let value = values
            .next()
            .ok_or_else(|| wrong("a format has more `%` than values"))?;
        out.push_str(&conversion(flags, kind, defined(value)?)?);
        grown(&out)?;
    }
    out.push_str(rest);
    if values.next().is_some() {
        return Err(wrong("a format has fewer `%` than values"));
    }
    Ok(out)
}

fn conversion(flags: &str, kind: u8, value: &Jinja) -> Result<String, Error> {
    let signs = flags.trim_start_matches(['-', '+', '0', ' ', '#']);
    let marks = &flags[..flags.len() - signs.len()];
    let (width, precision) = match signs.split_once('.') {
        Some((width, precision)) => (width, Some(size(precision)?)),
        None => (signs, None),
    };
    let width = size(width)?;
    if width > WIDEST || precision.is_some_and(|precision| precision > PRECISEST) {
        return Err(too_wide());
    }
    let counted = || {
        whole(value)
            .or_else(|| number(value).map(|n| n as i128))
            .ok_or_else(|| wrong("a format expects a number"))
    };
    let real = || number(value).ok_or_else(|| wrong("a format expects a number"));
    let body = match kind {
        b's' => {
            let text = text(value)?;
            match precision {
                Some(length) => text.chars().take(length).collect(),
                None => text,
            }
        }
        b'r' => repr(value)?,
        b'd' | b'i' | b'u' => counted()?.to_string(),
        b'x' => format!("{:x}", counted()?),
        b'X' => format!("{:X}", counted()?),
        b'o' => format!("{:o}", counted()?),
        b'f' | b'F' => format!("{:.*}", precision.unwrap_or(6), real()?),
        b'g' => float(real()?).trim_end_matches(".0").to_owned(),
        kind => {
            return Err(wrong(format!(
                "a format has no conversion `%{}`",
                char::from(kind)
            )));
        }
    };
    let body = if marks.contains('+') && kind != b's' && !body.starts_with('-') {
        format!("+{body}")
    } else {
        body
    };
    let missing = width.saturating_sub(body.chars().count());
    Ok(if marks.contains('-') {
        body + &" ".repeat(missing)
    } else if marks.contains('0') && kind != b's' {
        let (sign, digits) = body.split_at(usize::from(body.starts_with(['-', '+'])));
        format!("{sign}{}{digits}", "0".repeat(missing))
    } else {
        " ".repeat(missing) + &body
    })
}

/// A width or a precision; without digits it is none.
fn size(digits: &str) -> Result<usize, Error> {
    if digits.is_empty() {
        Ok(0)
    } else if digits.chars().all(|c| c.is_ascii_digit()) {
        digits.parse().map_err(|_| too_wide())
    } else {
        Err(wrong(format!("a format cannot have `{digits}`")))
    }
}
