//! Every template that is shipped, before the schema judge and before what that judge misses.

use std::{
    env, fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
};

use landfall::vars::yaml;

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
fn a_service_waits_for_the_listener_that_forwards_to_it() {
    let mut seen = 0;
    for path in templates() {
        let template = yaml::template(&fs::read_to_string(&path).unwrap()).unwrap();
        let service = &template["Resources"]["Service"];
        if service.is_null() {
            continue;
        }
        seen += 1;
        let waits = &service["Metadata"]["Listener"]["Fn::If"];
        let names =
            ["HttpsListener", "HttpListener"].map(|name| serde_json::json!({ "Ref": name }));
        assert_eq!(waits[0], "HasCertificate", "{}", path.display());
        assert_eq!(waits.as_array().unwrap()[1..], names, "{}", path.display());
    }
    assert!(seen >= 2, "only {seen} services were found");
}

/// A command of an instance's, which notes that it was called and does this.
fn command(folder: &Path, name: &str, does: &str) {
    let path = folder.join(name);
    let text = format!(
        "#!/bin/bash\necho {name} \"$@\" >> {}/calls\n{does}\n",
        folder.display()
    );
    fs::write(&path, text).unwrap();
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
}

/// What an instance of the cluster calls, in order, when its commands do this.
fn booted(aws: &str, curl: &str) -> Vec<String> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("stacks/ecs-cluster.yaml");
    let template = yaml::template(&fs::read_to_string(path).unwrap()).unwrap();
    let data = &template["Resources"]["LaunchTemplate"]["Properties"]["LaunchTemplateData"];
    let folder = tempfile::tempdir().unwrap();
    let at = folder.path().display().to_string();
    let script = data["UserData"]["Fn::Base64"]["Fn::Sub"].as_str().unwrap();
    let script = ["AWS::StackName", "AWS::Region", "SecretsBucket", "Cluster"]
        .iter()
        .fold(script.to_owned(), |text, name| {
            text.replace(&format!("${{{name}}}"), "x")
        })
        .replace("/etc/ecs", &at)
        .replace("/usr/local/sbin", &at)
        .replace("/opt/aws/bin", &at)
        .replace("sleep 2", "sleep 0.01");
    command(folder.path(), "dnf", "");
    command(folder.path(), "aws", aws);
    command(folder.path(), "curl", curl);
    command(folder.path(), "cfn-signal", "");
    // The unit begins when these lines have ended, as the agent does.
    command(
        folder.path(),
        "systemd-run",
        &format!("echo \"${{@: -1}}\" > {at}/unit"),
    );
    fs::write(folder.path().join("user-data"), script).unwrap();
    let run = |file: &Path| {
        let path = format!("{at}:{}", env::var("PATH").unwrap());
        Command::new("bash")
            .arg(file)
            .env("PATH", path)
            .status()
            .unwrap();
    };
    run(&folder.path().join("user-data"));
    if let Ok(unit) = fs::read_to_string(folder.path().join("unit")) {
        run(Path::new(unit.trim()));
    }
    let calls = fs::read_to_string(folder.path().join("calls")).unwrap();
    let mut names: Vec<String> = calls
        .lines()
        .map(|line| line.split(" --stack").next().unwrap().to_owned())
        .map(|line| match line.split_once(' ') {
            Some((name, _)) if name != "cfn-signal" => name.to_owned(),
            _ => line,
        })
        .collect();
    names.dedup();
    names
}

#[test]
fn an_instance_counts_as_ready_when_its_agent_is_registered() {
    let metadata = r#"n=$(grep -c curl "${0%/*}/calls")
        [ $n -gt 1 ] || exit 7
        [ $n -gt 2 ] || { echo '{"Cluster":"x","ContainerInstanceArn":null}'; exit; }
        echo '{"Cluster":"x","ContainerInstanceArn":"arn:aws:ecs:eu-west-1:1:container-instance/x/1"}'"#;
    assert_eq!(
        booted("", metadata),
        [
            "dnf",
            "aws",
            "systemd-run",
            "curl",
            "cfn-signal --exit-code 0"
        ]
    );
}

#[test]
fn an_instance_without_credentials_says_so_at_once() {
    assert_eq!(
        booted("exit 3", "exit 7"),
        ["dnf", "aws", "cfn-signal --exit-code 3"]
    );
}

#[test]
fn every_template_fits_into_a_request() {
    for path in templates() {
        assert!(fs::metadata(&path).unwrap().len() <= 51_200);
    }
}
