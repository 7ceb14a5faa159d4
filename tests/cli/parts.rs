//! Parts of an environment: chosen by name, or all that can be done while a host does not answer.

use serde_json::json;

use super::project::Project;
use crate::support::lab::TestHost;

const ROLE: &str = r#"
[roles.extra]
name = "review-extra"
service = "ec2.amazonaws.com"
"#;

#[tokio::test]
async fn a_limit_applies_a_part_with_what_it_needs_and_takes_nothing_else_away() {
    let project = Project::small("600000000181", ROLE).await;
    project
        .run(&["apply", "test", "--yes", "--limit", "settings.py"])
        .ends(0)
        .prints("left out: roles.")
        .says("Done: 2 changes.");
    assert_eq!(project.objects().await, ["settings.py"]);
    assert_eq!(project.roles().await, Vec::<String>::new());

    project.run(&["apply", "test", "--yes"]).ends(0);
    assert_eq!(project.roles().await, ["review-extra", "review-worker"]);
    // `roles.extra` is declared no more: it goes when it is named, or when nothing is left out.
    project.declare("");
    project
        .run(&["plan", "test", "--limit", "worker"])
        .ends(0)
        .prints("Nothing to do, except for the");
    project
        .run(&["apply", "test", "--yes", "--exclude", "worker"])
        .ends(0)
        .prints("roles.extra (it is taken away when all that is declared was applied)");
    assert_eq!(project.roles().await, ["review-extra", "review-worker"]);
    project
        .run(&["apply", "test", "--yes", "--limit", "roles.extra"])
        .ends(0)
        .says("Done: 1 change.");
    assert_eq!(project.roles().await, ["review-worker"]);
}

#[tokio::test]
async fn a_destruction_of_parts_takes_along_what_needs_them() {
    let project = Project::small("600000000182", ROLE).await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    project
        .run(&["destroy", "test", "--yes", "--limit", "roles.extra"])
        .ends(0)
        .says("Done: 1 change.");
    assert_eq!(project.roles().await, ["review-worker"]);
    let bucket = project.bucket();
    project
        .run(&[
            "destroy",
            "test",
            "--yes",
            "--exclude",
            "settings.py",
            "--yes-delete",
            &bucket,
        ])
        .ends(0);
    assert_eq!(project.objects().await, ["settings.py"]);
    assert_eq!(project.roles().await, Vec::<String>::new());
    project
        .run(&["destroy", "test", "--yes", "--yes-delete", &bucket])
        .ends(0);
}

#[tokio::test]
async fn a_destruction_knows_what_is_declared_and_was_never_made() {
    let project = Project::small("600000000187", ROLE).await;
    project
        .run(&["apply", "test", "--yes", "--limit", "roles.extra"])
        .ends(0);
    // Declared, and not made: there is nothing to do about it, and no slip either.
    project
        .run(&["destroy", "test", "--yes", "--exclude", "worker"])
        .ends(0)
        .says("Done: 1 change.");
    project
        .run(&["destroy", "test", "--yes", "--limit", "worker"])
        .ends(0);
}

#[tokio::test]
async fn a_name_that_nothing_has_is_refused_and_a_saved_plan_is_not_cut() {
    let project = Project::small("600000000183", ROLE).await;
    project
        .run(&["apply", "test", "--yes", "--limit", "worker,wroker"])
        .ends(1)
        .says("`wroker` names nothing")
        .says("There is: ")
        .says("Nothing was changed.");
    let file = project.beside("plan").display().to_string();
    project
        .run(&["plan", "test", "--limit", "extra", "--out", &file])
        .ends(0);
    project
        .run(&["apply", &file, "--limit", "extra"])
        .ends(1)
        .says("a saved plan is applied whole");
    project
        .run(&["apply", &file])
        .ends(0)
        .says("Done: 1 change.");
    assert_eq!(project.roles().await, ["review-extra"]);
}

