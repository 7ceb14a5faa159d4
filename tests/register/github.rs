//! What GitHub Actions reads: lines for `$GITHUB_ENV`, and a workflow whose steps are run here as a runner would.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Output};
use std::{env, fs};

use landfall::model::{Profile, TargetKind};
use landfall::register::{self, Selection};
use serde_json::Value;

use super::{ROOT, ecs, export, read_by_sh, tool, whole};

/// As the runner reads it (actions/runner, `FileCommandManager`).
fn read_by_runner(text: &str) -> BTreeMap<String, String> {
    let mut read = BTreeMap::new();
    let mut lines = text.lines();
    while let Some(line) = lines.next() {
        let (equals, here) = (line.find('='), line.find("<<"));
        match (equals, here) {
            (Some(equals), here) if here.is_none_or(|here| equals < here) => {
                read.insert(line[..equals].to_owned(), line[equals + 1..].to_owned());
            }
            (_, Some(here)) => {
                let value: Vec<&str> = lines
                    .by_ref()
                    .take_while(|one| *one != &line[here + 2..])
                    .collect();
                read.insert(line[..here].to_owned(), value.join("\n"));
            }
            _ => panic!("{line}"),
        }
    }
    read
}

#[test]
fn the_runner_reads_back_every_value() {
    let folder = tempfile::tempdir().unwrap();
    let mut targets = whole();
    if let TargetKind::Ecs(one) = &mut targets[0].kind {
        one.service = "a<<b=c\nLANDFALL\n$(id) 'x'\nLANDFALL_".into();
        one.cluster = "<<EOF".into();
    }
    let read = read_by_runner(&export(&targets, "github_env").unwrap());
    let dotenv = export(&targets, "shell").unwrap();
    assert!(read.len() > 40, "{read:?}");
    for (name, value) in read {
        assert_eq!(value, read_by_sh(&dotenv, folder.path(), &name), "{name}");
    }
}

/// The workflow over one of the targets, read as YAML.
fn workflow(index: usize) -> Value {
    let targets = whole();
    let selection = Selection::one(&targets[index], Path::new(ROOT));
    let form = register::format("github_workflow").unwrap();
    let text = register::export(&selection, form).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join(form.file);
    fs::write(&path, text).unwrap();
    let program =
        "import json, sys, yaml; print(json.dumps(yaml.load(open(sys.argv[1]), yaml.BaseLoader)))";
    let mut python = Command::new(tool("python3"));
    let output = python.args(["-c", program]).arg(&path).output().unwrap();
    serde_json::from_slice(&output.stdout).unwrap()
}

/// Where the compose file is, if a test makes this folder.
const BESIDE: &str = "it's here";

/// Runs the step `Deploy` of a job as a runner does, with programs that write down what they are called with.
fn deploy(job: &Value, index: usize, secret: &str, folder: &Path) -> (Output, String) {
    let targets = whole();
    let selection = Selection::one(&targets[index], Path::new(ROOT));
    let dotenv = register::export(&selection, register::format("shell").unwrap()).unwrap();
    let step = job["steps"].as_array().unwrap().last().unwrap();
    let step_env = step["env"].as_object().unwrap().iter();
    let variables = step_env.map(|(name, value)| {
        let value = value.as_str().unwrap();
        let inner = value
            .strip_prefix("${{ ")
            .unwrap()
            .strip_suffix(" }}")
            .unwrap();
        let value = match inner.split_once('.').unwrap() {
            ("vars", "COMPOSE_FILE") if folder.join(BESIDE).is_dir() => {
                let file = folder.join(BESIDE).join("compose.yml");
                file.display().to_string()
            }
            ("vars", name) if dotenv.contains(&format!("{name}=")) => {
                read_by_sh(&dotenv, folder, name)
            }
            // As GitHub answers for a variable that nobody has set.
            ("vars", _) => String::new(),
            ("secrets", "PEM_FILE_CONTENT") => secret.to_owned(),
            _ => panic!("{value}"),
        };
        (name.clone(), value)
    });
    let programs = [
        (
            "ssh",
            "[ \"$3\" = -o ] && cp \"$2\" \"$KEPT/key\" 2>/dev/null || cp \"$3\" \"$KEPT/key\"\n\
             for word; do last=$word; done\nexec sh -c \"$last\"",
        ),
        ("sudo", "exec \"$@\""),
        ("docker", ""),
        ("aws", ""),
    ];
    for (name, script) in programs {
        let path = folder.join(name);
        let record = "#!/bin/sh\nfor word in \"${0##*/}\" \"$@\"; do printf '[%s]' \"$word\"; done >>\"$KEPT/words\"\n\
            echo >>\"$KEPT/words\"\n";
        fs::write(&path, format!("{record}{script}\n")).unwrap();
        fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
    }
    let run = folder.join("step.sh");
    fs::write(&run, step["run"].as_str().unwrap()).unwrap();
    let path = format!("{}:{}", folder.display(), env::var("PATH").unwrap());
    // As GitHub starts it where a step names no shell.
    let output = Command::new("bash")
        .args(["-e"])
        .arg(&run)
        .env("PATH", path)
        .env("KEPT", folder)
        .envs(variables)
        .output()
        .unwrap();
    let words = fs::read_to_string(folder.join("words")).unwrap_or_default();
    (output, words)
}

