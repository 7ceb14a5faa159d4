//! What is declared becomes nodes of the shape their kinds read, each with what it needs.

use std::{collections::BTreeMap, fs, path::Path};

use landfall::declare::{self, BackendSettings, Declaration, Overrides};
use landfall::model::{Address, Kind, Login, Map, Node, Redactor, Spec, Value};
use landfall::resource::certificate::Certificate;
use landfall::resource::{aws, instance::Instance, key::Key, swarm::Swarm};

fn project() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

/// An environment of a project that has the templates and files of `tests/bad/project`.
fn load(text: &str) -> Declaration {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir_all(root.path().join("environments")).unwrap();
    fs::create_dir_all(root.path().join("stacks")).unwrap();
    let template = project().join("tests/bad/project/stacks/plain.yaml");
    fs::copy(template, root.path().join("stacks/plain.yaml")).unwrap();
    fs::write(root.path().join("environments/test.toml"), text).unwrap();
    declare::load(root.path(), "test", &Overrides::default()).unwrap()
}

fn find<'a>(declared: &'a Declaration, address: &str) -> &'a Node {
    let address: Address = address.parse().unwrap();
    declared
        .nodes
        .iter()
        .find(|node| node.address == address)
        .unwrap()
}

fn needs(declared: &Declaration, address: &str) -> String {
    let needs = find(declared, address).needs.iter();
    needs.map(Address::to_string).collect::<Vec<_>>().join(" ")
}

fn values(node: &Node) -> &Map {
    match &node.spec {
        Spec::Resource(values)
        | Spec::Swarm(values)
        | Spec::Instance(values)
        | Spec::Target(values) => values,
        Spec::Host { login, .. } => login,
    }
}

/// Panics unless the node's values are of the shape that its kind is read from.
fn reads(node: &Node) {
    fn of<T: serde::de::DeserializeOwned>(values: &Map) {
        serde_json::from_value::<T>(Value::Object(values.clone())).unwrap();
    }
    let values = values(node);
    match node.address.kind {
        Kind::Key => of::<Key>(values),
        Kind::Certificate => of::<Certificate>(values),
        Kind::Role => of::<aws::Role>(values),
        Kind::Bucket => of::<aws::Bucket>(values),
        Kind::Object => of::<aws::Object>(values),
        Kind::Stack => of::<aws::Stack>(values),
        Kind::TaskDefinition => of::<aws::TaskDefinition>(values),
        Kind::Service => of::<aws::Service>(values),
        Kind::Job => of::<aws::Job>(values),
        Kind::Host => of::<Login>(values),
        Kind::Swarm => of::<Swarm>(values),
        Kind::Instance => of::<Instance>(values),
        Kind::Target => assert!(values.contains_key("name")),
    }
}

#[test]
fn the_quickstart_is_declared_without_a_word_of_complaint() {
    let declared = declare::load(project(), "quickstart", &Overrides::default()).unwrap();
    assert!(declared.warnings.is_empty(), "{:?}", declared.warnings);
    declared.nodes.iter().for_each(reads);
    let addresses: Vec<String> = declared
        .nodes
        .iter()
        .map(|node| node.address.to_string())
        .collect();
    assert_eq!(
        addresses,
        [
            "keys.deploy",
            "certificates.site",
            "roles.ecsServiceRole",
            "roles.ecsInstanceRole",
            "secrets.bucket",
            "secrets.objects.ecs.config",
            "secrets.objects.server_settings.py.quickstart",
            "stacks.cluster",
            "tasks.manage-py",
            "hosts.web-1",
            "targets.web",
            "targets.web-1",
        ]
    );
    assert_eq!(
        needs(&declared, "stacks.cluster"),
        "roles.ecsInstanceRole roles.ecsServiceRole secrets.bucket secrets.objects.ecs.config \
         secrets.objects.server_settings.py.quickstart"
    );
    assert_eq!(
        needs(&declared, "hosts.web-1"),
        "keys.deploy certificates.site"
    );
    assert_eq!(needs(&declared, "targets.web"), "stacks.cluster");
    assert_eq!(needs(&declared, "targets.web-1"), "keys.deploy hosts.web-1");
    assert_eq!(needs(&declared, "roles.ecsInstanceRole"), "");
    assert!(
        !values(find(&declared, "targets.web-1")).contains_key("user"),
        "the host's own variables say who deploys, once they are rendered"
    );
    let Spec::Host { playbooks, .. } = &find(&declared, "hosts.web-1").spec else {
        panic!("a host");
    };
    assert_eq!(playbooks[0].name, "docker-host");
}

