//! Exports, read back by the programs they are for.

mod api;
mod ci;
mod github;
mod inventory;
mod schema;

use std::collections::BTreeMap;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use async_trait::async_trait;

use landfall::connect::network::Network;
use landfall::model::registry::{RegistryAnswer, RegistryQuery};
use landfall::model::registry_action::RegistryAction;
use landfall::model::{
    Address, Answer, ComposeProject, DeployKey, EcsService, EcsTarget, Events, Failure, HostTarget,
    Kind, Profile, Query, Target, TargetKind, Value,
};
use landfall::model::{CheckResult, Probe, World};
use landfall::register::{self, Entered, Entrance, FORMATS, File, Registry, Selection};
use serde_json::json;

use crate::support::cases;

fn target(name: &str, kind: TargetKind) -> Target {
    Target {
        name: name.into(),
        project: "review".into(),
        environment: "production".into(),
        registered: "2026-02-03T10:11:12Z".into(),
        version: 1,
        images: BTreeMap::new(),
        verified: None,
        kind,
    }
}

/// Where the project is.
const ROOT: &str = "/srv/project";

/// All of these in this form.
fn export(targets: &[Target], format: &str) -> Result<String, Failure> {
    let selection = Selection::all(targets, Path::new(ROOT));
    register::export(&selection, register::format(format).unwrap())
}

fn files(targets: &[Target], format: &str, folder: &Path) -> Vec<File> {
    let format = register::format(format).unwrap();
    let selection = Selection::all(targets, Path::new(ROOT));
    register::export_files(&selection, format, folder).unwrap()
}

fn host(address: &str, port: u16) -> HostTarget {
    HostTarget {
        address: address.into(),
        port,
        user: "deploy".into(),
        host_keys: vec![],
        sudo: vec!["/usr/bin/docker".into()],
        docker: Some("26.1.5".into()),
        compose: None,
        directories: vec!["/srv/it's here".into(), "/srv/$HOME".into()],
        ..HostTarget::default()
    }
}

/// One whose deploy user is let to Docker's socket.
fn open(address: &str, port: u16) -> HostTarget {
    HostTarget {
        profile: Some(Profile::DockerGroup),
        ..host(address, port)
    }
}

fn ecs() -> Target {
    target(
        "web",
        TargetKind::Ecs(EcsTarget {
            account: "123456789012".into(),
            region: "eu-west-1".into(),
            cluster: "review".into(),
            service: "web; rm -rf \"$HOME\" `id`\n".into(),
            task_family: Some("review-web".into()),
            role: None,
            services: BTreeMap::new(),
        }),
    )
}

/// A host with a key that ssh-keygen made: `NAME.key` in this folder opens it, and is its own key as well.
fn with_key(name: &str, address: &str, port: u16, folder: &Path) -> Target {
    let path = folder.join(format!("{name}.key"));
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-C", "a comment", "-f"])
        .arg(&path)
        .status();
    assert!(made.unwrap().success());
    let mut host = host(address, port);
    let public = std::fs::read_to_string(path.with_extension("key.pub")).unwrap();
    host.host_keys = vec![public.trim().to_owned()];
    host.key = Some(DeployKey {
        file: format!("{name}.key"),
        public: public.trim().trim_end_matches(" a comment").to_owned(),
    });
    target(name, TargetKind::Host(host))
}

fn read_by_sh(text: &str, folder: &Path, variable: &str) -> String {
    let file = folder.join("targets.env");
    std::fs::write(&file, text).unwrap();
    let output = Command::new("sh")
        .args(["-eu", "-c", ". \"$0\"; eval \"printf %s. \\\"\\$$1\\\"\""])
        .arg(&file)
        .arg(variable)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(output.status.success(), "{output:?}");
    let text = String::from_utf8(output.stdout).unwrap();
    text.strip_suffix('.').unwrap().to_owned()
}