#[test]
fn a_workflow_deploys_to_a_host_by_compose() {
    let folder = tempfile::tempdir().unwrap();
    let read = workflow(1);
    assert_eq!(
        read["permissions"],
        serde_json::json!({ "contents": "read" })
    );
    let job = &read["jobs"]["deploy_web_1"];
    assert_eq!(job["environment"], "production-web-1");
    assert!(job.get("permissions").is_none());
    let (output, words) = deploy(job, 1, "the private\nkey", folder.path());
    assert!(output.status.success(), "{output:?}");
    let compose =
        "[sudo][docker][compose][--project-name][review][--file][/srv/it's here/compose.yml]";
    for line in [
        "[pull][--quiet]",
        "[up][--detach][--remove-orphans][--wait]",
    ] {
        let line = format!("{compose}{line}");
        assert!(words.lines().any(|said| said == line), "{words}");
    }
    assert!(words.contains("[StrictHostKeyChecking=yes]"), "{words}");
    assert!(words.contains("[deploy@203.0.113.7]"), "{words}");
    assert!(!words.contains("the private"), "{words}");
    // GitHub cuts the line end off, and ssh wants one.
    let key = fs::read_to_string(folder.path().join("key")).unwrap();
    assert_eq!(key, "the private\nkey\n");

    // The images that `landfall deploy` has chosen stay chosen.
    let folder = tempfile::tempdir().unwrap();
    let beside = folder.path().join(BESIDE);
    fs::create_dir(&beside).unwrap();
    fs::write(beside.join("images.env"), "IMAGE_APP=example/app:1\n").unwrap();
    let (output, words) = deploy(job, 1, "x", folder.path());
    assert!(output.status.success(), "{output:?}");
    let beside = beside.display();
    let line = format!(
        "[--file][{beside}/compose.yml][--env-file][{beside}/images.env][up][--detach][--remove-orphans][--wait]"
    );
    assert!(words.contains(&line), "{words}");

    let folder = tempfile::tempdir().unwrap();
    let (_, words) = deploy(&workflow(2)["jobs"]["deploy_web_2"], 2, "x", folder.path());
    assert!(words.contains("\n[docker][compose]"), "{words}");
    assert!(!words.contains("[sudo]"), "{words}");
}

#[test]
fn a_workflow_deploys_every_service_of_a_target_by_its_role() {
    let folder = tempfile::tempdir().unwrap();
    let job = &workflow(0)["jobs"]["deploy_web"];
    let permissions = serde_json::json!({ "contents": "read", "id-token": "write" });
    assert_eq!(job["permissions"], permissions);
    assert_eq!(
        job["steps"][0]["with"]["role-to-assume"],
        "${{ vars.AWS_ROLE_ARN }}"
    );
    let (output, words) = deploy(job, 0, "", folder.path());
    assert!(output.status.success(), "{output:?}");
    for service in ["web", "web-static"] {
        let begin = format!(
            "[aws][ecs][update-service][--cluster][review][--service][{service}][--force-new-deployment]"
        );
        assert!(
            words.lines().any(|line| line.starts_with(&begin)),
            "{words}"
        );
        let waits =
            format!("[aws][ecs][wait][services-stable][--cluster][review][--services][{service}]");
        assert!(words.lines().any(|line| line == waits), "{words}");
    }
}

#[test]
fn a_workflow_that_could_not_deploy_is_not_written() {
    let mut targets = whole();
    let refused = |targets: &[landfall::model::Target]| {
        export(targets, "github_workflow").unwrap_err().summary
    };
    let TargetKind::Host(host) = &mut targets[1].kind else {
        panic!("no host");
    };
    host.profile = Some(Profile::ForcedCommand);
    assert_eq!(refused(&targets), "a workflow cannot be written");
    let TargetKind::Host(host) = &mut targets[1].kind else {
        panic!("no host");
    };
    host.profile = None;
    host.project = None;
    assert_eq!(refused(&targets), "a workflow cannot be written");
    let mut targets = whole();
    let TargetKind::Host(host) = &mut targets[1].kind else {
        panic!("no host");
    };
    host.swarm = Some("main".to_owned());
    for form in ["github_workflow", "kamal"] {
        let failure = export(&targets, form).unwrap_err();
        assert!(failure.what.contains("a stack of a Swarm"), "{failure}");
    }
    let told = export(&targets, "dotenv").unwrap();
    assert!(told.contains("DEPLOY_SWARM=main\n"), "{told}");
    // Without a role there are keys.
    let text = export(&[ecs()], "github_workflow").unwrap();
    assert!(
        text.contains("secrets.AWS_SECRET_ACCESS_KEY") && !text.contains("id-token"),
        "{text}"
    );
}
