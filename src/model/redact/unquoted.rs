//! A text as a shell reads it where it stands in a command: the quotes gone, what a backslash stands before bare.

use std::mem::take;

/// Shorter ones are ordinary words once their quotes are gone.
const LEAST: usize = 6;

/// What it becomes bare and between double quotes, and with its blanks as `echo` joins them, as far as that is another.
pub(super) fn all(text: &str) -> Vec<String> {
    let mut found = Vec::new();
    if text.contains(['\'', '"', '\\']) {
        found.extend([read(text, None), read(text, Some('"'))]);
    }
    let blanks = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ");
    found.push(blanks(found.first().map_or(text, String::as_str)));
    found.retain(|form| form != text && form.chars().count() >= LEAST);
    found
}

/// A quote that is not closed goes on to the end: what closes it stands behind the text.
fn read(text: &str, mut open: Option<char>) -> String {
    let mut out = String::with_capacity(text.len());
    let mut escaped = false;
    for c in text.chars() {
        if take(&mut escaped) {
            if open.is_some() && !matches!(c, '"' | '\\' | '$' | '`' | '\n') {
                out.push('\\');
            }
            if c != '\n' {
                out.push(c);
            }
            continue;
        }
        match c {
            '\\' if open != Some('\'') => escaped = true,
            '\'' | '"' if open.is_none() => open = Some(c),
            c if open == Some(c) => open = None,
            c => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::all;

    #[test]
    fn a_shell_takes_quotes_and_backslashes_away() {
        for (text, form) in [
            (r#"Pre"mid"Suf88x"#, "PremidSuf88x"),
            (r"Can\Back\Slash9q", "CanBackSlash9q"),
            (r"'a\b  c'd9x", r"a\b  cd9x"),
            (r#"say\\it\"9x"#, r#"say\it"9x"#),
            ("two  blanks", "two blanks"),
        ] {
            assert!(all(text).iter().any(|known| known == form), "{text}");
        }
        assert!(all("plain-words").is_empty());
        assert!(all("'a'").is_empty());
    }
}