#[test]
fn a_shell_reads_back_every_value() {
    let folder = tempfile::tempdir().unwrap();
    let web = ecs();
    let selection = Selection::one(&web, Path::new(ROOT));
    let one = register::export(&selection, register::format("shell").unwrap()).unwrap();
    let read = |name: &str| read_by_sh(&one, folder.path(), name);
    assert_eq!(read("ECS_SERVICE"), "web; rm -rf \"$HOME\" `id`\n");
    assert_eq!(read("AWS_DEFAULT_REGION"), "eu-west-1");
    assert_eq!(read("DEPLOY_KIND"), "ecs");

    let web_1 = with_key("web-1", "203.0.113.7", 2222, folder.path());
    let both = export(&[ecs(), web_1.clone()], "shell").unwrap();
    let read = |name: &str| read_by_sh(&both, folder.path(), name);
    // It was called so before the second one came.
    let alone = export(std::slice::from_ref(&web_1), "shell").unwrap();
    assert!(both.ends_with(&alone), "{alone}");
    assert_eq!(read("WEB_1_DEST_HOST_ADDR"), "203.0.113.7");
    assert_eq!(read("WEB_1_SSH_USER"), "deploy");
    assert_eq!(
        read("WEB_1_DEPLOY_DIRECTORIES"),
        "/srv/it's here:/srv/$HOME"
    );
    assert!(read("WEB_1_SSH_KNOWN_HOSTS").starts_with("[203.0.113.7]:2222 ssh-ed25519 AAAA"));
    assert_eq!(read("WEB_ECS_CLUSTER"), "review");
}

#[test]
fn an_ssh_config_that_is_printed_says_how_ssh_is_told_the_keys_of_its_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let host = with_key("web-1", "203.0.113.7", 22, folder.path());
    let text = export(&[host], "ssh_config").unwrap();
    assert!(text.contains("    UserKnownHostsFile ~/.ssh/known_hosts\n"));
    let command = "landfall targets export production --format known_hosts >> ~/.ssh/known_hosts";
    assert!(text.contains(command), "{text}");
    let file = folder.path().join("ssh_config");
    std::fs::write(&file, &text).unwrap();
    let mut ssh = Command::new("ssh");
    let output = ssh.args(["-G", "-F"]).arg(&file).arg("web-1").output();
    let read = String::from_utf8(output.unwrap().stdout).unwrap();
    assert!(read.contains("hostname 203.0.113.7\n"), "{read}");
    assert!(read.contains("/.ssh/known_hosts\n"), "{read}");
}

#[test]
fn ssh_reads_our_ssh_config_and_finds_the_keys_of_its_hosts() {
    let folder = tempfile::Builder::new()
        .prefix("with space %h")
        .tempdir()
        .unwrap();
    let hosts = [
        with_key("web-1", "203.0.113.7", 22, folder.path()),
        with_key("web-2", "2001:db8::7", 2222, folder.path()),
        ecs(),
    ];
    let files = files(&hosts, "ssh_config", folder.path());
    for file in &files {
        std::fs::write(folder.path().join(file.name), &file.content).unwrap();
    }
    for (name, address, port) in [("web-1", "203.0.113.7", 22), ("web-2", "2001:db8::7", 2222)] {
        let output = Command::new("ssh")
            .arg("-G")
            .arg("-F")
            .arg(folder.path().join("ssh_config"))
            .arg(name)
            .output()
            .unwrap();
        let read = String::from_utf8(output.stdout).unwrap();
        let known_hosts = folder.path().join("known_hosts");
        for line in [
            format!("hostname {address}"),
            format!("port {port}"),
            "user deploy".to_owned(),
            "stricthostkeychecking true".to_owned(),
            "identitiesonly yes".to_owned(),
            format!("identityfile {ROOT}/{name}.key"),
        ] {
            assert!(
                read.lines().any(|read| read == line),
                "{line} is not in\n{read}"
            );
        }
        let named = read
            .lines()
            .find(|line| line.starts_with("userknownhostsfile "))
            .unwrap();
        assert!(
            named
                .replace("%%", "%")
                .contains(known_hosts.to_str().unwrap()),
            "{named}"
        );
        let looked_up = if port == 22 {
            address.to_owned()
        } else {
            format!("[{address}]:{port}")
        };
        let found = Command::new("ssh-keygen")
            .args(["-F", &looked_up, "-f"])
            .arg(&known_hosts)
            .output()
            .unwrap();
        assert!(
            found.status.success(),
            "{looked_up} was not found: {found:?}"
        );
    }
}

