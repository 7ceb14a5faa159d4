//! The numbers of `with_sequence`.

use crate::model::Value;

/// How many numbers a sequence may have, and how wide one may be written: far more than a playbook has a use for.
const LONGEST: i128 = 100_000;
const WIDEST: usize = 100;

/// `[START-]END[/STRIDE][:FORMAT]`, or `start=… end=… stride=… format=…` with `count` in the place of `end`; several of
/// them one after another.
pub fn sequence(terms: Value) -> Result<Vec<Value>, String> {
    let mut numbers = Vec::new();
    for term in crate::play::scope::loop_lookups::list(terms) {
        let text = match &term {
            Value::String(text) => text.clone(),
            Value::Number(end) => end.to_string(),
            other => {
                return Err(format!(
                    "takes texts, but here is {}",
                    crate::play::scope::loop_lookups::kind(other)
                ));
            }
        };
        let asked = match short(&text)? {
            Some(asked) => asked,
            None => long(&text)?,
        };
        asked.numbers(&mut numbers)?;
    }
    Ok(numbers)
}

/// What is asked for.
struct Asked {
    start: i128,
    end: Option<i128>,
    count: Option<i128>,
    stride: i128,
    format: String,
}

impl Default for Asked {
    fn default() -> Self {
        Self {
            start: 1,
            end: None,
            count: None,
            stride: 1,
            format: "%d".to_owned(),
        }
    }
}

/// The short form; none when the text has another.
fn short(text: &str) -> Result<Option<Asked>, String> {
    let (numbers, format) = match text.split_once(':') {
        Some((numbers, format)) => (numbers, Some(format)),
        None => (text, None),
    };
    let (range, stride) = match numbers.split_once('/') {
        Some((range, stride)) => (range, Some(stride)),
        None => (numbers, None),
    };
    let (start, end) = match range.split_once('-') {
        Some((start, end)) => (Some(start), end),
        None => (None, range),
    };
    let digits =
        |text: &str| !text.is_empty() && text.chars().all(|c| c.is_ascii_hexdigit() || c == 'x');
    if ![start, Some(end), stride].into_iter().flatten().all(digits) || format == Some("") {
        return Ok(None);
    }
    let mut asked = Asked {
        end: Some(number("end", end)?),
        ..Asked::default()
    };
    if let Some(start) = start {
        asked.start = number("start", start)?;
    }
    if let Some(stride) = stride {
        asked.stride = number("stride", stride)?;
    }
    if let Some(format) = format {
        format.clone_into(&mut asked.format);
    }
    Ok(Some(asked))
}

fn long(text: &str) -> Result<Asked, String> {
    let mut asked = Asked::default();
    for word in text.split_whitespace() {
        match word.split_once('=') {
            Some(("start", value)) => asked.start = number("start", value)?,
            Some(("end", value)) => asked.end = Some(number("end", value)?),
            Some(("count", value)) => asked.count = Some(number("count", value)?),
            Some(("stride", value)) => asked.stride = number("stride", value)?,
            Some(("format", value)) => value.clone_into(&mut asked.format),
            _ => {
                return Err(format!(
                    "has no `{word}`; it takes `start`, `end` or `count`, `stride` and `format`"
                ));
            }
        }
    }
    Ok(asked)
}

/// Wide enough that nothing that is made of two of them can overflow.
fn number(name: &str, text: &str) -> Result<i128, String> {
    let number: Result<i64, _> = text.parse();
    number
        .map(i128::from)
        .map_err(|_| format!("takes a whole number as `{name}`, not `{text}`"))
}

impl Asked {
    fn numbers(&self, into: &mut Vec<Value>) -> Result<(), String> {
        let end = match (self.end, self.count) {
            (Some(_), Some(_)) => return Err("takes `count` or `end`, not both".to_owned()),
            (None, None) => return Err("needs `count` or `end`".to_owned()),
            (_, Some(0)) => return Ok(()),
            // Ansible's own formula, also where it counts backwards.
            (None, Some(count)) => self.start + count * self.stride - 1,
            (Some(end), None) => end,
        };
        if self.stride > 0 && end < self.start {
            return Err("counts backwards with a negative `stride` only".to_owned());
        }
        if self.stride < 0 && end > self.start {
            return Err("counts forward with a positive `stride` only".to_owned());
        }
        if self.stride == 0 {
            return Ok(());
        }
        if (end - self.start) / self.stride >= LONGEST {
            return Err(format!("has at most {LONGEST} numbers"));
        }
        let mut next = self.start;
        while self.stride > 0 && next <= end || self.stride < 0 && next >= end {
            let text = formatted(&self.format, next).ok_or_else(|| {
                format!(
                    "takes a `format` with one `%d`, `%s`, `%x` or `%o`, not `{}`",
                    self.format
                )
            })?;
            into.push(Value::String(text));
            next += self.stride;
        }
        Ok(())
    }
}

