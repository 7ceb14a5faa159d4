//! Running a program of the machine and telling its failure.

use std::{
    ffi::{OsStr, OsString},
    process::Stdio,
};

use tokio::{
    io::AsyncWriteExt,
    process::{Child, Command},
};

use crate::model::Failure;

/// Runs a program to its end with this standard input and gives its standard output.
///
/// Fails with the end of its standard error when it cannot be started or exits with another code than 0.
pub(super) async fn run<I, S>(
    what: &str,
    program: &str,
    args: I,
    stdin: &[u8],
) -> Result<String, Failure>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    let child = start(what, program, args)?;
    finish(what, program, child, stdin).await
}

fn failed(what: &str, why: String) -> Failure {
    Failure::new("a program of this machine failed", what).why(why)
}

/// Starts a program. Fails when it cannot be.
pub(super) fn start<I, S>(what: &str, program: &str, args: I) -> Result<Child, Failure>
where
    I: IntoIterator<Item = S>,
    S: AsRef<OsStr>,
{
    Command::new(program)
        .args(args)
        .env("PATH", path())
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        // A Ctrl-C at the terminal is for us: what is being made, or taken away, is not cut in the middle by it.
        .process_group(0)
        .kill_on_drop(true)
        .spawn()
        .map_err(|error| failed(what, format!("`{program}` could not be started: {error}.")))
}

/// Runs a program that was started to its end, as [`run`] does.
pub(super) async fn finish(
    what: &str,
    program: &str,
    mut child: Child,
    stdin: &[u8],
) -> Result<String, Failure> {
    if let Some(mut pipe) = child.stdin.take() {
        // A program that ends without reading its input says itself why; its exit code tells.
        let _ = pipe.write_all(stdin).await;
    }
    let output = child
        .wait_with_output()
        .await
        .map_err(|error| failed(what, format!("`{program}` was lost: {error}.")))?;
    if output.status.success() {
        return Ok(String::from_utf8_lossy(&output.stdout).into_owned());
    }
    let errors = String::from_utf8_lossy(&output.stderr);
    let why = format!(
        "`{program}` ended with {}:\n{}",
        output.status,
        last_lines(&errors, 15)
    );
    Err(failed(what, String::new()).quoting(why))
}

/// The last lines of a text.
pub(super) fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.trim_end().lines().collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// Whether a program is on the path.
pub(super) fn found(program: &str) -> bool {
    std::env::split_paths(&path()).any(|folder| folder.join(program).is_file())
}

/// Where programs are looked for: Debian keeps `dockerd` and `debootstrap` where an ordinary user's path does not lead.
pub(super) fn path() -> OsString {
    let mut path = std::env::var_os("PATH").unwrap_or_default();
    if !path.is_empty() {
        path.push(":");
    }
    path.push("/usr/sbin:/sbin");
    path
}