#[test]
fn json_is_the_records_themselves() {
    let targets = [ecs(), target("web-1", TargetKind::Host(host("h", 22)))];
    let text = export(&targets, "json").unwrap();
    // Written out, since others read these names.
    let records = json!([
        {
            "name": "web", "project": "review", "environment": "production",
            "registered": "2026-02-03T10:11:12Z", "version": 1, "kind": "ecs",
            "account": "123456789012", "region": "eu-west-1", "cluster": "review",
            "service": "web; rm -rf \"$HOME\" `id`\n", "task_family": "review-web", "role": null,
        },
        {
            "name": "web-1", "project": "review", "environment": "production",
            "registered": "2026-02-03T10:11:12Z", "version": 1, "kind": "host",
            "address": "h", "port": 22, "user": "deploy", "host_keys": [], "sudo": ["/usr/bin/docker"],
            "docker": "26.1.5", "compose": null, "directories": ["/srv/it's here", "/srv/$HOME"],
        },
    ]);
    assert_eq!(serde_json::from_str::<Value>(&text).unwrap(), records);
}

#[test]
fn a_value_that_ssh_would_read_as_something_else_is_refused() {
    for address in [
        "h\n  ProxyCommand id",
        "-oProxyCommand=id",
        "*",
        "a b",
        "",
        "h,*",
    ] {
        let bad = target("web-1", TargetKind::Host(host(address, 22)));
        assert!(
            export(std::slice::from_ref(&bad), "ssh_config").is_err(),
            "{address:?}"
        );
    }
    for key in ["ssh-ed25519", "@revoked AAAA", "ssh-ed25519 AA\nh2", ""] {
        let mut host = host("h", 22);
        host.host_keys = vec![key.into()];
        let bad = target("web-1", TargetKind::Host(host));
        assert!(export(&[bad], "known_hosts").is_err(), "{key:?}");
    }
}

#[test]
fn what_cannot_be_told_apart_or_is_not_there_is_refused() {
    let twins = ["web-1", "web_1"].map(|name| target(name, TargetKind::Host(host("h", 22))));
    let failure = export(&twins, "dotenv").unwrap_err();
    assert_eq!(failure.summary, "two targets have the same variables");
    let failure = export(&[ecs()], "ssh_config").unwrap_err();
    assert_eq!(failure.summary, "nothing to export");
    assert_eq!(
        export(&[], "json").unwrap_err().summary,
        "nothing to export"
    );
}

/// Two hosts and a service, with all that records can have.
fn whole() -> Vec<Target> {
    let [mut one, mut two] = ["203.0.113.7", "2001:db8::7"].map(|address| host(address, 22));
    one.host_keys = vec!["ssh-rsa AAAAB3 old".into(), "ssh-ed25519 AAAAC3 new".into()];
    one.compose = Some("2.26.1".into());
    one.profile = Some(Profile::SudoDocker);
    one.key = Some(DeployKey {
        file: ".landfall/keys/production/deploy".into(),
        public: "ssh-ed25519 AAAAC4".into(),
    });
    one.domains = vec!["review.example.org".into(), "www.example.org".into()];
    one.ports = Some(vec![80, 443]);
    two.profile = Some(Profile::Rootless);
    two.key = Some(DeployKey {
        file: "/home/me/.ssh/id own".into(),
        public: "ssh-ed25519 AAAAC5".into(),
    });
    for host in [&mut one, &mut two] {
        host.directories = vec!["/srv/it's here".into(), "/srv/#1".into()];
        host.project = Some(ComposeProject {
            name: "review".into(),
            file: "/srv/it's here/compose.yml".into(),
        });
    }
    let mut web = ecs();
    if let TargetKind::Ecs(ecs) = &mut web.kind {
        ecs.service = "web".into();
        ecs.role = Some("arn:aws:iam::123456789012:role/deploy".into());
        ecs.services = BTreeMap::from([(
            "static".into(),
            EcsService {
                service: "web-static".into(),
                task_family: Some("review-static".into()),
            },
        )]);
    }
    web.images = BTreeMap::from([
        ("app".into(), "docker.io/example/review".into()),
        ("static-files".into(), "docker.io/example/static".into()),
    ]);
    let stamp = json!({
        "at": "2026-02-03T10:12:00Z",
        "record": "00".repeat(32),
        "checks": [{ "name": "service", "tried": "describe web", "result": "passed", "seen": "ACTIVE" }],
    });
    web.verified = Some(serde_json::from_value(stamp).unwrap());
    vec![
        web,
        target("web-1", TargetKind::Host(one)),
        target("web-2", TargetKind::Host(two)),
    ]
}

