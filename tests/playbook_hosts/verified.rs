//! A target as CI will use it: what is wrong with one shows as the check that it breaks, and as no other.

use std::process::{Command, Stdio};

use jiff::{SignedDuration, Timestamp};
use landfall::certificate::make;
use serde_json::Value;

use crate::support::{lab::TestHost, project::Project};

/// What came of each check of the target, by its name: `login=passed`.
#[track_caller]
fn tried(project: &Project, code: i32) -> Vec<String> {
    let output = project.command(&["targets", "verify", "review", "web", "--json"]);
    let output = { output }.output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    let line: Value = serde_json::from_str(&said).unwrap_or_else(|_| panic!("{output:?}"));
    assert_eq!(output.status.code(), Some(code), "{said}");
    let checks = line["checks"].as_array().unwrap();
    let word = |check: &Value, key: &str| check[key].as_str().unwrap().to_owned();
    let one = |check| format!("{}={}", word(check, "name"), word(check, "result"));
    checks.iter().map(one).collect()
}

/// Those that failed.
#[track_caller]
fn failed(project: &Project) -> Vec<String> {
    failed_with(project, 1)
}

/// The same where the command ends with this code.
#[track_caller]
fn failed_with(project: &Project, code: i32) -> Vec<String> {
    let failed = tried(project, code).into_iter();
    let failed = failed.filter_map(|one| one.strip_suffix("=failed").map(str::to_owned));
    failed.collect()
}

