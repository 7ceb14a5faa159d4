//! Deploying to a host: a compose project of an application and what stands for its database, on a real engine.

use std::io::Write as _;
use std::process::{Child, Stdio};
use std::time::{Duration, Instant};

use crate::support::prepared::{IMAGE, PLAYBOOK, was_brought_back};
use crate::support::{lab::TestHost, project::Project};

const ENVIRONMENT: &str = r#"
project = "review"

[keys.deploy]

[hosts.web]
LOGIN
playbook = "prepared"

[hosts.web.vars]
deploy_key = "{{ keys.deploy.public }}"

[targets.web]
host = "web"
key = "deploy"
images = { app = "docker.io/example/app" }
"#;

/// The database keeps a row for each time it was started. The task waits while somebody holds it.
const COMPOSE: &str = r#"
services:
  app:
    image: ${IMAGE_APP:-docker.io/example/app:latest}
    pull_policy: never
    command: [/bin/app]
    stop_grace_period: 1s
    depends_on: [db]
    volumes: ["./data:/data"]
  db:
    image: example/db:1
    pull_policy: never
    command: [sh, -c, "echo started >>/data/rows; exec sleep 100000"]
    stop_grace_period: 1s
    volumes: ["./data:/data"]
  migrate:
    image: ${IMAGE_APP:-docker.io/example/app:latest}
    pull_policy: never
    profiles: [before-deploy]
    command: [sh, -c, "touch /data/begun; while [ -e /data/hold ]; do sleep 0.2; done; [ ! -e /data/refuse ] || exit 6; echo migrated >>/data/migrations"]
    volumes: ["./data:/data"]
  told:
    image: ${IMAGE_APP:-docker.io/example/app:latest}
    pull_policy: never
    profiles: [after-deploy]
    command: [sh, -c, "busybox tail -n 1 /data/served >>/data/after"]
    volumes: ["./data:/data"]
"#;

/// Makes images of nothing but busybox; they come from no registry.
const IMAGES: &str = r#"
image example/db:1 'exit 1'
image example/app:1 'echo one >>/data/served; exec sleep 100000'
image example/app:2 'echo two >>/data/served; exec sleep 100000'
image example/app:bad 'echo broken on purpose; exit 3'
"#;

/// A registered target with the compose file and the images on it.
struct Stage {
    host: TestHost,
    project: Project,
}

impl Stage {
    async fn set(name: &str) -> Self {
        let host = TestHost::boot(name, "root").await;
        let project = Project::empty(&host);
        let login = Project::login(&host);
        let environment = ENVIRONMENT.replace("LOGIN", &login);
        project.write("environments/review.toml", &environment);
        project.write("playbooks/prepared.yml", PLAYBOOK);
        project.write("playbooks/docker-compose.yml", COMPOSE);
        project.landfall(&["apply", "review", "--yes"]).with(0);
        host.exec(&["sh", "-c", &format!("{IMAGE}{IMAGES}")]);
        Self { host, project }
    }

