//! Dotenv files: `NAME=value` or `NAME: value` a line, `export` in front or not, `#` comments, values bare or in quotes.
//!
//! Read as `docker compose` reads them (compose-go, `dotenv/parser.go`), and what is read another way is said: nothing is
//! expanded, so that `$` and `{{` are characters like others. A secret then needs no thought about what stands in it.

use crate::model::{Diagnostic, Source};

/// What stands between a name and its value.
const BETWEEN: [char; 2] = ['=', ':'];

/// Of more lines that are none, no more is to be learnt: the file is none of this kind, or a quote is missing.
const MISTAKES: usize = 100;

/// What was read of a file.
#[derive(Debug)]
pub struct Read {
    /// Its pairs in their order.
    pub pairs: Vec<(String, String)>,
    /// That the file has what compose would expand and we do not, at the first such line.
    pub unexpanded: Option<Diagnostic>,
}

/// The pairs of a file.
///
/// In single quotes everything but `\'` stands for itself; in double quotes `\a`, `\b`, `\f`, `\n`, `\r`, `\t`, `\v`,
/// `\"`, `\\`, `\$` and `\0` with three octal digits are escapes; both may go over several lines. Behind a bare value a
/// comment begins with ` #`. Refuses a file with every line that is none of this; never shows a value.
pub fn read(source: &Source) -> Result<Read, Vec<Diagnostic>> {
    let text = &*source.text;
    let shown = masked(source);
    let mut pairs = Vec::new();
    let mut wrong = Vec::new();
    let mut unexpanded = Vec::new();
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
        let pair = exported(trimmed);
        let Some((name, rest)) = pair
            .split_once(BETWEEN)
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
            Ok(value) => {
                if value.expands {
                    unexpanded.push(value_at - 1 - name.trim_start().len()..value_at);
                }
                pairs.push((name.trim().to_owned(), value.text));
                at = value.end;
            }
            Err(label) => {
                let span = shown.span(value_at..value_at + 1);
                wrong.push(Diagnostic::error("this value cannot be read", label, span));
            }
        }
    }
    if wrong.is_empty() {
        let unexpanded = dollars(&shown, &unexpanded);
        Ok(Read { pairs, unexpanded })
    } else {
        Err(wrong)
    }
}

/// One word on all lines where compose would expand a `$`.
fn dollars(shown: &Source, at: &[std::ops::Range<usize>]) -> Option<Diagnostic> {
    let (first, more) = at.split_first()?;
    let label = match more.len() {
        0 => "its value has a `$` that compose would expand; here it is kept as it stands".to_owned(),
        1 => "its value, and one more in this file, has a `$` that compose would expand; here it is kept as it stands"
            .to_owned(),
        more => format!(
            "its value, and {more} more in this file, has a `$` that compose would expand; here it is kept as it stands"
        ),
    };
    let warning = Diagnostic::warning("a `$` is not expanded", label, shown.span(first.clone()));
    Some(warning.help("write the value in single quotes: then it means the same to both"))
}

/// The line without `export` in front.
fn exported(line: &str) -> &str {
    line.strip_prefix("export")
        .filter(|rest| rest.starts_with(char::is_whitespace))
        .map_or(line, str::trim_start)
}

/// The file as messages may show it: of each line the name and `=`, the rest starred out.
fn masked(source: &Source) -> Source {
    let mut shown = String::with_capacity(source.text.len());
    for line in source.text.split_inclusive('\n') {
        let name = line
            .split_once('=')
            .map(|(name, _)| name)
            .filter(|name| is_name(exported(name.trim_start()).trim()));
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

/// A value as it was read.
struct Value {
    text: String,
    /// The offset of the line behind it.
    end: usize,
    /// Whether compose would expand something in it.
    expands: bool,
}

/// What compose takes for space in front of a value (compose-go, `isSpace`); a line's end is none.
const SPACE: &[char] = &['\t', '\u{b}', '\u{c}', '\r', ' ', '\u{85}', '\u{a0}'];

/// The value that begins at an offset.
fn value(text: &str, start: usize) -> Result<Value, &'static str> {
    let rest = text[start..].trim_start_matches(SPACE);
    let begin = text.len() - rest.len();
    let Some(quote) = rest.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
        let line = rest.split('\n').next().unwrap_or_default();
        // A `#` that the value begins with is the value's own: compose looks for a space in front of it.
        let bare = line.find(" #").map_or(line, |comment| &line[..comment]);
        let bare = bare.trim_end();
        return Ok(Value {
            text: bare.to_owned(),
            end: begin + line_length(rest),
            expands: expands(bare),
        });
    };
    let mut read = String::new();
    let mut expanding = false;
    let mut characters = rest.char_indices().skip(1).peekable();
    while let Some((offset, c)) = characters.next() {
        match c {
            _ if c == quote => {
                let behind = &rest[offset + 1..];
                let comment = behind.lines().next().unwrap_or_default().trim();
                if !comment.is_empty() && !comment.starts_with('#') {
                    return Err("something stands behind the closing quote");
                }
                return Ok(Value {
                    text: read,
                    end: begin + offset + 1 + line_length(behind),
                    expands: expanding,
                });
            }
            '\\' if quote == '"' => match characters.next().map(|(_, escaped)| escaped) {
                Some('a') => read.push('\u{7}'),
                Some('b') => read.push('\u{8}'),
                Some('f') => read.push('\u{c}'),
                Some('n') => read.push('\n'),
                Some('r') => read.push('\r'),
                Some('t') => read.push('\t'),
                Some('v') => read.push('\u{b}'),
                Some('0') => {
                    let digits: String = characters.by_ref().take(3).map(|(_, c)| c).collect();
                    let octal = digits.chars().all(|digit| digit.is_digit(8)) && digits.len() == 3;
                    let byte = u8::from_str_radix(&digits, 8).ok().filter(|_| octal);
                    let byte = byte.ok_or("behind `\\0` belong three octal digits, up to 377")?;
                    read.push(char::from(byte));
                }
                Some(escaped @ ('"' | '\\' | '$')) => read.push(escaped),
                Some(other) => read.extend(['\\', other]),
                None => break,
            },
            // An escaped quote, and a pair of backslashes, which compose keeps as they stand.
            '\\' => match characters.next_if(|(_, next)| matches!(next, '\'' | '\\')) {
                Some((_, '\'')) => read.push('\''),
                Some(_) => read.push_str("\\\\"),
                None => read.push('\\'),
            },
            _ => {
                expanding |= c == '$' && quote == '"' && expands(next_two(&rest[offset..]));
                read.push(c);
            }
        }
    }
    Err("the quote that begins here does not end")
}

