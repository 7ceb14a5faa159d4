//! Docker's credential helpers: programs that are told a registry on their standard input and answer with JSON.
//!
//! <https://github.com/docker/docker-credential-helpers>

use std::{
    io::{self, Write},
    process::{Command, Stdio},
};

use serde::Deserialize;
use zeroize::Zeroizing;

use super::wiped::wiped;
use crate::model::{Failure, Secret};

/// What a helper says when it has no login.
const NOT_FOUND: &str = "credentials not found in native keychain";

#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Login {
    username: String,
    #[serde(deserialize_with = "wiped")]
    secret: Zeroizing<String>,
}

/// The user and the secret that the helper of this name (`osxkeychain`, `pass`) stores for this registry.
pub(super) fn ask(helper: &str, registry: &str) -> Result<Option<(String, Secret)>, Failure> {
    let plain = |c: char| c.is_ascii_alphanumeric() || "._-".contains(c);
    if !helper.chars().all(plain) {
        return Err(Failure::new(
            "the docker configuration names no credential helper",
            format!("looking for the credentials of {registry}"),
        )
        .why("A helper's name is letters, digits, `.`, `_` and `-`."));
    }
    run(&format!("docker-credential-{helper}"), registry)
}

fn run(program: &str, registry: &str) -> Result<Option<(String, Secret)>, Failure> {
    let what = format!("asking {program} for the credentials of {registry}");
    let failed = |error: io::Error| {
        Failure::new("the credential helper cannot be run", what.clone())
            .why(error)
            .help("Install it, or take it out of docker's config.json and run `docker login`.")
    };
    let mut child = Command::new(program)
        .arg("get")
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(failed)?;
    if let Some(mut stdin) = child.stdin.take() {
        match stdin.write_all(registry.as_bytes()) {
            // A helper that answers without reading is judged by its answer.
            Err(error) if error.kind() != io::ErrorKind::BrokenPipe => return Err(failed(error)),
            _ => {}
        }
    }
    let output = child.wait_with_output().map_err(failed)?;
    let answer = Zeroizing::new(output.stdout);
    if !output.status.success() {
        let said = String::from_utf8_lossy(&answer);
        return if said.contains(NOT_FOUND) {
            Ok(None)
        } else {
            Err(Failure::new("the credential helper failed", what)
                .quoting(format!("It ended with {}: {}", output.status, said.trim()))
                .help("Run `docker login` again, or unlock the keychain."))
        };
    }
    serde_json::from_slice::<Login>(&answer)
        .map(|login| Some((login.username, Secret::new(login.secret.to_string()))))
        .map_err(|_| Failure::new("the credential helper's answer cannot be read", what))
}

#[cfg(test)]
mod tests {
    use std::{fs, os::unix::fs::PermissionsExt};

    use super::*;

    fn script(text: &str) -> (tempfile::TempDir, String) {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("docker-credential-test");
        fs::write(&path, format!("#!/bin/sh\n{text}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o700)).unwrap();
        let path = path.display().to_string();
        (folder, path)
    }

    #[test]
    fn a_helper_is_told_the_registry_on_its_standard_input() {
        let (_folder, path) = script(
            r#"read -r server; printf '{"ServerURL":"%s","Username":"%s","Secret":"s3cret"}' "$server" "$1-$server""#,
        );
        let (user, secret) = run(&path, "ghcr.io\n").unwrap().unwrap();
        assert_eq!((user.as_str(), secret.expose()), ("get-ghcr.io", "s3cret"));
    }

    #[test]
    fn a_helper_without_a_login_is_no_failure_and_a_locked_one_is() {
        let (_folder, path) = script("echo credentials not found in native keychain; exit 1");
        assert!(run(&path, "ghcr.io").unwrap().is_none());
        let (_folder, path) = script("echo the keychain is locked; exit 1");
        let failure = run(&path, "ghcr.io").unwrap_err();
        assert!(failure.why.contains("the keychain is locked"), "{failure}");
    }

    #[test]
    fn a_helper_that_is_not_there_or_answers_nonsense_is_a_failure() {
        assert_eq!(
            ask("not-installed-anywhere", "ghcr.io")
                .unwrap_err()
                .summary,
            "the credential helper cannot be run"
        );
        let (_folder, path) = script("echo s3cret");
        let failure = run(&path, "ghcr.io").unwrap_err();
        assert!(!failure.to_string().contains("s3cret"));
        assert!(ask("../evil", "ghcr.io").is_err());
    }
}
