//! The shipped playbooks, each on a bare host.

use landfall::play::check;

use super::*;

#[test]
fn the_shipped_playbooks_give_no_complaint_before_anything_is_asked() {
    let library: Arc<dyn Library> = Arc::new(ShippedFiles);
    for name in ["docker-host", "django-host", "hardening"] {
        let complaints = check(&shipped(name), &library);
        assert!(complaints.is_empty(), "{name}: {complaints:#?}");
    }
}

#[tokio::test]
async fn a_docker_host_lets_its_deploy_user_run_docker_and_nothing_else() {
    let test = TestHost::boot("docker-host", "root").await;
    let key = std::fs::read_to_string(test.folder.path().join("id.pub")).unwrap();
    let vars = json!({
        "docker_source": "distribution",
        "docker_daemon": {"log-driver": "local"},
        "deploy_keys": [key.trim()],
        "deploy_uid": 1234,
        "app_dir": "/srv/review",
        "data_directories": [{"path": "/srv/review/data/postgres", "owner": "999", "group": "999", "mode": "0700"}],
        "registry_user": "robot",
        "registry_password": "s3cret-of-the-registry",
    });
    let published = prepared(&test, "docker-host", &vars).await;
    assert_eq!(published["deploy_user"], "deploy");
    assert_eq!(
        published["deploy_directories"],
        json!([
            "/srv/review",
            "/srv/review/data",
            "/srv/review/nginx",
            "/srv/review/certs"
        ])
    );
    assert_eq!(published["deploy_profile"], "sudo-docker");
    assert_eq!(published["deploy_images"], json!({}));
    assert_eq!(published["compose_project"], "review");
    assert_eq!(published["compose_file"], "/srv/review/docker-compose.yml");
    let (ok, said) = ssh(&test, "deploy", "sudo docker compose version");
    assert!(ok && said.contains("Docker Compose version"), "{said}");
    assert_eq!(
        test.exec(&["docker", "info", "--format", "{{.LoggingDriver}}"]),
        "local\n"
    );
    let (ok, said) = ssh(&test, "deploy", "sudo -n cat /etc/shadow");
    assert!(!ok, "{said}");
    let (ok, said) = ssh(
        &test,
        "deploy",
        "cd /srv/review && sudo docker compose config --quiet && touch nginx/x && id -u",
    );
    assert!(ok && said.contains("1234"), "{said}");
    assert_eq!(
        test.exec(&[
            "stat",
            "-c",
            "%a %U",
            "/home/deploy/.ssh",
            "/home/deploy/.ssh/authorized_keys",
            "/home/deploy/.docker/config.json",
            "/etc/sudoers.d/90-deploy"
        ]),
        "700 deploy\n600 deploy\n600 deploy\n440 root\n"
    );
    assert_eq!(
        test.exec(&["stat", "-c", "%a %u", "/srv/review/data/postgres"]),
        "700 999\n"
    );
    assert_eq!(
        test.exec(&["sh", "-c", "command -v python3 || echo none"]),
        "none\n"
    );
}

#[tokio::test]
async fn a_django_host_has_its_server_database_and_directories() {
    let test = TestHost::boot("django-host", "root").await;
    let vars = json!({
        "project_name": "review",
        // A setting that every container has for itself: the machine's own are not a test's to change.
        "sysctl_settings": [{"name": "net.core.somaxconn", "value": 2048}],
        "database_password": "s3cret 'of' the \\database",
    });
    let published = prepared(&test, "django-host", &vars).await;
    assert_eq!(published["deploy_user"], "review");
    assert_eq!(
        test.exec(&[
            "stat",
            "-c",
            "%a %U %G",
            "/srv/review/releases",
            "/srv/review/shared/app.env"
        ]),
        "755 review review\n640 root review\n"
    );
    let query = ". /srv/review/shared/app.env; export PGPASSWORD=\"$DATABASE_PASSWORD\"; \
                 psql -h $DATABASE_HOST -U $DATABASE_USER -d $DATABASE_NAME -Atc 'select current_user'";
    assert_eq!(test.exec(&["sh", "-c", query]), "review\n");
    assert_eq!(
        test.exec(&[
            "systemctl",
            "is-active",
            "nginx",
            "supervisor",
            "postgresql"
        ]),
        "active\nactive\nactive\n"
    );
    let known = test.exec(&["sh", "-c", "supervisorctl status || true"]);
    assert!(known.starts_with("review "), "{known}");
    // supervisor opens the log as root: nowhere that the application may put a link.
    let log = test.exec(&[
        "sh",
        "-c",
        "sed -n 's/^stdout_logfile=//p' /etc/supervisor/conf.d/review.conf",
    ]);
    let may = format!("test -w \"$(dirname {})\"", log.trim());
    assert!(log.starts_with("/var/log/"), "{log}");
    let (ok, _) = run_as(&test, "review", &may);
    assert!(!ok, "{log} is in a directory of the application's");
    assert_eq!(
        test.exec(&["cat", "/proc/sys/net/core/somaxconn"]),
        "2048\n"
    );
}

fn run_as(test: &TestHost, user: &str, script: &str) -> (bool, String) {
    let output = Command::new("docker")
        .args([
            "exec",
            &test.container,
            "runuser",
            "-u",
            user,
            "--",
            "sh",
            "-c",
            script,
        ])
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout).into_owned();
    (output.status.success(), said)
}