    fn words<'a>(&self, image: &'a str) -> [&'a str; 5] {
        ["deploy", "review", "web", "--image", image]
    }

    fn deploy(&self, image: &str, code: i32) -> String {
        self.project.landfall(&self.words(image)).with(code)
    }

    fn begin(&self, image: &str) -> Child {
        let mut command = self.project.command(&self.words(image));
        let command = command.stdout(Stdio::piped()).stderr(Stdio::piped());
        command.spawn().unwrap()
    }

    /// Begins a deployment and waits until it is in its task, which ends when `hold` is gone.
    fn begin_and_hold(&self, image: &str) -> Child {
        let script = "cd /srv/review/data; rm begun; touch hold";
        self.host.exec(&["sh", "-c", script]);
        let run = self.begin(image);
        self.until("the task does not begin", |stage| {
            let data = stage.host.exec(&["ls", "/srv/review/data"]);
            data.contains("begun")
        });
        run
    }

    fn data(&self, name: &str) -> String {
        let script = "cat \"/srv/review/data/$1\" 2>/dev/null || true";
        self.host.exec(&["sh", "-c", script, "sh", name])
    }

    /// The ids of a service's containers, those that have ended included.
    fn containers(&self, service: &str) -> String {
        let label = format!("label=com.docker.compose.service={service}");
        self.host.exec(&[
            "docker",
            "ps",
            "--all",
            "--quiet",
            "--no-trunc",
            "--filter",
            &label,
        ])
    }

    /// What the application's container was made from.
    fn runs(&self) -> String {
        let container = self.containers("app");
        let format = "{{.Image}} {{.State.Status}}";
        self.host
            .exec(&["docker", "inspect", "--format", format, container.trim()])
    }

    fn image(&self, name: &str) -> String {
        let format = "{{.Id}}";
        let id = self
            .host
            .exec(&["docker", "image", "inspect", "--format", format, name]);
        id.trim().to_owned()
    }

    fn until(&self, what: &str, mut holds: impl FnMut(&Self) -> bool) {
        let began = Instant::now();
        while !holds(self) {
            assert!(began.elapsed() < Duration::from_secs(120), "{what}");
            std::thread::sleep(Duration::from_millis(100));
        }
    }

    fn releases(&self) -> Vec<serde_json::Value> {
        let printed = self
            .project
            .landfall(&["releases", "review", "web", "--json"])
            .with(0);
        printed
            .lines()
            .map(|line| serde_json::from_str(line).unwrap())
            .collect()
    }
}

fn end(run: Child) -> (Option<i32>, String) {
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.code(), said)
}

#[tokio::test(flavor = "multi_thread")]
async fn images_are_deployed_recorded_and_gone_back_from_and_a_cut_is_repaired() {
    let stage = Stage::set("deploys").await;
    a_name_that_no_service_has_is_told_though_no_variable_has_a_value(&stage);
    images_are_deployed_recorded_and_gone_back_from_and_the_database_is_left_alone(&stage);
    a_deployment_that_is_cut_is_repaired_by_the_next_and_two_at_once_are_refused(&stage);
    a_command_has_our_input_and_gives_its_exit_code(&stage);
    a_connection_that_is_cut_leaves_what_runs_and_the_next_deployment_ends_it(&stage);
    what_begins_again_and_again_is_not_up(&stage);
    what_a_profile_starts_and_what_ends_well_is_deployed_as_well(&stage);
    a_compose_file_that_is_broken_is_not_brought_back_with_the_same_images(&stage);
    what_compose_would_change_is_done_and_what_it_does_not_see_is_told(&stage);
}

