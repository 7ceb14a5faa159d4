//! Scripts that hand variables to a CI, run beside programs that write down what they are called with.

use std::collections::BTreeMap;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::{env, fs};

use base64::{Engine, engine::general_purpose::STANDARD};
use landfall::model::{Target, TargetKind};
use landfall::register::{self, FORMATS, Selection};
use serde_json::{Value, json};

use super::api::Api;
use super::{ecs, files, read_by_sh, target, with_key};

/// A service with a name that a shell would make much of, and a host with a key; and no blanks at the ends of values.
fn targets(folder: &Path, service: &str) -> Vec<Target> {
    let mut web = ecs();
    let TargetKind::Ecs(one) = &mut web.kind else {
        panic!("no service");
    };
    one.service = service.into();
    let mut host = with_key("web-1", "203.0.113.7", 2222, folder);
    host.images = BTreeMap::from([("app".into(), "docker.io/example/review".into())]);
    vec![web, host]
}

const HOSTILE: &str = "@$(id) `id` \"it's\" \\n %s {{ }}\n-n second\tline é";

/// Programs of these names on a path, each of which runs what `script` says.
struct Programs {
    folder: tempfile::TempDir,
}

impl Programs {
    fn new(names: &[&str], script: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in names {
            let path = folder.path().join(name);
            let record = "#!/bin/sh\nfor word in \"${0##*/}\" \"$@\"; do printf '%s ' \"$word\"; done >>\"$KEPT/words\"\n\
                 echo >>\"$KEPT/words\"\n";
            fs::write(&path, format!("{record}{script}\n")).unwrap();
            fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).unwrap();
        }
        fs::create_dir(folder.path().join("kept")).unwrap();
        Self { folder }
    }

    fn kept(&self, name: &str) -> PathBuf {
        self.folder.path().join("kept").join(name)
    }

    /// Runs the script of this form over these targets with this shell.
    fn run(&self, shell: &str, script: &Path, variables: &[(&str, &str)]) -> Output {
        let path = env::var("PATH").unwrap();
        Command::new(shell)
            .arg(script)
            .env("PATH", format!("{}:{path}", self.folder.path().display()))
            .env("KEPT", self.folder.path().join("kept"))
            .envs(variables.iter().copied())
            .stdin(std::process::Stdio::null())
            .output()
            .unwrap()
    }

    /// What all programs were called with, a line a call; none of it a value.
    fn words(&self, values: &[&str]) -> String {
        let words = fs::read_to_string(self.kept("words")).unwrap();
        for value in values {
            for line in value.lines() {
                assert!(!words.contains(line), "{line} is in\n{words}");
            }
        }
        words
    }
}

/// The form's script over these targets, written where their keys are.
fn script(targets: &[Target], format: &str, folder: &Path) -> PathBuf {
    let form = register::format(format).unwrap();
    let selection = Selection::all(targets, folder);
    let text = register::export(&selection, form).unwrap();
    let path = folder.join(form.file);
    fs::write(&path, text).unwrap();
    path
}

/// What each plain variable shall be, as a shell reads the form `shell`.
fn expected(targets: &[Target], folder: &Path) -> BTreeMap<String, String> {
    let form = register::format("shell").unwrap();
    let text = register::export(&Selection::all(targets, folder), form).unwrap();
    let names = [
        "WEB_ECS_SERVICE",
        "WEB_DEPLOY_KIND",
        "WEB_1_IMAGE_APP",
        "WEB_1_DEST_HOST_PORT",
        "WEB_1_SSH_KNOWN_HOSTS",
        "WEB_1_DEPLOY_DIRECTORIES",
    ];
    let read = |name: &str| (name.to_owned(), read_by_sh(&text, folder, name));
    names.map(read).into()
}

/// What no program may be called with.
const SECRET: &[&str] = &[
    HOSTILE,
    "docker.io/example",
    "it's here",
    "PRIVATE KEY",
    "203.0.113.7",
];

/// Keeps what comes by standard input under the name that `$NAME` finds.
fn keeps(name: &str) -> String {
    format!("{name}\n[ -z \"$name\" ] || cat >\"$KEPT/$name\"")
}

