//! `landfall check` in a project where much is wrong at once.

use super::project::Project;

const ENVIRONMENT: &str = r#"project = "review"
unknown_key = 1

[stacks.net]
template = "net"
misspelt = true

[stacks.good]
template = "good"

[hosts.web]
address = "203.0.113.7"
playbook = "web"

[hosts.db]
adress = "203.0.113.8"
playbook = "web"
"#;

const PLAYBOOK: &str = r#"- hosts: all
  vars:
    port: "{{ base | plus_one }}"
  tasks:
    - name: misspelt keyword
      copy: { content: a, dest: /etc/a }
      notfy: restart
    - name: unknown argument
      copy: { content: a, dest: /etc/a, owmer: root }
    - name: no handler
      copy: { content: a, dest: /etc/a }
      notify: restrat
    - name: no file
      copy: { src: nowhere.conf, dest: /etc/a }
    - name: unreadable template
      template: { src: broken.j2, dest: /etc/a }
    - name: unknown test in a condition
      debug: { msg: "{{ lookup('nolookup', 'x') }}" }
      when: port is oddly
    - name: a value that is refused
      user: { name: kim, expires: 1 }
    - name: another
      get_url: { url: "http://203.0.113.9/x", dest: /srv/x, checksum: "md5:1" }
    - with_lines: echo a
      debug: { msg: "{{ item }}" }
    - include_tasks: more.yml
    - name: half an expression
      debug: { msg: "{{ port + }}" }
  handlers:
    - name: restart
      debug: { msg: restarted }
"#;

#[tokio::test]
async fn check_finds_what_is_wrong_in_every_file_at_once() {
    let project = Project::new("600000000311").await;
    project.write("environments/bad.toml", ENVIRONMENT);
    project.write(
        "stacks/net.yaml",
        "Resources: {A: {Type: AWS::Nothing::AtAll, Propertis: {}}}\n",
    );
    project.write("stacks/good.yaml", "Resources: [\n");
    project.write("playbooks/web.yml", PLAYBOOK);
    project.write(
        "playbooks/templates/broken.j2",
        "{% if a %}\n{{ a | nofilter }}\n",
    );
    project.write(
        "playbooks/more.yml",
        "- nomodule: {}\n- debug: { msg: a }\n  whne: a\n",
    );
    let mut ran = project.run(&["check"]).ends(1);
    for wrong in [
        "unknown_key",
        "misspelt",
        "adress",
        "stacks/good.yaml",
        "plus_one",
        "notfy",
        "owmer",
        "restrat",
        "nowhere.conf",
        "broken.j2",
        "oddly",
        "nolookup",
        "expires",
        "checksum",
        "with_lines",
        "nomodule",
        "whne",
        "is expected",
    ] {
        ran = ran.says(wrong);
    }
}

#[tokio::test]
async fn check_passes_what_is_only_known_later() {
    let project = Project::new("600000000312").await;
    project.write(
        "environments/good.toml",
        "project = \"review\"\n\n[hosts.web]\naddress = \"203.0.113.7\"\nplaybook = \"web\"\n",
    );
    project.write(
        "playbooks/web.yml",
        r#"- hosts: all
  vars_files: ["{{ kind }}.yml"]
  tasks:
    - template: { src: "{{ which }}.j2", dest: ~/x, variable_start_string: "[[", variable_end_string: "]]" }
    - template: { src: own.j2, dest: /etc/x, variable_start_string: "[[", variable_end_string: "]]" }
    - user: { name: "{{ name }}", uid: "{{ uid | default(omit) }}" }
    - copy: { content: "{{ lookup('file', '/etc/hostname') }}", dest: $HOME/x }
      when: kind is defined and kind | lower in ['a', "b\n"]
"#,
    );
    project.write(
        "playbooks/templates/own.j2",
        "[[ x ]] {{ not read | at all }}\n",
    );
    project
        .run(&["check"])
        .ends(0)
        .prints("1 things declared, no mistakes");
}