/// With the same images: what the compose file names beside them, and what became of the images' own names.
fn what_compose_would_change_is_done_and_what_it_does_not_see_is_told(stage: &Stage) {
    let on_host = |script: &str| stage.host.exec(&["sh", "-c", script]);
    let compose = COMPOSE.replace(
        "    command: [/bin/app]\n",
        "    command: [/bin/app]\n    configs: [c1]\n    env_file: ./app.env\n",
    ) + "configs: { c1: { file: ./c 1.txt } }\n";
    let put = |compose: &str| {
        let script = "cd /srv/review; printf %s \"$1\" >docker-compose.yml";
        stage.host.exec(&["sh", "-c", script, "sh", compose]);
    };
    put(&compose);
    on_host("cd /srv/review; echo A=1 >app.env; echo one >'c 1.txt'");
    let again = |words: &str, container: &str, anew: bool| {
        let before = stage.containers(container);
        let releases = stage.releases().len();
        let said = stage.deploy("app=example/app:1", 0);
        assert_eq!(said.contains("Nothing to do"), !anew, "{words}: {said}");
        assert_eq!(stage.containers(container) != before, anew, "{words}");
        assert_eq!(stage.releases().len(), releases + usize::from(anew));
        said
    };
    again("a config and a file of variables", "app", true);
    let told = "/srv/review/c 1.txt was changed after review-app-1 began";
    let said = again("all as it was", "app", false);
    assert!(!said.contains(told), "{said}");

    // Compose hands the file over and never looks into it; one that comes with an old time has changed as well.
    on_host("cd /srv/review; echo two >new; touch -d 2020-01-01 new; mv new 'c 1.txt'");
    let said = again("another config", "app", false);
    assert_eq!(said.matches(told).count(), 1, "{said}");
    assert!(
        said.contains("`sudo -n docker restart review-app-1`"),
        "{said}"
    );
    let read = "docker exec review-app-1 /bin/busybox cat /c1";
    assert_eq!(on_host(read), "one\n");
    on_host("docker restart review-app-1");
    assert_eq!(on_host(read), "two\n");
    let said = again("what began anew", "app", false);
    assert!(!said.contains(told), "{said}");

    // What compose reads itself.
    on_host("echo A=2 >/srv/review/app.env");
    again("another variable", "app", true);
    on_host("docker tag example/app:2 example/db:1");
    again("another image under the same name", "db", true);
    let more = compose.replace("  migrate:\n", "  more:\n    image: example/db:1\n    pull_policy: never\n    command: [sleep, \"100000\"]\n    stop_grace_period: 1s\n  migrate:\n");
    put(&more);
    again("one service more", "more", true);
    put(&compose);
    again("it is declared no more", "more", true);
    assert_eq!(stage.containers("more"), "");
    again("all as it was", "app", false);

    // What somebody ran beside, of a profile of its own, is no part of a deployment.
    let beside = "  beside:\n    image: example/db:1\n    pull_policy: never\n    profiles: [beside]\n    command: [sh, -c, \"exit 5\"]\n  migrate:\n";
    put(&compose.replace("  migrate:\n", beside));
    let by_hand =
        "docker compose --project-name review --file docker-compose.yml --env-file images.env";
    on_host(&format!(
        "cd /srv/review; {by_hand} --profile beside up --detach beside 2>&1"
    ));
    again("one beside", "app", false);
    on_host("docker rm --force review-app-1");
    again("one beside", "app", true);

    // What CI deployed by its own tools runs, and is in no record yet.
    let two = stage.image("example/app:2");
    on_host(&format!(
        "cd /srv/review; sed -i 's/^IMAGE_APP=.*/IMAGE_APP={two}/' images.env; {by_hand} up --detach 2>&1"
    ));
    stage.deploy("app=example/app:2", 0);
    assert_eq!(stage.releases()[0]["images"]["app"]["id"], two.as_str());
}

/// What is mended is the file, which is not ours: with the images of before it would break again.
fn a_compose_file_that_is_broken_is_not_brought_back_with_the_same_images(stage: &Stage) {
    let put = |compose: &str| {
        let script = "cd /srv/review; printf %s \"$1\" >docker-compose.yml; rm -f .env";
        stage.host.exec(&["sh", "-c", script, "sh", compose]);
    };
    put(COMPOSE);
    stage.deploy("app=example/app:1", 0);
    let broken = "[sh, -c, \"echo broken in the file; exec sleep 100000\"]\n    \
                  healthcheck: { test: [CMD, \"true\"], interval: 100s }";
    put(&COMPOSE.replace("[/bin/app]", broken));
    let words = stage.words("app=example/app:1");
    let words = [&words[..], &["--timeout", "5"]].concat();
    let said = stage.project.landfall(&words).with(7);
    for words in [
        "the new containers do not come up",
        "app is not healthy yet",
        "broken in the file",
        "there is nothing to go back to",
        "Mend /srv/review/docker-compose.yml on the host",
    ] {
        assert_eq!(said.matches(words).count(), 1, "{words}: {said}");
    }
    assert!(!said.contains("bringing the release before back"), "{said}");
    let releases = stage.releases();
    let told: Vec<(&str, &serde_json::Value)> = releases[..2]
        .iter()
        .map(|one| (one["state"].as_str().unwrap(), &one["runs"]))
        .collect();
    let unknown = &serde_json::Value::Null;
    assert_eq!(told, [("failed", unknown), ("done", unknown)]);
    let table = stage
        .project
        .landfall(&["releases", "review", "web"])
        .with(0);
    assert!(table.contains("Which of them runs is not known"), "{table}");
    // What a healthy container of the same service printed is not what went wrong.
    let one_of_two = "[sh, -c, \"busybox mkdir /data/first && echo all is well && exec sleep 100000; echo broken; exit 3\"]\n    \
                      deploy: { replicas: 2 }";
    put(&COMPOSE.replace("[/bin/app]", one_of_two));
    let said = stage.deploy("app=example/app:1", 7);
    assert!(said.contains("log:\n"), "{said}");
    assert!(said.contains(" broken\n"), "{said}");
    assert!(!said.contains("all is well"), "{said}");
    // Which of both stays is compose's choice.
    let both = stage.containers("app");
    let remove = both.split_whitespace();
    let remove: Vec<&str> = ["docker", "rm", "--force"]
        .into_iter()
        .chain(remove)
        .collect();
    stage.host.exec(&remove);
    put(COMPOSE);
    stage.deploy("app=example/app:1", 0);
    assert_eq!(stage.releases()[0]["runs"], true);
}

