//! The forms in which a text turns up in files, requests and messages.

use base64::{Engine, prelude::*};
use percent_encoding::utf8_percent_encode;

use super::unquoted;
use crate::model::reserved::{RESERVED, RESERVED_IN_PATH};

/// A base64 stretch that is shorter stands in other words by chance.
const LEAST_BASE64: usize = 6;
/// Hexadecimal digits of fewer bytes stand in digests by chance.
const LEAST_HEX: usize = 5;
/// A line of a longer text that is shorter is no secret by itself.
pub(super) const LEAST_LINE: usize = 8;

/// The length of the lines that programs break base64 into: base64(1), and OpenSSL with PEM (RFC 7468).
const BASE64_LINES: [usize; 2] = [76, 64];

/// The text itself and its lines, each as JSON, YAML, Python, Rust, XML, a shell, an address, digits and base64 write it.
pub(super) fn all(text: &str) -> Vec<String> {
    let mut forms = Vec::new();
    for part in parts(text) {
        one(part, &mut forms);
    }
    for bare in unquoted::all(text.trim_end_matches(['\r', '\n'])) {
        one(&bare, &mut forms);
    }
    broken(text.as_bytes(), &mut forms);
    broken(format!("{text}\n").as_bytes(), &mut forms);
    forms.sort_unstable();
    forms.dedup();
    forms.retain(|form| !form.is_empty());
    forms
}

/// The whole, and of several lines each that says something: a key is indented anew where it is put into a file.
fn parts(text: &str) -> Vec<&str> {
    let mut parts = vec![text, text.trim_end_matches(['\r', '\n'])];
    if text.contains('\n') {
        let lines = text.lines().map(str::trim);
        parts.extend(
            lines.filter(|line| line.chars().count() >= LEAST_LINE && !line.starts_with("-----")),
        );
    }
    parts.dedup();
    parts
}

/// The text as each of them writes it.
pub(super) fn one(text: &str, forms: &mut Vec<String>) {
    forms.push(text.to_owned());
    let json = json(text);
    let ascii = ascii(&json);
    // JSON within JSON: a loop's item that is shown, a policy that is a text.
    for nested in [&json, &ascii] {
        forms.push(self::json(nested));
    }
    // As PHP writes it, and as Go does.
    forms.push(json.replace('/', "\\/"));
    let go = json.replace('&', "\\u0026").replace('<', "\\u003c");
    forms.push(go.replace('>', "\\u003e"));
    forms.extend([json, ascii]);
    forms.extend([repr(text, false), repr(text, true)]);
    forms.push(text.escape_default().to_string());
    forms.push(text.as_bytes().escape_ascii().to_string());
    forms.push(xml(text));
    forms.push(text.replace('\'', "'\"'\"'"));
    forms.push(text.replace('\'', "'\\''"));
    for (slash, plus) in [(false, false), (false, true), (true, false)] {
        forms.extend(percent(text, slash, plus));
    }
    if text.len() >= LEAST_HEX {
        forms.extend([hex::encode(text), hex::encode_upper(text)]);
    }
    base64(text.as_bytes(), forms);
}

/// The lines of its base64, where it is broken into some.
fn broken(bytes: &[u8], forms: &mut Vec<String>) {
    let whole = BASE64_STANDARD.encode(bytes);
    for length in BASE64_LINES
        .into_iter()
        .filter(|length| whole.len() > *length)
    {
        let lines = whole.as_bytes().chunks(length);
        let lines = lines.filter(|line| line.len() >= LEAST_LINE);
        forms.extend(lines.map(|line| String::from_utf8_lossy(line).into_owned()));
    }
}

/// Within the quotes of a JSON text.
fn json(text: &str) -> String {
    let quoted = serde_json::Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// With `\uXXXX` for what is not ASCII, as Python writes JSON.
fn ascii(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        if c.is_ascii() {
            out.push(c)
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                out.push_str(&format!("\\u{unit:04x}"));
            }
        }
    }
    out
}

/// Within the quotes of Python's `repr`.
fn repr(text: &str, quotes: bool) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            '\t' => out.push_str("\\t"),
            '\'' if quotes => out.push_str("\\'"),
            c => out.push(c),
        }
    }
    out
}

