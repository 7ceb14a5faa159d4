//! The profiles of the user that deploys: what each lets it do on a real host, and that one takes the rights of another
//! away.

use super::*;
use crate::support::project::Project;

/// What a session may try, and in which profiles it works.
const SESSIONS: &[(&str, &[&str])] = &[
    ("id -u", &["sudo-docker", "docker-group", "rootless"]),
    ("sudo -n docker ps", &["sudo-docker"]),
    ("sudo -n id", &[]),
    ("docker ps", &["docker-group", "rootless"]),
    (
        "DOCKER_HOST=unix:///var/run/docker.sock docker ps",
        &["docker-group"],
    ),
    (
        "docker compose -f /srv/review/compose.yml up --detach --wait && docker compose -f /srv/review/compose.yml down",
        &["docker-group", "rootless"],
    ),
    // The whole disk, through a container.
    (
        "docker run --rm -v /:/host app:1 /bin/busybox cat /host/etc/shadow",
        &["docker-group"],
    ),
    (
        "sudo -n docker run --rm -v /:/host app:1 /bin/busybox cat /host/etc/shadow",
        &["sudo-docker"],
    ),
    ("id -nG | grep -qw docker", &["docker-group"]),
    (
        "touch /srv/review/docker-compose.yml",
        &["sudo-docker", "docker-group", "rootless"],
    ),
    ("version", &["forced-command"]),
    ("status", &["forced-command"]),
];

const AS_MUCH: &str = "is as much as root, because";
const NOT_ROOT: &str = "is not root, because";

/// The profiles in the order in which the host has them, and what a plan says of each.
const ORDER: &[(&str, &str)] = &[
    ("sudo-docker", AS_MUCH),
    ("forced-command", NOT_ROOT),
    ("docker-group", AS_MUCH),
    ("rootless", NOT_ROOT),
    ("forced-command", NOT_ROOT),
    ("docker-group", AS_MUCH),
    ("sudo-docker", AS_MUCH),
];

fn vars(test: &TestHost, more: &str) -> String {
    let key = std::fs::read_to_string(test.folder.path().join("id.pub")).unwrap();
    format!(
        "docker_source = \"distribution\"\napp_dir = \"/srv/review\"\ndeploy_keys = [\"{}\"]\n{more}",
        key.trim()
    )
}

/// What every machine has and a container has not, which an engine without root makes its network of; and an image.
const PREPARED: &str = r#"set -e
mkdir -p /dev/net /tmp/image/bin
[ -e /dev/net/tun ] || mknod /dev/net/tun c 10 200
chmod 666 /dev/net/tun
DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends busybox-static >/dev/null
cp /bin/busybox /tmp/image/bin/busybox
tar -C /tmp/image -cf /srv/image.tar .
docker import /srv/image.tar app:1
printf 'services: {web: {image: "app:1", init: true, command: [/bin/busybox, sleep, "1000"]}}\n' >/srv/review/compose.yml
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_profile_gives_its_rights_and_takes_those_of_the_one_before() {
    let test = TestHost::boot("profiles", "root").await;
    let project = Project::empty(&test);
    for (number, (profile, said_of_it)) in ORDER.iter().enumerate() {
        let more = format!("deploy_profile = \"{profile}\"");
        project.environment(&test, "docker-host", "", &vars(&test, &more));
        let before = number.checked_sub(1).map(|number| ORDER[number].0);
        if before == Some("rootless") && *profile == "forced-command" {
            what_it_wrote_is_not_taken_over(&test, &project);
        }
        let plan = project.landfall(&["plan", "review"]).with(0);
        let meant = format!("deploy_profile {profile}: deploy {said_of_it}");
        assert!(plan.contains(&meant), "{plan}");
        if number == 0 {
            assert!(!plan.contains("known when"), "{plan}");
        }
        begin_to_stay(&test);
        let applied = project.landfall(&["apply", "review", "--yes"]).with(0);
        assert_eq!(applied.matches(&meant).count(), 1, "{applied}");
        if number == 0 {
            test.exec(&["sh", "-c", PREPARED]);
        }
        let again = project
            .landfall(&["plan", "review", "--detailed-exitcode"])
            .with(0);
        assert!(!again.contains(&meant), "{again}");
        if *profile == "rootless" {
            let (ok, said) = ssh(&test, "deploy", "docker import /srv/image.tar app:1");
            assert!(ok, "{said}");
            let (ok, said) = ssh(
                &test,
                "deploy",
                "docker info --format '{{.SecurityOptions}}'",
            );
            assert!(ok && said.contains("rootless"), "{said}");
        }
        for (command, profiles) in SESSIONS {
            let (ok, said) = ssh(&test, "deploy", command);
            assert_eq!(
                ok,
                profiles.contains(profile),
                "{profile}: {command}: {said}"
            );
        }
        if *profile == "forced-command" {
            let images = test.exec(&[
                "sh",
                "-c",
                "cat /srv/review/images.env; stat -c '%U %a' /srv/review/images.env",
            ]);
            assert_eq!(
                images,
                "# Written by landfall-deploy; changes made here are overwritten.\nroot 644\n"
            );
        }
        let began = matches!(before, Some("sudo-docker" | "docker-group" | "rootless"));
        let goes_on = before == Some("sudo-docker") && *profile != "forced-command";
        assert_eq!(stays(&test), began && goes_on, "{before:?} {profile}");
    }
    let left = "ls -A /etc/landfall-deploy /var/lib/systemd/linger /home/deploy/.config/systemd/user; \
                grep -c DOCKER_HOST /home/deploy/.bashrc; stat -c %U /home/deploy /srv/review/docker-compose.yml";
    let left = test.exec(&["sh", "-c", left]);
    assert!(
        !left.contains("deploy.conf") && !left.contains("docker.service"),
        "{left}"
    );
    assert!(left.ends_with("\n0\ndeploy\ndeploy\n"), "{left}");
    // Else a later forced command would go on from releases that others have followed.
    test.exec(&["sh", "-c", "[ ! -e /var/lib/landfall-deploy/deploy ]"]);
}