#[test]
fn gh_and_glab_get_every_value_by_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let targets = targets(folder.path(), HOSTILE);
    let key = fs::read_to_string(folder.path().join("web-1.key")).unwrap();
    for (form, program, set) in [
        (
            "github",
            "gh",
            "gh variable set WEB_ECS_SERVICE --env production ",
        ),
        (
            "gitlab_variables",
            "glab",
            "glab variable set WEB_ECS_SERVICE --scope production --raw ",
        ),
    ] {
        let fake = keeps(
            "name=; case \"$1 $2\" in 'variable set' | 'secret set') name=$3 ;; 'variable get') [ -e \"$KEPT/$3\" ] || exit 1 ;; esac\n\
             if [ \"$1\" = api ] && [ \"$3\" != --method ]; then exit 1; fi",
        );
        for shell in ["sh", "bash"] {
            let programs = Programs::new(&[program], &fake);
            let script = script(&targets, form, folder.path());
            let output = programs.run(shell, &script, &[]);
            assert!(output.status.success(), "{form}: {output:?}");
            for (name, value) in expected(&targets, folder.path()) {
                let kept = fs::read_to_string(programs.kept(&name)).unwrap();
                assert_eq!(kept, value, "{form} {name}");
            }
            let kept = fs::read_to_string(programs.kept("WEB_1_PEM_FILE_CONTENT")).unwrap();
            assert_eq!(kept, key, "{form}");
            let words = programs.words(&[SECRET, &[key.lines().nth(1).unwrap()]].concat());
            assert!(words.lines().any(|line| line == set), "{words}");
            let secret = match form {
                "github" => "gh secret set WEB_1_PEM_FILE_CONTENT --env production ",
                _ => {
                    "glab variable set WEB_1_PEM_FILE_CONTENT --scope production --raw --protected "
                }
            };
            assert!(words.lines().any(|line| line == secret), "{words}");
            let made = "gh api --silent --method PUT repos/{owner}/{repo}/environments/production ";
            assert_eq!(words.contains(made), form == "github", "{words}");
            // A second time, what is there is set anew.
            assert!(programs.run(shell, &script, &[]).status.success());
            let again = programs.words(SECRET);
            let deleted = "glab variable delete WEB_ECS_SERVICE --scope production ";
            assert_eq!(
                again.contains(deleted),
                form == "gitlab_variables",
                "{again}"
            );
        }
    }
}

#[test]
fn a_script_takes_another_place_and_stops_where_something_fails() {
    let folder = tempfile::tempdir().unwrap();
    let targets = targets(folder.path(), "web");
    let path = script(&targets, "github", folder.path());
    let programs = Programs::new(&["gh"], "case \"$*\" in *PORT*) exit 7 ;; esac");
    let run = |argument: &str| {
        let path_variable = env::var("PATH").unwrap();
        Command::new("sh")
            .arg(&path)
            .arg(argument)
            .env(
                "PATH",
                format!("{}:{path_variable}", programs.folder.path().display()),
            )
            .env("KEPT", programs.folder.path().join("kept"))
            .output()
            .unwrap()
    };
    assert!(!run("staging/../x").status.success());
    assert!(!programs.kept("words").exists());
    assert_eq!(run("staging").status.code(), Some(7));
    let words = programs.words(SECRET);
    assert!(
        words.contains("WEB_1_DEST_HOST_ADDR --env staging"),
        "{words}"
    );
    assert!(!words.contains("SSH_USER"), "{words}");
    fs::remove_file(programs.kept("words")).unwrap();
    // Another file than the registered key, and one that is not there, are seen before anything is set.
    let key = folder.path().join("web-1.key");
    let refused = |why: &str| {
        let output = run("staging");
        assert_eq!(output.status.code(), Some(1), "{output:?}");
        let said = String::from_utf8(output.stderr).unwrap();
        assert!(said.contains(why), "{said}");
        assert!(!programs.kept("words").exists());
    };
    fs::write(&key, "[default]\naws_secret_access_key = x\n").unwrap();
    refused("web-1.key: this is not the private key that is registered");
    fs::remove_file(&key).unwrap();
    with_key("web-1", "203.0.113.7", 22, folder.path());
    refused("web-1.key: this is not the private key that is registered");
    fs::remove_file(&key).unwrap();
    refused("web-1.key: the private key cannot be read");
}

