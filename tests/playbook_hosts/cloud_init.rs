//! A host that its first start is still at work on. cloud-init is Python, so this is a likeness of it: the files by which it
//! tells how far it is, and a unit that makes them as late as it would.

use super::*;
use crate::support::project::Project;

/// What is made last: the user that the playbook needs, while the lock of dpkg is held; then the file that tells of the end.
const AT_WORK: &str = r#"mkdir -p /run/cloud-init; touch /run/cloud-init/enabled
systemd-run --quiet --unit cloud-final sh -c 'sleep 12; useradd late; ln -s /dev/null /run/cloud-init/result.json'
"#;

#[tokio::test]
async fn a_host_is_prepared_when_its_first_start_has_ended() {
    let test = TestHost::boot("first-start", "root").await;
    let project = Project::new(&test, "small", "", "");
    project.write(
        "playbooks/small.yml",
        "- hosts: all\n  tasks:\n    - file: {path: /srv/late, state: directory, owner: late}\n",
    );
    test.exec(&["sh", "-c", AT_WORK]);
    let said = project.landfall(&["apply", "review", "--yes"]).with(0);
    let waits = "waiting for cloud-init, which still prepares the host, to end";
    assert!(said.contains(waits), "{said}");
    assert_eq!(test.exec(&["stat", "-c", "%U", "/srv/late"]), "late\n");
    let said = project
        .landfall(&["plan", "review", "--detailed-exitcode"])
        .with(0);
    assert!(!said.contains(waits), "{said}");
    // Somebody took the last stage out of an old host: nobody waits for it.
    test.exec(&[
        "sh",
        "-c",
        "rm /run/cloud-init/result.json; touch -d '2 hours ago' /run/cloud-init/enabled",
    ]);
    let said = project.landfall(&["plan", "review"]).with(0);
    assert!(!said.contains(waits), "{said}");
}