fn xml(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}

/// Percent-encoded, with the digits of the escapes in lower case and in upper case. Python and old forms let the slash
/// stand or write a space as `+`.
fn percent(text: &str, slash: bool, plus: bool) -> [String; 2] {
    let set = if slash { RESERVED_IN_PATH } else { RESERVED };
    let lower = |piece: &str| {
        // A piece is one escape, or text without any.
        if piece.starts_with('%') {
            piece.to_ascii_lowercase()
        } else {
            piece.to_owned()
        }
    };
    let encoded = utf8_percent_encode(text, set);
    let forms = [encoded.clone().map(lower).collect(), encoded.collect()];
    if plus {
        forms.map(|form: String| form.replace("%20", "+"))
    } else {
        forms
    }
}

/// What of its base64 is the same whatever stands before and behind it: it may begin at any of three places.
pub(super) fn base64(bytes: &[u8], forms: &mut Vec<String>) {
    for before in 0..3 {
        let mut shifted = vec![0; before];
        shifted.extend_from_slice(bytes);
        let whole = shifted.len() * 8 / 6;
        let first = (before * 8).div_ceil(6);
        if whole < first + LEAST_BASE64 {
            continue;
        }
        forms.push(BASE64_STANDARD_NO_PAD.encode(&shifted)[first..whole].to_owned());
        forms.push(BASE64_URL_SAFE_NO_PAD.encode(&shifted)[first..whole].to_owned());
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn base64_is_known_wherever_it_begins() {
        let secret = "s3cret-words";
        let forms = all(secret);
        for before in ["", "a", "ab", "abc", "user:"] {
            for behind in ["", "x", "xy", "\n"] {
                let text = BASE64_STANDARD.encode(format!("{before}{secret}{behind}"));
                let found = forms.iter().any(|form| text.contains(form));
                assert!(found, "{before} {behind}");
            }
        }
    }

    #[test]
    fn each_way_of_writing_it_is_known() {
        let forms = all("p\"w\\ö\n'/ é");
        for form in [
            "p\\\"w\\\\ö\\n'/ é",
            "p\\\"w\\\\\\u00f6\\n'/ \\u00e9",
            "p\\\\\\\"w\\\\\\\\ö\\\\n'/ é",
            "p\"w\\\\ö\\n\\'/ é",
            "p%22w%5C%C3%B6%0A%27/%20%C3%A9",
            "p%22w%5c%c3%b6%0a%27%2f+%c3%a9",
            "p&quot;w\\ö\n'/ é",
            "p\\\"w\\\\ö\\n'\\/ é",
            "7022775cc3b60a272f20c3a9",
            "7022775CC3B60A272F20C3A9",
        ] {
            assert!(forms.iter().any(|known| known == form), "{form}");
        }
        let forms = all("a&b<c>d");
        assert!(
            forms
                .iter()
                .any(|known| known == "a\\u0026b\\u003cc\\u003ed")
        );
    }

    #[test]
    fn lines_of_its_base64_are_known_by_themselves() {
        let secret: String = (b'a'..=b'z')
            .cycle()
            .step_by(7)
            .take(90)
            .map(char::from)
            .collect();
        for (text, length) in [
            (secret.clone(), 76),
            (format!("{secret}\n"), 76),
            (secret.clone(), 64),
        ] {
            let whole = BASE64_STANDARD.encode(text);
            let forms = all(&secret);
            for line in whole.as_bytes().chunks(length) {
                let line = String::from_utf8_lossy(line).into_owned();
                assert!(forms.contains(&line), "{line}");
            }
        }
    }

    #[test]
    fn lines_of_a_key_are_known_by_themselves() {
        let forms = all("-----BEGIN KEY-----\nMIIEvQIBADANBgkq\nAb==\n-----END KEY-----\n");
        assert!(forms.iter().any(|form| form == "MIIEvQIBADANBgkq"));
        assert!(
            !forms
                .iter()
                .any(|form| form.starts_with("Ab==") || form == "-----END KEY-----")
        );
    }
}