#[test]
fn every_kind_reads_what_is_declared_for_it() {
    let declared = load(
        r#"
project = "review"
[aws]
region = "eu-west-1"
[keys.ci]
[roles.task]
service = ["ecs-tasks.amazonaws.com", "ec2.amazonaws.com"]
[secrets]
bucket = "review-{{ vars.suffix }}"
[secrets.objects."ecs.config"]
registry = "https://index.docker.io/v1/"
[stacks.queue]
template = "plain"
parameters = { Stage = "test", Size = 4 }
[tasks.web]
task_role = "task"
cpu = 256
[tasks.web.containers.app]
image = "nginx:1.29"
memory = 128
[services.web]
cluster = "main"
task = "web"
[jobs.migrate]
cluster = "main"
task = "web"
command = ["./manage.py", "migrate"]
[hosts."db.example.org"]
address = "db.example.org"
[targets.web]
cluster = "main"
service = "{{ services.web.name }}"
task = "web"
role = "task"
[vars]
suffix = "{{ stacks.queue.id }}"
"#,
    );
    declared.nodes.iter().for_each(reads);
    assert_eq!(
        needs(&declared, "secrets.bucket"),
        "stacks.queue",
        "by way of a variable"
    );
    assert_eq!(needs(&declared, "tasks.web"), "roles.task");
    assert_eq!(needs(&declared, "services.web"), "tasks.web");
    assert_eq!(needs(&declared, "jobs.migrate"), "tasks.web");
    assert_eq!(
        needs(&declared, "targets.web"),
        "roles.task tasks.web services.web"
    );
    let stack = values(find(&declared, "stacks.queue"));
    assert_eq!(stack["name"], "review-test-queue");
    assert_eq!(stack["parameters"]["Size"], "4");
    assert_eq!(stack["secret_parameters"][0], "Token");
    assert_eq!(values(find(&declared, "jobs.migrate"))["container"], "app");
    assert_eq!(
        values(find(&declared, "targets.web"))["role"],
        "{{ roles['task'].arn }}"
    );
}

#[test]
fn a_rehearsal_changes_where_things_are_and_not_what_they_are() {
    let login = Login {
        address: "172.17.0.2".to_owned(),
        port: 2222,
        user: "root".to_owned(),
        identity: None,
        sudo_password_file: None,
    };
    let overrides = Overrides {
        backend: Some("/elsewhere".into()),
        hosts: BTreeMap::from([("web-1".to_owned(), login)]),
        keys: Some("/keys".into()),
    };
    let declared = declare::load(project(), "quickstart", &overrides).unwrap();
    assert_eq!(
        declared.backend,
        BackendSettings::Folder {
            path: "/elsewhere".into()
        }
    );
    assert_eq!(
        values(find(&declared, "keys.deploy"))["file"],
        "/keys/deploy"
    );
    assert_eq!(values(find(&declared, "hosts.web-1"))["port"], 2222);
}

#[test]
fn a_project_is_found_from_anywhere_inside_it() {
    let inside = project().join("src/declare/nodes");
    assert_eq!(declare::find_root(&inside).as_deref(), Some(project()));
    let outside = tempfile::tempdir().unwrap();
    assert_eq!(declare::find_root(outside.path()), None);
}