/// What a user who was no root wrote is read by somebody before root runs it.
fn what_it_wrote_is_not_taken_over(test: &TestHost, project: &Project) {
    let planted =
        "echo EVIL=1 >/srv/review/images.env && chown deploy:deploy /srv/review/images.env";
    test.exec(&["sh", "-c", planted]);
    let said = project.landfall(&["plan", "review"]).said;
    assert!(
        said.contains(
            "/srv/review/docker-compose.yml was written by a user who is not as much as root"
        ) && said.contains("`chown root:root FILE && chmod go-w FILE`"),
        "{said}"
    );
    let read = "chown root:root /srv/review/docker-compose.yml && chmod go-w /srv/review/docker-compose.yml";
    test.exec(&["sh", "-c", read]);
}

/// Something that goes on after the login that began it, with the groups which that login had.
fn begin_to_stay(test: &TestHost) {
    let _ = ssh(
        test,
        "deploy",
        "nohup sleep 200000 >/dev/null 2>&1 </dev/null &",
    );
}

/// Whether that goes on; it does not when this is answered.
fn stays(test: &TestHost) -> bool {
    let look = "pkill -u deploy -f 'sleep 20000[0]' && echo stays || echo gone";
    test.exec(&["sh", "-c", look]) == "stays\n"
}

#[tokio::test(flavor = "multi_thread")]
async fn what_cannot_be_or_would_lock_somebody_out_is_refused_before_anything_is_done() {
    let test = TestHost::boot("refused", "root").await;
    let project = Project::empty(&test);
    let key = std::fs::read_to_string(test.folder.path().join("id.pub")).unwrap();
    let forced = |more: &str| format!("deploy_profile = \"forced-command\"\n{more}");
    for (more, refusal) in [
        (
            "deploy_profile = \"docker\"".to_owned(),
            "deploy_profile is sudo-docker, docker-group",
        ),
        (
            "compose_project = \"Shop\"".to_owned(),
            "compose_project has small letters",
        ),
        (
            format!("deploy_keys_absent = [\"{}\"]", key.trim()),
            "is one of deploy_keys as well",
        ),
        (forced("deploy_user = \"root\""), "would be locked out"),
        (forced("deploy_user = \"a b\""), "is not such a user"),
        (
            forced("deploy_images = { \"a b\" = \"shop/web\" }"),
            "deploy_images has names",
        ),
        (
            forced("deploy_images = { a-b = \"shop/a\", a_b = \"shop/b\" }"),
            "deploy_images has names",
        ),
        (
            forced("deploy_images = { web = \"shop/web:1\" }"),
            "deploy_images has names",
        ),
        (
            forced("deploy_images = { web = \"--privileged\" }"),
            "deploy_images has names",
        ),
        (forced("deploy_tasks = [\"-x\"]"), "deploy_tasks has names"),
        (
            forced("deploy_releases = 1"),
            "deploy_releases a number of two",
        ),
    ] {
        project.environment(&test, "docker-host", "", &vars(&test, &more));
        let said = project.landfall(&["plan", "review"]).with(1);
        let words: Vec<_> = said.split_whitespace().collect();
        assert!(words.join(" ").contains(refusal), "{more}: {said}");
    }
    // A key with an option that undoes the restrictions.
    let opened = format!("deploy_keys = [\"{}\"]", key.trim());
    let whole = vars(&test, &forced(""));
    let whole = whole.replace(
        &opened,
        &format!("deploy_keys = ['pty,port-forwarding {}']", key.trim()),
    );
    project.environment(&test, "docker-host", "", &whole);
    let said = project.landfall(&["plan", "review"]).with(1);
    assert!(said.contains("no options but from"), "{said}");
    let nothing = test.exec(&["sh", "-c", "id deploy 2>/dev/null || echo none"]);
    assert_eq!(nothing, "none\n");
}
