//! The arguments that functions of the prelude take: paths, names, URLs, access and commands as words.

use std::iter;

use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_encode_byte, utf8_percent_encode};

use super::exchange::call::Call;
use crate::model::{
    Failure,
    host::Command,
    host_action::{Access, shown_url},
};

/// An absolute path without needless slashes at its end or inside.
pub fn absolute(path: &str) -> Result<String, Failure> {
    if !path.starts_with('/') {
        return Err(Failure::new(
            "a path on a host must be absolute",
            format!("The path is {path:?}."),
        )
        .help("Write it with its leading `/`."));
    }
    let mut clean = String::with_capacity(path.len());
    for part in path.split('/').filter(|part| !part.is_empty()) {
        clean.push('/');
        clean.push_str(part);
    }
    Ok(if clean.is_empty() {
        "/".to_owned()
    } else {
        clean
    })
}

/// What a file's name has encoded in it.
const NOT_IN_NAMES: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.');

/// A name as a file's name: letters, digits, `-`, `_` and inner dots stay, other bytes become `%` and two digits, of
/// which those beyond 9 are lower case. It begins with neither `-` nor `.`.
pub fn encoded(name: &str) -> String {
    let (first, rest) = match name.as_bytes() {
        [first @ (b'-' | b'.'), ..] => (percent_encode_byte(*first), &name[1..]),
        _ => ("", name),
    };
    let pieces = iter::once(first).chain(utf8_percent_encode(rest, NOT_IN_NAMES));
    pieces
        .map(|piece| {
            // A piece is one escape, or text without any.
            if piece.starts_with('%') {
                piece.to_ascii_lowercase()
            } else {
                piece.to_owned()
            }
        })
        .collect()
}

/// A truth as a word.
pub fn yes(value: bool) -> &'static str {
    if value { "yes" } else { "no" }
}

/// Whether a URL holds a password, as a word, and the URL. One that a program could misread is refused.
pub fn url(url: &str) -> Result<[&str; 2], Failure> {
    let shown = shown_url(url);
    let scheme = url.split_once("://").map(|(scheme, _)| scheme);
    if !matches!(scheme, Some("http" | "https" | "file"))
        || url.contains(|c: char| c.is_whitespace() || c.is_control() || c == '"' || c == '\\')
    {
        return Err(Failure::new(
            "a URL that cannot be fetched",
            format!("The URL is {shown:?}."),
        )
        .help("Use `http://`, `https://` or `file://`."));
    }
    Ok([if shown == url { "no" } else { "yes" }, url])
}

/// Owner, group and mode as words, empty where they are to stay.
pub fn access(wanted: &Access) -> Result<[String; 3], Failure> {
    for name in [&wanted.owner, &wanted.group].into_iter().flatten() {
        if name.is_empty() || name.starts_with('-') || name.contains([':', '\n', ' ']) {
            return Err(Failure::new(
                "a user or group of an impossible name",
                format!("The name is {name:?}."),
            ));
        }
    }
    Ok([
        wanted.owner.clone().unwrap_or_default(),
        wanted.group.clone().unwrap_or_default(),
        // Five digits, because chmod keeps the set-id bits of a folder when it is given fewer.
        wanted
            .mode
            .map(|mode| format!("{mode:05o}"))
            .unwrap_or_default(),
    ])
}

/// The call that runs a command through this function of the prelude.
pub fn run(function: &'static str, command: &Command) -> Result<Call, Failure> {
    let wrong = |why: String| {
        Failure::new(
            "a command that cannot be run",
            format!("{:?}", command.argv),
        )
        .why(why)
    };
    let words = match &command.script {
        Some(script) => {
            let shell = command.shell.as_deref().unwrap_or("/bin/sh");
            vec![shell.to_owned(), "-c".to_owned(), script.clone()]
        }
        None => command.argv.clone(),
    };
    match words.first() {
        None => return Err(wrong("It has no words.".to_owned())),
        Some(first) if first.is_empty() || first.starts_with('-') => {
            return Err(wrong(format!("{first:?} is not the name of a program.")));
        }
        Some(_) => {}
    }
    let mut call = Call::new(function)
        .word(command.chdir.clone().unwrap_or_default())
        .word(command.environment.len().to_string());
    for (name, value) in &command.environment {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty()
            || !name.chars().all(fits)
            || name.starts_with(|c: char| c.is_ascii_digit())
        {
            return Err(wrong(format!(
                "{name:?} cannot be the name of an environment variable."
            )));
        }
        call = call.word(name).word(value);
    }
    Ok(call.words(words).content(command.stdin.clone()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn any_name_becomes_that_of_a_file_which_is_neither_hidden_nor_an_option() {
        for (name, file) in [
            ("site.yml", "site.yml"),
            ("-a_b-c", "%2da_b-c"),
            (".hidden..x", "%2ehidden..x"),
            ("a/B %2é", "a%2fB%20%252%c3%a9"),
            ("~*", "%7e%2a"),
            ("", ""),
        ] {
            assert_eq!(encoded(name), file);
        }
    }
}