/// Compose says only that the other variable has no value.
fn a_name_that_no_service_has_is_told_though_no_variable_has_a_value(stage: &Stage) {
    let file = "environments/review.toml";
    let environment = std::fs::read_to_string(stage.project.path().join(file)).unwrap();
    let misspelt = "images = { app = \"docker.io/example/app\", ap = \"docker.io/example/app\" }";
    let both = environment.replace("images = { app = \"docker.io/example/app\" }", misspelt);
    stage.project.write(file, &both);
    let apply = || {
        stage
            .project
            .landfall(&["apply", "review", "--yes"])
            .with(0)
    };
    apply();
    let script = "sed -i 's/:-docker.io[^}]*//' /srv/review/docker-compose.yml";
    stage.host.exec(&["sh", "-c", script]);
    let said = stage.deploy("ap=example/app:1", 1);
    assert!(said.contains("no service runs this image"), "{said}");
    stage.project.write(file, &environment);
    apply();
}

/// Compose itself takes a service that ends for a failure, unless another one waits for its end.
fn what_a_profile_starts_and_what_ends_well_is_deployed_as_well(stage: &Stage) {
    let once = "  once:\n    image: example/db:1\n    pull_policy: never\n    command: [sh, -c, \"exit 0\"]\n";
    let compose = COMPOSE.replace(
        "    depends_on: [db]\n",
        "    depends_on: [db]\n    profiles: [web]\n",
    ) + once;
    let script =
        "cd /srv/review; printf %s \"$1\" >docker-compose.yml; echo COMPOSE_PROFILES=web >.env";
    stage.host.exec(&["sh", "-c", script, "sh", &compose]);
    let said = stage.deploy("app=example/app:1", 0);
    let one = stage.image("example/app:1");
    assert!(said.contains(&one), "{said}");
    assert_eq!(stage.runs(), format!("{one} running\n"));
    let said = stage.deploy("app=example/app:1", 0);
    assert!(said.contains("Nothing to do"), "{said}");
    let said = stage.deploy("app=example/app:bad", 7);
    for words in [
        "app has exited with 3",
        "The release before was brought back",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    // How far compose came is no reason; the lines that tell of it while it works are above.
    let why = said.split("why:").nth(1).unwrap();
    assert!(!why.contains("  Recreate"), "{said}");
    assert_eq!(stage.runs(), format!("{one} running\n"));
}

fn images_are_deployed_recorded_and_gone_back_from_and_the_database_is_left_alone(stage: &Stage) {
    let missing = stage
        .project
        .landfall(&["rollback", "review", "web"])
        .with(1);
    assert!(missing.contains("there is no earlier release"), "{missing}");

    // The first release.
    let said = stage.deploy("app=example/app:1", 0);
    let one = stage.image("example/app:1");
    assert!(said.contains(&one), "{said}");
    assert_eq!(stage.runs(), format!("{one} running\n"));
    assert_eq!(stage.data("migrations"), "migrated\n");
    let database = stage.containers("db");
    let first = stage.containers("app");

    // The same again.
    for image in ["app=example/app:1", "app=docker.io/example/app:1"] {
        let said = stage.deploy(image, 0);
        assert!(said.contains("Nothing to do"), "{said}");
    }
    assert_eq!(stage.containers("app"), first);
    assert_eq!(stage.data("migrations"), "migrated\n");
    assert_eq!(stage.releases().len(), 1);

    // A container that somebody stopped is no such thing.
    stage.host.exec(&["docker", "rm", "--force", first.trim()]);
    stage.deploy("app=example/app:1", 0);
    assert_eq!(stage.runs(), format!("{one} running\n"));

    // What is not there, and what is not the target's.
    let said = stage.deploy("app=example/app:none", 1);
    assert!(said.contains("the image is not on the host"), "{said}");
    let said = stage.deploy("app=example/other:1", 1);
    assert!(said.contains("comes from docker.io/example/app"), "{said}");

    // The second, and a bad one.
    stage.deploy("app=example/app:2", 0);
    let two = stage.image("example/app:2");
    assert_eq!(stage.runs(), format!("{two} running\n"));
    // What its task did stays.
    let said = stage.deploy("app=example/app:bad", 7);
    for words in [
        "the new containers do not come up",
        "app has exited with 3",
        "broken on purpose",
        "The release before was brought back",
    ] {
        assert!(said.contains(words), "{words}: {said}");
    }
    assert_eq!(stage.runs(), format!("{two} running\n"));

    // Back, and with what is recorded.
    stage
        .project
        .landfall(&["rollback", "review", "web"])
        .with(0);
    assert_eq!(stage.runs(), format!("{one} running\n"));
    let releases = stage.releases();
    let states: Vec<&str> = releases
        .iter()
        .map(|one| one["state"].as_str().unwrap())
        .collect();
    assert_eq!(
        states,
        ["done", "rolled_back", "done", "done", "done"],
        "{releases:#?}"
    );
    assert_eq!(releases[0]["images"]["app"]["reference"], "example/app:1");
    assert_eq!(releases[0]["images"]["app"]["id"], one.as_str());
    assert_eq!(releases[0]["back_to"], releases[3]["run"]);
    let run: Vec<Option<bool>> = releases.iter().map(|one| one["runs"].as_bool()).collect();
    assert_eq!(run, [true, false, false, false, false].map(Some));
    let table = stage
        .project
        .landfall(&["releases", "review", "web"])
        .with(0);
    assert_eq!(table.matches(", runs").count(), 1, "{table}");
    stage
        .project
        .landfall(&["rollback", "review", "web"])
        .with(1);
    let mut show = stage.project.command(&["targets", "show", "review", "web"]);
    let shown: serde_json::Value = serde_json::from_slice(&show.output().unwrap().stdout).unwrap();
    assert_eq!(shown["releases"].as_array(), Some(&releases), "{shown:#}");

    // The database was never started again, and nothing lies beside the compose file but the images.
    assert_eq!(stage.containers("db"), database);
    assert_eq!(stage.data("rows"), "started\n");
    // What is to run afterwards runs when the new containers do, and neither when they do not come up nor on the way back.
    assert_eq!(stage.data("after"), "one\none\ntwo\n");

    // Where a task that runs before fails, what runs is known.
    stage.host.exec(&["touch", "/srv/review/data/refuse"]);
    let said = stage.deploy("app=example/app:2", 1);
    assert!(said.contains("The containers are as they were"), "{said}");
    stage.host.exec(&["rm", "/srv/review/data/refuse"]);
    let releases = stage.releases();
    assert_eq!(releases[0]["state"], "unchanged", "{releases:#?}");
    assert_eq!(releases[0]["runs"], false);
    assert_eq!(releases[1]["runs"], true);
    assert_eq!(stage.runs(), format!("{one} running\n"));
    let files = stage
        .host
        .exec(&["sh", "-c", "cd /srv/review && stat -c '%n %a %U' *.env"]);
    assert_eq!(files, "images.env 644 deploy\n");
}

fn a_deployment_that_is_cut_is_repaired_by_the_next_and_two_at_once_are_refused(stage: &Stage) {
    let one = stage.image("example/app:1");
    stage.host.exec(&["rm", "/srv/review/data/migrations"]);
    let run = stage.begin_and_hold("app=example/app:2");
    let said = stage.deploy("app=example/app:2", 3);
    assert!(said.contains("another run holds the lock"), "{said}");
    stage.project.kill(run);
    assert_eq!(stage.runs(), format!("{one} running\n"));

    // The next one waits for what still runs there.
    let run = stage.begin("app=example/app:2");
    std::thread::sleep(Duration::from_secs(5));
    assert_eq!(stage.data("migrations"), "");
    stage.host.exec(&["rm", "/srv/review/data/hold"]);
    let (code, said) = end(run);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(
        stage.runs(),
        format!("{} running\n", stage.image("example/app:2"))
    );
    assert_eq!(stage.data("migrations"), "migrated\n".repeat(2));
    let releases = stage.releases();
    let states: Vec<&str> = releases
        .iter()
        .map(|one| one["state"].as_str().unwrap())
        .collect();
    assert_eq!(
        states[..3],
        ["done", "failed", "unchanged"],
        "{releases:#?}"
    );
    assert_eq!(stage.data("rows"), "started\n");
}

fn a_command_has_our_input_and_gives_its_exit_code(stage: &Stage) {
    let mut command = stage.project.command(&[
        "run",
        "review",
        "web",
        "--",
        "sh",
        "-c",
        "tr a-z A-Z; echo done >&2; exit 7",
    ]);
    let command = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut run = command.spawn().unwrap();
    // More than a pipe holds.
    let input = "insert into words;\n".repeat(20_000);
    let mut stdin = run.stdin.take().unwrap();
    let fed = input.clone();
    let feeding = std::thread::spawn(move || stdin.write_all(fed.as_bytes()).unwrap());
    let output = run.wait_with_output().unwrap();
    feeding.join().unwrap();
    let said = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(7), "{said}");
    assert_eq!(
        String::from_utf8(output.stdout).unwrap(),
        input.to_uppercase()
    );
    assert!(said.contains("done"), "{said}");
    let ran = stage
        .project
        .landfall(&["run", "review", "web", "--service", "none", "--", "true"]);
    assert!(ran.with(1).contains("There is no service `none`"));
    assert_eq!(
        stage.containers("app").lines().count(),
        1,
        "the container of a command stayed"
    );
}

