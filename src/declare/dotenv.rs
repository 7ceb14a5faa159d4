//! Dotenv files: `NAME=value` a line, `export` in front or not, `#` comments, values bare or in quotes.
//!
//! Nothing is expanded: `$` and `{{` are characters like others.

use crate::model::{Diagnostic, Source};

/// Of more lines that are none, no more is to be learnt: the file is none of this kind, or a quote is missing.
const MISTAKES: usize = 100;

/// The pairs of a file in their order.
///
/// In single quotes everything stands for itself; in double quotes `\n`, `\r`, `\t`, `\"`, `\\` and `\$` are escapes;
/// both may go over several lines. Refuses a file with every line that is none of this; never shows a value.
pub fn read(source: &Source) -> Result<Vec<(String, String)>, Vec<Diagnostic>> {
    let text = &*source.text;
    let shown = masked(source);
    let mut pairs = Vec::new();
    let mut wrong = Vec::new();
    let mut at = 0;
    while at < text.len() && wrong.len() < MISTAKES {
        let line_end = at + text[at..].find('\n').unwrap_or(text.len() - at);
        let line = &text[at..line_end];
        let start = at;
        at = line_end + 1;
        let trimmed = line.trim_start();
        if trimmed.trim_end().is_empty() || trimmed.starts_with('#') {
            continue;
        }
        let pair = trimmed.strip_prefix("export ").unwrap_or(trimmed);
        let Some((name, rest)) = pair
            .split_once('=')
            .filter(|(name, _)| is_name(name.trim()))
        else {
            let span = shown.span(start..start + line.trim_end().len());
            wrong.push(
                Diagnostic::error(
                    "this is no line of a dotenv file",
                    "a name and `=` belong here",
                    span,
                )
                .help("write `NAME=value`; a comment begins with `#`"),
            );
            continue;
        };
        let value_at = line_end - rest.len();
        match value(text, value_at) {
            Ok((value, end)) => {
                pairs.push((name.trim().to_owned(), value));
                at = end;
            }
            Err(label) => {
                let span = shown.span(value_at..value_at + 1);
                wrong.push(Diagnostic::error("this value cannot be read", label, span));
            }
        }
    }
    if wrong.is_empty() {
        Ok(pairs)
    } else {
        Err(wrong)
    }
}

/// The file as messages may show it: of each line the name and `=`, the rest starred out.
fn masked(source: &Source) -> Source {
    let mut shown = String::with_capacity(source.text.len());
    for line in source.text.split_inclusive('\n') {
        let name = line
            .split_once('=')
            .map(|(name, _)| name)
            .filter(|name| is_name(name.trim_start().trim_start_matches("export ").trim()));
        let kept = name.map_or(0, |name| name.len() + 1);
        shown.push_str(&line[..kept]);
        for c in line[kept..].chars() {
            if c.is_whitespace() {
                shown.push(c);
            } else {
                shown.extend(std::iter::repeat_n('*', c.len_utf8()));
            }
        }
    }
    Source::new(source.name.clone(), shown)
}

fn is_name(name: &str) -> bool {
    let mut bytes = name.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'.' | b'-'))
}

/// The value that begins at an offset, and the offset of the line behind it.
fn value(text: &str, start: usize) -> Result<(String, usize), &'static str> {
    let rest = text[start..].trim_start_matches([' ', '\t']);
    let begin = text.len() - rest.len();
    let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let line = rest.lines().next().unwrap_or_default();
        let bare = match line
            .find(" #")
            .or_else(|| line.starts_with('#').then_some(0))
        {
            Some(comment) => &line[..comment],
            None => line,
        };
        return Ok((bare.trim_end().to_owned(), begin + line_length(rest)));
    };
    let mut read = String::new();
    let mut characters = rest.char_indices().skip(1);
    while let Some((offset, c)) = characters.next() {
        match c {
            _ if c == quote => {
                let behind = &rest[offset + 1..];
                let comment = behind.lines().next().unwrap_or_default().trim();
                if !comment.is_empty() && !comment.starts_with('#') {
                    return Err("something stands behind the closing quote");
                }
                return Ok((read, begin + offset + 1 + line_length(behind)));
            }
            '\\' if quote == '"' => match characters.next().map(|(_, escaped)| escaped) {
                Some('n') => read.push('\n'),
                Some('r') => read.push('\r'),
                Some('t') => read.push('\t'),
                Some(escaped @ ('"' | '\\' | '$')) => read.push(escaped),
                Some(other) => read.extend(['\\', other]),
                None => break,
            },
            _ => read.push(c),
        }
    }
    Err("the quote that begins here does not end")
}

/// The length of the first line with its end.
fn line_length(text: &str) -> usize {
    text.find('\n').map_or(text.len(), |end| end + 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_as_dotenv_files_write_them() {
        let text = "# comment\n\nA=1\nexport B = two words # comment\nC='a $b #c\\n'\nD=\"x\\ny\\\"z\" # c\nE=\nF=\"two\nlines\"\r\nG=a#b\r\n";
        let pairs = read(&Source::new(".env", text)).unwrap();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(n, v)| (&**n, &**v)).collect();
        assert_eq!(
            pairs,
            [
                ("A", "1"),
                ("B", "two words"),
                ("C", "a $b #c\\n"),
                ("D", "x\ny\"z"),
                ("E", ""),
                ("F", "two\nlines"),
                ("G", "a#b"),
            ]
        );
    }

    #[test]
    fn a_quote_without_end_and_a_line_without_name_are_both_said() {
        let text = "A=\"open\nsecret words\n";
        let wrong = read(&Source::new(".env", text)).unwrap_err();
        let said: Vec<String> = wrong
            .iter()
            .map(|one| format!("{} {}", one.origin(), one.label))
            .collect();
        assert_eq!(
            said,
            [
                ".env:1:3 the quote that begins here does not end",
                ".env:2:1 a name and `=` belong here"
            ]
        );
        assert!(!wrong[0].span.source.text.contains("secret"));
        for end in 0..text.len() {
            let _ = read(&Source::new(".env", &text[..end]));
        }
    }
}