/// Every form of two hosts and a service, as files of a folder: `exports/FORM.txt` is what was seen to be right.
#[test]
fn every_form_is_as_its_consumer_reads_it() {
    let targets = whole();
    for format in FORMATS {
        let file = format!("tests/exports/{}.txt", format.name);
        assert!(
            Path::new(env!("CARGO_MANIFEST_DIR")).join(&file).is_file(),
            "{file}"
        );
    }
    // Those that call docker as the deploy user are for other profiles than one that takes sudo.
    let mut open = targets.clone();
    let TargetKind::Host(host) = &mut open[1].kind else {
        panic!("no host");
    };
    host.profile = Some(Profile::DockerGroup);
    cases::each("exports/*.txt", async |case| {
        let targets = match &*case.name {
            "docker_context" | "kamal" => &open,
            _ => &targets,
        };
        let files = files(targets, &case.name, Path::new("/srv/ci"));
        let shown = |file: &File| {
            let program = if file.program { ", a program" } else { "" };
            format!("== {}{program}\n{}", file.name, file.content)
        };
        case.says(&files.iter().map(shown).collect::<String>())
    });
}

#[test]
fn images_and_further_services_are_variables_under_their_own_names() {
    let all = whole();
    let root = Path::new(ROOT);
    let dotenv = register::format("dotenv").unwrap();
    let text = register::export(&Selection::one(&all[0], root), dotenv).unwrap();
    for line in [
        "IMAGE_APP=docker.io/example/review",
        "IMAGE_STATIC_FILES=docker.io/example/static",
        "ECS_SERVICE=web",
        "ECS_STATIC_SERVICE=web-static",
        "ECS_STATIC_TASK_FAMILY=review-static",
        "AWS_ROLE_ARN=arn:aws:iam::123456789012:role/deploy",
    ] {
        assert!(text.lines().any(|read| read == line), "{line}\n{text}");
    }
    let mut twins = all[0].clone();
    twins.images.insert("static_files".into(), "x/y".into());
    let failure = register::export(&Selection::one(&twins, root), dotenv).unwrap_err();
    assert_eq!(
        failure.summary,
        "two parts of a target have the same variable"
    );
}

#[test]
fn python_dotenv_reads_back_what_a_shell_reads() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("targets.env");
    let mut all = whole();
    if let TargetKind::Ecs(ecs) = &mut all[0].kind {
        ecs.service = "web; rm -rf \"$HOME\" `id`\n${HOME} # x".into();
    }
    for one in &mut all[1..] {
        let TargetKind::Host(host) = &mut one.kind else {
            panic!("no host");
        };
        host.directories = vec!["/srv/$HOME".into()];
    }
    let text = export(&all, "dotenv").unwrap();
    std::fs::write(&file, &text).unwrap();
    let program = "import dotenv, json, sys; print(json.dumps(dotenv.dotenv_values(sys.argv[1], interpolate=False)))";
    let mut python = Command::new(tool("python3"));
    let output = python.args(["-c", program]).arg(&file).output().unwrap();
    let read: Value = serde_json::from_slice(&output.stdout).unwrap();
    assert!(read.as_object().unwrap().len() > 30, "{read}");
    for (name, value) in read.as_object().unwrap() {
        assert_eq!(value, &*read_by_sh(&text, folder.path(), name), "{name}");
    }
}