/// Whether compose would put something else for a `$` of this text: a variable, or one `$` for two.
fn expands(text: &str) -> bool {
    text.split('$').skip(1).any(|behind| {
        let next = behind.chars().next();
        next.is_some_and(|c| c.is_ascii_alphabetic() || matches!(c, '_' | '{'))
    }) || text.contains("$$")
}

/// A `$` with the character behind it.
fn next_two(text: &str) -> &str {
    let end = text
        .char_indices()
        .nth(2)
        .map_or(text.len(), |(end, _)| end);
    &text[..end]
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
        let read = read(&Source::new(".env", text)).unwrap();
        let pairs: Vec<(&str, &str)> = read.pairs.iter().map(|(n, v)| (&**n, &**v)).collect();
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

    /// What docker compose 2.26 gives for each (`docker compose config`), apart from what it expands.
    #[test]
    fn values_are_what_compose_reads() {
        for (text, value) in [
            (r"A='pass\'#word'", "pass'#word"),
            (r"A='adsf#\'#jklo\''#bla", "adsf#'#jklo'"),
            (r"A='Let\'s go!'", "Let's go!"),
            (r"A='a\\'", r"a\\"),
            (r"A='\n'", r"\n"),
            ("A=#c", "#c"),
            ("A: yaml", "yaml"),
            ("A:x=y", "x=y"),
            ("A= #c", "#c"),
            ("A=  # only comment", "# only comment"),
            ("A=x #c", "x"),
            ("A=x#c", "x#c"),
            (
                r#"A="Z\aZ\bZ\fZ\nZ\rZ\tZ\vZ\\Z\0123Z""#,
                "Z\u{7}Z\u{8}Z\u{c}Z\nZ\rZ\tZ\u{b}Z\\ZSZ",
            ),
            (r#"A="bar\n\ b\az""#, "bar\n\\ b\u{7}z"),
            (r#"A="\x07 \u12e4""#, r"\x07 \u12e4"),
            ("A=\u{b}x", "x"),
            ("A=\u{a0}x\u{a0}", "x"),
            ("export\tA=2", "2"),
            ("A=\r\nB=1\r\n", ""),
        ] {
            let read = read(&Source::new(".env", text)).unwrap();
            let pair = ("A".to_owned(), value.to_owned());
            assert_eq!(read.pairs.first(), Some(&pair), "{text}");
            assert!(read.unexpanded.is_none(), "{text}");
        }
        for text in [r"A='value\'", r#"A="\08""#, r#"A="\0777""#] {
            assert!(read(&Source::new(".env", text)).is_err(), "{text}");
        }
    }

    #[test]
    fn what_compose_would_expand_is_said_once_a_file_and_never_shown() {
        let text = "A=1\nB=secret${C}\nC=$D\nE=\"x$F\"\nG='$D'\n";
        let read = read(&Source::new(".env", text)).unwrap();
        let said = read.unexpanded.unwrap();
        assert_eq!(said.origin().to_string(), ".env:2:1");
        assert!(
            said.label.contains("and 2 more in this file"),
            "{}",
            said.label
        );
        assert!(!said.span.source.text.contains("secret"));
        let expanded = |text: &str| {
            let read = super::read(&Source::new(".env", text)).unwrap();
            read.unexpanded.is_some()
        };
        for text in [
            "A=$B",
            "A=a${B:-c}",
            "A=\"$_b\"",
            "A=pa$$word",
            "A=$2y$10$abc",
        ] {
            assert!(expanded(text), "{text}");
        }
        for text in [
            "A='$B'",
            r#"A="\$B""#,
            "A=a$",
            "A=$5",
            "A=\"a$!\"",
            "A=x # $B",
        ] {
            assert!(!expanded(text), "{text}");
        }
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
