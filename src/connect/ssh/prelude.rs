//! The shell text that we send to a host: how a shell of ours begins, and what it knows from then on.

/// Gives back the language that was taken away for sudo's sake, says a word if it was given one, waits for the line
/// `landfall SIZE`, reads that much text and becomes it. Only words and marks that every login shell takes literally
/// between single quotes.
pub const BOOT: &str = r#"if [ $# -gt 1 ]; then LC_ALL=$1 LANGUAGE=$2; [ -n "$1" ] || unset LC_ALL; [ -n "$2" ] || unset LANGUAGE; fi; [ -z "$3" ] || echo "$3"; IFS= read -r l || exit 1; n=${l#landfall }; p=; while [ "${#p}" -lt "$n" ]; do c=$(dd bs=$((n - ${#p})) count=1 2>/dev/null; echo .); c=${c%.}; [ -n "$c" ] || exit 1; p=$p$c; done; eval "$p""#;

/// A part of it that nothing else says.
pub const MARK: &str = "n=${l#landfall }";

/// What every shell knows before it is asked anything.
pub const PRELUDE: &str = concat!(
    include_str!("prelude/serve.sh"),
    include_str!("prelude/turn.sh"),
    include_str!("prelude/questions.sh"),
    include_str!("prelude/facts.sh"),
    include_str!("prelude/actions.sh"),
    include_str!("prelude/folders.sh"),
    include_str!("prelude/files.sh"),
    include_str!("prelude/judge.sh"),
    include_str!("prelude/download.sh"),
    include_str!("prelude/handlers.sh"),
    "lf_serve\n",
);

/// Whether what was said holds what we sent: whoever gives it back runs nothing of it.
pub fn is_echo(said: &str) -> bool {
    let sent = PRELUDE.lines().find(|line| line.ends_with("() {"));
    said.contains(MARK) || sent.is_some_and(|line| said.contains(line))
}

#[cfg(test)]
mod tests {
    use std::{
        io::Write,
        process::{Command, Stdio},
    };

    use super::*;

    #[test]
    fn the_prelude_is_clean_posix_shell() {
        assert!(PRELUDE.is_ascii());
        let mut check = Command::new("shellcheck")
            .args(["--shell=sh", "-"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("shellcheck is installed");
        let mut stdin = check.stdin.take().unwrap();
        stdin.write_all(PRELUDE.as_bytes()).unwrap();
        drop(stdin);
        let output = check.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(output.status.success(), "{said}");
    }

    /// By it the shells know each other.
    #[test]
    fn the_prelude_knows_our_shells_by_what_each_begins_with() {
        assert!(PRELUDE.contains(&format!("grep -qsF '{MARK}' \"/proc/")));
    }

    /// A file of the prelude that is there and not joined would be a function that no host knows.
    #[test]
    fn every_file_of_the_prelude_is_joined() {
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/connect/ssh/prelude");
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let text = std::fs::read_to_string(&path).unwrap();
            assert!(PRELUDE.contains(&text), "{}", path.display());
        }
    }

    #[test]
    fn our_own_text_is_known_again() {
        assert!(is_echo(PRELUDE));
        assert!(is_echo(&format!(
            "Can't open perl script \"exec sh -c '{}",
            BOOT
        )));
        assert!(!is_echo("Welcome to landfall!"));
    }
}
