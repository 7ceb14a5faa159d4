//! Handlers that a failed run owes: they run with the next one, whoever logs in then.

use super::*;
use crate::support::project::Project;

const NOTIFIES: &str = "\
- hosts: all
  become: true
  tasks:
    - name: by root
      ansible.builtin.copy: {dest: /etc/app.conf, content: one}
      notify: by root
    - name: by one without a home
      ansible.builtin.copy: {dest: /srv/www/app.conf, content: one}
      become_user: www-data
      notify: by root as well
    - name: by the login user
      ansible.builtin.copy: {dest: /tmp/app.conf, content: one}
      become: false
      notify: by the login user
    - name: the repaired thing
      ansible.builtin.command: test -e /srv/repaired
      changed_when: false
  handlers:
    - name: by root
      ansible.builtin.shell: echo root >>/srv/handlers
    - name: by root as well
      ansible.builtin.shell: echo www-data >>/srv/handlers
    - name: by the login user
      ansible.builtin.shell: echo login >>/srv/handlers
";

/// Everything that the host remembers, whoever noted it.
const MEMORY: &str = "find / -xdev -path '*/landfall/handlers/*' -type f -exec cat {} +";

const EARLIER: &str = "\
mkdir -p -m 0755 /var/lib/landfall/handlers
printf '%s\\n' \"$(printf 'by root' | od -An -tx1 | tr -d ' \\n')\" >/var/lib/landfall/handlers/own
su cloud -c 'mkdir -p ~/.local/state/landfall/handlers'
";

async fn owing(name: &str) -> (TestHost, Project) {
    let test = TestHost::boot(name, "cloud").await;
    let script = "mkdir -p /srv/www /root/.ssh && chown www-data /srv/www \
                  && cp /home/cloud/.ssh/authorized_keys /root/.ssh/";
    test.exec(&["sh", "-c", script]);
    let project = Project::new(&test, "own", "", "");
    project.write("playbooks/own.yml", NOTIFIES);
    (test, project)
}

fn handlers(test: &TestHost) -> String {
    test.exec(&[
        "sh",
        "-c",
        "cat /srv/handlers 2>/dev/null; rm -f /srv/handlers",
    ])
}

#[tokio::test]
async fn handlers_that_a_login_with_sudo_owed_run_whoever_logs_in_next() {
    let (mut test, project) = owing("owed-by-sudo").await;
    for next in ["cloud", "root"] {
        test.login.user = "cloud".to_owned();
        project.environment(&test, "own", "", "");
        test.exec(&[
            "sh",
            "-c",
            "rm -f /srv/repaired /etc/app.conf /srv/www/app.conf /tmp/app.conf",
        ]);
        let said = project.landfall(&["apply", "review", "--yes"]).with(7);
        assert!(
            said.contains("run with the next run: by root, by root as well, by the login user"),
            "{said}"
        );
        assert_eq!(handlers(&test), "", "{said}");

        test.exec(&["touch", "/srv/repaired"]);
        test.login.user = next.to_owned();
        project.environment(&test, "own", "", "");
        let said = project.landfall(&["apply", "review", "--yes"]).with(0);
        assert_eq!(handlers(&test), "root\nwww-data\nlogin\n", "{next}: {said}");
        assert_eq!(test.exec(&["sh", "-c", MEMORY]), "", "{next}");
        let said = project.landfall(&["apply", "review", "--yes"]).with(0);
        assert!(said.contains("Done: no changes."), "{said}");
        assert_eq!(handlers(&test), "", "{said}");
    }

    // What the version before this one left: noted by root, and read by nobody.
    test.login.user = "cloud".to_owned();
    project.environment(&test, "own", "", "");
    test.exec(&["sh", "-c", EARLIER]);
    let said = project.landfall(&["apply", "review", "--yes"]).with(0);
    assert_eq!(handlers(&test), "root\n", "{said}");
    assert_eq!(test.exec(&["sh", "-c", MEMORY]), "");
}

/// Notes that nobody may hear: of one whom no task becomes, and of one whom a task does.
const PLANTED: &str = "\
for user in stranger www-data; do
    home=$(getent passwd $user | cut -d: -f6)
    mkdir -p $home/.local/state/landfall/handlers
    printf 'by root' | od -An -tx1 | tr -d ' \\n' >$home/.local/state/landfall/handlers/own
    echo >>$home/.local/state/landfall/handlers/own
    chown -R $user $home
done
";

#[tokio::test]
async fn what_a_user_without_sudo_writes_down_makes_root_do_nothing() {
    let (mut test, project) = owing("planted").await;
    test.exec(&["sh", "-c", "touch /srv/repaired; useradd -m stranger"]);
    project.landfall(&["apply", "review", "--yes"]).with(0);
    handlers(&test);
    test.exec(&["sh", "-c", PLANTED]);
    let planted = test.exec(&["sh", "-c", MEMORY]);
    assert_eq!(planted.lines().count(), 2, "{planted}");
    for login in ["cloud", "root"] {
        test.login.user = login.to_owned();
        project.environment(&test, "own", "", "");
        let said = project.landfall(&["plan", "review"]).with(0);
        assert!(!said.contains("was notified"), "{said}");
        let said = project.landfall(&["apply", "review", "--yes"]).with(0);
        assert!(!said.contains("was notified"), "{said}");
        assert_eq!(handlers(&test), "", "{said}");
    }

    // In the login user's own memory too, only what that user wrote down counts.
    let foreign = "cd /home/cloud/.local/state/landfall; mkdir -p handlers; chmod 0777 handlers; \
                   cp -p /var/www/.local/state/landfall/handlers/own handlers/own";
    test.exec(&["sh", "-c", foreign]);
    for login in ["cloud", "root"] {
        test.login.user = login.to_owned();
        project.environment(&test, "own", "", "");
        let said = project.landfall(&["apply", "review", "--yes"]).with(0);
        assert!(!said.contains("was notified"), "{said}");
        assert_eq!(handlers(&test), "", "{said}");
    }
}

const SOURCE: &str = "\
- hosts: all
  become: true
  tasks:
    - name: source
      ansible.builtin.apt_repository: {repo: \"deb http://127.0.0.1:9/ nowhere main\", filename: nowhere}
";

#[tokio::test]
async fn a_source_that_cannot_be_read_does_not_stay_and_break_later_updates() {
    let test = TestHost::boot("source", "cloud").await;
    let project = Project::new(&test, "own", "", "");
    project.write("playbooks/own.yml", SOURCE);
    let said = project.landfall(&["apply", "review", "--yes"]).with(1);
    assert!(
        said.contains("What had been done was taken back."),
        "{said}"
    );
    assert!(said.contains("Nothing was changed before it."), "{said}");
    assert_eq!(test.exec(&["find", "/etc/apt", "-name", "nowhere*"]), "");
}
