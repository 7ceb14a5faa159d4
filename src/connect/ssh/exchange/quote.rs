//! The one place where words become shell text.

use crate::model::{Failure, shell_word};

/// The word between single quotes, in which a POSIX shell gives no character a meaning.
///
/// A word with a NUL is refused: no argument, name or variable of a Unix process can hold one.
pub fn quote(word: &str) -> Result<String, Failure> {
    no_nul(word)?;
    Ok(["'", &word.replace('\'', r"'\''"), "'"].concat())
}

fn no_nul(word: &str) -> Result<(), Failure> {
    if word.contains('\0') {
        return Err(Failure::new(
            "a word with a NUL byte cannot be sent to a host",
            format!("The word is {word:?}."),
        ));
    }
    Ok(())
}

/// The words as one line for whatever reads it on the other side: a shell, or a forced command that knows no quotes. So a
/// word that no shell gives a meaning stays as it is.
pub fn line(words: &[String]) -> Result<String, Failure> {
    let word = |word: &String| no_nul(word).map(|()| shell_word(word));
    let words: Result<Vec<String>, Failure> = words.iter().map(word).collect();
    Ok(words?.join(" "))
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// Words of characters that shells care about, from a generator that gives the same ones each time.
    fn hostile(count: usize) -> Vec<String> {
        const PARTS: [&str; 26] = [
            "'",
            "\"",
            "$",
            "`",
            "\\",
            "\n",
            "\t",
            " ",
            "-",
            "--",
            "!",
            "#",
            "~",
            "*",
            "?",
            "[",
            "&",
            "|",
            ";",
            "<",
            "$(id)",
            "${IFS}",
            "\r",
            "é",
            "漢",
            "\u{1b}[31m",
        ];
        let mut state: u64 = 0x9e37_79b9_7f4a_7c15;
        let mut next = move |below: usize| {
            state ^= state << 13;
            state ^= state >> 7;
            state ^= state << 17;
            usize::try_from(state % below as u64).unwrap()
        };
        (0..count)
            .map(|_| (0..next(12)).map(|_| PARTS[next(PARTS.len())]).collect())
            .collect()
    }

    #[test]
    fn a_real_shell_reads_every_word_as_it_was() {
        let words = hostile(2000);
        for some in words.chunks(200) {
            let mut text = String::from("printf '%s\\0'");
            for word in some {
                text.push(' ');
                text.push_str(&quote(word).unwrap());
            }
            let output = Command::new("sh").arg("-c").arg(&text).output().unwrap();
            let read = String::from_utf8(output.stdout).unwrap();
            let read: Vec<&str> = read.split_terminator('\0').collect();
            assert_eq!(read, some);
        }
    }

    #[test]
    fn a_line_is_read_as_its_words_and_quotes_no_more_than_it_must() {
        let mut words = hostile(200);
        words.retain(|word| !word.is_empty());
        words.insert(0, "%s\\0".to_owned());
        words.insert(0, "printf".to_owned());
        let text = line(&words).unwrap();
        let output = Command::new("sh").arg("-c").arg(&text).output().unwrap();
        let read = String::from_utf8(output.stdout).unwrap();
        let read: Vec<&str> = read.split_terminator('\0').collect();
        assert_eq!(read, words[2..]);
        let plain = ["docker", "pull", "app=docker.io/a/b@sha256:00"].map(str::to_owned);
        assert_eq!(line(&plain).unwrap(), plain.join(" "));
    }

    #[test]
    fn a_nul_is_refused() {
        assert!(quote("a\0b").is_err());
    }
}
