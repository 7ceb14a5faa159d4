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

/// Whatever the host turns out to be, the shipped playbook refuses these; of what it might take nothing is said.
#[tokio::test]
async fn check_finds_what_a_playbook_surely_refuses_of_a_hosts_variables() {
    let project = Project::new("600000000943").await;
    let environment = |vars: &str| {
        format!(
            "project = \"review\"\n\n[hosts.web]\naddress = \"203.0.113.7\"\nplaybook = \"docker-host\"\n\n\
             [hosts.web.vars]\ndeploy_keys = [\"ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqLz8M4yMaeOlDe7p2jP9ZyrsX0ZXgQ3n0lLFlZqk9v\"]\n{vars}\n"
        )
    };
    let wrong = [
        (
            "docker_source = \"debian\"",
            "docker_source in ['docker', 'distribution']",
        ),
        ("deploy_profile = \"forced_command\"", "not forced_command"),
        ("compose_project = \"My App\"", "My App does not"),
        ("app_dir = \"srv/x\"", "absolute path: srv/x is not"),
        ("app_dir = 7", "absolute path: 7 is not"),
        (
            "compose_file = \"x.yml\"\ndeploy_profile = \"forced-command\"",
            "compose_file is an absolute path",
        ),
        (
            "deploy_user = \"root\"\ndeploy_profile = \"forced-command\"",
            "root is not such a user",
        ),
    ];
    for (vars, said) in wrong {
        project.write("environments/review.toml", &environment(vars));
        let ran = project.run(&["check", "review"]).ends(1);
        // Where the variable is written, then where the playbook asserts it.
        ran.says_each(&[
            "With the variables of hosts.web, ",
            said,
            "environments/review.toml:9:1",
            "docker-host",
        ]);
    }
    project.write(
        "environments/review.toml",
        &environment("docker_source = \"distribution\"\ndeploy_profile = \"{{ vars.profile }}\"\n[vars]\nprofile = \"rootless\""),
    );
    project.run(&["check", "review"]).ends(0);
}

/// What a module refuses is told where a variable that is written out leads to it, and only there.
#[tokio::test]
async fn check_finds_what_a_module_surely_refuses_of_a_hosts_variables() {
    let project = Project::new("600000000951").await;
    project.write(
        "playbooks/web.yml",
        r#"- hosts: all
  vars:
    base: "{{ folder }}/x"
    changed: relative
  tasks:
    - file: { path: "{{ base }}", state: directory }
    - file: { path: "{{ changed }}", state: directory }
      when: folder is defined
    - set_fact: { changed: /srv/y }
    - assert: { that: "hidden | length > 99", fail_msg: "not {{ hidden }}" }
      no_log: true
    - file: { path: "{{ hidden }}", state: directory }
      no_log: true
"#,
    );
    let environment = |folder: &str, more: &str| {
        format!(
            "project = \"review\"\n\n[hosts.web]\naddress = \"203.0.113.7\"\nplaybook = \"web\"\n\n\
             [hosts.web.vars]\nfolder = \"{folder}\"\n{more}"
        )
    };
    project.write(
        "environments/review.toml",
        &environment("srv", "hidden = \"whisper\"\n"),
    );
    let ran = project.run(&["check", "review"]).ends(1);
    assert!(!ran.err.contains("whisper"), "{}", ran.err);
    ran.says_each(&[
        "environments/review.toml:8:1",
        "playbooks/web.yml:6",
        "srv/x",
    ]);
    project.write("environments/review.toml", &environment("/srv", ""));
    project.run(&["check", "review"]).ends(0);
}

const NEVER_RIGHT: &str = r#"- hosts: all
  vars:
    one: "{{ other }}"
    other: "{{ one }}"
    tree: { trunk: 1, branch: "{{ tree.trunk }}" }
    maybe_itself: "{{ maybe_itself | default('x') }}"
    first: "{{ second }}"
    second: "{{ first }}"
    steps: [a]
    stage: live
  tasks:
    - { debug: { msg: cut off }, when: "{{ stage" }
    - { debug: { msg: quoted }, when: "'{{ stage | no_such_filter }}' == 'live'" }
    - { debug: { msg: delimiters }, when: "stage == {{ stage }}" }
    - { debug: { msg: empty }, when: "" }
    - { debug: { msg: a list }, when: steps }
    - { debug: { msg: a word }, when: "no" }
    - { debug: { msg: elsewhere }, delegate_to: "{{ stage | no_such_host }}" }
    - { debug: { msg: "{{ one }}" } }
    - { debug: { msg: asked }, when: first == 1 }
    - { debug: { msg: "{{ tree.branch }} {{ maybe_itself }}" } }
    - { debug: { msg: root }, become: perhaps }
    - { debug: { msg: named }, environment: "A=1" }
    - { debug: { msg: told }, changed_when: true, notify: "{{ stage }}x" }
    - { debug: { msg: said, var: stage } }
    - { set_fact: { a-b: 1 } }
    - { template: { src: site, dest: /srv/site } }
  handlers:
    - { name: restart live, debug: { msg: restarted } }