/// A quote and a dollar sign stand in no quotes that all of them read alike; a character that nobody sees stands nowhere.
#[test]
fn a_value_that_readers_would_not_read_alike_or_nobody_sees_is_refused() {
    for (value, dotenv, shell) in [
        ("/srv/it's $HOME", "would not read alike", ""),
        ("/srv/a\\", "would not read alike", ""),
        ("/srv/it's \"here\"", "would not read alike", ""),
        ("/srv/\u{1b}[2J", "\\u{1b}[2J", "\\u{1b}[2J"),
        ("/srv/\u{202e}cod", "\\u{202e}cod", "\\u{202e}cod"),
        ("/srv/\0", "\\u{0}", "\\u{0}"),
        ("/srv/a\rb", "\\r", "\\r"),
    ] {
        let mut host = host("203.0.113.7", 22);
        host.directories = vec![value.into()];
        let host = [target("web-1", TargetKind::Host(host))];
        for (form, why) in [("dotenv", dotenv), ("shell", shell)] {
            match export(&host, form) {
                Ok(text) => assert_eq!(why, "", "{form}: {text}"),
                Err(failure) => assert!(!why.is_empty() && failure.what.contains(why), "{failure}"),
            }
        }
        for form in ["json", "tfvars"] {
            let text = export(&host, form).unwrap();
            assert!(
                !text.contains(['\u{1b}', '\u{202e}', '\0', '\r']),
                "{text:?}"
            );
        }
    }
}

/// CI writes `ssh "$SSH_USER@$DEST_HOST_ADDR"`.
#[test]
fn a_user_that_ssh_would_take_for_an_option_is_no_variable() {
    for user in ["-oProxyCommand=id", "a b", "a;id"] {
        let mut host = host("203.0.113.7", 22);
        host.user = user.into();
        let host = [target("web-1", TargetKind::Host(host))];
        for form in ["dotenv", "github", "gitlab", "github_workflow"] {
            let failure = export(&host, form).unwrap_err();
            assert!(failure.what.contains("The user of `web-1`"), "{failure}");
        }
    }
}

#[test]
fn a_name_that_is_none_of_a_context_is_refused() {
    for name in ["w", "a@b", "a:b", "_web"] {
        let host = [target(name, TargetKind::Host(open("203.0.113.7", 22)))];
        let failure = export(&host, "docker_context").unwrap_err();
        assert!(failure.what.contains("no context of the name"), "{failure}");
    }
}

#[test]
fn a_tool_that_calls_docker_is_not_configured_for_a_host_that_does_not_let_it() {
    let mut targets = whole();
    for (profile, why) in [
        (Some(Profile::SudoDocker), "by sudo alone"),
        (None, "by sudo alone"),
        (Some(Profile::ForcedCommand), "one command of its own"),
    ] {
        let TargetKind::Host(host) = &mut targets[1].kind else {
            panic!("no host");
        };
        host.profile = profile;
        for form in ["docker_context", "kamal"] {
            let failure = export(&targets, form).unwrap_err();
            assert_eq!(failure.summary, "docker cannot be called there");
            assert!(failure.what.contains("`web-1`"), "{failure}");
            assert!(failure.why.contains(why), "{failure}");
            let command = "`landfall deploy production web-1 --image ";
            assert!(failure.help.contains(command), "{failure}");
            let others = format!("`landfall targets export production web-2 --format {form}`");
            assert!(failure.help.ends_with(&others), "{failure}");
            assert!(export(&targets[2..], form).is_ok());
        }
    }
}

/// A program of the judges that `tests/run` installs.
fn tool(name: &str) -> std::path::PathBuf {
    let folder = std::env::var_os("LANDFALL_TOOLS").expect("LANDFALL_TOOLS, as tests/run sets it");
    Path::new(&folder).join("bin").join(name)
}

#[test]
fn docker_makes_the_contexts_of_two_hosts() {
    let folder = tempfile::tempdir().unwrap();
    let hosts = [("web-1", "203.0.113.7", 22), ("web-2", "2001:db8::7", 2222)]
        .map(|(name, address, port)| target(name, TargetKind::Host(open(address, port))));
    let script = export(&hosts, "docker_context").unwrap();
    let run = |script: &str| {
        let output = Command::new("sh")
            .args(["-euc", script])
            .env("DOCKER_CONFIG", folder.path())
            .output()
            .unwrap();
        assert!(output.status.success(), "{output:?}");
        String::from_utf8(output.stdout).unwrap()
    };
    run(&script);
    let made = run("docker context inspect web-1 web-2 --format '{{ .Endpoints.docker.Host }}'");
    assert_eq!(
        made,
        "ssh://deploy@203.0.113.7:22\nssh://deploy@[2001:db8::7]:2222\n"
    );
}

