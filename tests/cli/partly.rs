//! A run that fails half-way says what it did before, and ends otherwise than one that did nothing.

use super::project::Project;
use crate::support::lab::TestHost;

const PLAYBOOK: &str = r#"
- hosts: all
  tasks:
    - name: Settings of the application
      ansible.builtin.copy:
        dest: /srv/app.env
        content: "DEBUG=0\n"
        mode: "0600"
    - name: Migration
      ansible.builtin.command: /bin/false
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_a_host_was_changed_in_before_it_failed_is_counted() {
    let host = TestHost::boot("partly", "root").await;
    let project = Project::small("600000000077", "").await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    project.write("playbooks/app.yml", PLAYBOOK);
    project.declare(&project.host("web", &host));

    project
        .run(&["apply", "test", "--yes"])
        .ends(7)
        .says("Migration")
        .says("Partly done: 1 change made, 1 failed, 1 not begun.");
    assert_eq!(host.exec(&["cat", "/srv/app.env"]), "DEBUG=0\n");
    // The file stands now, so that nothing at all is changed before the same failure.
    project
        .run(&["apply", "test", "--yes"])
        .ends(1)
        .says("Migration");
}