"#;

/// Each of these is refused whatever the host is, and what may be right is not.
#[tokio::test]
async fn check_finds_conditions_keywords_and_names_that_are_never_right() {
    let project = Project::new("600000000945").await;
    project.write(
        "environments/review.toml",
        "project = \"review\"\n\n[hosts.web]\naddress = \"203.0.113.7\"\nplaybook = \"web\"\n",
    );
    project.write("playbooks/files/site/index.html", "hello");
    project.write("playbooks/templates/site/index.html", "hello");
    project.write("playbooks/web.yml", NEVER_RIGHT);
    let ran = project.run(&["check"]).ends(1);
    ran.says_each(&[
        "playbooks/web.yml:12:",
        "no filter `no_such_filter`",
        "playbooks/web.yml:14:",
        "the condition is empty",
        "the condition comes to a list",
        "`no` in quotes is the name of a variable",
        "no filter `no_such_host`",
        "`one` is made of `other`, and that of `one` again.",
        "`first` is made of `second`, and that of `first` again.",
        "there is `\"perhaps\"`",
        "takes names with values, but here is `\"A=1\"`",
        "`notify` names `{{ stage }}x`",
        "here are both",
        "`set_fact` sets `a-b`",
        "It is a folder",
    ]);
    let right = r#"- hosts: all
  vars:
    tree: { trunk: 1, branch: "{{ tree.trunk }}" }
    stage: live
  tasks:
    - debug: { msg: "{{ tree.branch }}" }
      when: "'{{ stage }}' == 'live'"
      become: "Yes"
      changed_when: true
      notify: "restart {{ stage }}"
    - ping:
    - copy: { src: site, dest: /srv }
  handlers:
    - { name: restart live, debug: { msg: restarted } }
"#;
    project.write("playbooks/web.yml", right);
    project.run(&["check"]).ends(0);
}

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
    project.run(&["check"]).ends(1).says_each(&[
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
    ]);
}

#[tokio::test]
async fn handlers_of_what_was_not_read_are_not_missed() {
    let project = Project::new("600000000898").await;
    project.write(
        "environments/bad.toml",
        "project = \"review\"\n\n[hosts.web]\naddress = \"203.0.113.7\"\nplaybook = \"web\"\n",
    );
    let task = "  tasks:\n    - command: \"true\"\n      notify: restart nginx\n";
    let of_role = "    - import_role: { name: nginx }\n";
    for playbook in [
        format!("- hosts: all\n  roles: [nginx]\n{task}"),
        format!("- hosts: all\n{task}  handlrs:\n    - name: restart nginx\n      ping:\n"),
        format!("- hosts: all\n{task}{of_role}"),
    ] {
        project.write("playbooks/web.yml", &playbook);
        let ran = project.run(&["check"]);
        assert_eq!(ran.code, Some(1), "{ran:?}");
        assert!(!ran.err.contains("a handler that is not there"), "{ran:?}");
        assert_eq!(ran.err.matches("error: ").count(), 1, "{ran:?}");
    }
    project.write("playbooks/web.yml", &format!("- hosts: all\n{task}"));
    let ran = project.run(&["check"]);
    assert!(ran.err.contains("a handler that is not there"), "{ran:?}");
}

