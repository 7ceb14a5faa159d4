//! A target is handed on with the private key that opens it, to whoever asks for that by name.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use crate::support::{lab::TestHost, project::Project};

const ENVIRONMENT: &str = r#"
project = "review"

[keys.deploy]
file = "IDENTITY"

[hosts.web-1]
LOGIN

[targets.web-1]
host = "web-1"
key = "deploy"

[targets.web-2]
host = "web-1"
"#;

/// What the host answers to `ssh -F FILE web-1`, asked from the root folder, with nothing of this user's own.
fn log_in(config: &Path) -> String {
    let output = Command::new("ssh")
        .arg("-F")
        .arg(config)
        .args(["-o", "BatchMode=yes", "web-1", "id -un"])
        .current_dir("/")
        .env_remove("SSH_AUTH_SOCK")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

#[tokio::test(flavor = "multi_thread")]
async fn ssh_logs_in_by_the_exported_folder_from_anywhere() {
    let host = TestHost::boot("handed-on", "root").await;
    let project = Project::empty(&host);
    let login = &host.login;
    let identity = login.identity.as_deref().unwrap();
    let lines = format!(
        "address = \"{}\"\nport = {}\nidentity = \"{identity}\"",
        login.address, login.port
    );
    let environment = ENVIRONMENT.replace("LOGIN", &lines);
    project.write(
        "environments/review.toml",
        &environment.replace("IDENTITY", identity),
    );
    project.landfall(&["apply", "review", "--yes"]).with(0);
    let export = |words: &[&str], code: i32| {
        project
            .landfall(&[&["targets", "export", "review"], words].concat())
            .with(code)
    };
    let secret = fs::read_to_string(identity).unwrap();
    let middle = secret.lines().nth(2).unwrap();
    let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o7777;

    // It is named where it was made.
    let form = ["web-1", "--format", "ssh_config", "--out"];
    export(&[&form[..], &["ci/plain"]].concat(), 0);
    let plain = project.path().join("ci/plain");
    assert_eq!(log_in(&plain.join("ssh_config")), "root");
    assert!(!plain.join("id_web-1").exists());

    // A copy goes with the rest, and nothing shows it.
    let copy = [&form[..], &["ci/my copy", "--private-key"]].concat();
    let said = export(&copy, 0);
    assert!(
        said.contains("id_web-1") && !said.contains(middle),
        "{said}"
    );
    let folder = project.path().join("ci/my copy");
    let copied = folder.join("id_web-1");
    assert_eq!(fs::read_to_string(&copied).unwrap(), secret);
    assert_eq!(mode(&copied), 0o600);
    let config = fs::read_to_string(folder.join("ssh_config")).unwrap();
    assert!(
        !config.contains(identity) && !config.contains(middle),
        "{config}"
    );
    fs::rename(identity, project.path().join("away")).unwrap();
    assert_eq!(log_in(&folder.join("ssh_config")), "root");
    let same = ["web-1", "--format", "ssh_config", "--check"];
    export(&[&same[..], &["ci/my copy/ssh_config"]].concat(), 0);
    export(&[&same[..], &["ci/plain/ssh_config"]].concat(), 0);

    // The pair lies elsewhere, then another one in its place.
    let said = export(&copy, 1);
    assert!(said.contains("is not on this machine"), "{said}");
    fs::remove_file(format!("{identity}.pub")).unwrap();
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f", identity])
        .status();
    assert!(made.unwrap().success());
    let said = export(&copy, 1);
    assert!(said.contains("is not the key that is registered"), "{said}");

    let out = ["--private-key", "--out", "ci/none"];
    for (words, why) in [
        (&[&out[..]].concat(), "exactly one target"),
        (
            &[&["web-1", "web-2"], &out[..]].concat(),
            "exactly one target",
        ),
        (&[&["web-2"], &out[..]].concat(), "names no key pair"),
        (&vec!["web-1", "--private-key"], "--out"),
    ] {
        let said = export(words, 1);
        assert!(said.contains(why), "{said}");
    }
    assert!(!project.path().join("ci/none").exists());

    // What is a program can be run.
    export(
        &["--format", "ansible_inventory", "--out", "ci/inventory"],
        0,
    );
    let folder = project.path().join("ci/inventory");
    assert_eq!(mode(&folder.join("inventory.sh")), 0o700);
    assert_eq!(mode(&folder.join("known_hosts")), 0o600);
    let listed = Command::new(folder.join("inventory.sh"))
        .arg("--list")
        .output();
    let listed: serde_json::Value = serde_json::from_slice(&listed.unwrap().stdout).unwrap();
    assert_eq!(listed["review"]["hosts"][0], "web-1");
}
