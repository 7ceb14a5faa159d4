//! Inventories, read by Ansible itself.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::Command;

use landfall::model::TargetKind;
use landfall::register::{self, Selection};
use serde_json::Value;

use super::{tool, whole, with_key};
use crate::support::lab::TestHost;

/// Writes the form's files over these targets into the folder, as `--out` does, and gives the inventory's.
fn written(selection: &Selection<'_>, format: &str, folder: &Path) -> std::path::PathBuf {
    let form = register::format(format).unwrap();
    for file in register::export_files(selection, form, folder).unwrap() {
        let path = folder.join(file.name);
        fs::write(&path, &file.content).unwrap();
        let mode = if file.program { 0o700 } else { 0o600 };
        fs::set_permissions(&path, fs::Permissions::from_mode(mode)).unwrap();
    }
    folder.join(form.file)
}

fn ansible(program: &str, inventory: &Path, arguments: &[&str]) -> String {
    let output = Command::new(tool(program))
        .arg("-i")
        .arg(inventory)
        .args(arguments)
        .env("ANSIBLE_LOCALHOST_WARNING", "false")
        .env("ANSIBLE_INVENTORY_UNPARSED_FAILED", "true")
        .env("ANSIBLE_HOME", inventory.with_extension("home"))
        .current_dir("/")
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

#[test]
fn ansible_reads_the_same_from_every_form_of_an_inventory() {
    let folder = tempfile::Builder::new()
        .prefix("with space #")
        .tempdir()
        .unwrap();
    let mut targets = whole();
    if let TargetKind::Host(two) = &mut targets[2].kind {
        two.key.as_mut().unwrap().file = "/home/me/.ssh/id; own".into();
    }
    let selection = Selection::all(&targets, Path::new("/srv/my project"));
    let read = ["ansible_ini", "ansible_yaml", "ansible_inventory"].map(|form| {
        let path = written(&selection, form, folder.path());
        let text = ansible("ansible-inventory", &path, &["--list"]);
        (path, serde_json::from_str::<Value>(&text).unwrap())
    });
    let vars = &read[2].1["_meta"]["hostvars"];
    assert_eq!(vars["web-1"]["ansible_host"], "203.0.113.7");
    assert_eq!(vars["web-1"]["ansible_port"], 22);
    let key = "/srv/my project/.landfall/keys/production/deploy";
    assert_eq!(vars["web-1"]["ansible_ssh_private_key_file"], key);
    assert_eq!(
        vars["web-2"]["ansible_ssh_private_key_file"],
        "/home/me/.ssh/id; own"
    );
    assert_eq!(read[2].1["production"]["hosts"][1], "web-2");
    for (path, one) in &read {
        assert_eq!(one, &read[2].1, "{}", path.display());
    }
    let program = &read[2].0;
    let run = |arguments: &[&str]| Command::new(program).args(arguments).output().unwrap();
    let asked: Value = serde_json::from_slice(&run(&["--host", "web-1"]).stdout).unwrap();
    assert_eq!(&asked, &vars["web-1"]);
    assert_eq!(run(&["--host", "nobody"]).stdout, b"{}\n");
    for wrong in [&[][..], &["--all"]] {
        assert_eq!(run(wrong).status.code(), Some(2));
    }
}

#[test]
fn what_ansible_would_read_as_something_else_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let targets = [with_key("web-1", "203.0.113.7", 22, folder.path())];
    for root in [
        "/srv/it's",
        "/srv/{{ x }}",
        "/srv/%h",
        "/srv/$HOME",
        "/srv/\"a",
    ] {
        let selection = Selection::all(&targets, Path::new(root));
        for form in ["ansible_ini", "ansible_yaml", "ansible_inventory"] {
            let form = register::format(form).unwrap();
            assert!(register::export(&selection, form).is_err(), "{root}");
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn ansible_logs_in_with_nothing_but_the_inventory() {
    let host = TestHost::boot("inventory", "root").await;
    let mut target = with_key(
        "web-1",
        &host.login.address,
        host.login.port,
        host.folder.path(),
    );
    let TargetKind::Host(record) = &mut target.kind else {
        panic!("no host");
    };
    record.user = "root".into();
    record.key.as_mut().unwrap().file = "id".into();
    let known = fs::read_to_string(&host.known_hosts).unwrap();
    let key = |line: &str| Some(line.split_once(' ')?.1.to_owned());
    record.host_keys = known.lines().filter_map(key).collect();
    let folder = tempfile::tempdir().unwrap();
    let targets = [target];
    let selection = Selection::all(&targets, host.folder.path());
    let inventory = written(&selection, "ansible_inventory", folder.path());
    let said = ansible(
        "ansible",
        &inventory,
        &["production", "-m", "raw", "-a", "echo here: $(id -un)"],
    );
    assert!(said.contains("here: root"), "{said}");
}
