//! Where a list or an inline table of a TOML file is opened that is never closed.
//!
//! It swallows what stands below it, so that each line of that is a mistake of its own to a parser.

/// The outermost bracket that nothing closes; none where there is none.
pub fn unclosed(text: &str) -> Option<usize> {
    let bytes = text.as_bytes();
    let mut open = Vec::new();
    let mut at = 0;
    let mut line_begins = true;
    while at < bytes.len() {
        let byte = bytes[at];
        let next = match byte {
            // The head of a table is closed on its line, or is a mistake of that line alone.
            b'[' if line_begins && open.is_empty() => end_of_line(bytes, at),
            b'#' => end_of_line(bytes, at),
            b'"' | b'\'' => end_of_text(bytes, at),
            b'[' | b'{' => {
                open.push(at);
                at + 1
            }
            b']' | b'}' => {
                open.pop();
                at + 1
            }
            _ => at + 1,
        };
        line_begins = byte == b'\n' || line_begins && byte.is_ascii_whitespace();
        at = next;
    }
    open.first().copied()
}

fn end_of_line(bytes: &[u8], from: usize) -> usize {
    let rest = bytes[from..].iter();
    from + rest.take_while(|byte| **byte != b'\n').count()
}

/// Behind the text in quotes that begins here; one that is not closed ends with its line.
fn end_of_text(bytes: &[u8], from: usize) -> usize {
    let quote = bytes[from];
    let long = bytes[from..].starts_with(&[quote; 3]);
    let end: &[u8] = if long { &[quote; 3] } else { &[quote] };
    let mut at = from + end.len();
    while at < bytes.len() {
        if bytes[at..].starts_with(end) {
            return at + end.len();
        }
        match bytes[at] {
            b'\n' if !long => return at,
            b'\\' if quote == b'"' => at += 2,
            _ => at += 1,
        }
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bracket_in_quotes_comments_and_heads_opens_nothing() {
        for (text, open) in [
            ("a = [\"x\"\nb = 1\n", Some(4)),
            ("a = [[1]\nb = 1\n", Some(4)),
            ("a = {x = 1\nb = 1\n", Some(4)),
            ("a = [\"x\"]\nb = 1\n", None),
            ("a = \"[\" # [\n[[b\n  [c]]\nd = '['\n", None),
            ("a = \"\"\"\n[\\\"\"\"\"\nb = '''[\n'''\n", None),
            ("a = \"[\nb = 1\n", None),
        ] {
            assert_eq!(unclosed(text), open, "{text}");
        }
    }
}
