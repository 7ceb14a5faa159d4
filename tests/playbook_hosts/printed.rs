//! What is said of failures on a real host: all that a command printed, and what a plan knows before anything is done.

use super::*;
use crate::support::project::Project;

const FAILS: &str = "\
- hosts: all
  tasks:
    - name: many words
      ansible.builtin.shell: |
        i=0; while [ $i -lt 3000 ]; do i=$((i+1)); echo \"line $i\"; done; echo broken >&2; exit 3
    - name: not begun
      ansible.builtin.command: touch /srv/begun
";

#[tokio::test]
async fn all_that_a_failed_command_printed_stands_where_the_message_says() {
    let test = TestHost::boot("printed", "root").await;
    let project = Project::new(&test, "own", "", "");
    project.write("playbooks/own.yml", FAILS);
    let said = project.landfall(&["apply", "review", "--yes"]).with(1);
    let path = said
        .lines()
        .find_map(|line| line.trim().strip_prefix("All that it printed stands in "))
        .unwrap_or_else(|| panic!("{said}"));
    assert!(said.contains("(the last 20 of 3000 lines)"), "{said}");
    assert!(
        said.contains("line 2981") && !said.contains("line 2980"),
        "{said}"
    );
    let journal = std::fs::read_to_string(project.path().join(path.trim_end_matches('.'))).unwrap();
    let printed: Vec<Value> = journal
        .lines()
        .filter(|line| line.contains("\"event\":\"printed\""))
        .map(|line| serde_json::from_str(line).unwrap())
        .collect();
    assert_eq!(printed.len(), 1, "{journal}");
    assert_eq!(printed[0]["task"], "many words");
    assert_eq!(
        (&printed[0]["rc"], &printed[0]["stderr"]),
        (&json!(3), &json!("broken"))
    );
    let stdout = printed[0]["stdout"].as_str().unwrap();
    assert!(
        stdout.starts_with("line 1\n") && stdout.ends_with("line 3000"),
        "{stdout}"
    );
}

const OVER_A_LINK: &str = "\
- hosts: all
  tasks:
    - name: before
      ansible.builtin.copy: {dest: /srv/before, content: a}
    - name: over a link
      ansible.builtin.file: {path: /srv/app/conf/new/folder, state: directory}
";

#[tokio::test]
async fn a_plan_says_that_a_link_of_somebody_else_will_not_be_followed() {
    let test = TestHost::boot("foreign-link", "root").await;
    let prepare = "useradd -m app; mkdir /srv/app; chown app /srv/app; runuser -u app -- ln -s /etc /srv/app/conf; \
                   runuser -u app -- mkdir -p /srv/app/own; runuser -u app -- ln -s own /srv/app/current";
    test.exec(&["sh", "-c", prepare]);
    let project = Project::new(&test, "own", "", "");
    project.write("playbooks/own.yml", OVER_A_LINK);
    for words in [&["plan", "review"][..], &["apply", "review", "--yes"]] {
        let said = project.landfall(words).with(1);
        assert!(said.contains("the host would refuse this change"), "{said}");
        assert!(said.contains("leads over a link of user"), "{said}");
    }
    let nothing = "ls -A /srv /etc/new 2>/dev/null | grep -c -e before -e folder || true";
    assert_eq!(test.exec(&["sh", "-c", nothing]), "0\n");
    // A link that leads where its owner may write anyway is followed, as by an apply.
    project.write("playbooks/own.yml", &OVER_A_LINK.replace("conf", "current"));
    project.landfall(&["plan", "review"]).with(0);
    project.landfall(&["apply", "review", "--yes"]).with(0);
    test.exec(&["test", "-d", "/srv/app/own/new/folder"]);
}