#[tokio::test]
async fn a_file_with_a_whole_path_is_looked_for_wherever_it_is_named() {
    let project = Project::new("600000000899").await;
    project.write(
        "environments/bad.toml",
        "project = \"review\"\n\n[hosts.web]\naddress = \"203.0.113.7\"\nplaybook = \"web\"\n",
    );
    project.write(
        "playbooks/web.yml",
        r#"- hosts: all
  vars_files: [/nowhere/vars.yml]
  tasks:
    - copy: { content: "{{ lookup('file', '/nowhere/looked-up') }}", dest: /etc/a }
    - copy: { content: "{{ lookup('template', 'beside.j2') }}", dest: /etc/b }
    - copy: { src: /nowhere/copied, dest: /etc/c }
    - template: { src: /nowhere/template.j2, dest: /etc/d }
    - debug: { msg: "{{ item }}" }
      loop: "{{ query('file', '/nowhere/looped') }}"
    - debug: { msg: "{{ item }}" }
      with_first_found: [/nowhere/first, /nowhere/second]
    - debug: { msg: "{{ item }}" }
      with_first_found: [/nowhere/perhaps, /etc/hostname]
    - copy: { content: "{{ lookup('file', '/etc/hostname') }}", dest: /etc/e }
    - copy: { content: "{{ lookup('file', '/nowhere/tolerated', errors='ignore') }}", dest: /etc/f }
    - copy: { content: "{{ lookup('file', '/nowhere/chosen') if chosen else '' }}", dest: /etc/g }
"#,
    );
    let ran = project.run(&["check"]);
    assert_eq!(ran.code, Some(1), "{ran:?}");
    for name in [
        "/nowhere/vars.yml",
        "/nowhere/looked-up",
        "beside.j2",
        "/nowhere/copied",
        "/nowhere/template.j2",
        "/nowhere/looped",
        "/nowhere/first, /nowhere/second",
    ] {
        assert!(ran.err.contains(name), "{name}: {ran:?}");
    }
    for name in ["hostname", "tolerated", "chosen", "perhaps"] {
        assert!(!ran.err.contains(name), "{name}: {ran:?}");
    }
    assert_eq!(
        ran.err
            .matches("a file of this machine is not there")
            .count(),
        5
    );
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
        .prints("1 thing declared, no mistakes");
}

/// A file of a wrong shape in many places, each beside something that it must not hide.
const MISSHAPEN: &str = r#"project = "review"
nonsense = 1

[vars]
domain = "{{ vars.domian }}"

[aws]
region = "eu"
account = 123456789012

[secrets]
bucket = "Review"
env = [".env.missing", 7]

[secrets.objects.settings]
file = "settings.missing"

[roles.app]
service = "ec2.amazonaws.com"
reads = ["settings", "nothing"]
instance_profile = "yes"

[stacks.net]
template = "net"
parameters = { Zone = true, Colour = ["a", 1], Unheard = "x" }
misspelt = true

[stacks.gone]
template = "nowhere"
parameters = { Role = "{{ roles.ap.arn }}", Arn = "{{ roles.app.instance_profile }}" }

[stacks.params]
template = "net"
parameters_file = "parameters.missing"

[tasks.web]
containers = { web = { image = "nginx:1.29", memory = "64" } }
task_role = "admin"

[services.web]
task = "wbe"

[host.web]
adress = "203.0.113.7"
port = "22"
playbook = "no-such-playbook"
identity = "id.missing"
sudo_password_file = "sudo.missing"

[hosts.db]
playbook = "web"
vars = { url = "{{ env.URL }}", account = "{{ aws.account }}", db = "{{ hosts.bd.address }}" }

[targets.web]
host = "web"
user = 3

[targets.db]
host = "dbb"
"#;

