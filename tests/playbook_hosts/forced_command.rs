//! A key that may deploy one compose project and nothing else: what it may do on a real host, and everything that was
//! thought of to do more with it.

use std::fs;
use std::process::{Output, Stdio};

use super::*;
use crate::support::project::Project;

mod attempts;
mod requests;

/// What is on the host beside what the playbook brings: a registry that images come from, and what they are made of.
const PREPARED: &str = r#"set -e
export DEBIAN_FRONTEND=noninteractive
apt-get install -y -q --no-install-recommends docker-registry busybox-static sudo-rs procps >/dev/null
sed -i '/^auth:/,$d' /etc/docker/registry/config.yml
systemctl restart docker-registry
mkdir -p /tmp/image/bin
cp /bin/busybox /tmp/image/bin/busybox
until busybox wget -q -O /dev/null http://127.0.0.1:5000/v2/; do sleep 0.1; done
image() { # TAG COMMAND
    tar -C /tmp/image -c . | docker import --change "CMD $2" --change "LABEL of=$1" - "localhost:5000/shop/web:$1" >/dev/null
    docker push -q "localhost:5000/shop/web:$1"
    docker rmi "localhost:5000/shop/web:$1" >/dev/null
}
serve='["/bin/busybox","sh","-c","busybox echo served; busybox sleep 2; busybox touch /ok; busybox sleep 100000"]'
image 1 "$serve"
image 2 "$serve"
image bad '["/bin/busybox","false"]'
"#;

/// The compose file that only root may change.
const COMPOSE: &str = r#"services:
  web:
    image: ${IMAGE_WEB:?}
    init: true
    stop_grace_period: 1s
    healthcheck:
      test: [CMD, /bin/busybox, test, -e, /ok]
      interval: 1s
      retries: 30
  migrate:
    image: ${IMAGE_WEB:?}
    profiles: [task]
    command: [/bin/busybox, echo, migrated]
  slow:
    image: ${IMAGE_WEB:?}
    profiles: [task]
    command: [/bin/busybox, sleep, "4"]
"#;

/// The variables of the host, with these keys.
fn vars(keys: &[&str]) -> String {
    format!(
        "docker_source = \"distribution\"\ndeploy_profile = \"forced-command\"\napp_dir = \"/srv/Shop\"\ndeploy_keys = {}\n\
         deploy_images = {{ web = \"localhost:5000/shop/web\" }}\ndeploy_tasks = [\"migrate\", \"slow\"]\ndeploy_patience = 60",
        json!(keys)
    )
}

/// ssh as the user that deploys, with the options before the address.
fn session(test: &TestHost, options: &[&str], request: &str) -> Command {
    session_by(test, "id", options, request)
}

/// The same with another key of the test's.
fn session_by(test: &TestHost, key: &str, options: &[&str], request: &str) -> Command {
    let mut command = Command::new("ssh");
    command
        .args(["-F", "none", "-o", "BatchMode=yes", "-o"])
        .arg(format!("UserKnownHostsFile={}", test.known_hosts.display()))
        .arg("-i")
        .arg(test.folder.path().join(key))
        .args(options)
        .arg(format!("deploy@{}", test.login.address))
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    if !request.is_empty() {
        command.arg(request);
    }
    command
}

fn text(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned() + &String::from_utf8_lossy(&output.stderr)
}

/// All that it says, when it ends with this code.
fn said(test: &TestHost, request: &str, code: i32) -> String {
    let output = session(test, &[], request).output().unwrap();
    let said = text(&output);
    assert_eq!(output.status.code(), Some(code), "{request}: {said}");
    said
}

/// The releases that the host remembers, without their times.
fn history(test: &TestHost) -> Vec<String> {
    let history = test.exec(&["cat", "/var/lib/landfall-deploy/deploy/history"]);
    let releases = history.lines().map(|line| line.split_once(' ').unwrap().1);
    releases.map(str::to_owned).collect()
}

/// The image that runs.
fn running(test: &TestHost) -> String {
    let label = [
        "inspect",
        "--format",
        "{{.Config.Labels.of}} {{.State.Health.Status}}",
    ];
    let command = [&["docker"], label.as_slice(), &["shop-web-1"]].concat();
    test.exec(&command).trim().to_owned()
}

