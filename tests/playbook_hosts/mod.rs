//! Playbooks on real hosts: prepared once, nothing left to do the second time, and what they promise held.

mod acme;
mod asked;
mod certificates;
mod cloud_init;
mod cuts;
mod deploy_profiles;
mod forced_command;
mod hardening;
mod killed;
mod likeness;
mod logs;
mod owed;
mod printed;
mod registry_deployments;
mod repository;
mod shipped_ones;
mod stale;
mod sudo;
mod verified;
mod way_in;

use std::{process::Command, sync::Arc};

use landfall::connect::ssh::{Host, Settings};
use landfall::declare;
use landfall::model::playbook::{Base, Playbook, Step};
use landfall::model::{Address, Event, Events, Failure, Kind, Map, Source, Value, Verdict};
use landfall::observe::Remembered;
use landfall::play::{DryRun, Executor, Library, Summary, Tags, Walk};
use landfall::vars::{Files, Renderer, Scope, shipped};
use serde_json::json;

use crate::support::{executors::Run, lab::TestHost};

/// The files of tasks that come with the shipped playbooks.
struct ShippedFiles;

impl Library for ShippedFiles {
    fn tasks(&self, base: &Base, path: &str) -> Result<Option<Vec<Step>>, Failure> {
        let Some(bytes) = Files::read(base, path)? else {
            return Ok(None);
        };
        let source = Source::new(path, String::from_utf8(bytes).unwrap());
        let (steps, warnings) = declare::playbook::tasks(&source)
            .unwrap_or_else(|mistakes| panic!("{path}: {mistakes:#?}"));
        assert!(warnings.is_empty(), "{path}: {warnings:#?}");
        Ok(Some(steps))
    }
}

async fn connect(test: &TestHost) -> Host {
    let settings = Settings::new(&test.known_hosts, "playbooks");
    Host::connect(&test.login, "test", settings).await.unwrap()
}

fn shipped(name: &str) -> Playbook {
    let source = shipped::playbook(name).unwrap();
    let (playbook, warnings) = declare::playbook::read(&source, name, Base::Shipped)
        .unwrap_or_else(|mistakes| panic!("{mistakes:#?}"));
    assert!(warnings.is_empty(), "{warnings:#?}");
    playbook
}

/// The variables that a target's record is made from.
const PUBLISHED: &[&str] = &[
    "deploy_user",
    "deploy_directories",
    "deploy_profile",
    "deploy_images",
    "compose_project",
    "compose_file",
];

/// Walks a shipped playbook; gives how it ended and each task with its verdict, those that did not apply left out.
async fn walk(
    test: &TestHost,
    name: &str,
    vars: &Value,
    executor: Arc<dyn Executor>,
) -> (Result<Summary, Failure>, Vec<(String, Verdict)>) {
    let (events, mut said) = Events::channel();
    let walk = Walk {
        address: Address::new(Kind::Host, "test"),
        playbook: Arc::new(shipped(name)),
        world: Remembered::new(Arc::new(connect(test).await)),
        scope: Scope::new(),
        vars: vars.as_object().unwrap().clone(),
        renderer: Renderer::new(Base::Shipped),
        library: Arc::new(ShippedFiles),
        events,
        stop: Default::default(),
        executor,
        r#become: true,
        login: test.login.clone(),
        tags: Tags::default(),
        publish: PUBLISHED.iter().map(|name| (*name).to_owned()).collect(),
    };
    let done = walk.run().await;
    let mut decided = Vec::new();
    while let Ok(event) = said.try_recv() {
        if let Event::Decided { task, verdict, .. } = event
            && !matches!(verdict, Verdict::Skipped(_))
        {
            decided.push((task.unwrap_or_default(), verdict));
        }
    }
    (done, decided)
}

/// Walks it to its end.
async fn walked(test: &TestHost, name: &str, vars: &Value, executor: Arc<dyn Executor>) -> Summary {
    let (done, decided) = walk(test, name, vars, executor).await;
    for (task, verdict) in decided {
        if verdict != Verdict::Unchanged {
            eprintln!("{task}: {}", json!(verdict));
        }
    }
    done.unwrap_or_else(|failure| panic!("{name}: {failure}"))
}

/// The same, as `apply` does it.
async fn performed(test: &TestHost, name: &str, vars: &Value) -> Summary {
    let run = Run::begin().await;
    let summary = walked(test, name, vars, run.executor()).await;
    run.end().await;
    summary
}

/// A plan, the real thing, and again: the second time nothing changes.
async fn prepared(test: &TestHost, name: &str, vars: &Value) -> Map {
    let planned = walked(test, name, vars, Arc::new(DryRun)).await;
    assert!(planned.changes > 0, "a plan of a bare host changes nothing");
    let first = performed(test, name, vars).await;
    assert!(first.changes > 0);
    let second = performed(test, name, vars).await;
    assert_eq!(second.changes, 0, "the second run changed something");
    let planned = walked(test, name, vars, Arc::new(DryRun)).await;
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
