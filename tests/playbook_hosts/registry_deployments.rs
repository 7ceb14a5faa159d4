//! A deployment by a key that may only ask, from a registry that others wrote: root's script fetches and exchanges, and what
//! was deployed is known by the registry's digests.

use serde_json::Value;

use crate::support::prepared::was_brought_back;
use crate::support::{lab::TestHost, project::Project};

/// A registry on the host itself, which an engine takes without TLS, and two images in it of nothing but busybox.
const REGISTRY: &str = r#"set -e
    export DEBIAN_FRONTEND=noninteractive
    apt-get install -y -q --no-install-recommends docker-registry busybox-static >/dev/null
    cat >/etc/docker/registry/config.yml <<END
version: 0.1
storage:
  filesystem:
    rootdirectory: /var/lib/docker-registry
http:
  addr: :5000
END
    systemctl restart docker-registry
    image() {
        rm -rf /tmp/image
        mkdir -p /tmp/image/bin
        cp /bin/busybox /tmp/image/bin/
        ln -s busybox /tmp/image/bin/sh
        ln -s busybox /tmp/image/bin/sleep
        printf '#!/bin/sh\n%s\n' "$2" >/tmp/image/bin/app
        chmod 755 /tmp/image/bin/app
        tar -C /tmp/image -c . | docker import --change 'CMD ["/bin/app"]' - "$1" >/dev/null
        for _ in $(seq 50); do
            if docker push -q "$1" >/dev/null 2>&1; then break; fi
            sleep 0.2
        done
        docker push -q "$1" >/dev/null
        docker rmi "$1" >/dev/null
    }
    image localhost:5000/example/app:1 'exec sleep 100001'
    image localhost:5000/example/app:2 'exec sleep 100002'
    image localhost:5000/example/app:bad 'echo broken on purpose; exit 3'
    cat >/srv/review/docker-compose.yml <<END
services:
  app:
    image: \${IMAGE_APP}
    stop_grace_period: 1s
END
"#;

