//! Foreign text, made unable to drive a terminal.

use std::borrow::Cow;

/// The text with every control character written out (`\u{1b}`), except line feeds and tabs.
///
/// The marks that turn the direction of writing are written out as well: they can make text read as what it is not.
pub fn visible(text: &str) -> Cow<'_, str> {
    if !text.chars().any(hidden) {
        return Cow::Borrowed(text);
    }
    let mut shown = String::with_capacity(text.len() + 16);
    for c in text.chars() {
        if hidden(c) {
            shown.extend(c.escape_default());
        } else {
            shown.push(c);
        }
    }
    Cow::Owned(shown)
}

/// The text on one line: line feeds and tabs are written out too.
pub fn one_line(text: &str) -> String {
    visible(text).replace('\n', "\\n").replace('\t', "\\t")
}

fn hidden(c: char) -> bool {
    let turns =
        matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
    turns || (c.is_control() && c != '\n' && c != '\t')
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn escapes_are_written_out_and_other_text_stays() {
        assert_eq!(visible("a\u{1b}[2J\r\n\tb"), "a\\u{1b}[2J\\r\n\tb");
        assert_eq!(visible("naïve ✓"), "naïve ✓");
        assert_eq!(visible("x\u{202e}y"), "x\\u{202e}y");
        assert_eq!(one_line("a\nb\tc"), "a\\nb\\tc");
    }
}
