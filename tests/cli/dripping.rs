//! A host that gives signs of life for ever and no answer, beside one that is sound.

use std::fs;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::project::Project;
use crate::support::lab::TestHost;

const HOSTS: &str = r#"
project = "review"

[hosts.sound]
address = "SOUND"
identity = "KEY-OF-IT"
playbook = "app"

[hosts.drips]
address = "DRIPS"
identity = "KEY-OF-THAT"
playbook = "app"
"#;

const PLAYBOOK: &str =
    "- hosts: all\n  tasks:\n    - ansible.builtin.file: { path: /srv/app, state: directory }\n";

/// What a host's own programs are replaced with: one of them prints a character now and then.
const DRIP: &str = "mkdir /srv/bin; \
    printf '%s\\n' '#!/bin/sh' 'while sleep 0.3; do printf .; done' >/srv/bin/uname; \
    chmod 755 /srv/bin/uname; echo 'PATH=/srv/bin:$PATH' >/root/.bashrc";

#[tokio::test(flavor = "multi_thread")]
async fn the_first_request_for_the_end_ends_the_waiting_for_a_host_that_drips() {
    let (sound, drips) = tokio::join!(
        TestHost::boot("sound", "root"),
        TestHost::boot("drips", "root")
    );
    drips.exec(&["sh", "-c", DRIP]);
    let project = Project::new("600000000481").await;
    let key = |host: &TestHost| host.folder.path().join("id").display().to_string();
    let hosts = HOSTS
        .replace("SOUND", &sound.login.address)
        .replace("DRIPS", &drips.login.address)
        .replace("KEY-OF-IT", &key(&sound))
        .replace("KEY-OF-THAT", &key(&drips));
    project.write("environments/test.toml", &hosts);
    project.write("playbooks/app.yml", PLAYBOOK);
    let known = [&sound, &drips].map(|host| fs::read_to_string(&host.known_hosts).unwrap());
    project.write("environments/known_hosts", &known.concat());
    // Alone, the sound one takes a moment.
    project.run(&["plan", "test", "--limit", "sound"]).ends(0);

    let mut running = project.start(&["plan", "test"]);
    tokio::time::sleep(Duration::from_secs(8)).await;
    assert!(running.is_running(), "{}", running.said());
    let asked = Instant::now();
    running.signal(Signal::SIGINT);
    running.end().ends(130);
    assert!(asked.elapsed() < Duration::from_secs(10), "{asked:?}");
}