const PLAYBOOK: &str = r#"
- hosts: all
  tasks:
    - name: Settings of the application
      ansible.builtin.copy:
        dest: /srv/app.env
        content: "{{ settings }}\n"
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_host_that_does_not_answer_holds_up_only_what_needs_it() {
    let host = TestHost::boot("parts", "root").await;
    let project = Project::small("600000000184", ROLE).await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    let playbook = |settings: &str| PLAYBOOK.replace("{{ settings }}", settings);
    project.write("playbooks/app.yml", &playbook("A=1"));
    // A port that nobody listens at.
    let far = project.host("far", &host);
    let far = far.replace("user = ", "port = 9\nuser = ");
    let known = project.read("environments/known_hosts");
    project.trust(&known.replace(&host.login.address, &format!("[{}]:9", host.login.address)));
    // `roles.extra` is declared no more.
    project.declare(&(project.host("web", &host) + &far));

    let file = project.beside("plan").display().to_string();
    let planned = project
        .run(&["plan", "test", "--out", &file])
        .ends(4)
        .prints("· left out: hosts.far (")
        .prints("left out: targets.far (it needs hosts.far)")
        .prints("left out: roles.extra (it is taken away when all that is declared was applied)")
        .says("Saved.")
        .says("not every host could be entered");
    // Once, and on the line of what needs it.
    let told = |what: &str| planned.err.matches(what).count();
    assert_eq!((told("Connection refused"), told("hosts.far")), (1, 2));
    // Exactly what was shown: the host that did not answer is not asked again.
    project
        .run(&["apply", &file])
        .ends(7)
        .prints("left out: hosts.far (")
        .says("Partly done: 2 changes made; left out, with what needs it: hosts.far.")
        .says("Plan again, or run `landfall apply test`,");
    assert_eq!(host.exec(&["cat", "/srv/app.env"]), "A=1\n");
    assert_eq!(project.roles().await, ["review-extra", "review-worker"]);
    project
        .run(&["targets", "list", "test"])
        .ends(0)
        .prints("web");

    project.write("playbooks/app.yml", &playbook("A=2"));
    let planned = project.run(&["plan", "test", "--json"]).ends(4).objects();
    let plan = planned
        .iter()
        .find(|event| event["event"] == "plan")
        .unwrap();
    assert_eq!(
        (&plan["whole"], &plan["empty"]),
        (&json!(false), &json!(false))
    );
    // Why a host is left out is said before anybody is asked.
    project
        .run(&["apply", "test"])
        .ends(6)
        .says("hosts.far:")
        .says("Connection refused")
        .says("nothing was confirmed");
    project
        .run(&["apply", "test", "--yes"])
        .ends(7)
        .says("Run it again when what is in the way is mended.")
        .says("Partly done: 1 change made; left out, with what needs it: hosts.far.");
    assert_eq!(host.exec(&["cat", "/srv/app.env"]), "A=2\n");
    project
        .run(&["apply", "test", "--yes"])
        .ends(4)
        .says("Nothing was changed");
    project
        .run(&["apply", "test", "--yes", "--exclude", "far"])
        .ends(0)
        .says("Done: no changes.");

    // A host that is declared no more keeps what its playbook made, and that is said.
    project.declare("");
    project
        .run(&["plan", "test"])
        .ends(0)
        .prints("targets.web will be deleted")
        .prints("stays as it was prepared: `root` can still log in");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_silent_host_and_an_endless_one_hold_up_nobody_else() {
    let project = Project::small("600000000189", "").await;
    project.run(&["apply", "test", "--yes"]).ends(0);
    // Three hosts of one playbook: one is sound, one's login shell sleeps, one tells of itself without end.
    let mut hosts = Vec::new();
    let mut declared = String::new();
    for name in ["sound", "silent", "endless"] {
        let host = TestHost::boot(&format!("parts-{name}"), "root").await;
        declared += &project.host(name, &host);
        hosts.push(host);
    }
    let [sound, silent, endless] = &hosts[..] else {
        panic!()
    };
    silent.exec(&["sh", "-c", "echo 'sleep 1000' >/root/.bashrc"]);
    endless.exec(&[
        "sh",
        "-c",
        r#"mv /usr/bin/env /usr/bin/env.real
        printf '#!/bin/sh\n[ "$1" != -0 ] || exec yes\nexec env.real "$@"\n' >/usr/bin/env
        chmod 755 /usr/bin/env"#,
    ]);
    project.write(
        "playbooks/app.yml",
        &PLAYBOOK.replace("{{ settings }}", "A=1"),
    );
    project.declare(&declared);

    // Who waits for a silent host may call the run off.
    let running = project.start(&["apply", "test", "--yes"]);
    tokio::time::sleep(std::time::Duration::from_secs(5)).await;
    running.signal(nix::sys::signal::Signal::SIGINT);
    let asked = std::time::Instant::now();
    running.end().ends(130);
    assert!(asked.elapsed() < std::time::Duration::from_secs(15));

    project
        .run(&["apply", "test", "--yes"])
        .ends(7)
        .prints("left out: hosts.endless (the host's answer is too long)")
        .prints("left out: hosts.silent (the host does not come to the point)");
    assert_eq!(sound.exec(&["cat", "/srv/app.env"]), "A=1\n");
}