/// A number in one `%d`, `%02d` or `%x` of a text.
fn formatted(format: &str, number: i128) -> Option<String> {
    let (before, rest) = format.split_once('%')?;
    if rest.contains('%') {
        return None;
    }
    let end = rest.find(|c: char| !c.is_ascii_digit())?;
    let zeros = rest.starts_with('0');
    let width: usize = match rest[..end].trim_start_matches('0') {
        "" => 0,
        width => width.parse().ok().filter(|width| *width <= WIDEST)?,
    };
    let digits = match rest[end..].chars().next()? {
        'd' | 'u' | 'i' | 's' => number.unsigned_abs().to_string(),
        'x' => format!("{:x}", number.unsigned_abs()),
        'o' => format!("{:o}", number.unsigned_abs()),
        _ => return None,
    };
    let sign = if number < 0 { "-" } else { "" };
    let padded = if zeros {
        format!(
            "{sign}{digits:0>wide$}",
            wide = width.saturating_sub(sign.len())
        )
    } else {
        format!("{:>width$}", format!("{sign}{digits}"))
    };
    Some(format!("{before}{padded}{}", &rest[end + 1..]))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn of(text: &str) -> Option<String> {
        let numbers = sequence(json!(text)).ok()?;
        let numbers = numbers.iter().map(|number| number.as_str().unwrap());
        Some(numbers.collect::<Vec<_>>().join(" "))
    }

    /// Each as ansible-core counts.
    #[test]
    fn sequences_are_counted_as_ansible_counts_them() {
        for (text, numbers) in [
            ("5-8", "5 6 7 8"),
            ("3-7/2", "3 5 7"),
            ("1-2:h%02d", "h01 h02"),
            ("010-012", "10 11 12"),
            ("count=0", ""),
            ("end=3 stride=0", ""),
            ("start=5 end=3 stride=-1", "5 4 3"),
            ("start=0 count=5 stride=2", "0 2 4 6 8"),
            ("count=2 stride=3 start=1", "1 4"),
            ("start=3 count=3 stride=-1", "3 2 1 0 -1"),
            ("start=2 count=3 stride=-2", "2 0 -2 -4"),
            ("start=1 end=0 stride=-1", "1 0"),
            ("end=2 format=%s", "1 2"),
            ("start=-3 end=-2 format=a%03db", "a-03b a-02b"),
            ("start=255 end=255 format=%x", "ff"),
            (
                "start=9223372036854775806 end=9223372036854775807 stride=9223372036854775807",
                "9223372036854775806",
            ),
        ] {
            assert_eq!(of(text).as_deref(), Some(numbers), "{text}");
        }
        let several = sequence(json!(["2", "4-5"])).unwrap();
        assert_eq!(several, [json!("1"), json!("2"), json!("4"), json!("5")]);
    }

    #[test]
    fn a_sequence_that_leads_nowhere_or_too_far_is_refused() {
        for text in [
            "start=5 end=3",
            "count=2 end=3",
            "start=1 end=3 stride=-1",
            "end=3 bogus=1",
            "start=1",
            "nonsense",
            "1-2:x",
            "2-1",
            "a-c",
            "0x3-5",
            "end=0",
            "end=2 format=a%db%d",
            "end=2 format=%%d",
            "start=1 end=3 format=%99999d",
            "start=1 end=3 format=%99999999999999999999999d",
            "start=-9223372036854775807 end=9223372036854775807",
            "start=9223372036854775807 count=9223372036854775807 stride=9223372036854775807",
            "count=-1",
            "end=9223372036854775808",
        ] {
            assert_eq!(of(text), None, "{text}");
        }
    }
}
