//! The published schema of records, beside the records.

use std::fs;
use std::process::Command;

use landfall::register;
use serde_json::{Value, json};

use super::{ecs, export, host, target, tool, whole};
use landfall::model::TargetKind;

/// Whether python's jsonschema finds the instance to be of the schema.
fn fits(instance: &Value) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, value: &Value| {
        let path = folder.path().join(name);
        fs::write(&path, value.to_string()).unwrap();
        path
    };
    let program = "import json, sys, jsonschema\n\
        schema, instance = (json.load(open(name)) for name in sys.argv[1:])\n\
        judge = jsonschema.Draft202012Validator\n\
        judge.check_schema(schema)\n\
        sys.exit(0 if judge(schema).is_valid(instance) else 3)";
    let ended = Command::new(tool("python3"))
        .args(["-c", program])
        .arg(file("schema.json", &register::schema()))
        .arg(file("instance.json", instance))
        .output()
        .unwrap();
    assert!(matches!(ended.status.code(), Some(0 | 3)), "{ended:?}");
    ended.status.success()
}

#[test]
fn what_json_exports_fits_the_published_schema() {
    let bare = [ecs(), target("web-1", TargetKind::Host(host("h", 22)))];
    for targets in [&whole()[..], &bare] {
        let text = export(targets, "json").unwrap();
        let written: Value = serde_json::from_str(&text).unwrap();
        assert!(fits(&written), "{text}");
    }
    // As an earlier version wrote it.
    let mut old: Value = serde_json::from_str(&export(&bare, "json").unwrap()).unwrap();
    old[0].as_object_mut().unwrap().remove("version");
    assert!(fits(&old));
}

#[test]
fn what_is_no_record_does_not_fit() {
    // The records as they are kept, with the stamps that an export leaves out.
    let good = json!(whole());
    assert!(fits(&good));
    for (at, wrong) in [
        ("/0/cluster", json!(7)),
        ("/0/kind", json!("lambda")),
        ("/0/images/app", json!(["x"])),
        ("/0/services/static", json!("web-static")),
        ("/0/verified/checks/0/result", json!("perhaps")),
        ("/1/port", json!("22")),
        ("/1/port", json!(70000)),
        ("/1/profile", json!("root")),
        ("/1/key", json!({ "file": "id" })),
        ("/1/host_keys", json!("ssh-ed25519")),
    ] {
        let mut bad = good.clone();
        *bad.pointer_mut(at).unwrap() = wrong;
        assert!(!fits(&bad), "{at}");
    }
    assert!(!fits(&good[0]));
}