#[test]
fn later_dotenv_files_win_and_the_local_one_may_be_absent() {
    let root = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(root.path().join(name), text).unwrap();
    fs::create_dir(root.path().join("environments")).unwrap();
    write(".env.base", "NAME=base\nHOST=a.example.org\n");
    write(".env.secret", "NAME=\"from {{ secret }}\"\n");
    write(
        "environments/test.toml",
        r#"
project = "review"
[secrets]
env = [".env.base", ".env.secret", ".env.local"]
[hosts.web]
address = "{{ env.HOST }}"
"#,
    );
    let declared = declare::load(root.path(), "test", &Overrides::default()).unwrap();
    let env = declared.scope.get("env").unwrap();
    assert_eq!(env["NAME"], "from {{ secret }}", "values are no templates");
    assert_eq!(env["HOST"], "a.example.org");
    assert_eq!(
        declared.secrets.len(),
        1,
        "what no file or name calls secret may be shown"
    );
    assert!(!format!("{declared:?}").contains("from {{ secret }}"));
}

#[test]
fn secrets_of_dotenv_files_are_known_by_file_name_and_shape() {
    let root = tempfile::tempdir().unwrap();
    let write = |name: &str, text: &str| fs::write(root.path().join(name), text).unwrap();
    fs::create_dir(root.path().join("environments")).unwrap();
    write(
        ".env.base",
        "API_TOKEN=t0ken-1\nAWS_SECRET_ACCESS_KEY=acc3ss\nCLIENT_SECRET=cl1ent\nDB_PASS=dbpw\n\
         DATABASE_URL=postgres://review:ur1pw@db/review\n\
         PRIVATE_KEY=\"-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n\"\n\
         DEBUG=1\nUSE_TOKEN=true\nPIN_TOKEN=123\nAWS_ACCESS_KEY_ID=AKIAEXAMPLE\nHOST=a.example.org\n",
    );
    write(".env.local", "SMTP_USER=robot@example.org\nPORT=5432\n");
    write(
        "environments/test.toml",
        "project = \"review\"\n[secrets]\nenv = [\".env.base\", \".env.local\"]\n",
    );
    let declared = declare::load(root.path(), "test", &Overrides::default()).unwrap();
    let mut secrets: Vec<&str> = declared.secrets.iter().map(|one| one.expose()).collect();
    secrets.sort_unstable();
    assert_eq!(
        secrets,
        [
            "-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBgkqhkiG9w0B\n-----END PRIVATE KEY-----\n",
            "acc3ss",
            "cl1ent",
            "dbpw",
            "postgres://review:ur1pw@db/review",
            "robot@example.org",
            "t0ken-1",
            "ur1pw",
        ]
    );
    let redactor = Redactor::new(declared.secrets);
    assert_eq!(
        redactor.text("key: MIIEvQIBADANBgkqhkiG9w0B"),
        "key: (secret)"
    );
}

#[test]
fn a_backend_folder_may_be_in_the_operators_home() {
    let declared = load("project = \"review\"\n[backend]\npath = \"~/lf\"\n");
    let home = std::env::home_dir().unwrap();
    assert_eq!(
        declared.backend,
        BackendSettings::Folder {
            path: home.join("lf")
        }
    );
}

#[test]
fn what_stands_behind_a_mapping_in_a_mapping_is_needed_too() {
    let declared = load(
        r#"
project = "review"
[keys.ci]
[hosts.web-1]
address = "203.0.113.7"
vars = { settings = "{{ {'a': {'b': 1}} | combine({'c': keys.ci.public}) }}" }
[hosts.web-2]
address = "{{ hosts.web-1.address }}"
"#,
    );
    assert_eq!(needs(&declared, "hosts.web-1"), "keys.ci");
    assert_eq!(needs(&declared, "hosts.web-2"), "hosts.web-1");
}