#[test]
fn a_form_without_quotes_refuses_what_it_cannot_hold() {
    let failure = export(&[ecs()], "env_file").unwrap_err();
    assert_eq!(failure.summary, "a value cannot be exported");
    let several = ["a", "b"].map(|name| Target {
        name: name.into(),
        ..ecs()
    });
    let failure = export(&several, "ecspresso").unwrap_err();
    let help = "Name one of a, b: `landfall targets export production a --format ecspresso`";
    assert_eq!(failure.help, help);
    let mut unlike = ["web-1", "web-2"].map(|name| target(name, TargetKind::Host(open("h", 22))));
    assert!(export(&unlike, "kamal").is_ok());
    unlike[1] = target("web-2", TargetKind::Host(open("h", 2222)));
    let failure = export(&unlike, "kamal").unwrap_err();
    let help =
        "Name those that are alike: `landfall targets export production web-1 --format kamal`";
    assert_eq!(failure.help, help);
}

/// Leads nowhere: what could be tried there is not the matter.
struct NoWay;

#[async_trait]
impl Entrance for NoWay {
    async fn host(&self, _: &Target, _: &HostTarget) -> Result<Entered, Failure> {
        Ok(Entered::NoKey("There is no key.".into()))
    }

    async fn aws(&self, _: &EcsTarget) -> Result<Arc<dyn Probe>, Failure> {
        Err(Failure::new("the account was asked for", "a test"))
    }

    fn network(&self) -> Arc<dyn Probe> {
        Arc::new(Network)
    }
}

#[tokio::test]
async fn what_is_registered_is_answered_with_the_time_of_its_writing() {
    let kept = crate::support::stores::folder();
    let backend =
        landfall::backend::Backend::new(kept.store.clone(), "", "review", "production").unwrap();
    let registry = Registry::new(backend.targets(), backend.releases(), Arc::new(NoWay));
    let query = Query::Registry(RegistryQuery::Target { name: "web".into() });
    let none = Answer::Registry(RegistryAnswer::Target(None));
    assert_eq!(registry.ask(&query).await.unwrap(), none);

    let progress = Events::channel()
        .0
        .progress(&Address::new(Kind::Target, "web"));
    // What cannot be used is not registered.
    let register = RegistryAction::Register(Box::new(ecs())).into();
    let refused = registry.act(&register, &progress).await.unwrap_err();
    assert_eq!(
        refused.summary,
        "the target does not work as CI will use it"
    );
    assert!(
        refused
            .why
            .starts_with("account: the account was asked for"),
        "{}",
        refused.why
    );
    assert_eq!(registry.ask(&query).await.unwrap(), none);

    let web = target("web", TargetKind::Host(host("203.0.113.7", 22)));
    let register = RegistryAction::Register(Box::new(web.clone())).into();
    registry.act(&register, &progress).await.unwrap();
    registry.act(&register, &progress).await.unwrap();
    let Answer::Registry(RegistryAnswer::Target(Some(seen))) = registry.ask(&query).await.unwrap()
    else {
        panic!("it was not registered");
    };
    assert_ne!(seen.registered, web.registered);
    assert_eq!((seen.version, &seen.kind), (2, &web.kind));
    let stamp = seen.verified.as_ref().unwrap();
    assert_eq!(stamp.checks[0].name, "login");
    let why = "There is no key.".to_owned();
    assert_eq!(stamp.checks[0].result, CheckResult::Skipped { why });
    let history = backend.targets().history("web").await.unwrap();
    assert_eq!(
        history.iter().map(|one| one.version).collect::<Vec<_>>(),
        [1]
    );

    let remove = RegistryAction::Remove { name: "web".into() }.into();
    registry.act(&remove, &progress).await.unwrap();
    registry.act(&remove, &progress).await.unwrap();
    assert_eq!(registry.ask(&query).await.unwrap(), none);
    // Whoever has its name later is no earlier edition.
    registry.act(&register, &progress).await.unwrap();
    let again = backend.targets().get("web").await.unwrap().unwrap();
    assert_eq!(again.version, 3);
    let foreign = Query::Local(landfall::model::local::LocalQuery::KeyPair { path: "id".into() });
    assert!(registry.ask(&foreign).await.is_err());
}
