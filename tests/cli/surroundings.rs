//! Where the program may be started: without a home, in a folder that is gone, with a reader that goes away.

use std::ffi::OsStr;
use std::fs;
use std::os::unix::ffi::OsStrExt;
use std::process::{Command, Output, Stdio};

const PROGRAM: &str = env!("CARGO_BIN_EXE_landfall");

fn project() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir(folder.path().join("environments")).unwrap();
    let text = "project = \"review\"\n[secrets]\nenv = [\"~/.env.local\"]\n";
    fs::write(folder.path().join("environments/test.toml"), text).unwrap();
    folder
}

#[track_caller]
fn ended(output: &Output, codes: &[i32]) -> String {
    let said = String::from_utf8_lossy(&output.stdout) + String::from_utf8_lossy(&output.stderr);
    let code = output.status.code();
    assert!(
        code.is_some_and(|code| codes.contains(&code)),
        "{code:?}: {said}"
    );
    assert!(!said.contains("panicked"), "{said}");
    assert!(!said.contains("a fault in landfall itself"), "{said}");
    said.into_owned()
}

#[test]
fn words_and_variables_that_are_no_text_are_refused_or_passed_over() {
    let folder = project();
    let odd = OsStr::from_bytes(b"\xff\xfe");
    for words in [
        vec!["check"],
        vec!["plan"],
        vec!["apply"],
        vec!["destroy"],
        vec!["init"],
        vec!["targets", "show", "test"],
        vec!["host", "trust"],
        vec!["-C"],
        vec![],
    ] {
        let output = Command::new(PROGRAM)
            .args(&words)
            .arg(odd)
            .current_dir(folder.path())
            .stdin(Stdio::null())
            .output()
            .unwrap();
        ended(&output, &[1]);
    }
    fs::write(
        folder
            .path()
            .join("environments")
            .join(OsStr::from_bytes(b"\xff.toml")),
        "",
    )
    .unwrap();
    for name in [
        "HOME",
        "LANDFALL_LOG",
        "NO_COLOR",
        "TERM",
        "LANG",
        "TMPDIR",
        "CI",
        "ODD",
    ] {
        let output = Command::new(PROGRAM)
            .args(["check", "test"])
            .env(name, odd)
            .current_dir(folder.path())
            .output()
            .unwrap();
        ended(&output, &[0]);
    }
    let output = Command::new(PROGRAM)
        .arg("check")
        .current_dir(folder.path())
        .output();
    ended(&output.unwrap(), &[0, 1]);
    let output = Command::new(PROGRAM)
        .args(["check", "test"])
        .env_clear()
        .current_dir(folder.path())
        .output()
        .unwrap();
    ended(&output, &[0]);
}

#[test]
fn a_folder_that_is_gone_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("mkdir d && cd d && rmdir ../d && exec {PROGRAM} check");
    let output = Command::new("sh")
        .args(["-c", &script])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = ended(&output, &[1]);
    assert!(said.contains("the folder cannot be used"), "{said}");
}

#[test]
fn a_reader_that_goes_away_is_no_fault() {
    let folder = project();
    for script in [
        "schema | head -c 10",
        "check test | true",
        "check nowhere 2>&1 | true",
        "check test >&-",
        "check nowhere 2>&-",
        "schema >&- 2>&- <&-",
        "--help | true",
        "completions bash | head -c 10",
    ] {
        let output = Command::new("sh")
            .args(["-c", &format!("{PROGRAM} {script}")])
            .env("LANDFALL_LOG", "trace")
            .current_dir(folder.path())
            .output()
            .unwrap();
        ended(&output, &[0, 1]);
    }
}
