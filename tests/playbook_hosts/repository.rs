//! Docker's own repository, which a stand-in takes the place of: its packages hold scripts that answer as Docker's
//! programs do, so what is seen here is how they are found, trusted and installed. The login is not root.

use std::fs;

use super::*;
use crate::support::{
    apt::{Repository, StandIn},
    project::Project,
};

const UNIT: &str = "[Service]\nExecStart=/usr/bin/dockerd\n[Install]\nWantedBy=multi-user.target\n";

/// Stand-ins for all packages of Docker that the playbook names, the engine in two versions.
fn docker(test: &TestHost, suite: &str) -> Repository {
    let mut repository = Repository::new(test);
    for version in ["27.5.1", "28.1.0"] {
        let full = format!("5:{version}-1~stand.in");
        let answers = format!(
            "#!/bin/sh\ncase $1 in\nversion) echo {version} ;;\ncompose) echo 2.35.1 ;;\nesac\n"
        );
        repository.add(&StandIn {
            name: "docker-ce-cli",
            version: &full,
            files: &[("/usr/bin/docker", 0o755, answers)],
            ..StandIn::default()
        });
        repository.add(&StandIn {
            name: "docker-ce",
            version: &full,
            depends: "docker-ce-cli, containerd.io",
            files: &[
                (
                    "/usr/bin/dockerd",
                    0o755,
                    "#!/bin/sh\nexec sleep infinity\n".to_owned(),
                ),
                (
                    "/usr/lib/systemd/system/docker.service",
                    0o644,
                    UNIT.to_owned(),
                ),
            ],
            postinst: Some("systemctl daemon-reload"),
        });
    }
    for name in [
        "containerd.io",
        "docker-buildx-plugin",
        "docker-compose-plugin",
    ] {
        repository.add(&StandIn {
            name,
            version: "2.35.1-1~stand.in",
            ..StandIn::default()
        });
    }
    repository.publish(suite, "stable");
    repository
}

fn installed(test: &TestHost) -> String {
    test.exec(&[
        "sh",
        "-c",
        "dpkg-query -W -f '${Version} ${db:Status-Abbrev}\\n' docker-ce 2>&1 || true",
    ])
}

#[tokio::test]
async fn dockers_repository_is_trusted_by_its_fingerprint_and_a_pinned_version_stays() {
    let test = TestHost::boot("repository", "cloud").await;
    let repository = docker(&test, "trixie");
    let key = fs::read_to_string(test.folder.path().join("id.pub")).unwrap();
    let vars = |more: &str| {
        format!(
            "docker_mirror = \"{}\"\ndeploy_keys = [\"{}\"]\n{more}",
            repository.url,
            key.trim()
        )
    };
    let project = Project::new(&test, "docker-host", "", &vars("docker_suite = \"trixie\""));
    let apply = ["apply", "review", "--yes"];
    let plan = ["plan", "review", "--detailed-exitcode"];

    // The variable's default is Docker's own key, which did not sign this.
    let refused = project.landfall(&apply);
    assert_ne!(refused.code, Some(0));
    assert!(
        refused
            .said
            .contains("the signing key is not the expected one"),
        "{}",
        refused.said
    );
    assert!(
        refused.said.contains(&repository.fingerprint),
        "{}",
        refused.said
    );
    // The tasks before it were carried out.
    assert!(refused.said.contains("made before it"), "{}", refused.said);
    assert!(
        !refused.said.contains("Nothing was changed"),
        "{}",
        refused.said
    );
    let left = "ls /etc/apt/sources.list.d /etc/apt/keyrings | grep -i docker; true";
    assert_eq!(test.exec(&["sh", "-c", left]), "");
    assert!(installed(&test).contains("no packages found"));

    let trusted = format!(
        "docker_suite = \"trixie\"\ndocker_key_fingerprints = [\"{}\"]\n",
        repository.fingerprint
    );
    let pinned = vars(&(trusted.clone() + "docker_version = \"5:27.*\""));
    project.environment(&test, "docker-host", "", &pinned);
    project.landfall(&apply).with(0);
    assert_eq!(installed(&test), "5:27.5.1-1~stand.in ii \n");
    project.landfall(&plan).with(0);
    assert_eq!(test.exec(&["systemctl", "is-active", "docker"]), "active\n");
    let shown = project
        .landfall(&["targets", "show", "review", "web"])
        .with(0);
    assert!(
        shown.contains("27.5.1") && shown.contains("2.35.1"),
        "{shown}"
    );

    project.environment(&test, "docker-host", "", &vars(&trusted));
    project.landfall(&apply).with(0);
    assert_eq!(installed(&test), "5:28.1.0-1~stand.in ii \n");
    project.landfall(&plan).with(0);

    project.environment(&test, "docker-host", "", &pinned);
    project.landfall(&apply).with(0);
    assert_eq!(installed(&test), "5:27.5.1-1~stand.in ii \n");
    project.landfall(&plan).with(0);
}
