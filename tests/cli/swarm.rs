//! A Swarm of two hosts: made, deployed to, mended, made smaller and taken away.

use std::process::{Command, Stdio};

use crate::support::prepared::{IMAGE, PLAYBOOK, was_brought_back};
use crate::support::{lab::TestHost, project::Project};

const COMPOSE: &str = r#"
services:
  app:
    image: ${IMAGE_APP:-docker.io/example/app:latest}
    pull_policy: never
    command: [/bin/app]
    stop_grace_period: 1s
    depends_on: [side]
    ports: ["8080:80"]
    deploy: { replicas: 2, update_config: { monitor: 4s } }
  side:
    image: example/side:1
    pull_policy: never
    command: [/bin/app]
    stop_grace_period: 1s
    deploy: { placement: { constraints: ["node.labels.disk == ssd"] } }
"#;

/// Images of nothing but busybox; both hosts have them but for one, and no registry.
const IMAGES: &str = r#"
image example/side:1 'exec sleep 100000'
image example/app:1 'echo all is well; exec sleep 100000'
image example/app:2 'exec sleep 100001'
image example/app:bad 'echo broken on purpose; exit 3'
image example/app:half 'exec sleep 100002'
docker save example/side:1 example/app:1 example/app:2 example/app:bad
"#;

/// The compose file on the first manager.
const FILE: &str = "/srv/review/docker-compose.yml";

/// Notes the words of every call of docker from now on.
const LISTEN: &str = r#"
set -e
mv /usr/bin/docker /usr/bin/docker-itself
printf '#!/bin/sh\nprintf "%%s\\n" "$*" >>/var/log/words\nexec /usr/bin/docker-itself "$@"\n' >/usr/bin/docker
chmod 755 /usr/bin/docker
: >/var/log/words
chmod 666 /var/log/words
"#;

struct Stage {
    a: TestHost,
    b: TestHost,
    project: Project,
}

impl Stage {
    async fn set() -> Self {
        let a = TestHost::boot("swarm-a", "root").await;
        let b = TestHost::boot("swarm-b", "cloud").await;
        let project = Project::empty(&a);
        let known = [&a, &b].map(|host| std::fs::read_to_string(&host.known_hosts).unwrap());
        project.write("environments/known_hosts", &known.concat());
        project.write("playbooks/prepared.yml", PLAYBOOK);
        project.write("playbooks/docker-compose.yml", COMPOSE);
        Self { a, b, project }
    }

    /// Writes the environment with these sections beside the hosts.
    fn declare(&self, more: &str) {
        let host = |name: &str, host: &TestHost| {
            format!(
                "[hosts.{name}]\n{}\nplaybook = \"prepared\"\nvars.deploy_key = \"{{{{ keys.deploy.public }}}}\"\n",
                Project::login(host)
            )
        };
        let text = format!(
            "project = \"review\"\n[keys.deploy]\n{}{}{more}",
            host("a", &self.a),
            host("b", &self.b)
        );
        self.project.write("environments/review.toml", &text);
    }

    fn apply(&self, code: i32) -> String {
        let words = ["apply", "review", "--yes"];
        self.project.landfall(&words).with(code)
    }

    fn nothing_is_left(&self) {
        let words = ["plan", "review", "--detailed-exitcode"];
        let said = self.project.landfall(&words).with(0);
        assert!(said.contains("Nothing to do"), "{said}");
    }

    fn deploy(&self, image: &str, code: i32) -> String {
        let words = ["deploy", "review", "web", "--image", image];
        self.project.landfall(&words).with(code)
    }

    /// The nodes as the manager has them: `swarm-a Ready Active`, sorted.
    fn nodes(&self) -> Vec<String> {
        let format = "{{.Hostname}} {{.Status}} {{.Availability}}";
        let listed = self.a.exec(&["docker", "node", "ls", "--format", format]);
        let mut nodes: Vec<String> = listed.lines().map(str::to_owned).collect();
        nodes.sort();
        nodes
    }

    /// Where the application runs: the node of each task and its image, sorted.
    fn runs(&self) -> Vec<String> {
        self.tasks("review_app")
    }

    fn tasks(&self, service: &str) -> Vec<String> {
        let words = [
            "docker",
            "service",
            "ps",
            service,
            "--no-trunc",
            "--filter",
            "desired-state=running",
            "--format",
            "{{.Node}} {{.Image}}",
        ];
        let mut tasks: Vec<String> = self.a.exec(&words).lines().map(str::to_owned).collect();
        tasks.sort();
        tasks
    }

    fn image(&self, name: &str) -> String {
        let words = ["docker", "image", "inspect", "--format", "{{.Id}}", name];
        self.a.exec(&words).trim().to_owned()
    }