#[test]
fn woodpecker_reads_every_value_from_standard_input() {
    let folder = tempfile::tempdir().unwrap();
    let targets = targets(folder.path(), HOSTILE);
    let fake = "if [ \"$3\" = ls ]; then ls \"$KEPT\"; exit; fi\n\
         while [ $# -gt 0 ]; do case $1 in --name) name=$2 ;; --value) value=$2 ;; esac; shift; done\n\
         cat \"${value#@}\" >\"$KEPT/$name\"";
    let programs = Programs::new(&["woodpecker-cli"], fake);
    let path = script(&targets, "woodpecker", folder.path());
    let repository = [("WOODPECKER_REPO", "example/review")];
    assert!(!programs.run("sh", &path, &[]).status.success());
    let output = programs.run("sh", &path, &repository);
    assert!(output.status.success(), "{output:?}");
    for (name, value) in expected(&targets, folder.path()) {
        let kept = fs::read_to_string(programs.kept(&name.to_lowercase())).unwrap();
        assert_eq!(kept, value, "{name}");
    }
    let key = fs::read_to_string(folder.path().join("web-1.key")).unwrap();
    let kept = fs::read_to_string(programs.kept("web_1_pem_file_content")).unwrap();
    assert_eq!(kept, key);
    assert!(programs.run("bash", &path, &repository).status.success());
    let words = programs.words(&[SECRET, &[key.lines().nth(1).unwrap()]].concat());
    for verb in ["add", "update"] {
        let line = format!(
            "woodpecker-cli repo secret {verb} --repository example/review --name web_ecs_service --value @/dev/stdin "
        );
        assert!(words.lines().any(|said| said == line), "{words}");
    }
}

/// The system's curl, of which is written down what it is called with.
fn curl() -> Programs {
    Programs::new(&["curl", "jq"], "exec \"/usr/bin/${0##*/}\" \"$@\"")
}

#[test]
fn circleci_is_told_every_value_in_a_request() {
    let folder = tempfile::tempdir().unwrap();
    let targets = targets(folder.path(), HOSTILE);
    let key = fs::read_to_string(folder.path().join("web-1.key")).unwrap();
    let path = script(&targets, "circleci", folder.path());
    for there in [false, true] {
        let api = Api::start(move |asked| match &*asked.line {
            line if line.starts_with("PUT ") => json!({}),
            "POST /api/v2/context" => json!({ "id": "made-1", "name": "production" }),
            line if line.ends_with("&page-token=2") => {
                let name = if there { "production" } else { "staging" };
                json!({ "items": [{ "id": "found-1", "name": name }], "next_page_token": null })
            }
            _ => json!({ "items": [{ "id": "x", "name": "review" }], "next_page_token": "2" }),
        });
        let programs = curl();
        let variables = [
            ("CIRCLE_HOST", &*api.url),
            ("CIRCLE_TOKEN", "token-of-\"mine\""),
            ("CIRCLE_ORG", "gh/example"),
        ];
        let output = programs.run("sh", &path, &variables);
        assert!(output.status.success(), "{output:?}");
        let asked = api.asked();
        assert_eq!(asked[0].line, "GET /api/v2/context?owner-slug=gh/example");
        let made = asked.iter().find(|one| one.line.starts_with("POST "));
        assert_eq!(made.is_none(), there);
        if let Some(made) = made {
            let owner = json!({ "slug": "gh/example", "type": "organization" });
            assert_eq!(made.body, json!({ "name": "production", "owner": owner }));
        }
        let header = "Circle-Token: token-of-\"mine\"";
        assert!(asked.iter().all(|one| one.headers.contains(header)));
        let id = if there { "found-1" } else { "made-1" };
        let begin = format!("PUT /api/v2/context/{id}/environment-variable/");
        let set: BTreeMap<String, Value> = api.bodies(&begin).into_iter().collect();
        for (name, value) in expected(&targets, folder.path()) {
            assert_eq!(set[&name], json!({ "value": value }), "{name}");
        }
        assert_eq!(set["WEB_1_PEM_FILE_CONTENT"], json!({ "value": key }));
        programs.words(&[SECRET, &["token-of", key.lines().nth(1).unwrap()]].concat());
    }
}