#[track_caller]
fn says_once(said: &str, words: &str) {
    assert_eq!(said.matches(words).count(), 1, "{words}: {said}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_key_that_may_only_ask_deploys_from_a_registry_and_goes_back() {
    let host = TestHost::boot("registry-deployments", "root").await;
    let project = Project::empty(&host);
    let environment = format!(
        r#"project = "review"
[keys.deploy]
[hosts.web]
{}
playbook = "docker-host"
[hosts.web.vars]
docker_source = "distribution"
system_upgrade = false
deploy_profile = "forced-command"
deploy_images = {{ app = "localhost:5000/example/app" }}
deploy_patience = 20
deploy_keys = ["{{{{ keys.deploy.public }}}}"]
app_dir = "/srv/review"
[targets.web]
host = "web"
key = "deploy"
ports = [5000]
"#,
        Project::login(&host)
    );
    project.write("environments/review.toml", &environment);
    project.landfall(&["apply", "review", "--yes"]).with(0);
    host.exec(&["sh", "-c", REGISTRY]);
    let runs = || {
        host.exec(&[
            "sh",
            "-c",
            "pgrep -a sleep | cut -d ' ' -f 2- | grep 10000 || echo nothing",
        ])
    };
    let deploy = |tag: &str| {
        let image = format!("app=localhost:5000/example/app:{tag}");
        project.landfall(&["deploy", "review", "web", "--image", &image])
    };
    let said = deploy("1").with(0);
    assert!(
        said.contains("localhost:5000/example/app@sha256:") || said.contains("sha256:"),
        "{said}"
    );
    assert_eq!(runs(), "sleep 100001\n");
    let releases = || {
        let listed = project.landfall(&["releases", "review", "web", "--json"]);
        listed.with(0).lines().count()
    };
    let again = deploy("1").with(0);
    assert!(again.contains("Nothing to do"), "{again}");
    assert_eq!(releases(), 1);
    deploy("2").with(0);
    assert_eq!(runs(), "sleep 100002\n");

    // What does not come up, what is not in the registry, and what is of another repository.
    let bad = deploy("bad").with(1);
    for words in [
        "the new containers do not come up",
        "app: Exited (3)",
        "broken on purpose",
        "The release before was brought back and runs",
    ] {
        let often = bad.matches(words).count();
        // The state is told while it happens, too.
        let told = usize::from(words.starts_with("app:"));
        assert_eq!(often, 1 + told, "{words}: {bad}");
    }
    assert_eq!(runs(), "sleep 100002\n");
    // One that begins again and again is up at the moment that compose looks.
    let file = "/srv/review/docker-compose.yml";
    let edit = |script: &str| host.exec(&["sh", "-c", &format!("sed -i '{script}' {file}")]);
    edit("s/    stop_grace_period: 1s/&\\n    restart: always/");
    was_brought_back(&deploy("bad").with(1));
    assert_eq!(runs(), "sleep 100002\n");
    edit("/restart: always/d");
    deploy("2").with(0);

    // The same images, and what the compose file names beside them.
    let on_host = |script: &str| host.exec(&["sh", "-c", script]);
    on_host("echo one >/srv/review/c1.txt; echo A=1 >/srv/review/app.env");
    edit("s/    stop_grace_period: 1s/&\\n    configs: [c1]\\n    env_file: .\\/app.env/");
    on_host(&format!(
        "echo 'configs: {{c1: {{file: ./c1.txt}}}}' >>{file}"
    ));
    let same = |anew: bool| {
        let before = releases();
        let said = deploy("2").with(0);
        assert_eq!(said.contains("Nothing to do"), !anew, "{said}");
        assert_eq!(releases(), before + usize::from(anew));
        said
    };
    same(true);
    let told = "/srv/review/c1.txt was changed after review-app-1 began";
    assert!(!same(false).contains(told));
    on_host("echo two >/srv/review/c1.txt");
    assert_eq!(same(false).matches(told).count(), 1);
    on_host("echo A=2 >/srv/review/app.env");
    assert!(!same(true).contains(told));

    // A compose file that is broken does not come up with the images of before either.
    edit(
        "s/    stop_grace_period: 1s/&\\n    command: [sh, -c, \"echo broken in the file; exit 4\"]/",
    );
    let broken = deploy("2").with(7);
    for words in [
        "broken in the file",
        "there is nothing to go back to",
        "Mend /srv/review/docker-compose.yml on the host",
    ] {
        says_once(&broken, words);
    }
    edit("/broken in the file/d");
    // Of two containers one is well, and what that printed is not what went wrong.
    let one_of_two = "s/    stop_grace_period: 1s/&\\n    volumes: [.\\/shared:\\/shared]\\n    deploy: {replicas: 2}\\n    \
                      command: [sh, -c, \"busybox mkdir \\/shared\\/first \\&\\& echo all is well \\&\\& exec sleep 100000; \
                      echo broken; exit 3\"]/";
    edit(one_of_two);
    let broken = deploy("2").with(7);
    assert!(broken.contains(" broken\n"), "{broken}");
    assert!(!broken.contains("all is well"), "{broken}");
    edit("/shared/d;/replicas/d");
    same(true);
    assert_eq!(runs(), "sleep 100002\n");
    let absent = deploy("absent");
    assert!(
        absent.code != Some(0) && absent.said.contains("Nothing was changed"),
        "{absent:?}"
    );
    let login = "`sudo docker login localhost:5000`";
    assert!(absent.said.contains(login), "{absent:?}");
    let foreign = project.landfall(&[
        "deploy",
        "review",
        "web",
        "--image",
        "app=localhost:5000/example/other:1",
    ]);
    assert!(foreign.code != Some(0), "{foreign:?}");
    assert_eq!(runs(), "sleep 100002\n");

    project.landfall(&["rollback", "review", "web"]).with(0);
    assert_eq!(runs(), "sleep 100001\n");
    let releases = project.landfall(&["releases", "review", "web"]).with(0);
    assert!(
        releases.contains("example/app:2") && releases.contains("rolled back"),
        "{releases}"
    );
    let refused = project.landfall(&["run", "review", "web", "--service", "app", "--", "sh"]);
    let refused = refused.with(6);
    for words in [
        "running a command at `web`",
        "What `deploy_tasks` of its playbook names",
    ] {
        assert!(refused.contains(words), "{words}: {refused}");
    }

    // What is to be run once is run with the new images, and where it fails the containers are left alone.
    on_host(
        r#"cat >/srv/review/docker-compose.yml <<'END'
services:
  app:
    image: ${IMAGE_APP}
    stop_grace_period: 1s
  migrate:
    image: ${IMAGE_APP}
    profiles: [before-deploy]
    volumes: [./shared:/shared]
    command: [sh, -c, "echo once >>/shared/done; busybox test -e /shared/may || { echo no such table; exit 9; }"]
  warm:
    image: ${IMAGE_APP}
    profiles: [after-deploy]
    volumes: [./shared:/shared]
    command: [sh, -c, "busybox test -e /shared/warm || { echo too cold; exit 8; }"]
END
mkdir -p /srv/review/shared"#,
    );
    let failed = deploy("2").with(1);
    for words in [
        "running the task migrate, on `web`",
        "no such table",
        "The containers are as they were",
    ] {
        says_once(&failed, words);
    }
    assert_eq!(runs(), "sleep 100001\n");
    let listed = project.landfall(&["releases", "review", "web"]).with(0);
    for words in ["failed, nothing exchanged", ", runs"] {
        says_once(&listed, words);
    }
    on_host("touch /srv/review/shared/may");
    let failed = deploy("2").with(7);
    for words in ["too cold", "The new containers run"] {
        assert!(failed.contains(words), "{words}: {failed}");
    }
    assert_eq!(runs(), "sleep 100002\n");
    on_host("touch /srv/review/shared/warm");
    deploy("2").with(0);
    let done = || on_host("wc -l </srv/review/shared/done");
    assert_eq!(done(), "3\n");
    assert!(deploy("2").with(0).contains("Nothing to do"));
    assert_eq!(done(), "3\n");
    let pinned = on_host("grep -c app:2@sha256: /srv/review/images.env");
    assert_eq!(pinned, "1\n");

    // The registry is asked for what was deployed last: by the script, and by a user with a shell.
    let failed = || {
        let mut verify = project.command(&["targets", "verify", "review", "--json"]);
        let output = verify.output().unwrap();
        let line: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        let checks = line["checks"].as_array().unwrap().iter();
        let failed = checks.filter(|check| check["result"] == "failed");
        let names: Vec<String> = failed.map(|check| check["name"].to_string()).collect();
        let registry = line["checks"].as_array().unwrap().iter();
        let registry = registry.filter(|check| check["name"] == "registry");
        let registry: Vec<&Value> = registry.map(|check| &check["result"]).collect();
        (names.join(" "), format!("{registry:?}"))
    };
    let docker = |words: &str| host.exec(&["sh", "-c", words]);
    for profile in ["forced-command", "docker-group"] {
        let environment = environment.replace("\"forced-command\"", &format!("\"{profile}\""));
        project.write("environments/review.toml", &environment);
        project.landfall(&["apply", "review", "--yes"]).with(0);
        assert_eq!(failed(), (String::new(), "[String(\"passed\")]".to_owned()));
        docker("systemctl stop docker-registry");
        assert_eq!(failed().0, "\"registry\"", "{profile}");
        docker("systemctl start docker-registry");
    }
    // A port that docker opens past whatever a firewall says is found, though it is none of the usual ones.
    docker(
        "docker run -d --name open -p 18081:80 localhost:5000/example/app:1 busybox httpd -f -p 80",
    );
    assert_eq!(failed().0, "\"ports\"");
    docker("docker rm -f open");
    assert_eq!(failed().0, "");

    // What another profile deployed is handed over, and is gone back to; what came before is Landfall's to remember alone.
    on_host(
        "rm -f /srv/review/shared/warm /srv/review/shared/may; sed -i '/^  migrate:/,$d' /srv/review/docker-compose.yml",
    );
    deploy("1").with(0);
    project.write("environments/review.toml", &environment);
    let plan = project.landfall(&["plan", "review"]).with(0);
    assert!(
        plan.contains("taken-over app=localhost:5000/example/app@sha256:"),
        "{plan}"
    );
    project.landfall(&["apply", "review", "--yes"]).with(0);
    let again = project.landfall(&["plan", "review", "--detailed-exitcode"]);
    again.with(0);
    let unknown = project.landfall(&["rollback", "review", "web"]).with(1);
    for words in [
        "the host remembers no earlier release",
        "`landfall deploy review web --image app=localhost:5000/example/app@sha256:",
    ] {
        assert!(unknown.contains(words), "{words}: {unknown}");
    }
    was_brought_back(&deploy("bad").with(1));
    assert_eq!(runs(), "sleep 100001\n");
    deploy("2").with(0);
    project.landfall(&["rollback", "review", "web"]).with(0);
    assert_eq!(runs(), "sleep 100001\n");
}
