//! Secrets that stand nowhere by chance, and a search for them in every way of writing that a program could use.

use base64::{Engine, prelude::*};

/// A search for one secret: the ways it could be written, each with what it is called.
pub struct Canary {
    name: String,
    forms: Vec<(String, String)>,
}

impl Canary {
    /// Of a secret and, where it has several lines, of each that says something.
    pub fn new(name: &str, secret: &str) -> Self {
        let mut forms = Vec::new();
        let lines = secret.lines().map(str::trim);
        let lines = lines.filter(|line| line.len() >= 8 && !line.starts_with("-----"));
        let whole = (secret.lines().count() < 2).then_some(secret);
        for part in whole.into_iter().chain(lines) {
            of(part, &mut forms);
            of(&part.to_uppercase(), &mut forms);
            of(&part.chars().rev().collect::<String>(), &mut forms);
        }
        Self {
            name: name.to_owned(),
            forms,
        }
    }

    /// The line in which it stands, and how it is written there.
    pub fn seen(&self, text: &str) -> Option<String> {
        self.forms.iter().find_map(|(how, form)| {
            let at = text.find(form.as_str())?;
            let begin = text[..at].rfind('\n').map_or(0, |line| line + 1);
            let line = text[begin..].lines().next().unwrap_or_default();
            Some(format!("{} {how} in: {line}", self.name))
        })
    }
}

/// Where any of them is seen.
pub fn seen(canaries: &[Canary], text: &str) -> Vec<String> {
    canaries.iter().filter_map(|one| one.seen(text)).collect()
}

fn of(secret: &str, forms: &mut Vec<(String, String)>) {
    let mut add = |how: &str, form: String| forms.push((how.to_owned(), form));
    let quoted = serde_json::to_string(secret).unwrap();
    let json = quoted[1..quoted.len() - 1].to_owned();
    let twice = serde_json::to_string(&json).unwrap();
    let ascii: String = json
        .chars()
        .map(|c| match c.is_ascii() {
            true => c.to_string(),
            false => format!("\\u{:04x}", c as u32),
        })
        .collect();
    add("plainly", secret.to_owned());
    add("in JSON in JSON", twice[1..twice.len() - 1].to_owned());
    add("in JSON", json);
    add("in JSON of ASCII", ascii);
    let percent = |keep: &str, lower: bool| -> String {
        secret
            .bytes()
            .map(
                |byte| match byte.is_ascii_alphanumeric() || keep.contains(byte as char) {
                    true => (byte as char).to_string(),
                    false if lower => format!("%{byte:02x}"),
                    false => format!("%{byte:02X}"),
                },
            )
            .collect()
    };
    add("in an address", percent("-._~", false));
    add("in a path", percent("-._~/", false));
    add("in a form", percent("-._~", true));
    add("for a shell", secret.replace('\'', "'\"'\"'"));
    add("for our shell", secret.replace('\'', "'\\''"));
    add(
        "in XML",
        secret
            .replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('"', "&quot;"),
    );
    // A stretch of base64 is the same wherever it stands: what the groups of its own bytes alone give.
    for before in 0..3 {
        let bytes = &secret.as_bytes()[(3 - before) % 3..];
        let whole = &bytes[..bytes.len() / 3 * 3];
        if whole.len() >= 6 {
            add("in base64", BASE64_STANDARD.encode(whole));
            add("in base64", BASE64_URL_SAFE.encode(whole));
        }
    }
}

#[test]
fn a_secret_that_is_shown_in_any_way_is_seen() {
    let secret = "p\"w\\Wn7r'Lq2x Ä/9";
    let canary = Canary::new("it", secret);
    let json = serde_json::json!({ "line": secret }).to_string();
    for text in [
        format!("a {secret} b"),
        serde_json::json!({ "nested": json }).to_string(),
        json,
        BASE64_STANDARD.encode(format!("u:{secret}")),
        BASE64_STANDARD.encode(format!("user:{secret}\n")),
        secret.to_uppercase(),
        "p%22w%5CWn7r%27Lq2x%20%C3%84%2F9".to_owned(),
        "'p\"w\\Wn7r'\"'\"'Lq2x Ä/9'".to_owned(),
    ] {
        assert!(canary.seen(&text).is_some(), "{text}");
    }
    assert_eq!(canary.seen("p w Wn7r Lq2x (secret)"), None);
    let key = Canary::new(
        "key",
        "-----BEGIN KEY-----\nMIIEvQIBADANBgkq\n-----END KEY-----\n",
    );
    assert!(key.seen("    MIIEvQIBADANBgkq").is_some());
    assert_eq!(key.seen("-----BEGIN KEY-----"), None);
}
