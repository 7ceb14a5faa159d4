//! What the program says of itself, and the files it writes to begin with.

use std::process::Command;

use super::project::{Project, Ran};

/// The rows of the table of exit codes, as `--help` shows them.
const CODES: [&str; 9] = ["0", "1", "2", "3", "4", "5", "6", "7", "130"];

#[tokio::test]
async fn help_shows_every_exit_code_and_so_does_the_readme() {
    let project = Project::new("600000000171").await;
    let help = project.run(&["--help"]).ends(0).out;
    let table = help.split("Exit codes:").nth(1).unwrap();
    // A row may go on below its meaning.
    let table = table.trim().replace("\n       ", " ");
    let rows: Vec<(&str, &str)> = table
        .lines()
        .map(|line| line.trim().split_once(' ').unwrap())
        .map(|(code, meaning)| (code, meaning.trim()))
        .collect();
    let codes: Vec<&str> = rows.iter().map(|(code, _)| *code).collect();
    assert_eq!(codes, CODES);
    let readme = concat!(env!("CARGO_MANIFEST_DIR"), "/README.md");
    let readme = std::fs::read_to_string(readme).unwrap();
    for (code, meaning) in rows {
        let row = readme.lines().any(|line| {
            line.trim_start_matches('|')
                .trim_start()
                .trim_start_matches('`')
                .starts_with(code)
                && line.replace('`', "").contains(meaning)
        });
        assert!(row, "the README does not have: {code} {meaning}");
    }
}

#[tokio::test]
async fn every_command_explains_itself() {
    let project = Project::new("600000000172").await;
    for verb in [
        "init",
        "check",
        "plan",
        "apply",
        "destroy",
        "rehearse",
        "targets",
        "certificates",
        "deploy",
        "rollback",
        "releases",
        "run",
        "host",
        "schema",
        "completions",
    ] {
        project.run(&[verb, "--help"]).ends(0).prints("Usage:");
    }
    project.run(&["aply"]).ends(1).says("apply");
    project.run(&["plan"]).ends(1).says("ENVIRONMENT");
}

#[tokio::test]
async fn completions_and_the_schema_are_printed() {
    let project = Project::new("600000000173").await;
    for shell in ["bash", "zsh", "fish"] {
        project
            .run(&["completions", shell])
            .ends(0)
            .prints("rehearse");
    }
    let schema = project.run(&["schema"]).ends(0).out;
    let schema: serde_json::Value = serde_json::from_str(&schema).unwrap();
    assert!(schema["properties"]["roles"].is_object(), "{schema:#}");
    let targets = project.run(&["schema", "--targets"]).ends(0).out;
    let targets: serde_json::Value = serde_json::from_str(&targets).unwrap();
    assert_eq!(targets, landfall::register::schema());
}

#[tokio::test]
async fn whatever_a_certificate_says_of_itself_is_read_by_programs_and_drives_no_terminal() {
    let project = Project::new("600000000991").await;
    let pair = |name: &str| project.root().join(format!("site.{name}"));
    let made = Command::new("openssl")
        .args([
            "req",
            "-x509",
            "-newkey",
            "ec",
            "-pkeyopt",
            "ec_paramgen_curve:P-256",
            "-nodes",
            "-utf8",
        ])
        .args([
            "-days",
            "90",
            "-subj",
            "/CN=odd\u{202e}\u{7f}\u{9b}2J",
            "-addext",
            "subjectAltName=DNS:a.example.org",
        ])
        .arg("-keyout")
        .arg(pair("key"))
        .arg("-out")
        .arg(pair("crt"))
        .output()
        .unwrap();
    assert!(made.status.success(), "{made:?}");
    project.write(
        "environments/review.toml",
        "project = \"review\"\n\n[certificates.site]\ndomains = [\"a.example.org\"]\nchain = \"site.crt\"\nkey = \"site.key\"\n",
    );
    let ran = project.run(&["certificates", "status", "review", "--json"]);
    let status: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(status["certificate"], "site");
    let issuer = status["leaf"]["issuer"].as_str().unwrap();
    assert!(issuer.contains("odd\u{202e}"), "{issuer:?}");
    for ran in [ran, project.run(&["certificates", "status", "review"])] {
        assert!(
            !ran.out.contains(['\u{202e}', '\u{7f}', '\u{9b}']),
            "{:?}",
            ran.out
        );
    }
}

