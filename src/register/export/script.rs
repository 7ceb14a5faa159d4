//! POSIX shell scripts that hand variables and secrets to a CI: what they have in common.
//!
//! Each value goes to the CI's program by standard input: every user of a machine can read another's command lines. That of
//! a secret is not in the script either, which reads it from its file, once it is seen to be what is registered: a record
//! that somebody changed could name any file.

use std::path::Path;

use super::env_file::on_one_line;
use super::selection::Selection;
use super::variables::{Secret, Variable, secrets, variables};
use crate::model::{Failure, shell_word};

/// A CI, as a script sets its variables.
pub struct Ci {
    /// What its script says of itself at the top, where `PLACE` stands for the name of the place that is deployed to.
    pub head: &'static str,
    /// The programs that it runs.
    pub needs: &'static [&'static str],
    /// Its functions `plain NAME` and `secret NAME`, whose values come by standard input, and what they need before. The
    /// script's argument, else the name of the place, is in `$place`.
    pub functions: &'static str,
    /// What names of variables must not begin with there.
    pub reserved: &'static [&'static str],
    /// Whether a value may have several lines there.
    pub lines: bool,
    /// What is added to the name of a secret whose value is not the file as it is.
    pub suffix: &'static str,
}

/// The script. Fails for a name that the CI has for itself, and for a value that it would cut.
pub fn script(
    ci: &Ci,
    selection: &Selection<'_>,
    folder: Option<&Path>,
) -> Result<String, Failure> {
    let place = selection.place()?;
    let (plain, secret) = (variables(selection)?, secrets(selection, folder));
    let mut text = "#!/bin/sh\n".to_owned();
    for line in ci.head.replace("PLACE", &place).lines() {
        text.push_str(&format!("# {line}\n"));
    }
    text.push_str(&begin(ci, &place));
    if !secret.is_empty() {
        text.push_str(&installed("ssh-keygen"));
    }
    for one in &secret {
        text.push_str(&readable(one)?);
    }
    text.push_str(ci.functions);
    text.push_str("\n# Plain: whoever sees a job may see these.\n");
    for one in &plain {
        allowed(ci, &one.name)?;
        let value = shell_word(value(ci, one)?);
        text.push_str(&format!("printf %s {value} | plain {}\n", one.name));
    }
    if secret.is_empty() {
        text.push_str("\n# Secret: none. No target's record names a private key.\n");
        return Ok(text);
    }
    text.push_str("\n# Secret: the private keys that open the hosts.\n");
    for one in &secret {
        let (name, file) = (format!("{}{}", one.name, ci.suffix), path(one)?);
        allowed(ci, &name)?;
        text.push_str(&format!("secret {name} <{file}\n"));
    }
    Ok(text)
}

/// Nothing is begun that cannot be ended: the argument, the programs and the files are looked at first.
fn begin(ci: &Ci, place: &str) -> String {
    let text = format!(
        "# Nothing in single quotes is to be expanded.\n# shellcheck disable=SC2016\nset -eu\n\nplace=${{1-{place}}}\ncase $place in\n*[!A-Za-z0-9._-]*)\n    \
         echo \"$place: letters, digits, '.', '_' and '-' alone\" >&2\n    exit 1\n    ;;\nesac\n"
    );
    let needs = ci.needs.iter().map(|program| installed(program));
    text + &needs.collect::<String>()
}

fn installed(program: &str) -> String {
    format!(
        "command -v {program} >/dev/null || {{ echo \"{program} is not installed\" >&2; exit 1; }}\n"
    )
}

fn readable(secret: &Secret) -> Result<String, Failure> {
    let file = path(secret)?;
    let said = shell_word(&format!(
        "{}: the private key cannot be read; run this where the key pair was made",
        secret.file.display()
    ));
    let other = shell_word(&format!(
        "{}: this is not the private key that is registered; apply the environment, and export it again",
        secret.file.display()
    ));
    if secret.public.split_whitespace().count() != 2 {
        return Err(Failure::new(
            "a private key cannot be exported",
            format!(
                "The record of `{}` does not say which is registered.",
                secret.name
            ),
        )
        .help("Apply the environment, which writes the record anew."));
    }
    let public = shell_word(&secret.public);
    Ok(format!(
        "[ -r {file} ] || {{ printf '%s\\n' {said} >&2; exit 1; }}\n\
         case $(ssh-keygen -y -P '' -f {file} 2>/dev/null </dev/null) in\n\
         {public} | {public}' '*) ;;\n\
         *) printf '%s\\n' {other} >&2; exit 1 ;;\nesac\n"
    ))
}

fn path(secret: &Secret) -> Result<String, Failure> {
    match secret.file.to_str() {
        Some(file) if !file.contains(char::is_control) => Ok(shell_word(file)),
        _ => Err(Failure::new(
            "a name cannot be exported",
            format!(
                "The private key's file is {:?}, whose name is no text or has control characters.",
                secret.file
            ),
        )
        .help("Move the project or the key.")),
    }
}

/// Refuses a name that the CI keeps for itself.
pub(super) fn allowed_among(reserved: &[&str], name: &str) -> Result<(), Failure> {
    match reserved.iter().find(|begin| name.starts_with(**begin)) {
        None => Ok(()),
        Some(begin) => Err(Failure::new(
            "a name cannot be exported",
            format!("`{name}` would begin with `{begin}`, which the CI keeps for itself."),
        )
        .help("Export the target on its own, by its name, or rename it.")),
    }
}

fn allowed(ci: &Ci, name: &str) -> Result<(), Failure> {
    allowed_among(ci.reserved, name)
}

/// The value as this CI keeps it. Some programs cut blanks and line ends off what they read.
fn value<'a>(ci: &Ci, one: &'a Variable) -> Result<&'a str, Failure> {
    let value = match ci.lines {
        true => &one.value,
        false => on_one_line(one)?,
    };
    if value.trim() != value || value.is_empty() {
        return Err(Failure::new(
            "a value cannot be exported",
            format!("`{}` is empty, or begins or ends with a blank or a line break, which a CI would cut off.", one.name),
        )
        .help("Export it as `dotenv`, `shell` or `json`."));
    }
    Ok(value)
}
