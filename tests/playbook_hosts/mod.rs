//! The shipped playbooks on real hosts: prepared once, nothing left to do the second time, and what they promise held.

use std::{process::Command, sync::Arc, time::Duration};

use async_trait::async_trait;
use landfall::connect::ssh::{Host, Settings};
use landfall::declare;
use landfall::model::playbook::{Base, Step};
use landfall::model::{
    Address, Change, Event, Events, Failure, Kind, Map, Outcome, Progress, Value, Verdict, World,
};
use landfall::observe::Remembered;
use landfall::plan::playbook::{Hand, Library, Performed, Summary, Suppose, Tags, Walk};
use landfall::vars::{Renderer, Scope, shipped};
use serde_json::json;

use crate::support::lab::TestHost;

struct Perform;

#[async_trait]
impl Hand for Perform {
    async fn perform(
        &self,
        world: &dyn World,
        _address: &Address,
        _task: &str,
        change: &Change,
        _shown: &Change,
        progress: &Progress,
    ) -> Result<Performed, Failure> {
        let mut outcomes: Vec<Outcome> = Vec::new();
        for action in &change.actions {
            outcomes.push(world.act(action, progress).await?);
        }
        Ok(Performed::Done(outcomes))
    }

    fn supposes(&self) -> bool {
        false
    }
}

/// The shipped playbooks include no files of tasks.
struct NoFiles;

impl Library for NoFiles {
    fn tasks(&self, _base: &Base, _path: &str) -> Result<Option<Vec<Step>>, Failure> {
        Ok(None)
    }
}

async fn walk(test: &TestHost, name: &str, vars: &Value, hand: Arc<dyn Hand>) -> Summary {
    let settings = Settings {
        known_hosts: test.known_hosts.clone(),
        run: "playbooks".to_owned(),
        become_root: false,
        connect_timeout: Duration::from_secs(20),
        control_dir: None,
        round_trips: Default::default(),
    };
    let host = Host::connect(&test.login, "test", settings).await.unwrap();
    let source = shipped::playbook(name).unwrap();
    let (playbook, warnings) = declare::playbook::read(&source, name, Base::Shipped)
        .unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    assert!(warnings.is_empty(), "{warnings:#?}");
    let (events, mut said) = Events::channel();
    let walk = Walk {
        address: Address::new(Kind::Host, "test"),
        playbook: Arc::new(playbook),
        world: Remembered::new(Arc::new(host)),
        scope: Scope::new(),
        vars: vars.as_object().unwrap().clone(),
        renderer: Renderer::new(Base::Shipped),
        library: Arc::new(NoFiles),
        events,
        stop: Default::default(),
        hand,
        r#become: true,
        login_user: test.login.user.clone(),
        tags: Tags::default(),
        publish: vec!["deploy_user".to_owned(), "deploy_directories".to_owned()],
    };
    let done = walk.run().await;
    while let Ok(event) = said.try_recv() {
        if let Event::Decided { task, verdict, .. } = event
            && !matches!(verdict, Verdict::Unchanged | Verdict::Skipped(_))
        {
            eprintln!("{}: {}", task.unwrap_or_default(), json!(verdict));
        }
    }
    done.unwrap_or_else(|failure| panic!("{name}: {failure}"))
}

/// A plan, the real thing, and again: the second time nothing changes.
async fn prepared(test: &TestHost, name: &str, vars: &Value) -> Map {
    let planned = walk(test, name, vars, Arc::new(Suppose)).await;
    assert!(planned.changes > 0, "a plan of a bare host changes nothing");
    let first = walk(test, name, vars, Arc::new(Perform)).await;
    assert!(first.changes > 0);
    let second = walk(test, name, vars, Arc::new(Perform)).await;
    assert_eq!(second.changes, 0, "the second run changed something");
    let planned = walk(test, name, vars, Arc::new(Suppose)).await;
    assert_eq!((planned.changes, planned.unknown), (0, 0));
    second.published
}

fn ssh(test: &TestHost, user: &str, command: &str) -> (bool, String) {
    let output = Command::new("ssh")
        .args(["-F", "none", "-o", "BatchMode=yes", "-o"])
        .arg(format!("UserKnownHostsFile={}", test.known_hosts.display()))
        .arg("-i")
        .arg(test.folder.path().join("id"))
        .arg(format!("{user}@{}", test.login.address))
        .arg(command)
        .output()
        .unwrap();
    let text = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    (output.status.success(), text)
}

#[tokio::test]
async fn a_docker_host_lets_its_deploy_user_run_docker_and_nothing_else() {
    let test = TestHost::boot("docker-host", "root").await;
    let key = std::fs::read_to_string(test.folder.path().join("id.pub")).unwrap();
    let vars = json!({
        "docker_source": "distribution",
        "deploy_keys": [key.trim()],
        "deploy_uid": 1234,
        "app_dir": "/srv/review",
        "domains": ["review.example.org"],
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
    let (ok, said) = ssh(&test, "deploy", "sudo docker compose version");
    assert!(ok && said.contains("Docker Compose version"), "{said}");
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
            "readlink",
            "/srv/review/certs/review.example.org/fullchain.pem"
        ]),
        "/etc/letsencrypt/live/review.example.org/fullchain.pem\n"
    );
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
    assert_eq!(
        test.exec(&["cat", "/proc/sys/net/core/somaxconn"]),
        "2048\n"
    );
}