/// Serves a certificate for that many days on the host, until what is returned ends.
fn serve(host: &TestHost, name: &str, days: u16, made: Timestamp) {
    let pair = make(&[name.to_owned()], days, made).unwrap();
    let both = format!("{}{}", pair.key.expose(), pair.chain);
    let mut write = Command::new("docker")
        .args(["exec", "-i", &host.container, "tee", "/root/both.pem"])
        .stdin(Stdio::piped())
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    std::io::Write::write_all(&mut write.stdin.take().unwrap(), both.as_bytes()).unwrap();
    assert!(write.wait().unwrap().success());
    let script = "systemctl stop web 2>/dev/null; systemctl reset-failed web 2>/dev/null; \
                  systemd-run -q --unit web openssl s_server -quiet -accept 443 -cert /root/both.pem -key /root/both.pem; \
                  for i in $(seq 100); do openssl s_client -connect 127.0.0.1:443 </dev/null >/dev/null 2>&1 && exit; sleep 0.1; done; exit 1";
    host.exec(&["sh", "-c", script]);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_wrong_with_a_target_shows_as_its_own_check_and_as_no_other() {
    let host = TestHost::boot("verified", "root").await;
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
deploy_keys = ["{{{{ keys.deploy.public }}}}"]
app_dir = "/srv/review"
certificate_domains = ["review.example.org"]
[targets.web]
host = "web"
key = "deploy"
ports = [443]
images = {{ app = "docker.io/example/review" }}
"#,
        Project::login(&host)
    );
    project.write("environments/review.toml", &environment);
    project.landfall(&["apply", "review", "--yes"]).with(0);
    let all = "login=passed docker=passed project=passed registry=skipped refused=passed directories=passed certificate=skipped ports=passed";
    assert_eq!(tried(&project, 0).join(" "), all);

    let now = Timestamp::now();
    serve(&host, "review.example.org", 90, now);
    assert_eq!(
        tried(&project, 0).join(" "),
        all.replace("certificate=skipped", "certificate=passed")
    );
    serve(
        &host,
        "review.example.org",
        90,
        now - SignedDuration::from_hours(24 * 91),
    );
    assert_eq!(failed(&project), ["certificate"]);
    serve(&host, "review.example.org", 10, now);
    assert_eq!(failed(&project), ["certificate"], "its end is near");
    serve(&host, "www.example.org", 90, now);
    assert_eq!(failed(&project), ["certificate"], "it is for another name");
    serve(&host, "review.example.org", 90, now);

    let sh = |script: &str| host.exec(&["sh", "-c", script]);
    let broken = [
        (
            "docker",
            "mv /etc/sudoers.d/90-deploy /root/rule",
            "mv /root/rule /etc/sudoers.d/90-deploy",
        ),
        (
            "login",
            "mv /home/deploy/.ssh/authorized_keys /root/keys",
            "mv /root/keys /home/deploy/.ssh/authorized_keys",
        ),
        (
            "directories",
            "chmod 0500 /srv/review/data",
            "chmod 0755 /srv/review/data",
        ),
        (
            "refused",
            "echo 'deploy ALL=(ALL) NOPASSWD: /bin/cat' > /etc/sudoers.d/95-more",
            "rm /etc/sudoers.d/95-more",
        ),
        (
            "ports",
            "systemd-run -q --unit more /usr/sbin/sshd -D -p 18080; sleep 1",
            "systemctl stop more",
        ),
        // With the images of a deployment beside it the compose file is read as that reads it.
        (
            "project",
            "cd /srv/review && cp docker-compose.yml /root/compose.yml && echo IMAGE_APP=docker.io/example/review:1 >images.env && \
             printf 'services: {web: {image: \"${IMAGE_APP}\", depends_on: [nobody]}}\\n' >docker-compose.yml",
            "cp /root/compose.yml /srv/review/docker-compose.yml; rm /srv/review/images.env",
        ),
    ];
    for (name, spoil, mend) in broken {
        sh(spoil);
        // Who is not let in has reached nothing.
        let code = if name == "login" { 4 } else { 1 };
        assert_eq!(failed_with(&project, code), [name]);
        let shown = project.landfall(&["targets", "list", "review"]).with(0);
        assert!(shown.contains(&format!("failed: {name}")), "{shown}");
        sh(mend);
    }
    assert!(
        !tried(&project, 0)
            .iter()
            .any(|one| one.ends_with("=failed"))
    );

    // Without CI's key nobody knows what that opens.
    let moved = |from: &str, to: &str| {
        let keys = project.path().join(".landfall/keys/review");
        std::fs::rename(keys.join(from), keys.join(to)).unwrap();
    };
    moved("deploy", "away");
    let said = project.landfall(&["targets", "verify", "review", "web"]);
    let said = said.with(4);
    assert!(said.contains("Nobody logged in at `web`"), "{said}");
    moved("away", "deploy");

    // A target that does more than it should is not registered anew: its record stays as it was.
    sh(broken[3].1);
    project.write(
        "environments/review.toml",
        &environment.replace("[443]", "[80, 443]"),
    );
    let said = project.landfall(&["apply", "review", "--yes"]);
    assert!(matches!(said.code, Some(1 | 7)), "{said:?}");
    for words in [
        "the target does not work as CI will use it",
        "refused: `deploy` may do more than it should",
        "the registry is as it was",
    ] {
        assert!(said.said.contains(words), "{said:?}");
    }
    let shown = project
        .landfall(&["targets", "show", "review", "web"])
        .with(0);
    assert!(shown.contains("\"ports\": [\n    443\n  ]"), "{shown}");
    sh(broken[3].2);
    project.landfall(&["apply", "review", "--yes"]).with(0);
    let shown = project
        .landfall(&["targets", "show", "review", "web"])
        .with(0);
    assert!(shown.contains("\"version\": 2"), "{shown}");

    // A key that opens one script is tried by what that script does, and by all that it must refuse.
    let forced = "deploy_profile = \"forced-command\"\ndeploy_images = { app = \"docker.io/example/review\" }\napp_dir =";
    project.write(
        "environments/review.toml",
        &environment.replace("app_dir =", forced),
    );
    project.landfall(&["apply", "review", "--yes"]).with(0);
    let all = "login=passed docker=passed project=passed registry=skipped refused=passed certificate=passed ports=passed";
    assert_eq!(tried(&project, 0).join(" "), all);
    sh(broken[0].1);
    assert_eq!(failed(&project), ["docker"]);
    sh(broken[0].2);
    sh(
        "cp /srv/review/docker-compose.yml /root; echo 'services: 7' > /srv/review/docker-compose.yml",
    );
    assert_eq!(failed(&project), ["project"]);
    sh("cp /root/docker-compose.yml /srv/review");
    // A second key of the user's opens a shell where it should open the script alone.
    sh(
        "cp /home/deploy/.ssh/authorized_keys /root/keys; sed -i 's/^restrict,command=\"[^\"]*\" //' /home/deploy/.ssh/authorized_keys",
    );
    assert!(failed(&project).contains(&"refused".to_owned()));
    sh(broken[1].2);

    // A host that is off has no port too many, and no certificate that is wrong.
    let paused = |verb: &str| {
        let docker = Command::new("docker")
            .args([verb, &host.container])
            .status();
        assert!(docker.unwrap().success());
    };
    paused("stop");
    let seen = tried(&project, 4).join(" ");
    paused("start");
    assert_eq!(seen, "login=failed certificate=skipped ports=skipped");
}