fn a_connection_that_is_cut_leaves_what_runs_and_the_next_deployment_ends_it(stage: &Stage) {
    let two = stage.image("example/app:2");
    let run = stage.begin_and_hold("app=example/app:1");
    stage.host.exec(&["pkill", "-KILL", "-u", "deploy"]);
    let (code, said) = end(run);
    assert!(matches!(code, Some(1 | 4)), "{code:?}: {said}");
    assert!(said.contains("connection"), "{said}");
    assert_eq!(stage.runs(), format!("{two} running\n"));
    stage.host.exec(&["rm", "/srv/review/data/hold"]);
    stage.deploy("app=example/app:1", 0);
    let one = stage.image("example/app:1");
    assert_eq!(stage.runs(), format!("{one} running\n"));
    assert_eq!(stage.data("rows"), "started\n");
}

/// A container that ends is started again by the engine for ever: a moment in which it runs is no sign of health.
fn what_begins_again_and_again_is_not_up(stage: &Stage) {
    let one = stage.image("example/app:1");
    let always = "sed -i 's/    command: \\[.bin.app\\]/&\\n    restart: always/' /srv/review/docker-compose.yml; grep -c 'restart: always' /srv/review/docker-compose.yml";
    assert_eq!(stage.host.exec(&["sh", "-c", always]), "1\n");
    let said = stage.deploy("app=example/app:bad", 7);
    was_brought_back(&said);
    assert_eq!(stage.runs(), format!("{one} running\n"));
}
