//! Regular expressions as Python reads them.

use fancy_regex::{Captures, Regex};

use crate::model::Failure;

use super::arguments::Arguments;

/// Whether a pattern begins with the flag by which `^` and `$` are the edges of each line.
pub fn is_multiline(pattern: &str) -> bool {
    let mut rest = pattern;
    while let Some((flags, after)) = rest
        .strip_prefix("(?")
        .and_then(|inner| inner.split_once(')'))
        .filter(|(flags, _)| {
            !flags.is_empty() && flags.bytes().all(|flag| b"aiLmsux".contains(&flag))
        })
    {
        if flags.contains('m') {
            return true;
        }
        rest = after;
    }
    false
}

/// A pattern written for Python's `re`. The error is a sentence that follows the argument's name.
pub fn compile(pattern: &str) -> Result<Regex, String> {
    Regex::new(&translated(pattern))
        .map_err(|why| format!("is not a regular expression ({why}): {pattern}"))
}

/// The argument of this name, which is a pattern of Python's.
pub fn read(arguments: &Arguments<'_>, name: &str, text: &str) -> Result<Regex, Failure> {
    compile(text).map_err(|why| arguments.wrong(format!("`{name}` {why}")))
}

/// A pattern that runs out of its limits finds nothing.
pub fn is_match(regex: &Regex, line: &str) -> bool {
    regex.is_match(line).unwrap_or(false)
}

/// What the two engines read differently, spelled so that both mean what Python means.
fn translated(pattern: &str) -> String {
    let characters: Vec<char> = pattern.chars().collect();
    let mut result = String::with_capacity(pattern.len() + 8);
    let multiline = is_multiline(pattern);
    let mut class = false;
    let mut at = 0;
    while let Some(&c) = characters.get(at) {
        let next = characters.get(at + 1).copied();
        match (c, next) {
            ('\\', Some('Z')) => result.push_str(r"\z"),
            // Here these two would be the edges of a word.
            ('\\', Some(literal @ ('<' | '>'))) => result.push(literal),
            ('\\', Some(escaped)) => result.extend(['\\', escaped]),
            ('[', _) if !class => {
                class = true;
                result.push('[');
                let mut peek = at + 1;
                if characters.get(peek) == Some(&'^') {
                    result.push('^');
                    peek += 1;
                }
                // A bracket that comes first is one of the class.
                if characters.get(peek) == Some(&']') {
                    result.push_str(r"\]");
                    peek += 1;
                }
                at = peek;
                continue;
            }
            (']', _) if class => {
                class = false;
                result.push(']');
            }
            ('[' | '&' | '~', _) if class => result.extend(['\\', c]),
            // Python's end of a text is also where only its last newline follows.
            ('$', _) if !class && !multiline => result.push_str(r"(?=\n?\z)"),
            ('{', _) if !class && !is_repetition(&characters[at..]) => result.push_str(r"\{"),
            ('}', _) if !class && !closes_repetition(&characters[..at]) => result.push_str(r"\}"),
            _ => result.push(c),
        }
        at += if c == '\\' && next.is_some() { 2 } else { 1 };
    }
    result
}

/// `{2}`, `{2,}`, `{,3}` or `{2,3}`.
fn is_repetition(from: &[char]) -> bool {
    let Some(end) = from.iter().position(|c| *c == '}') else {
        return false;
    };
    let body = &from[1..end];
    body.iter().any(char::is_ascii_digit)
        && body.iter().all(|c| c.is_ascii_digit() || *c == ',')
        && body.iter().filter(|c| **c == ',').count() < 2
}

fn closes_repetition(before: &[char]) -> bool {
    let Some(start) = before.iter().rposition(|c| *c == '{') else {
        return false;
    };
    let mut body = before[start..].to_vec();
    body.push('}');
    is_repetition(&body)
}

/// A replacement with `\1`, `\g<1>`, `\g<name>` and `\n` filled in.
pub fn expand(template: &str, captures: &Captures<'_, str>) -> String {
    let mut result = String::new();
    let mut rest = template;
    while let Some(at) = rest.find('\\') {
        result.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let group = |name: &str| -> String {
            let found = match name.parse::<usize>() {
                Ok(index) => captures.get(index),
                Err(_) => captures.name(name),
            };
            found.map_or_else(String::new, |found| found.as_str().to_owned())
        };
        if let Some((name, after)) = rest
            .strip_prefix("g<")
            .and_then(|tail| tail.split_once('>'))
        {
            result.push_str(&group(name));
            rest = after;
            continue;
        }
        let digits = rest.bytes().take(2).take_while(u8::is_ascii_digit).count();
        if digits > 0 {
            result.push_str(&group(&rest[..digits]));
            rest = &rest[digits..];
            continue;
        }
        let mut characters = rest.chars();
        match characters.next() {
            Some('n') => result.push('\n'),
            Some('t') => result.push('\t'),
            Some('r') => result.push('\r'),
            Some('\\') | None => result.push('\\'),
            Some(other) => result.extend(['\\', other]),
        }
        rest = characters.as_str();
    }
    result + rest
}

#[cfg(test)]
mod tests {
    use super::{compile, expand};

    #[test]
    fn patterns_mean_what_python_means() {
        for (pattern, text, holds) in [
            (r"^#?\s*Port\b", "#Port 22", true),
            (r"a{b", "a{b", true),
            (r"x{2}$", "xx", true),
            (r"[[]x[]]", "[x]", true),
            (r"[]a]", "]", true),
            (r"\<b\>", "<b>", true),
            (r"(?i)^foo\Z", "FOO", true),
            (r"^(?!#)", "#x", false),
            (r"\$\{HOME\}", "${HOME}", true),
            (r"{{", "{{", true),
            (r"^\s+$", "\n", true),
            (r"^a$", "a\n", true),
            (r"^a$", "a\n\n", false),
            (r"(?i)(?m)^A$", "x\na\nb", true),
            (r"^a$", "x\na\nb", false),
            (r"[$]$", "$", true),
            (r"\$$", "$\n", true),
        ] {
            assert_eq!(
                compile(pattern).unwrap().is_match(text).unwrap(),
                holds,
                "{pattern}"
            );
        }
        assert!(compile("(").is_err());
    }

    #[test]
    fn replacements_name_groups_as_python_does() {
        let pattern = compile(r"(?P<key>\w+)=(\w+)").unwrap();
        let captures = pattern.captures("a=b").unwrap().unwrap();
        assert_eq!(expand(r"\2=\g<key>\n\g<1>0", &captures), "b=a\na0");
    }
}
