//! Runs that are killed while a host keeps them waiting.

use std::fs;

use super::*;
use crate::support::project::Project;

/// The folders of connections, each with its sockets.
fn connections(project: &Project) -> Vec<String> {
    fs::read_dir(project.path().join("tmp"))
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .filter(|name| name.starts_with("lf-"))
        .collect()
}

#[tokio::test]
async fn the_next_run_ends_the_connections_of_runs_that_were_killed() {
    let test = TestHost::boot("killed", "root").await;
    let project = Project::new(&test, "small", "", "");
    project.write(
        "playbooks/small.yml",
        "- hosts: all\n  tasks:\n    - file: { path: /srv/small, state: directory }\n",
    );
    test.exec(&["sh", "-c", "echo 'sleep 1000' >/root/.bashrc"]);
    let mut run = project.command(&["plan", "review"]).spawn().unwrap();
    // Its shell is there, so its connection stands and would not end by itself.
    test.exec(&[
        "sh",
        "-c",
        "until pgrep -x sleep >/dev/null; do sleep 0.1; done",
    ]);
    let first = connections(&project);
    assert_eq!(first.len(), 1, "{first:?}");
    run.kill().unwrap();
    run.wait().unwrap();
    assert_eq!(connections(&project), first);
    test.exec(&["rm", "/root/.bashrc"]);
    project.landfall(&["plan", "review"]).with(0);
    assert_eq!(connections(&project), Vec::<String>::new());
    let script = "for n in $(seq 100); do [ \"$(pgrep -c -f '^sshd-session: root@notty')\" = 0 ] && exit; sleep 0.1; done; exit 1";
    test.exec(&["sh", "-c", script]);
}
