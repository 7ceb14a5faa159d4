//! Every template that is shipped, before the schema judge and before what that judge misses.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

fn templates() -> Vec<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("stacks");
    let mut found: Vec<PathBuf> = fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path())
        .collect();
    found.sort();
    assert!(found.len() >= 2, "the templates were not found");
    found
}

/// `cfn-lint` of the tools that `tests/run` installs, else of the path.
fn judge() -> PathBuf {
    let folders = env::var_os("LANDFALL_TOOLS")
        .map(|tools| Path::new(&tools).join("bin"))
        .into_iter()
        .chain(env::split_paths(&env::var_os("PATH").unwrap_or_default()))
        .collect::<Vec<_>>();
    folders
        .iter()
        .map(|folder| folder.join("cfn-lint"))
        .find(|program| program.is_file())
        .expect(
            "cfn-lint is missing: run the tests by `tests/run`, which installs it, or \
             `pip install cfn-lint==1.58.0` and let LANDFALL_TOOLS name that environment",
        )
}

#[test]
fn the_schema_judge_finds_neither_error_nor_warning() {
    let output = Command::new(judge())
        .arg("--")
        .args(templates())
        .output()
        .unwrap();
    assert!(
        output.status.success() && output.stdout.is_empty(),
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    );
}

#[test]
fn the_schema_judge_would_find_one() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("wrong.yaml");
    fs::write(&file, "Resources: { A: { Type: AWS::Nothing::AtAll } }\n").unwrap();
    let output = Command::new(judge()).arg("--").arg(&file).output().unwrap();
    assert!(!output.status.success());
}

/// The judges let these pass.
fn dangerous(template: &str) -> Vec<&'static str> {
    let squeezed: String = template.split_whitespace().collect::<Vec<_>>().join(" ");
    let lower = squeezed.to_lowercase().replace(['"', '\''], "");
    let mut found = Vec::new();
    if lower.contains("privileged: true") {
        found.push("a privileged container");
    }
    if lower.contains("principal: *") || lower.contains("aws: *") {
        found.push("a principal that is everybody");
    }
    let secret_with_default = template
        .split("\n  ")
        .any(|block| block.contains("NoEcho: true") && block.contains("Default:"));
    let literal = lower.split(' ').collect::<Vec<_>>().windows(2).any(|pair| {
        let key = pair[0].trim_start_matches('{');
        (key.ends_with("password:") || key.ends_with("secretstring:"))
            && !pair[1].starts_with('!')
            && !pair[1].starts_with("{{resolve:")
            && pair[1] != "{"
            && pair[1] != "type:"
    });
    if secret_with_default || literal {
        found.push("a password in clear text");
    }
    found
}

#[test]
fn no_template_is_dangerous() {
    for path in templates() {
        let text = fs::read_to_string(&path).unwrap();
        assert_eq!(dangerous(&text), Vec::<&str>::new(), "{}", path.display());
    }
}

#[test]
fn what_is_dangerous_is_seen() {
    assert_eq!(
        dangerous("Container: { Privileged: true }"),
        ["a privileged container"]
    );
    assert_eq!(
        dangerous("Principal: \"*\""),
        ["a principal that is everybody"]
    );
    assert_eq!(
        dangerous("MasterUserPassword: hunter2"),
        ["a password in clear text"]
    );
    assert!(dangerous("MasterUserPassword: !Ref Password").is_empty());
}

#[test]
fn both_starters_give_the_same_outputs() {
    let outputs = |path: &PathBuf| {
        let text = fs::read_to_string(path).unwrap();
        let (_, outputs) = text.split_once("\nOutputs:\n").unwrap();
        outputs.to_owned()
    };
    let all: Vec<String> = templates()
        .iter()
        .filter(|path| path.to_string_lossy().contains("ecs-"))
        .map(outputs)
        .collect();
    assert_eq!(all.len(), 2);
    assert_eq!(all[0], all[1]);
}

#[test]
fn every_template_fits_into_a_request() {
    for path in templates() {
        assert!(fs::metadata(&path).unwrap().len() <= 51_200);
    }
}