#[test]
fn bitbucket_is_told_every_value_in_a_request() {
    let folder = tempfile::tempdir().unwrap();
    let hostile = HOSTILE.replace(['\n', '\t'], "|");
    let targets = targets(folder.path(), &hostile);
    let key = fs::read_to_string(folder.path().join("web-1.key")).unwrap();
    let path = script(&targets, "bitbucket", folder.path());
    let base = "/repositories/example/review";
    let api = Api::start(move |asked| match asked.line.split_once(base).unwrap() {
        ("GET ", "/environments/?pagelen=100&page=1") => {
            json!({ "values": [{ "name": "Test", "uuid": "{t}" }], "next": "https://elsewhere" })
        }
        ("GET ", "/environments/?pagelen=100&page=2") => {
            json!({ "values": [{ "name": "Production", "uuid": "{p}" }] })
        }
        ("GET ", _) => json!({ "values": [{ "key": "WEB_ECS_SERVICE", "uuid": "{v}" }] }),
        _ => json!({}),
    });
    let programs = curl();
    let variables = [
        ("BITBUCKET_API", &*api.url),
        ("BITBUCKET_TOKEN", "token-of-mine="),
        ("BITBUCKET_REPOSITORY", "example/review"),
    ];
    let output = programs.run("sh", &path, &variables);
    assert!(output.status.success(), "{output:?}");
    let header = "Authorization: Bearer token-of-mine=";
    assert!(api.asked().iter().all(|one| one.headers.contains(header)));
    let place = format!("{base}/deployments_config/environments/%7Bp%7D/variables");
    let changed = api.bodies(&format!("PUT {place}/%7Bv%7D"));
    let service = json!({ "key": "WEB_ECS_SERVICE", "value": hostile, "secured": false });
    assert_eq!(changed, [("%7Bv%7D".to_owned(), service)]);
    let made = api.bodies(&format!("POST {place}"));
    let made = |name: &str| {
        made.iter()
            .find(|(_, body)| body["key"] == name)
            .unwrap()
            .1
            .clone()
    };
    for (name, value) in expected(&targets, folder.path()) {
        if name != "WEB_ECS_SERVICE" {
            let body = json!({ "key": name, "value": value, "secured": false });
            assert_eq!(made(&name), body);
        }
    }
    let secret = made("WEB_1_PEM_FILE_CONTENT_BASE64");
    assert_eq!(secret["secured"], true);
    let kept = STANDARD.decode(secret["value"].as_str().unwrap()).unwrap();
    assert_eq!(String::from_utf8(kept).unwrap(), key);
    programs.words(
        &[
            &[&*hostile],
            &SECRET[1..],
            &["token-of", key.lines().nth(1).unwrap()],
        ]
        .concat(),
    );

    let none = [
        variables[0],
        variables[1],
        ("BITBUCKET_REPOSITORY", "example/review?x"),
    ];
    assert!(!programs.run("sh", &path, &none).status.success());
    let other = Command::new("sh")
        .arg(&path)
        .arg("nowhere")
        .envs(variables)
        .output()
        .unwrap();
    let said = String::from_utf8(other.stderr).unwrap();
    assert!(
        said.contains("there is no deployment environment nowhere"),
        "{said}"
    );
}

#[test]
fn what_a_ci_would_cut_or_keeps_for_itself_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let refused = |target: &Target, format: &str| {
        let form = register::format(format).unwrap();
        let targets = std::slice::from_ref(target);
        let failure = register::export(&Selection::all(targets, folder.path()), form).unwrap_err();
        failure.summary
    };
    // It ends with a line break.
    for format in [
        "github",
        "gitlab_variables",
        "circleci",
        "woodpecker",
        "bitbucket",
        "gitlab",
    ] {
        assert_eq!(
            refused(&ecs(), format),
            "a value cannot be exported",
            "{format}"
        );
    }
    let mut lines = ecs();
    let TargetKind::Ecs(one) = &mut lines.kind else {
        panic!("no service");
    };
    one.service = "a\r\nb".into();
    for format in ["bitbucket", "gitlab", "github_env", "env_file"] {
        assert_eq!(
            refused(&lines, format),
            "a value cannot be exported",
            "{format}"
        );
    }
    let mine = target("github-1", with_key("x", "h", 22, folder.path()).kind);
    for format in ["github", "github_env"] {
        assert_eq!(
            refused(&mine, format),
            "a name cannot be exported",
            "{format}"
        );
    }
    let mut odd = with_key("y", "h", 22, folder.path());
    odd.environment = "a b".into();
    assert_eq!(refused(&odd, "github"), "a name cannot be exported");
}

#[test]
fn shellcheck_finds_nothing_in_the_scripts() {
    let folder = tempfile::tempdir().unwrap();
    let targets = targets(folder.path(), HOSTILE);
    let mut found = 0;
    for form in FORMATS.iter().filter(|form| form.program) {
        let single;
        let targets = match form.name {
            "bitbucket" => {
                single = [targets[1].clone()];
                &single[..]
            }
            _ => &targets,
        };
        for file in files(targets, form.name, folder.path()) {
            if !file.program {
                continue;
            }
            let path = folder.path().join(file.name);
            fs::write(&path, &file.content).unwrap();
            let mut shellcheck = Command::new("shellcheck");
            let output = shellcheck
                .args(["--shell", "sh"])
                .arg(&path)
                .output()
                .unwrap();
            assert!(
                output.status.success(),
                "{}",
                String::from_utf8_lossy(&output.stdout)
            );
            found += 1;
        }
    }
    assert_eq!(found, 6);
}