#[tokio::test]
async fn a_mistake_of_shape_hides_nothing_else_and_is_not_told_twice() {
    let project = Project::new("600000000313").await;
    project.write("environments/bad.toml", MISSHAPEN);
    project.write(
        "stacks/net.yaml",
        "Parameters: {Zone: {Type: String}, Colour: {Type: CommaDelimitedList}}\n\
         Resources: {Log: {Type: AWS::Logs::LogGroup}}\n",
    );
    project.write(
        "playbooks/web.yml",
        "- hosts: all\n  tasks:\n    - copy: { src: nowhere.conf, dest: /etc/a, remote_src: false }\n",
    );
    let ran = project.run(&["check"]).ends(1).says_each(&[
        "the environment has no key `nonsense`",
        "`vars` has no `domian`",
        "a region looks like",
        "an AWS account is 12 digits, in quotes",
        "a bucket's name has 3 to 63",
        "bad.toml:13:8",
        "`env` is text, and this is a whole number",
        "bad.toml:16:8",
        "there is no secret object `nothing`",
        "`instance_profile` is true or false, and this is text",
        "the template has no parameter `Unheard`",
        "`net` has no key `misspelt`",
        "neither `stacks/nowhere.yaml`",
        "`roles` has no `ap`",
        "bad.toml:34:19",
        "`memory` is a whole number, and this is text",
        "there is no role `admin`",
        "`web` needs `cluster`",
        "there is no task definition `wbe`",
        "the environment has no key `host`",
        "`web` has no key `adress`",
        "`port` is a whole number, and this is text",
        "neither `playbooks/no-such-playbook.yml`",
        "bad.toml:47:12",
        "bad.toml:48:22",
        "`db` needs `address`",
        "`hosts` has no `bd`",
        "`user` is text, and this is a whole number",
        "there is no host `dbb`",
        "nowhere.conf",
    ]);
    // What only follows from a mistake is none.
    for follows in [
        "there is no host `web`",
        "has no `account`",
        "has no `URL`",
        "has no `instance_profile`",
        "a parameter is missing",
        "a container without memory",
        "a target is a host or a service",
        "the AWS account is not declared",
        "objects need `bucket`",
        "environments/bad.toml#",
    ] {
        assert!(!ran.err.contains(follows), "{follows}\n{}", ran.err);
    }
}

#[tokio::test]
async fn check_finds_what_a_run_would_meet_on_this_machine() {
    let project = Project::small("600000000314", "\n[keys.deploy]\nfile = \"id\"\n").await;
    let text = project.read("environments/test.toml");
    let text = text.replace("[aws]\n", "[aws]\nprofile = \"work\"\n");
    project.write("environments/test.toml", &text);
    project.write("docker.json", "{}");
    project.write("id", "no key\n");
    project.write(".landfall/test/ledger.json", "{\"version\": 1, \"lin");
    project.write("environments/known_hosts/file", "");
    let run = |args: &[&str]| project.run(args).ends(1);
    run(&["check"])
        .says("docker is not logged in to the registry")
        .says("There is no entry for this registry.")
        .says("Others can read its private half: its mode is 0644.")
        .says("the ledger cannot be read")
        .says("the declared profile is not there")
        .says("the file of host keys cannot be read");
    std::fs::remove_file(project.root().join("docker.json")).unwrap();
    run(&["check"]).says("docker.json");
    // A login that a program keeps is that program's.
    project.write("docker.json", "{\"credsStore\": \"none-of-ours\"}");
    let checked = run(&["check"]);
    assert!(!checked.err.contains("docker"), "{}", checked.err);
}

#[tokio::test]
async fn check_says_which_hosts_are_not_ready_for_a_run() {
    let project = Project::new("600000000315").await;
    let hosts = "project = \"review\"\n[hosts.web]\naddress = \"203.0.113.7\"\nport = 2222\n\
                 [hosts.db]\naddress = \"db.example.org\"\nidentity = \"id\"\n";
    project.write("environments/test.toml", hosts);
    project.write("id", "a key\n");
    project.trust("*.example.org ssh-ed25519 AAAA\n");
    let checked = project
        .run(&["check"])
        .ends(0)
        .says("hosts.web: no key of 203.0.113.7 is in environments/known_hosts yet.")
        .says("landfall host trust 203.0.113.7 --port 2222");
    assert!(!checked.err.contains("hosts.db: no key"), "{}", checked.err);
    let id = project.root().join("id").display().to_string();
    checked.says(&format!(
        "hosts.db: ssh passes over a private key that others may read. Before a run: `chmod 600 {id}`"
    ));
}

#[tokio::test]
async fn a_ring_and_a_name_that_two_environments_have_are_told_beside_other_mistakes() {
    let project = Project::new("600000000316").await;
    let text = "project = \"review\"\n[aws]\nregion = \"eu-west-1\"\n\
                [roles.app]\nname = \"shared\"\nservice = \"ec2.amazonaws.com\"\n";
    let ring = "[stacks.a]\ntemplate = \"log\"\ntags = { other = \"{{ stacks.b.id }}\" }\n\
                [stacks.b]\ntemplate = \"log\"\ntags = { other = \"{{ stacks.a.id }}\" }\nodd = 1\n";
    let log = "Resources: {Log: {Type: AWS::Logs::LogGroup}}\n";
    project.write("stacks/log.yaml", log);
    project.write("environments/one.toml", text);
    project.write(
        "environments/two.toml",
        &format!(
            "{text}{}",
            ring.replace("odd = 1\n", "[targets.x]\nhost = \"none\"\n")
        ),
    );
    project
        .run(&["check"])
        .ends(1)
        .says("these need each other in a ring")
        .says("there is no host `none`")
        .says("the role `shared` is also roles.app of environments/one.toml");
}

