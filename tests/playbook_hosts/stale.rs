//! What was asked before and is not so any more: one file under two names, a command that answers otherwise each time, and
//! a host that moved while it was waited.

use super::*;
use crate::support::project::Project;

/// One folder of two names, one file of two, and a link that the playbook lays itself.
const TWO_NAMES: &str = "\
- hosts: all
  tasks:
    - {name: one, ansible.builtin.copy: {dest: /srv/alias/f, content: A}}
    - {name: two, ansible.builtin.copy: {dest: /srv/real/f, content: B}}
    - {name: three, ansible.builtin.copy: {dest: /srv/alias/f, content: A}}
    - {name: open, ansible.builtin.file: {path: /srv/alias/key, mode: '0644'}}
    - {name: closed, ansible.builtin.file: {path: /srv/real/key, mode: '0600'}}
    - {name: open again, ansible.builtin.file: {path: /srv/real/key, mode: '0644'}}
    - {name: closed again, ansible.builtin.file: {path: /srv/alias/key, mode: '0600'}}
    - {name: gone, ansible.builtin.file: {path: /srv/real/gone, state: absent}}
    - {name: back, ansible.builtin.copy: {dest: /srv/alias/gone, content: back}}
    - {name: first name, ansible.builtin.file: {path: /srv/x, mode: '0600'}}
    - {name: second name, ansible.builtin.file: {path: /srv/y, mode: '0644'}}
    - {name: first name again, ansible.builtin.file: {path: /srv/x, mode: '0600'}}
    - {name: link, ansible.builtin.file: {src: /srv/rel1, dest: /srv/current, state: link}}
    - {name: over it, ansible.builtin.copy: {dest: /srv/current/f, content: A}}
    - {name: beside it, ansible.builtin.copy: {dest: /srv/rel1/f, content: B}}
    - {name: over it again, ansible.builtin.copy: {dest: /srv/current/f, content: A}}
    - {name: a line, ansible.builtin.lineinfile: {path: /srv/current/f, line: C}}
    - {name: away, ansible.builtin.file: {path: /srv/rel1/f, state: absent}}
    - {name: another line, ansible.builtin.lineinfile: {path: /srv/current/f, line: D, create: true}}
    - {name: no group, ansible.builtin.group: {name: aliased, state: absent}}
    - {name: a group by its line, ansible.builtin.lineinfile: {path: /srv/etcl/group, line: 'aliased:x:4242:'}}
    - {name: the group, ansible.builtin.group: {name: aliased, gid: 4242}}
";

#[tokio::test]
async fn a_file_of_two_names_is_looked_at_again_when_it_was_changed_by_the_other_one() {
    let test = TestHost::boot("two-names", "root").await;
    test.exec(&["sh", "-ec", "cd /srv; mkdir real rel1; printf A >real/f; echo gone >real/gone; touch real/key x; chmod 644 real/key; ln -s real alias; ln x y; ln -s /etc etcl"]);
    let project = Project::new(&test, "own", "", "");
    project.write("playbooks/own.yml", TWO_NAMES);
    let said = project.landfall(&["apply", "review", "--yes"]).with(0);
    let show = |command: &str| test.exec(&["sh", "-c", command]);
    assert_eq!(show("cat /srv/real/f"), "A", "{said}");
    assert_eq!(
        show("stat -c %a /srv/real/key /srv/y"),
        "600\n600\n",
        "{said}"
    );
    assert_eq!(show("cat /srv/real/gone"), "back", "{said}");
    assert_eq!(show("cat /srv/rel1/f"), "D\n", "{said}");
    assert_eq!(show("getent group aliased"), "aliased:x:4242:\n", "{said}");
}

const ANEW: &str = "\
- hosts: all
  tasks:
    - {name: late, ansible.builtin.shell: 'touch /srv/late'}
    - {name: behind our back, ansible.builtin.shell: '(sleep 1; rm /srv/late) >/dev/null 2>&1 &'}
    - {name: wait, ansible.builtin.pause: {seconds: 3}}
    - {name: there again, ansible.builtin.copy: {dest: /srv/late, content: A, force: false}}
    - name: drawn by lot
      ansible.builtin.command: cat /proc/sys/kernel/random/uuid
      changed_when: false
      check_mode: false
      loop: [db, app]
      register: drawn
    - name: once more
      ansible.builtin.command: cat /proc/sys/kernel/random/uuid
      changed_when: false
      check_mode: false
      register: more
    - name: all different
      ansible.builtin.assert:
        that: (drawn.results | map(attribute='stdout') | list + [more.stdout]) | unique | length == 3
";

#[tokio::test]
async fn a_host_that_was_waited_for_is_asked_anew_and_a_command_runs_as_often_as_it_stands_there() {
    let test = TestHost::boot("anew", "root").await;
    let project = Project::new(&test, "own", "", "");
    project.write("playbooks/own.yml", ANEW);
    project.landfall(&["apply", "review", "--yes"]).with(0);
    assert_eq!(test.exec(&["cat", "/srv/late"]), "A");
}
