//! Who deploys to a host, where the target does not say it: the host's variables do.

use crate::support::{lab::TestHost, project::Project};

const ENVIRONMENT: &str = r#"
project = "review"

[vars]
suffix = "ci"

[hosts.prepared]
LOGIN
playbook = "app"
vars = { app_name = "shop" }

[hosts.bare]
LOGIN
vars = { name = "robot", deploy_user = "{{ name }}-{{ vars.suffix }}", other = "{{ nowhere }}" }

[hosts.silent]
LOGIN

[targets.prepared]
host = "prepared"

[targets.bare]
host = "bare"

[targets.silent]
host = "silent"

[targets.given]
host = "prepared"
user = "{{ vars.suffix }}"
"#;

/// As the shipped playbook for Django says it: by another variable, which the environment may give.
const PLAYBOOK: &str = r#"
- hosts: all
  vars:
    app_name: app
    app_user: "{{ app_name }}"
    deploy_user: "{{ app_user }}"
  tasks:
    - ansible.builtin.file: { path: /srv/shop, state: directory }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_target_takes_the_deploy_user_as_its_host_renders_it() {
    let host = TestHost::boot("deploy-user", "root").await;
    let project = Project::empty(&host);
    let login = Project::login(&host);
    project.write(
        "environments/review.toml",
        &ENVIRONMENT.replace("LOGIN", &login),
    );
    project.write("playbooks/app.yml", PLAYBOOK);
    project.landfall(&["plan", "review"]).with(0);
    project.landfall(&["apply", "review", "--yes"]).with(0);
    for (target, user) in [
        ("prepared", "shop"),
        ("bare", "robot-ci"),
        ("silent", "root"),
        ("given", "ci"),
    ] {
        let shown = project
            .landfall(&["targets", "show", "review", target, "--json"])
            .with(0);
        assert!(shown.contains(&format!("\"user\":\"{user}\"")), "{shown}");
    }
    project
        .landfall(&["plan", "review", "--detailed-exitcode"])
        .with(0);

    // Nobody deploys as root because a variable was misspelt.
    project.write(
        "playbooks/app.yml",
        &PLAYBOOK.replace("{{ app_user }}", "{{ app_usr }}"),
    );
    let said = project.landfall(&["plan", "review"]).with(1);
    assert!(
        said.contains("app_usr") && said.contains("playbooks/app.yml"),
        "{said}"
    );
}
