//! Foreign text, made unable to drive a terminal, to read as what it is not, or to hide.

use std::borrow::Cow;

/// The text with every character written out (`\u{1b}`) that shows nothing of itself, except line feeds and tabs:
/// control characters, marks that turn the direction of writing, what has no width, what ends lines unseen.
pub fn visible(text: &str) -> Cow<'_, str> {
    written(text, |c| c.escape_default().collect())
}

/// The text on one line: line feeds and tabs are written out too.
pub fn one_line(text: &str) -> String {
    visible(text).replace('\n', "\\n").replace('\t', "\\t")
}

/// JSON that says the same with those characters as escapes: a journal is read in terminals as well.
pub fn json(text: &str) -> Cow<'_, str> {
    written(text, |c| {
        let mut units = [0; 2];
        let units = c.encode_utf16(&mut units).iter();
        units.map(|unit| format!("\\u{unit:04x}")).collect()
    })
}

fn written(text: &str, form: impl Fn(char) -> String) -> Cow<'_, str> {
    let mut shown = String::new();
    let mut kept = 0;
    let mut before = '\n';
    for (at, c) in text.char_indices() {
        if hidden(c) && !(chooses(c) && has_forms(before)) {
            shown.push_str(&text[kept..at]);
            shown.push_str(&form(c));
            kept = at + c.len_utf8();
        }
        before = c;
    }
    if kept == 0 {
        return Cow::Borrowed(text);
    }
    shown.push_str(&text[kept..]);
    Cow::Owned(shown)
}

/// Whether this chooses the form of the sign before it: in colour, or as text.
fn chooses(c: char) -> bool {
    matches!(c, '\u{fe0e}' | '\u{fe0f}')
}

/// Signs that stand as text and as a picture (Unicode, emoji-variation-sequences), roughly; letters have no forms.
fn has_forms(c: char) -> bool {
    matches!(c, '\u{a9}' | '\u{ae}' | '\u{203c}'..='\u{3299}' | '\u{1f000}'..='\u{1faff}')
        && !c.is_alphanumeric()
        && !hidden(c)
}

/// Characters of the classes Cc and Cf, line and paragraph separators, and those that Unicode calls default ignorable.
fn hidden(c: char) -> bool {
    match c {
        '\n' | '\t' => false,
        '\u{ad}'
        | '\u{34f}'
        | '\u{600}'..='\u{605}'
        | '\u{61c}'
        | '\u{6dd}'
        | '\u{70f}'
        | '\u{8e2}'
        | '\u{115f}'..='\u{1160}'
        | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}'
        | '\u{3164}'
        | '\u{fe00}'..='\u{fe0f}'
        | '\u{feff}'
        | '\u{ffa0}'
        | '\u{fff0}'..='\u{fffb}'
        | '\u{1bca0}'..='\u{1bca3}'
        | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}' => true,
        other => other.is_control(),
    }
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

    #[test]
    fn whatever_shows_nothing_of_itself_is_written_out() {
        for c in [
            '\0',
            '\u{7f}',
            '\u{85}',
            '\u{9b}',
            '\u{ad}',
            '\u{61c}',
            '\u{115f}',
            '\u{200b}',
            '\u{200d}',
            '\u{200e}',
            '\u{2028}',
            '\u{2029}',
            '\u{2060}',
            '\u{2066}',
            '\u{3164}',
            '\u{fe0f}',
            '\u{feff}',
            '\u{fff9}',
            '\u{e0041}',
            '\u{e0101}',
        ] {
            let text = format!("a{c}b");
            assert_eq!(visible(&text), format!("a{}b", c.escape_default()));
            let quoted = serde_json::to_string(&text).unwrap();
            let escaped = json(&quoted);
            assert!(escaped.is_ascii(), "{escaped}");
            assert_eq!(serde_json::from_str::<String>(&escaped).unwrap(), text);
        }
        for text in ["✔\u{fe0f} done", "日本語", "עברית", "e\u{301}", "©\u{fe0e}"] {
            assert_eq!(visible(text), text);
        }
    }
}