#[tokio::test]
async fn what_is_known_once_it_is_filled_in_is_checked_as_if_it_were_written_out() {
    let project = Project::new("600000000317").await;
    let text = r#"project = "review"
[aws]
region = "eu-west-1"
[vars]
part = "Review Secrets"
days = 8
[secrets]
bucket = "{{ vars.part }}"
env = [".env"]
[secrets.objects.there]
file = "{{ environment }}/settings.py"
[secrets.objects.missing]
file = "{{ environment }}/missing.py"
[roles.app]
name = "{{ env.ROLE_SECRET }}"
service = "ec2.amazonaws.com"
[stacks.log]
template = "log"
parameters = { Days = "{{ vars.days }}" }
[hosts.web]
address = "-o{{ vars.days }}"
identity = "{{ environment }}/id"
[hosts.later]
address = "{{ stacks.log.outputs.Address }}"
"#;
    project.write("environments/test.toml", text);
    project.write(".env", "ROLE_SECRET='a secret name'\n");
    project.write("test/settings.py", "");
    project.write(
        "stacks/log.yaml",
        "Parameters: {Days: {Type: Number, MaxValue: 7}}\nResources: {Log: {Type: AWS::Logs::LogGroup}}\n\
         Outputs: {Address: {Value: !Ref Log}}\n",
    );
    let mut checked = project.run(&["check"]).ends(1);
    for wrong in [
        "test.toml:8:10",
        "filled in, it is `Review Secrets`",
        "test.toml:13:8",
        "test.toml:15:8",
        "`Days` is 7 at the most",
        "filled in, it is `-o8`",
        "test.toml:22:12",
    ] {
        checked = checked.says(wrong);
    }
    assert_eq!(checked.err.matches("error:").count(), 6, "{}", checked.err);
    assert!(!checked.err.contains("a secret name"), "{}", checked.err);
}

#[tokio::test]
async fn check_warns_of_what_a_condition_may_keep_from_being_reached() {
    let project = Project::new("600000000327").await;
    project.write(
        "environments/good.toml",
        "project = \"review\"\n\n[hosts.web]\naddress = \"203.0.113.7\"\nplaybook = \"web\"\n",
    );
    project.write(
        "playbooks/web.yml",
        r#"- hosts: all
  tasks:
    - package: { name: nginx, enablerepo: epel }
      when: ansible_os_family == 'RedHat'
    - ansible.builtin.dnf: { name: nginx }
      when: ansible_os_family == 'RedHat'
    - user: { name: kim, expires: 1 }
      when: ansible_os_family == 'RedHat'
    - copy: { content: a, dst: /etc/a }
      when: false
"#,
    );
    let ran = project
        .run(&["check"])
        .ends(0)
        .prints("1 thing declared, no mistakes")
        .says("warning, where its condition holds: an unknown argument")
        .says("`package` has no argument `enablerepo`.")
        .says("Landfall knows no module `ansible.builtin.dnf`.")
        .says("expires");
    assert!(!ran.err.contains("dst"), "{}", ran.err);
}

#[tokio::test]
async fn a_path_that_a_reference_gives_starts_from_the_project_wherever_a_command_runs() {
    let project = Project::small("600000000318", "").await;
    let text = project.read("environments/test.toml");
    let text = text
        .replace(
            "file = \"settings.py\"",
            "file = \"{{ environment }}/settings.py\"",
        )
        .replace("\"docker.json\"", "\"{{ environment }}/docker.json\"");
    project.write("environments/test.toml", &text);
    project.write("test/settings.py", "");
    project.write("test/docker.json", super::project::DOCKER);
    for args in [&["check"][..], &["plan", "test"]] {
        let mut command = project.command(args);
        command.current_dir(project.root().join("environments"));
        super::project::Ran::of(&mut command).ends(0);
    }
}