fn puts_compose_file(test: &TestHost) {
    let script = "printf %s \"$1\" >/srv/Shop/docker-compose.yml";
    test.exec(&["sh", "-c", script, "sh", COMPOSE]);
}

fn prepare(test: &TestHost) -> Project {
    let key = fs::read_to_string(test.folder.path().join("id.pub")).unwrap();
    let project = Project::new(test, "docker-host", "", &vars(&[key.trim()]));
    let plan = project.landfall(&["plan", "review"]).with(0);
    assert!(
        plan.contains("deploy_profile forced-command: deploy is not root"),
        "{plan}"
    );
    project.landfall(&["apply", "review", "--yes"]).with(0);
    test.exec(&["sh", "-c", PREPARED]);
    puts_compose_file(test);
    project
}

#[test]
fn the_script_of_the_forced_command_has_no_fault_that_shellcheck_finds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("landfall-deploy");
    fs::write(
        &path,
        shipped::file("playbooks/files/landfall-deploy").unwrap(),
    )
    .unwrap();
    let output = Command::new("shellcheck")
        .args(["-s", "sh"])
        .arg(&path)
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_forced_command_deploys_one_project_and_nothing_else() {
    let test = TestHost::boot("forced", "root").await;
    prepare(&test);

    releases_come_and_go(&test);
    two_at_once_come_one_after_the_other(&test);
    a_cut_connection_leaves_nothing_half_way(&test);
    attempts::to_do_more(&test);
    attempts::of_the_user_itself(&test);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_forced_command_rests_on_is_roots_and_may_be_another_sudo_and_another_key() {
    let test = TestHost::boot("rests-on", "root").await;
    let project = prepare(&test);
    said(&test, "up web=localhost:5000/shop/web:1", 0);
    what_is_not_roots_is_not_used(&test);
    where_nothing_can_be_written_nothing_is_changed(&test);
    sudo_rs_lets_it_deploy_as_well(&test);

    // What was deployed is no change to the playbook.
    project
        .landfall(&["plan", "review", "--detailed-exitcode"])
        .with(0);
    what_ends_well_has_not_failed(&test);
    keys_are_exchanged(&test, &project);
}

fn releases_come_and_go(test: &TestHost) {
    let version = said(test, "version", 0);
    assert!(
        version.starts_with("landfall-deploy 1\ndocker ") && version.contains("\ncompose "),
        "{version}"
    );
    let none = said(test, "rollback", 1);
    assert!(none.contains("there is no release before"), "{none}");

    // Nothing to put back yet: what was begun stays to be looked at.
    let failed = said(test, "up web=localhost:5000/shop/web:none", 1);
    assert!(failed.contains("there is no release before it"), "{failed}");
    assert_eq!(history(test), Vec::<String>::new());

    said(test, "pull web=localhost:5000/shop/web:1", 0);
    let up = said(test, "up web=localhost:5000/shop/web:1", 0);
    assert!(up.contains("landfall-deploy: is up"), "{up}");
    assert_eq!(running(test), "1 healthy");
    let first = history(test).remove(0);
    let (_, digest) = first.split_once('@').unwrap();
    assert_eq!(first, format!("web=localhost:5000/shop/web:1@{digest}"));
    let chosen = test.exec(&[
        "sh",
        "-c",
        "cat /srv/Shop/images.env; stat -c '%U %a' /srv/Shop/images.env",
    ]);
    assert!(
        chosen.ends_with(&format!(
            "\nIMAGE_{}\nroot 644\n",
            first.replacen("web=", "WEB=", 1)
        )),
        "{chosen}"
    );

    let status = said(test, "status", 0);
    let status: Value = serde_json::from_str(&status).unwrap();
    assert_eq!(status["Service"], "web");
    assert_eq!(status["Health"], "healthy");
    assert_eq!(
        status["ImageDigests"],
        json!([format!("localhost:5000/shop/web@{digest}")])
    );

    // The same again is no other release.
    said(test, "up", 0);
    said(test, "up web=localhost:5000/shop/web:2", 0);
    assert_eq!(running(test), "2 healthy");
    assert_eq!(history(test).len(), 2);

    let failed = said(test, "up web=localhost:5000/shop/web:bad", 1);
    assert!(
        failed.contains("the release from before is up again"),
        "{failed}"
    );
    assert_eq!(running(test), "2 healthy");
    assert_eq!(history(test).len(), 2);

    let logs = said(test, "logs web 5", 0);
    assert!(logs.contains("served"), "{logs}");
    let task = said(test, "task migrate", 0);
    assert!(task.contains("migrated"), "{task}");

    said(test, "rollback", 0);
    assert_eq!(running(test), "1 healthy");
    assert_eq!(history(test), [first.as_str()]);
    said(test, "rollback", 1);
    let by_digest = format!("up web=localhost:5000/shop/web@{digest}");
    said(test, &by_digest, 0);
    assert_eq!(running(test), "1 healthy");
}

fn two_at_once_come_one_after_the_other(test: &TestHost) {
    let slow = session(test, &[], "task slow").spawn().unwrap();
    test.exec(&[
        "timeout",
        "60",
        "sh",
        "-c",
        "until docker ps | grep -q slow; do sleep 0.1; done",
    ]);
    // One that is slow to read what the first does.
    test.exec(&["pkill", "-STOP", "-f", "^tail -n .1 -f"]);
    let waited = said(test, "up web=localhost:5000/shop/web:2", 0);
    assert!(
        waited.contains("another deployment is at work; waiting for it"),
        "{waited}"
    );
    test.exec(&["pkill", "-CONT", "-f", "^tail -n .1 -f"]);
    let slow = slow.wait_with_output().unwrap();
    assert!(slow.status.success(), "{}", text(&slow));
    // It is told of its own run, and not of the next one's.
    assert!(!text(&slow).contains("is up"), "{}", text(&slow));
    assert_eq!(running(test), "2 healthy");
}

fn a_cut_connection_leaves_nothing_half_way(test: &TestHost) {
    let mut cut = session(test, &[], "up web=localhost:5000/shop/web:1")
        .spawn()
        .unwrap();
    let at_work =
        "until docker inspect shop-web-1 2>/dev/null | grep -q '\"of\": \"1\"'; do sleep 0.1; done";
    test.exec(&["timeout", "60", "sh", "-c", at_work]);
    cut.kill().unwrap();
    cut.wait().unwrap();
    // And what a terminal that goes would send.
    test.exec(&[
        "sh",
        "-c",
        "pkill -HUP -f '^/bin/sh /usr/local/sbin/landfall-deplo[y]' || true",
    ]);
    let remembered = "until tail -n 1 /var/lib/landfall-deploy/deploy/history | grep -q web:1@; do sleep 0.1; done";
    test.exec(&["timeout", "60", "sh", "-c", remembered]);
    assert_eq!(running(test), "1 healthy");
}

fn what_is_not_roots_is_not_used(test: &TestHost) {
    for (spoil, mend) in [
        (
            "chmod o+w /srv/Shop/docker-compose.yml",
            "chmod o-w /srv/Shop/docker-compose.yml",
        ),
        ("chown deploy /srv/Shop", "chown root /srv/Shop"),
        (
            "touch /srv/Shop/.env; chown deploy /srv/Shop/.env",
            "rm /srv/Shop/.env",
        ),
        (
            "chmod g+w /etc/landfall-deploy",
            "chmod g-w /etc/landfall-deploy",
        ),
    ] {
        test.exec(&["sh", "-c", spoil]);
        let refused = said(test, "up web=localhost:5000/shop/web:2", 1);
        assert!(
            refused.contains("must be root's alone"),
            "{spoil}: {refused}"
        );
        test.exec(&["sh", "-c", mend]);
    }
    assert_eq!(running(test), "1 healthy");
}

/// Compose itself takes a service that ends for a failure, unless another one waits for its end.
fn what_ends_well_has_not_failed(test: &TestHost) {
    let once = |command: &str| {
        let service = format!(
            "  once:\n    image: ${{IMAGE_WEB:?}}\n    command: [/bin/busybox, {command}]\n"
        );
        let file = "/srv/Shop/docker-compose.yml";
        test.exec(&[
            "sh",
            "-c",
            "printf %s \"$1\" >\"$2\"",
            "sh",
            &format!("{COMPOSE}{service}"),
            file,
        ]);
    };
    once("\"true\"");
    let up = said(test, "up web=localhost:5000/shop/web:1", 0);
    assert!(
        up.contains("once-1 exited (0)") && up.contains("is up"),
        "{up}"
    );
    assert_eq!(running(test), "1 healthy");
    let before = history(test);
    once("\"false\"");
    let failed = said(test, "up web=localhost:5000/shop/web:2", 1);
    assert!(failed.contains("it did not come up"), "{failed}");
    once("\"true\"");
    let failed = said(test, "up web=localhost:5000/shop/web:bad", 1);
    assert!(
        failed.contains("the release from before is up again"),
        "{failed}"
    );
    assert_eq!(
        (running(test), history(test)),
        ("1 healthy".to_owned(), before)
    );
    puts_compose_file(test);
}

/// A disk that takes nothing more.
fn where_nothing_can_be_written_nothing_is_changed(test: &TestHost) {
    let container = || test.exec(&["docker", "inspect", "--format", "{{.Id}}", "shop-web-1"]);
    let before = (container(), history(test));
    for folder in ["/srv/Shop", "/var/lib/landfall-deploy/deploy"] {
        let shut = "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\"";
        test.exec(&["sh", "-c", shut, "sh", folder]);
        let refused = said(
            test,
            "up web=localhost:5000/shop/web:2",
            match folder {
                "/srv/Shop" => 1,
                _ => 2,
            },
        );
        test.exec(&["umount", folder]);
        assert_eq!((container(), history(test)), before, "{folder}: {refused}");
        if folder == "/srv/Shop" {
            let told = "the images cannot be put into /srv/Shop; nothing was changed";
            assert!(refused.contains(told), "{refused}");
        }
    }
}

fn sudo_rs_lets_it_deploy_as_well(test: &TestHost) {
    let exchange = "/usr/lib/cargo/bin/visudo -cf /etc/sudoers.d/90-deploy && mv /usr/bin/sudo /usr/bin/sudo.other && \
                    ln -s /usr/lib/cargo/bin/sudo /usr/bin/sudo && readlink -f /usr/bin/sudo";
    let which = test.exec(&["sh", "-c", exchange]);
    assert!(which.ends_with("/usr/lib/cargo/bin/sudo\n"), "{which}");
    said(test, "up web=localhost:5000/shop/web:2", 0);
    assert_eq!(running(test), "2 healthy");
    attempts::of_the_user_itself(test);
    test.exec(&["mv", "-f", "/usr/bin/sudo.other", "/usr/bin/sudo"]);
}

/// The new key comes in beside the old one, and the old one goes when it is there: at no time does none open.
fn keys_are_exchanged(test: &TestHost, project: &Project) {
    let pair = test.folder.path().join("new");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&pair)
        .status();
    assert!(made.unwrap().success());
    let old = fs::read_to_string(test.folder.path().join("id.pub")).unwrap();
    let new = fs::read_to_string(pair.with_extension("pub")).unwrap();
    let by_new = |code| {
        let output = session_by(test, "new", &[], "version").output().unwrap();
        assert_eq!(output.status.code(), Some(code), "{}", text(&output));
    };
    by_new(255);
    // A line that somebody put there by hand is one more key that must not stay.
    test.exec(&["sh", "-c", "echo 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMrOP4sdQEQ3hXQHrrHwqPcGuqVqpFJ0VyXO5mQpHPQy x' >>/home/deploy/.ssh/authorized_keys"]);
    let both = vars(&[&format!("from=\"0.0.0.0/0\" {}", new.trim()), old.trim()]);
    project.environment(test, "docker-host", "", &both);
    project.landfall(&["apply", "review", "--yes"]).with(0);
    by_new(0);
    said(test, "version", 0);
    project.environment(test, "docker-host", "", &vars(&[new.trim()]));
    project.landfall(&["apply", "review", "--yes"]).with(0);
    by_new(0);
    said(test, "version", 255);
    project
        .landfall(&["plan", "review", "--detailed-exitcode"])
        .with(0);
    let keys = test.exec(&["cat", "/home/deploy/.ssh/authorized_keys"]);
    assert_eq!(keys.lines().count(), 1, "{keys}");
    assert!(
        keys.starts_with("restrict,command=\"/usr/local/sbin/landfall-deploy\" ssh-ed25519 "),
        "{keys}"
    );
}