    fn state(host: &TestHost) -> String {
        let format = "{{.Swarm.LocalNodeState}}";
        let state = host.exec(&["docker", "info", "--format", format]);
        state.trim().to_owned()
    }

    /// Puts the same images on both hosts.
    fn images(&self) {
        let mut made = Command::new("docker")
            .args(["exec", &self.a.container, "sh", "-c"])
            .arg(format!("{IMAGE}{IMAGES}"))
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let loaded = Command::new("docker")
            .args(["exec", "--interactive", &self.b.container, "docker", "load"])
            .stdin(made.stdout.take().unwrap())
            .output()
            .unwrap();
        assert!(made.wait().unwrap().success() && loaded.status.success());
    }
}

const TARGET: &str = "[targets.web]\nswarm = \"main\"\nkey = \"deploy\"\nimages = { app = \"docker.io/example/app\" }\n";

#[tokio::test(flavor = "multi_thread")]
async fn a_swarm_is_made_deployed_to_mended_made_smaller_and_taken_away() {
    let stage = Stage::set().await;
    stage.declare("");
    stage.apply(0);
    for host in [&stage.a, &stage.b] {
        host.exec(&["sh", "-c", LISTEN]);
    }
    stage.images();
    it_is_made_and_its_token_is_nowhere(&stage);
    a_stack_is_deployed_on_both_and_a_bad_image_is_rolled_back(&stage);
    a_task_that_no_node_can_run_says_why_and_where(&stage);
    a_config_or_secret_that_changed_is_refused_before_anything_is_touched(&stage);
    a_node_that_left_by_itself_is_brought_back(&stage);
    a_dead_docker_holds_only_its_own_host_back(&stage);
    a_majority_stays_and_a_worker_leaves(&stage);
    it_is_taken_away(&stage);
}

fn it_is_made_and_its_token_is_nowhere(stage: &Stage) {
    let swarm = "[swarms.main]\nmanagers = [\"a\"]\nworkers = [\"b\"]\nlabels = { a = { disk = \"ssd\" } }\n";
    stage.declare(&format!("{swarm}{TARGET}"));
    let planned = stage.project.landfall(&["plan", "review"]).with(0);
    assert!(
        planned.contains("swarms.main") && planned.contains("a.role") && planned.contains("b.role"),
        "{planned}"
    );
    let mut run = stage.project.command(&["apply", "review", "--yes"]);
    let run = run.env("LANDFALL_LOG", "landfall=trace").output().unwrap();
    let said = String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned();
    assert!(run.status.success(), "{said}");
    assert_eq!(
        stage.nodes(),
        ["swarm-a Ready Active", "swarm-b Ready Active"]
    );
    stage.nothing_is_left();
    // It is known by its own label too, so that one whose making was cut is.
    let format = "{{index .Swarm.Cluster.Spec.Labels \"landfall.swarm\"}}";
    let label = stage.a.exec(&["docker", "info", "--format", format]);
    assert_eq!(label, "review.review.main\n");

    let token = |part| {
        let words = ["docker", "swarm", "join-token", "--quiet", part];
        stage.a.exec(&words).trim().to_owned()
    };
    for token in [token("worker"), token("manager")] {
        assert!(token.starts_with("SWMTKN-"), "{token}");
        assert!(!said.contains(&token), "the run showed it");
        for host in [&stage.a, &stage.b] {
            let words = host.exec(&["cat", "/var/log/words"]);
            assert!(words.contains("system dial-stdio"), "{words}");
            assert!(!words.contains(&token), "it was an argument: {words}");
            let script = "journalctl --no-pager | grep -c -- \"$1\" || true";
            let logged = host.exec(&["sh", "-c", script, "sh", &token]);
            assert_eq!(logged, "0\n", "it is in the host's journal");
        }
        let found = Command::new("grep")
            .args(["-r", "-l", &token])
            .arg(stage.project.path())
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&found.stdout), "");
    }
}

