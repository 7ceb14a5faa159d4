//! A command line cut into words, as a POSIX shell cuts it before anything is expanded.

/// The words; an error in words when a quote is not closed.
pub fn split(line: &str) -> Result<Vec<String>, String> {
    let mut words = Vec::new();
    let mut word: Option<String> = None;
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            ' ' | '\t' | '\n' | '\r' => words.extend(word.take()),
            '\'' | '"' => quoted(c, &mut characters, word.get_or_insert_default())?,
            '\\' => match characters.next() {
                // A shell joins lines at a backslash.
                Some('\n') => {}
                Some(next) => word.get_or_insert_default().push(next),
                None => return Err("ends in a lone backslash".to_owned()),
            },
            c => word.get_or_insert_default().push(c),
        }
    }
    words.extend(word);
    Ok(words)
}

fn quoted(
    quote: char,
    characters: &mut std::str::Chars<'_>,
    word: &mut String,
) -> Result<(), String> {
    while let Some(c) = characters.next() {
        match c {
            c if c == quote => return Ok(()),
            '\\' if quote == '"' => match characters.next() {
                Some('\n') => {}
                Some(next @ ('"' | '\\' | '$' | '`')) => word.push(next),
                Some(next) => word.extend(['\\', next]),
                None => break,
            },
            c => word.push(c),
        }
    }
    Err(format!("has a quote {quote} that is not closed"))
}

#[cfg(test)]
mod tests {
    use super::split;

    #[test]
    fn words_are_cut_as_a_shell_cuts_them() {
        assert_eq!(
            split(r#"a 'b c'"d" "e\"f\n" g\ h '' "#).unwrap(),
            ["a", "b cd", "e\"f\\n", "g h", ""]
        );
        assert!(split("a 'b").is_err());
        assert!(split("a \\").is_err());
    }
}
