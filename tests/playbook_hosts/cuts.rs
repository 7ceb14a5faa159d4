//! Runs that are killed, on a real host: what they had begun ends, and the next run completes it.

use std::process::{Child, Stdio};

use super::*;
use crate::support::{
    apt::{Repository, StandIn},
    project::Project,
};

const NOTIFIES: &str = "\
- hosts: all
  tasks:
    - name: changed
      ansible.builtin.copy: {dest: /etc/app.conf, content: one}
      notify: restarted
    - name: waited
      ansible.builtin.wait_for: {path: /tmp/go, timeout: 300}
  handlers:
    - name: restarted
      ansible.builtin.shell: echo ran >>/srv/handler
";

const INSTALLS: &str = "\
- hosts: all
  gather_facts: false
  tasks:
    - name: known
      ansible.builtin.deb822_repository:
        name: stand-ins
        uris: \"{{ mirror }}/debian\"
        suites: trixie
        components: stable
        signed_by: \"{{ mirror }}/debian/gpg\"
        fingerprints: \"{{ fingerprint }}\"
    - name: installed
      ansible.builtin.apt: {name: slow, update_cache: true}
    - name: after
      ansible.builtin.copy: {dest: /srv/after, content: one}
";

/// The words of `wait_for` while it waits, in a pattern that does not find itself.
const WAITS: &str = "pgrep -f 'in vai[n]' >/dev/null";

/// Waits until this holds in the host.
fn until(test: &TestHost, condition: &str) {
    let script = "until eval \"$1\"; do sleep 0.05; done";
    test.exec(&["timeout", "120", "bash", "-c", script, "bash", condition]);
}

fn begin(project: &Project) -> Child {
    project
        .command(&["apply", "review", "--yes"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap()
}

/// The end of a run that must end well.
fn end(run: Child) -> String {
    let output = run.wait_with_output().unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{said}");
    said
}

/// Begins the next run, and waits until it waits for what the last one left on the host.
fn begin_behind(test: &TestHost, project: &Project) -> Child {
    let run = begin(project);
    until(
        test,
        // The pulse of the step itself sleeps longer.
        "pgrep -x -f 'sleep 1' -P \"$(pgrep -d, -f 'landfall ')\" >/dev/null",
    );
    run
}

#[tokio::test]
async fn a_handler_that_a_killed_run_owed_runs_with_the_next_one() {
    let test = TestHost::boot("owed", "root").await;
    let project = Project::new(&test, "own", "", "");
    project.write("playbooks/own.yml", NOTIFIES);
    let run = begin(&project);
    // The task after the one that notified is at work, and the handler has not run.
    until(&test, WAITS);
    project.kill(run);
    assert_eq!(test.exec(&["cat", "/etc/app.conf"]), "one");

    let run = begin(&project);
    test.exec(&["touch", "/tmp/go"]);
    let said = end(run);
    assert!(said.contains("restarted"), "{said}");
    assert_eq!(test.exec(&["cat", "/srv/handler"]), "ran\n");

    // A task that only waits is at work as well, and changes nothing.
    test.exec(&["rm", "/tmp/go"]);
    let run = begin(&project);
    until(&test, WAITS);
    test.exec(&["touch", "/tmp/go"]);
    let said = end(run);
    assert!(said.contains("Done: no changes."), "{said}");
    assert_eq!(test.exec(&["cat", "/srv/handler"]), "ran\n");
}

#[tokio::test]
async fn a_run_that_is_killed_while_apt_is_at_work_is_completed_by_the_next_one() {
    let test = TestHost::boot("apt-cut", "root").await;
    let mut repository = Repository::new(&test);
    repository.add(&StandIn {
        name: "slow",
        version: "1.0",
        // It is set up only when somebody says so.
        postinst: Some("mkfifo /srv/go; cat /srv/go >/dev/null; rm /srv/go"),
        ..StandIn::default()
    });
    repository.publish("trixie", "stable");
    let vars = format!(
        "mirror = \"{}\"\nfingerprint = \"{}\"",
        repository.url, repository.fingerprint
    );
    let project = Project::new(&test, "own", "", &vars);
    project.write("playbooks/own.yml", INSTALLS);
    let run = begin(&project);
    until(&test, "[ -p /srv/go ]");
    project.kill(run);

    let mut run = begin_behind(&test, &project);
    assert_eq!(run.try_wait().unwrap(), None);
    assert_eq!(test.exec(&["pgrep", "-c", "-x", "apt-get"]), "1\n");
    test.exec(&["timeout", "60", "sh", "-c", "echo go >/srv/go"]);
    let said = end(run);
    assert!(said.contains("is still at work; waiting for it"), "{said}");
    let status = test.exec(&["dpkg-query", "-W", "-f", "${db:Status-Abbrev}", "slow"]);
    assert_eq!(status, "ii ");
    assert_eq!(test.exec(&["cat", "/srv/after"]), "one");
    project
        .landfall(&["plan", "review", "--detailed-exitcode"])
        .with(0);
}