fn a_stack_is_deployed_on_both_and_a_bad_image_is_rolled_back(stage: &Stage) {
    let (one, two) = (stage.image("example/app:1"), stage.image("example/app:2"));
    stage.deploy("app=example/app:1", 0);
    let both = |image: &str| vec![format!("swarm-a {image}"), format!("swarm-b {image}")];
    assert_eq!(stage.runs(), both(&one));
    // Its constraint lets the other one run on a single node.
    assert_eq!(stage.tasks("review_side"), ["swarm-a example/side:1"]);
    let said = stage.deploy("app=example/app:1", 0);
    assert!(said.contains("Nothing to do"), "{said}");

    let said = stage.deploy("app=example/app:bad", 1);
    was_brought_back(&said);
    // Nor is what the healthy tasks printed the log of the one that failed.
    assert!(!said.contains("all is well"), "{said}");
    assert!(
        stage.runs().iter().all(|task| task.ends_with(&one)),
        "{:?}",
        stage.runs()
    );
    stage.deploy("app=example/app:2", 0);
    assert!(stage.runs().iter().all(|task| task.ends_with(&two)));
    let words = ["rollback", "review", "web"];
    stage.project.landfall(&words).with(0);
    assert!(stage.runs().iter().all(|task| task.ends_with(&one)));
    let words = ["releases", "review", "web", "--json"];
    let releases = stage.project.landfall(&words).with(0);
    let states: Vec<String> = releases
        .lines()
        .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
        .map(|release| release["state"].as_str().unwrap().to_owned())
        .collect();
    assert_eq!(
        states,
        ["done", "done", "rolled_back", "done"],
        "{releases}"
    );

    let words = ["run", "review", "web", "--", "true"];
    let said = stage.project.landfall(&words).with(6);
    assert!(said.contains("It is a stack of a Swarm"), "{said}");
    let words = ["targets", "verify", "review", "web"];
    let said = stage.project.landfall(&words).with(0);
    assert!(said.contains("2 nodes are ready"), "{said}");
}

/// An image that one node lacks, and a constraint that none meets.
fn a_task_that_no_node_can_run_says_why_and_where(stage: &Stage) {
    let runs = stage.runs();
    let said = stage.deploy("app=example/app:half", 1);
    assert!(said.contains("No such image"), "{said}");
    assert!(said.contains("(on swarm-b)"), "{said}");
    assert_eq!(stage.runs(), runs);

    let changed = "cp $1 /tmp/kept && sed -i 's/disk == ssd/disk == tape/' $1";
    stage.a.exec(&["sh", "-c", changed, "sh", FILE]);
    let words = [
        "deploy",
        "review",
        "web",
        "--image",
        "app=example/app:1",
        "--timeout",
        "10",
    ];
    // The images are those that ran before, so that there is none to go back to.
    let said = stage.project.landfall(&words).with(7);
    let why = "side is being exchanged: no suitable node (scheduling constraints not satisfied on 2 nodes)";
    assert!(said.contains(why), "{said}");
    stage.a.exec(&["sh", "-c", "cat /tmp/kept >$1", "sh", FILE]);
    stage.deploy("app=example/app:1", 0);
    assert_eq!(stage.runs(), runs);
}