#[tokio::test]
async fn a_certificate_that_is_declared_and_not_there_is_a_fault() {
    let project = Project::new("600000000897").await;
    project.write(
        "environments/review.toml",
        "project = \"review\"\n\n[certificates.site]\ndomains = [\"a.example.org\"]\nself_signed = true\n",
    );
    let ran = project.run(&["certificates", "status", "review", "--json"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    let status: serde_json::Value = serde_json::from_str(&ran.out).unwrap();
    assert_eq!(
        status["faults"],
        serde_json::json!(["It was not made yet: `landfall apply review` makes it."])
    );
    let ran = project.run(&["certificates", "status", "review"]);
    assert_eq!(ran.code, Some(2), "{ran:?}");
    assert!(ran.out.contains("It was not made yet"), "{ran:?}");
    let ran = project.run(&["apply", "review", "--yes"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let ran = project.run(&["certificates", "status", "review"]);
    assert_eq!(ran.code, Some(0), "{ran:?}");
    let near = project.run(&["certificates", "status", "review", "--within", "4000"]);
    assert_eq!(near.code, Some(2), "{near:?}");
    assert!(near.out.contains("Its end is near"), "{near:?}");
}

#[tokio::test]
async fn where_nothing_is_registered_that_is_said() {
    let project = Project::new("600000000992").await;
    project.write(
        "environments/review.toml",
        "project = \"review\"\n\n[keys.deploy]\n",
    );
    for verb in ["list", "verify"] {
        let ran = project.run(&["targets", verb, "review"]).ends(0);
        ran.says("There is no target: environments/review.toml declares none");
    }
    let ran = project
        .run(&["targets", "remove", "review", "web", "--yes"])
        .ends(1);
    ran.says("None is registered.");
    // What is declared and has no record is no target that CI could use.
    let declared = "project = \"review\"\n\n[hosts.web]\naddress = \"203.0.113.7\"\n\n[targets.web]\nhost = \"web\"\n";
    project.write("environments/review.toml", declared);
    let ran = project.run(&["targets", "list", "review"]).ends(0);
    ran.says("Declared and not registered: web. `landfall apply review` registers");
    let ran = project.run(&["targets", "verify", "review"]).ends(1);
    assert!(
        ran.out
            .contains("FAILED   record  It is declared, and not registered."),
        "{ran:?}"
    );
    let ran = project
        .run(&["targets", "verify", "review", "--json"])
        .ends(1);
    assert!(ran.out.contains(r#""result":"failed""#), "{ran:?}");
}

#[tokio::test]
async fn check_says_everything_of_every_environment() {
    let project = Project::new("600000000175").await;
    project.run(&["check"]).ends(1).says("landfall init");
    let host = |more: &str| {
        format!("project = \"review\"\n\n[hosts.web]\naddress = \"203.0.113.7\"\n{more}")
    };
    project.write(
        "playbooks/odd.yml",
        "- hosts: all\n  tasks: [{ nomodule: {} }]\n",
    );
    project.write("environments/a.toml", &host("playbook = \"odd\"\n"));
    project.write("environments/b.toml", &host("adress = \"203.0.113.7\"\n"));
    project.write("environments/c.toml", &host(""));
    project
        .run(&["check"])
        .ends(1)
        .says("nomodule")
        .says("adress")
        .prints("c: 1 thing declared, no mistakes");
}

#[tokio::test]
async fn a_result_that_cannot_be_written_is_no_success() {
    let project = Project::small("600000000176", "").await;
    for args in [&["plan", "test"][..], &["plan", "test", "--json"]] {
        let full = std::fs::File::options().write(true).open("/dev/full");
        let mut command = project.command(args);
        let ended = command
            .stdout(full.unwrap())
            .stderr(std::process::Stdio::null())
            .status();
        assert_eq!(ended.unwrap().code(), Some(1), "{args:?}");
    }
}

#[tokio::test]
async fn what_init_writes_is_accepted_and_never_written_over() {
    let project = Project::new("600000000174").await;
    // Credentials of a registry are the operator's own; a test brings its own home for them.
    project.write("home/.docker/config.json", super::project::DOCKER);
    let run = |args: &[&str]| {
        let mut command = project.command(args);
        command.env("HOME", project.root().join("home"));
        Ran::of(&mut command)
    };
    run(&[
        "init",
        "--project",
        "review",
        "--aws",
        "--account",
        "111122223333",
    ])
    .ends(0)
    .says("environments/production.toml");
    run(&[
        "init",
        "staging",
        "--project",
        "review",
        "--host",
        "203.0.113.7",
    ])
    .ends(0);
    run(&[
        "init",
        "both",
        "--project",
        "review",
        "--aws",
        "--account",
        "111122223333",
        "--host",
        "203.0.113.7",
    ])
    .ends(0);
    run(&["check"])
        .ends(0)
        .prints("production:")
        .prints("staging:")
        .prints("both:");
    assert!(project.read(".gitignore").contains(".landfall"));

    project.write("environments/production.toml", "# mine\n");
    project.write(".gitignore", "/mine\n");
    run(&[
        "init",
        "--project",
        "review",
        "--aws",
        "--account",
        "111122223333",
    ])
    .ends(1)
    .says("The file is as it was.");
    assert_eq!(project.read("environments/production.toml"), "# mine\n");
    assert_eq!(project.read(".gitignore"), "/mine\n");
}

#[tokio::test]
async fn init_finds_the_project_above_and_says_how_to_name_one() {
    let project = Project::new("600000000177").await;
    project.write("src/app/main.py", "");
    let inside = project.root().join("src/app").display().to_string();
    let args = ["-C", &inside, "init", "staging", "--host", "203.0.113.7"];
    let args = [&args[..], &["--project", "review"]].concat();
    let written = project.root().canonicalize().unwrap();
    let written = written.join("environments/staging.toml");
    project
        .run(&args)
        .ends(0)
        .says(&written.display().to_string());
    assert!(!project.root().join("src/app/environments").exists());
    project.run(&["check", "staging"]).ends(0);

    let folder = project.beside("my_app");
    std::fs::create_dir(&folder).unwrap();
    let folder = folder.display().to_string();
    project
        .run(&["-C", &folder, "init", "--host", "203.0.113.7"])
        .ends(1)
        .says("`my_app`")
        .says("a project's name starts with a letter")
        .says("--project NAME");
}

#[tokio::test]
async fn init_says_what_it_must_know_and_writes_nothing_that_is_not_used() {
    let project = Project::new("600000000178").await;
    project
        .run(&["init", "--project", "review"])
        .ends(1)
        .says("--aws|--host <ADDRESS>");
    project
        .run(&["init", "--project", "review", "--aws"])
        .ends(1)
        .says("--account <DIGITS>");
    assert!(!project.root().join("environments/production.toml").exists());
    let aws = ["--aws", "--account", "111122223333"];
    let args = [&["init", "--project", "review"][..], &aws].concat();
    project.run(&args).ends(0);
    let text = project.read("environments/production.toml");
    assert!(text.contains("account = \"111122223333\""), "{text}");
    assert!(!text.contains("[keys."), "{text}");
}

#[tokio::test]
async fn init_names_the_option_whose_value_cannot_be() {
    let project = Project::new("600000000179").await;
    let aws = &["--aws", "--account", "111122223333"][..];
    for (given, option, why) in [
        (
            &["--aws", "--account", "12345"][..],
            "`--account 12345`",
            "an AWS account is 12 digits.",
        ),
        (
            &[aws, &["--region", "Europe"]].concat(),
            "`--region Europe`",
            "a region looks like `eu-west-1`.",
        ),
        (
            &["--host", "deploy@web"],
            "`--host deploy@web`",
            "a host is a name or an IP address",
        ),
    ] {
        let args = [&["init", "--project", "review"][..], given].concat();
        let ran = project.run(&args).ends(1).says(option).says(why);
        assert!(!ran.err.contains("the new environment"), "{}", ran.err);
        assert!(!project.root().join("environments/production.toml").exists());
    }
}

#[tokio::test]
async fn the_log_shows_what_every_place_is_asked_and_told() {
    let project = Project::small("600000000185", "").await;
    let mut command = project.command(&["apply", "test", "--yes"]);
    command.env("LANDFALL_LOG", "landfall=debug");
    Ran::of(&mut command)
        .ends(0)
        .says("aws: opened after")
        .says("aws: asked ")
        .says("aws: told ");
}

#[tokio::test]
async fn a_name_typed_for_deletion_that_nothing_has_is_refused() {
    let project = Project::small("600000000186", "").await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    for verb in ["plan", "apply", "destroy"] {
        project
            .run(&[verb, "test", "--yes-delete", "reviwe-secrets"])
            .ends(1)
            .says("No bucket and no stack of this environment is called `reviwe-secrets`.")
            .says(&project.bucket());
    }
    assert_eq!(project.objects().await.len(), 2);
}
