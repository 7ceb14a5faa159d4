//! The words of a command that came from a secret: each is secret, although none is written as the secret was.

use crate::{
    model::{Map, Secret, Value},
    resource::host,
    vars::Altered,
};

/// The arguments that are cut into words.
const LINES: &[&str] = &["_raw_params", "cmd", "validate"];

/// What of a task's command lines is secret once they are cut, of texts that hold secrets.
pub fn secret_words(module: &str, args: &Map, texts: &[Altered]) -> Vec<Secret> {
    let lines = LINES
        .iter()
        .filter_map(|name| args.get(*name).and_then(Value::as_str));
    lines
        .filter_map(|line| texts.iter().find(|text| text.real.expose() == line))
        .flat_map(|text| {
            let shell = module != "command";
            let mut words = differing(
                text.real.expose(),
                text.other.as_deref(),
                &host::shell_words::split,
            );
            if shell {
                let other = text.other.as_deref();
                words.extend(differing(text.real.expose(), other, &as_a_shell));
            }
            words
        })
        .map(Secret::new)
        .collect()
}

/// The words that are others with other secrets; all of them where it is not known which belong together.
fn differing(
    real: &str,
    other: Option<&str>,
    cut: &dyn Fn(&str) -> Result<Vec<String>, String>,
) -> Vec<String> {
    // A line that cannot be cut is refused, and shown as it is written.
    let Ok(real) = cut(real) else {
        return Vec::new();
    };
    match other.and_then(|other| cut(other).ok()) {
        Some(other) if other.len() == real.len() => real
            .into_iter()
            .zip(other)
            .filter(|(real, other)| real != other && !real.is_empty())
            .map(|(real, _)| real)
            .collect(),
        _ => real.into_iter().filter(|word| !word.is_empty()).collect(),
    }
}

/// The words of a shell's text, of which `;` and the like are none.
fn as_a_shell(text: &str) -> Result<Vec<String>, String> {
    let mut open: Option<char> = None;
    let mut escaped = false;
    let apart: String = text
        .chars()
        .map(|c| {
            if std::mem::take(&mut escaped) {
                return c;
            }
            match c {
                '\\' if open != Some('\'') => escaped = true,
                '\'' | '"' if open.is_none() => open = Some(c),
                c if open == Some(c) => open = None,
                ';' | '&' | '|' | '<' | '>' | '(' | ')' if open.is_none() => return ' ',
                _ => {}
            }
            c
        })
        .collect();
    host::shell_words::split(&apart)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(module: &str, real: &str, other: &str) -> Vec<String> {
        let args = Map::from_iter([("cmd".to_owned(), Value::from(real))]);
        let text = Altered {
            real: Secret::new(real.to_owned()),
            other: Some(other.to_owned()),
        };
        let words = secret_words(module, &args, &[text]);
        words.iter().map(|word| word.expose().to_owned()).collect()
    }

    #[test]
    fn each_word_that_came_from_a_secret_is_one() {
        assert_eq!(
            of("command", "echo -p one two", "echo -p bar gjb"),
            ["one", "two"]
        );
        assert_eq!(of("command", r"a P\re x", r"a C\er x"), ["Pre"]);
        // The shapes differ: nobody can say which is which.
        assert_eq!(of("command", "a b 'c d'", "a b"), ["a", "b", "c d"]);
    }

    #[test]
    fn a_shell_ends_words_at_its_own_marks() {
        assert!(of("shell", r"echo P\re; exit", r"echo C\er; exit").contains(&"Pre".to_owned()));
    }
}