/// What a Swarm's config or secret holds never changes (docker/cli refuses the whole stack then).
fn a_config_or_secret_that_changed_is_refused_before_anything_is_touched(stage: &Stage) {
    let put = |text: &str, name: &str| {
        let words = ["sh", "-c", "echo $1 >/srv/review/$2", "sh", text, name];
        stage.a.exec(&words);
    };
    let deploy = |code| stage.deploy("app=example/app:1", code);
    put("one", "c1.txt");
    put("hunter2", "s1.txt");
    let script = "cp $1 /tmp/kept && printf '%s\n' 'configs: {c1: {file: ./c1.txt}}' 'secrets: {s1: {file: ./s1.txt}}' >>$1 \
                  && sed -i 's/^  app:$/  app:\\n    configs: [c1]\\n    secrets: [s1]/' $1";
    stage.a.exec(&["sh", "-c", script, "sh", FILE]);
    deploy(0);
    let said = deploy(0);
    assert!(said.contains("Nothing to do"), "{said}");
    let runs = stage.runs();

    // The same images and another file: the stack would need it, and docker would refuse it.
    for (name, was, what) in [
        ("c1", "one", "The config `review_c1`"),
        ("s1", "hunter2", "The secret `review_s1`"),
    ] {
        let file = format!("{name}.txt");
        put("another", &file);
        for image in ["app=example/app:1", "app=example/app:2"] {
            let said = stage.deploy(image, 1);
            for words in [
                "a config or secret of the stack changed under the same name",
                what,
                &format!("was made when /srv/review/{file} held something else"),
                "Nothing was changed",
                &format!("`name: {name}-${{VERSION}}`"),
            ] {
                assert!(said.contains(words), "{words}: {said}");
            }
        }
        assert_eq!(stage.runs(), runs);
        put(was, &file);
    }
    // A secret bears no sum of what it holds alone: who sees it could try words.
    let format = "{{json .Spec.Labels}}";
    let words = [
        "docker",
        "secret",
        "inspect",
        "--format",
        format,
        "review_s1",
    ];
    let labels = stage.a.exec(&words);
    let plain = stage.a.exec(&["sha256sum", "/srv/review/s1.txt"]);
    assert!(labels.contains("landfall.proof"), "{labels}");
    assert!(
        !labels.contains(plain.split(' ').next().unwrap()),
        "{labels}"
    );
    let said = deploy(0);
    assert!(said.contains("Nothing to do"), "{said}");

    // What the deploy user may not read, docker reads as root and compares itself.
    stage.a.exec(&["chmod", "600", "/srv/review/c1.txt"]);
    deploy(0);
    put("two", "c1.txt");
    let said = stage.deploy("app=example/app:2", 1);
    for words in [
        "docker refuses the stack",
        "only updates to Labels are allowed",
        "No task was changed",
        "`name: c1-${VERSION}`",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(stage.runs(), runs);
    let back = "cat /tmp/kept >$1 && rm /srv/review/c1.txt /srv/review/s1.txt";
    stage.a.exec(&["sh", "-c", back, "sh", FILE]);
    deploy(0);
}

fn a_node_that_left_by_itself_is_brought_back(stage: &Stage) {
    stage.b.exec(&["docker", "swarm", "leave"]);
    let words = ["plan", "review", "--detailed-exitcode"];
    let planned = stage.project.landfall(&words).with(2);
    assert!(
        planned.contains("b.role") && planned.contains("b.node"),
        "{planned}"
    );
    stage.apply(0);
    assert_eq!(
        stage.nodes(),
        ["swarm-a Ready Active", "swarm-b Ready Active"]
    );
    stage.nothing_is_left();
}

fn a_dead_docker_holds_only_its_own_host_back(stage: &Stage) {
    let docker = |verb: &str| {
        let words = ["systemctl", verb, "docker.service", "docker.socket"];
        stage.b.exec(&words);
    };
    docker("stop");
    let swarm = |a: &str, workers: &str| {
        format!("[swarms.main]\nmanagers = [{workers}]\nlabels = {{ a = {{ disk = \"{a}\" }} }}\n")
    };
    let (one, two) = ("\"a\"]\nworkers = [\"b\"", "\"a\", \"b\"");
    stage.declare(&format!("{}{TARGET}", swarm("nvme", one)));
    let said = stage.apply(0);
    assert!(
        said.contains("b is left as it is: its Docker does not answer"),
        "{said}"
    );
    let format = "{{.Spec.Labels.disk}}";
    let words = ["docker", "node", "inspect", "--format", format, "self"];
    assert_eq!(stage.a.exec(&words), "nvme\n");
    // What its own engine would have to do is refused by its name.
    stage.declare(&format!("{}{TARGET}", swarm("nvme", two)));
    let said = stage.apply(6);
    assert!(
        said.contains("`b` is to become a manager, and its Docker does not answer"),
        "{said}"
    );
    docker("start");
    stage.declare(&format!("{}{TARGET}", swarm("ssd", one)));
    stage.apply(0);
    let ready = "for n in $(seq 100); do docker node ls --format '{{.Status}}' | grep -qv Ready || exit 0; sleep 0.2; done; exit 1";
    stage.a.exec(&["sh", "-c", ready]);
    stage.nothing_is_left();
}

fn a_majority_stays_and_a_worker_leaves(stage: &Stage) {
    stage.declare("[swarms.main]\nmanagers = [\"b\"]\n");
    let said = stage.apply(6);
    assert!(
        said.contains("this takes away a majority of the managers"),
        "{said}"
    );
    assert_eq!(
        stage.nodes(),
        ["swarm-a Ready Active", "swarm-b Ready Active"]
    );

    // The other one drained, and its part changed there and back.
    let drained = "[swarms.main]\nmanagers = [\"a\", \"b\"]\ndrained = [\"b\"]\n";
    stage.declare(&format!("{drained}{TARGET}"));
    stage.apply(0);
    assert_eq!(
        stage.nodes(),
        ["swarm-a Ready Active", "swarm-b Ready Drain"]
    );
    stage.nothing_is_left();
    stage.declare(&format!("[swarms.main]\nmanagers = [\"a\"]\n{TARGET}"));
    let planned = stage.project.landfall(&["plan", "review"]).with(0);
    assert!(planned.contains("b.role"), "{planned}");
    stage.apply(0);
    assert_eq!(stage.nodes(), ["swarm-a Ready Active"]);
    assert_eq!(Stage::state(&stage.b), "inactive");
    assert!(
        stage.runs().iter().all(|task| task.starts_with("swarm-a ")),
        "{:?}",
        stage.runs()
    );
    stage.nothing_is_left();
}

fn it_is_taken_away(stage: &Stage) {
    let words = ["destroy", "review", "--yes"];
    stage.project.landfall(&words).with(0);
    assert_eq!(Stage::state(&stage.a), "inactive");
}
