//! The one thing that JSON writes in another way than YAML: a character beyond the first plane as a pair of surrogates.

use std::borrow::Cow;

use serde::de::IgnoredAny;

/// The length of `\\ud83d\\ude00`.
const PAIR: usize = 12;

/// A text of JSON with each such pair as YAML writes that character; any other text as it is.
///
/// No character moves: what YAML needs two fewer for is filled with a line break that it does not count.
pub fn with_long_escapes(text: &str) -> Cow<'_, str> {
    let begins = text.trim_start().starts_with(['{', '[']);
    if !begins || !(text.contains("\\ud") || text.contains("\\uD")) {
        return Cow::Borrowed(text);
    }
    if serde_json::from_str::<IgnoredAny>(text).is_err() {
        return Cow::Borrowed(text);
    }
    let mut written = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('\\') {
        let (before, escape) = rest.split_at(at);
        written.push_str(before);
        if let Some(character) = pair(escape) {
            written.push_str(&format!("\\\n\\U{:08X}", u32::from(character)));
            rest = &escape[PAIR..];
        } else {
            // What is escaped may be a backslash itself.
            let length = 1 + escape[1..].chars().next().map_or(0, char::len_utf8);
            written.push_str(&escape[..length]);
            rest = &escape[length..];
        }
    }
    written.push_str(rest);
    Cow::Owned(written)
}

/// The character that a text begins with, where it is written as a pair of surrogates.
fn pair(text: &str) -> Option<char> {
    let half = |at: usize| {
        let digits = text.get(at..at + PAIR / 2)?.strip_prefix("\\u")?;
        u16::from_str_radix(digits, 16).ok()
    };
    let mut decoded = char::decode_utf16([half(0)?, half(PAIR / 2)?]);
    let character = decoded.next()?.ok()?;
    (u32::from(character) > 0xFFFF).then_some(character)
}

#[cfg(test)]
mod tests {
    use super::super::{Dialect, read};
    use super::*;
    use crate::model::Source;

    #[test]
    fn pairs_of_surrogates_are_one_character_and_nothing_moves() {
        let text = r#"{"a": "x \ud83d\ude00 y", "b": "\\ud83d\\ude00", "c": 1}"#;
        let read = read(&Source::new("t.json", text)).unwrap();
        let said = serde_json::json!({"a": "x \u{1F600} y", "b": "\\ud83d\\ude00", "c": 1});
        assert_eq!(read.to_value(Dialect::CloudFormation).unwrap(), said);
        let (key, _) = &read.pairs().unwrap()[2];
        assert_eq!(&text[key.span.range.clone()], "\"c\"");
    }

    #[test]
    fn what_is_no_json_stays() {
        for text in [
            "a: '\\ud83d\\ude00'",
            "{a: '\\ud83d\\ude00'}",
            r#"{"a": "\u00e9"}"#,
        ] {
            assert_eq!(with_long_escapes(text), text);
        }
    }
}
