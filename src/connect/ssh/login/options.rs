//! What ssh is told: the configuration that counts before the user's own, and words that it cannot misread.

use std::path::Path;

use crate::model::Failure;

/// The first value of an option counts, so these stand before the user's own and the system's configuration.
/// No other source of host keys counts, and none is ever learnt on the way.
pub const CONFIG: &str = "\
GlobalKnownHostsFile /dev/null
KnownHostsCommand none
VerifyHostKeyDNS no
UpdateHostKeys no
ServerAliveCountMax 6
Include ~/.ssh/config
Include /etc/ssh/ssh_config
";

/// The file's name as ssh's configuration takes it: several names with blanks between them, with `%` for tokens.
pub fn known_hosts_word(path: &Path) -> Result<String, Failure> {
    let failed = |why: String| {
        Failure::new(
            "the file of host keys has a name that ssh cannot take",
            format!("The file is {}.", path.display()),
        )
        .why(why)
    };
    let absolute = std::path::absolute(path).map_err(|error| failed(error.to_string()))?;
    match absolute.to_str() {
        Some(text) if !text.contains(['"', '\\', '\n']) => {
            Ok(["\"", &text.replace('%', "%%"), "\""].concat())
        }
        _ => Err(failed(
            "It holds a quote, a backslash or a line break.".to_owned(),
        )),
    }
}

/// A word that ssh, sudo and the host's tools cannot take for an option or for two words.
pub fn check_name(what: &str, name: &str) -> Result<(), Failure> {
    let bytes = name.as_bytes();
    let first = bytes
        .first()
        .is_some_and(|byte| byte.is_ascii_alphanumeric() || *byte == b'_');
    let rest = bytes
        .iter()
        .all(|byte| byte.is_ascii_alphanumeric() || b"._:-%".contains(byte));
    if first && rest {
        return Ok(());
    }
    Err(Failure::new(
        "a name that ssh could misread",
        format!("The {what} {name:?} is to be handed to ssh."),
    )
    .help("Use letters, digits, and `.`, `_`, `-` or `:`, beginning with a letter or a digit."))
}

/// Refuses a user name that is none.
pub fn check_user(name: &str) -> Result<(), Failure> {
    check_name("user", name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_that_look_like_options_are_refused() {
        for name in ["web-1.example.org", "2001:db8::1", "_apt", "10.0.0.1"] {
            assert!(check_name("address", name).is_ok(), "{name}");
        }
        for name in ["", "-oProxyCommand=id", "a b", "a\nb", "$(id)", "a;b"] {
            assert!(check_name("address", name).is_err(), "{name}");
        }
    }
}
