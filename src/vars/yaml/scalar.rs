//! What a bare word means in YAML 1.1, as PyYAML and therefore Ansible and CloudFormation's tools read it.

use serde_json::Number;

use crate::model::Value;

/// Whether a bare word is null.
pub(super) fn is_null(text: &str) -> bool {
    matches!(text, "" | "~" | "null" | "Null" | "NULL")
}

/// The value of a bare word. Dates and what only looks like a number stay texts.
///
/// Refuses numbers that have no JSON form (`.inf`, `.nan`, integers beyond 64 bits).
pub fn resolve(text: &str) -> Result<Value, String> {
    if is_null(text) {
        return Ok(Value::Null);
    }
    match text {
        "yes" | "Yes" | "YES" | "true" | "True" | "TRUE" | "on" | "On" | "ON" => {
            return Ok(Value::Bool(true));
        }
        "no" | "No" | "NO" | "false" | "False" | "FALSE" | "off" | "Off" | "OFF" => {
            return Ok(Value::Bool(false));
        }
        _ => {}
    }
    if let Some(number) = integer(text) {
        return number;
    }
    if let Some(number) = float(text) {
        return number;
    }
    Ok(Value::String(text.to_owned()))
}

fn signed(text: &str) -> (bool, &str) {
    match text.as_bytes().first() {
        Some(b'-') => (true, &text[1..]),
        Some(b'+') => (false, &text[1..]),
        _ => (false, text),
    }
}

fn integer(text: &str) -> Option<Result<Value, String>> {
    let (negative, body) = signed(text);
    let all = |text: &str, allowed: fn(u8) -> bool| {
        !text.is_empty() && text.bytes().all(|b| b == b'_' || allowed(b))
    };
    let parse = |digits: &str, radix| {
        let digits = digits.replace('_', "");
        i128::from_str_radix(&digits, radix).ok()
    };
    let magnitude = if let Some(rest) = body.strip_prefix("0b") {
        all(rest, |b| matches!(b, b'0' | b'1')).then(|| parse(rest, 2))?
    } else if let Some(rest) = body.strip_prefix("0x") {
        all(rest, |b| b.is_ascii_hexdigit()).then(|| parse(rest, 16))?
    } else if body == "0" {
        Some(0)
    } else if let Some(rest) = body.strip_prefix('0') {
        all(rest, |b| matches!(b, b'0'..=b'7')).then(|| parse(rest, 8))?
    } else if body.starts_with(|c: char| c.is_ascii_digit()) {
        if body.contains(':') {
            sexagesimal(body)?
        } else {
            all(body, |b| b.is_ascii_digit()).then(|| parse(body, 10))?
        }
    } else {
        return None;
    };
    let number = magnitude.and_then(|m| {
        let m = if negative { -m } else { m };
        i64::try_from(m)
            .map(Number::from)
            .or_else(|_| u64::try_from(m).map(Number::from))
            .ok()
    });
    Some(number.map(Value::Number).ok_or_else(|| {
        format!("the number `{text}` is too large; write it in quotes to keep its digits")
    }))
}

/// `22:22` is 22 × 60 + 22; digits past the first group stay under 60.
fn sexagesimal(text: &str) -> Option<Option<i128>> {
    let mut groups = text.split(':');
    let first = groups.next()?.replace('_', "");
    let mut sum: Option<i128> = Some(first.parse().ok()?);
    for group in groups {
        let value: i128 = match group.len() {
            1 | 2 if group.bytes().all(|b| b.is_ascii_digit()) => group.parse().ok()?,
            _ => return None,
        };
        if value > 59 {
            return None;
        }
        sum = sum.and_then(|sum| sum.checked_mul(60)?.checked_add(value));
    }
    Some(sum)
}

fn float(text: &str) -> Option<Result<Value, String>> {
    let (negative, body) = signed(text);
    if matches!(body, ".inf" | ".Inf" | ".INF") || matches!(text, ".nan" | ".NaN" | ".NAN") {
        return Some(Err(format!(
            "`{text}` is a number without a value; write it in quotes to keep it as text"
        )));
    }
    let (head, tail) = body.split_once('.')?;
    let (fraction, exponent) = match tail.find(['e', 'E']) {
        Some(at) => (&tail[..at], Some(&tail[at + 1..])),
        None => (tail, None),
    };
    let digits = |text: &str| text.bytes().all(|b| b == b'_' || b.is_ascii_digit());
    if !digits(fraction) {
        return None;
    }
    // An exponent needs its sign in YAML 1.1: `1.0e3` is a text.
    if let Some(exponent) = exponent {
        let power = exponent.strip_prefix(['-', '+'])?;
        if power.is_empty() || !power.bytes().all(|b| b.is_ascii_digit()) {
            return None;
        }
    }
    let value = if head.is_empty() {
        if text.starts_with(['-', '+']) || !fraction.starts_with(|c: char| c.is_ascii_digit()) {
            return None;
        }
        body.replace('_', "").parse::<f64>().ok()?
    } else if !head.starts_with(|c: char| c.is_ascii_digit()) {
        return None;
    } else if head.contains(':') {
        if exponent.is_some() {
            return None;
        }
        let whole = sexagesimal(head)?? as f64;
        whole
            + format!("0.{}", fraction.replace('_', ""))
                .parse::<f64>()
                .ok()?
    } else {
        if !digits(head) {
            return None;
        }
        body.replace('_', "").parse::<f64>().ok()?
    };
    let value = if negative { -value } else { value };
    Some(
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| format!("the number `{text}` is too large")),
    )
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn bare_words_mean_what_pyyaml_says() {
        for (text, value) in [
            ("yes", json!(true)),
            ("Off", json!(false)),
            ("y", json!("y")),
            ("0644", json!(420)),
            ("0o14", json!("0o14")),
            ("08", json!("08")),
            ("1_000", json!(1000)),
            ("0x1F", json!(31)),
            ("0b101", json!(5)),
            ("22:22", json!(1342)),
            ("1:60", json!("1:60")),
            ("1e3", json!("1e3")),
            ("1.0e+3", json!(1000.0)),
            ("1.0e3", json!("1.0e3")),
            ("1.", json!(1.0)),
            (".5", json!(0.5)),
            ("-.5", json!("-.5")),
            ("1.2.3", json!("1.2.3")),
            ("-7", json!(-7)),
            ("+7", json!(7)),
            ("~", json!(null)),
            ("2012-10-17", json!("2012-10-17")),
            ("123456789012", json!(123456789012_i64)),
            ("18446744073709551615", json!(18446744073709551615_u64)),
            ("-", json!("-")),
            (".", json!(".")),
        ] {
            assert_eq!(resolve(text), Ok(value), "{text}");
        }
        assert!(resolve(".inf").is_err());
        assert!(resolve("99999999999999999999").is_err());
    }
}
