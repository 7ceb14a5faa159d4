//! Ledger, lock, journal and targets over both stores.

use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use async_trait::async_trait;
use landfall::backend::{
    Backend, Condition, Entry, Holder, Key, Lease, Made, Store, Version, WriteError,
};
use landfall::model::{
    Address, Change, Class, Effect, Event, Failure, HostTarget, Kind, Place, Target, TargetKind,
    Value,
};

use crate::support::stores::{Kept, folder, stores};

/// Short enough for a test; nothing is judged by how long it takes.
const QUICK: Lease = Lease {
    length: Duration::from_secs(60),
    renew: Duration::from_millis(20),
};

fn backend(kept: &Kept) -> Backend {
    Backend::new(kept.store.clone(), "review").unwrap()
}

fn key(name: &str) -> Key {
    Key::new(&["review", name]).unwrap()
}

fn entry(name: &str) -> Entry {
    let values = serde_json::json!({ "service": "ec2.amazonaws.com" });
    Entry::new(
        Address::new(Kind::Role, name),
        Place::Aws,
        Made::Made,
        values,
        "run-1",
    )
}

#[tokio::test]
async fn the_ledger_remembers_what_was_made_and_forgets_what_was_taken_away() {
    for kept in stores("ledger").await {
        let ledger = backend(&kept).ledger().await.unwrap();
        ledger.record(entry("b")).await.unwrap();
        let mut first = entry("a");
        first.needs = vec![Address::bucket()];
        first.made = Made::Adopted;
        first.extra = Value::String("digest".into());
        ledger.record(first.clone()).await.unwrap();
        ledger.record(entry("c")).await.unwrap();
        ledger.forget(&Address::new(Kind::Role, "b")).await.unwrap();

        let again = backend(&kept).ledger().await.unwrap();
        assert_eq!(again.serial().await, 4);
        let names: Vec<String> = again
            .entries()
            .await
            .keys()
            .map(Address::to_string)
            .collect();
        assert_eq!(names, ["roles.a", "roles.c"], "{}", kept.name);
        assert_eq!(again.get(&first.address).await, Some(first));
    }
}

#[tokio::test]
async fn a_ledger_that_somebody_else_wrote_meanwhile_is_not_overwritten() {
    for kept in stores("ledger-race").await {
        let (one, other) = (
            backend(&kept).ledger().await.unwrap(),
            backend(&kept).ledger().await.unwrap(),
        );
        one.record(entry("a")).await.unwrap();
        let failure = other.record(entry("b")).await.unwrap_err();
        assert_eq!(failure.summary, "the ledger was changed by somebody else");
        assert_eq!(
            other.entries().await.len(),
            0,
            "what was not written is not remembered"
        );
        assert_eq!(
            backend(&kept).ledger().await.unwrap().entries().await.len(),
            1
        );
    }
}

#[tokio::test]
async fn a_ledger_that_is_cut_foreign_or_newer_is_refused() {
    for (text, why) in [
        ("{\"version\": 1, \"lin", "EOF while parsing"),
        ("", "EOF while parsing"),
        ("\u{0}\u{0}\u{0}", "expected value"),
        ("{\"version\": 2, \"shape\": []}", "It has version 2"),
        ("{\"terraform\": 1}", "It has no version"),
        (
            "{\"version\": 1, \"lineage\": \"l\", \"serial\": 1, \"entries\": [{}]}",
            "missing field `address`",
        ),
    ] {
        let kept = folder();
        kept.store
            .put(&key("ledger.json"), text.as_bytes(), &Condition::Any)
            .await
            .unwrap();
        let failure = backend(&kept).ledger().await.err().unwrap();
        assert_eq!(failure.summary, "the ledger cannot be read");
        assert!(failure.why.contains(why), "{failure}");
        assert!(failure.what.contains("review/ledger.json"), "{failure}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_runs_one_gets_the_lock_and_the_others_are_told_by_whom() {
    for kept in stores("lock-race").await {
        let tasks: Vec<_> = (0..16)
            .map(|number| {
                let lock = backend(&kept).lock();
                tokio::spawn(async move { lock.acquire("apply", &format!("run-{number}")).await })
            })
            .collect();
        let mut held = Vec::new();
        for task in tasks {
            match task.await.unwrap() {
                Ok(guard) => held.push(guard),
                Err(failure) => {
                    assert_eq!(failure.class, Class::LockHeld, "{failure}");
                    assert!(
                        failure
                            .why
                            .contains(&format!("(process {})", std::process::id())),
                        "{failure}"
                    );
                    assert!(failure.why.contains("running `apply` since"), "{failure}");
                    assert!(failure.help.contains("review/lock.json"), "{failure}");
                }
            }
        }
        assert_eq!(held.len(), 1, "{}", kept.name);
        held.pop().unwrap().release().await.unwrap();
        assert_eq!(backend(&kept).lock().holder().await.unwrap(), None);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_panic_gives_the_lock_back() {
    for kept in stores("lock-panic").await {
        let lock = backend(&kept).lock();
        let task = tokio::spawn(async move {
            let _guard = lock.acquire("apply", "run-1").await.unwrap();
            panic!("on purpose");
        });
        assert!(task.await.unwrap_err().is_panic());
        assert_eq!(
            kept.store.get(&key("lock.json")).await.unwrap(),
            None,
            "{}",
            kept.name
        );
    }
}

/// Writes a lock that another process left.
async fn left(kept: &Kept, holder: &Holder) -> Version {
    let bytes = serde_json::to_vec(holder).unwrap();
    kept.store
        .put(&key("lock.json"), &bytes, &Condition::Any)
        .await
        .unwrap()
}

fn long_ago(machine: &str) -> Holder {
    Holder {
        user: "alice".into(),
        host: "laptop".into(),
        machine: machine.into(),
        since: "2026-01-01T00:00:00Z".into(),
        heartbeat: "2026-01-01T00:05:00Z".into(),
        ..Holder::this_process("destroy", "run-0", 60)
    }
}

#[tokio::test]
async fn the_lock_of_a_process_that_died_here_is_free_at_once() {
    for kept in stores("lock-dead").await {
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        child.wait().unwrap();
        let dead = Holder {
            pid,
            ..Holder::this_process("apply", "run-0", 60)
        };
        left(&kept, &dead).await;
        assert_eq!(backend(&kept).lock().holder().await.unwrap(), None);
        let guard = backend(&kept)
            .lock()
            .acquire("apply", "run-1")
            .await
            .unwrap();
        assert!(
            guard
                .note()
                .unwrap()
                .contains("has died; its lock was taken over")
        );
        guard.release().await.unwrap();
    }
}

#[tokio::test]
async fn the_lock_of_a_silent_machine_is_taken_over_and_its_holder_is_told() {
    for kept in stores("lock-silent").await {
        left(&kept, &long_ago("elsewhere")).await;
        let lock = backend(&kept).lock().lease(QUICK);
        let guard = lock.acquire("apply", "run-1").await.unwrap();
        let note = guard.note().unwrap();
        assert!(note.starts_with("alice@laptop (process "), "{note}");
        assert!(
            note.contains("no sign of life since 2026-01-01T00:05:00Z"),
            "{note}"
        );

        // Now somebody takes it over from us: the next sign of life finds out.
        left(
            &kept,
            &Holder {
                run: "run-2".into(),
                ..long_ago("elsewhere")
            },
        )
        .await;
        let failure = guard.lost().await;
        assert_eq!(failure.summary, "the lock was lost");
        assert!(failure.why.contains("alice@laptop"), "{failure}");
        assert!(guard.is_lost().is_some());
        guard.release().await.unwrap();
        assert!(
            kept.store.get(&key("lock.json")).await.unwrap().is_some(),
            "theirs was not released"
        );
    }
}

/// A folder whose lock is renewed by a holder with a clock far behind: each look sees another sign of life.
struct Beating {
    inner: Arc<dyn Store>,
    looks: AtomicU32,
}

#[async_trait]
impl Store for Beating {
    async fn get(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, Failure> {
        let look = self.looks.fetch_add(1, Ordering::SeqCst);
        let holder = Holder {
            heartbeat: format!("2026-01-01T00:00:{look:02}Z"),
            ..long_ago("elsewhere")
        };
        let bytes = serde_json::to_vec(&holder).unwrap();
        let written = self.inner.put(key, &bytes, &Condition::Any).await;
        assert!(written.is_ok());
        self.inner.get(key).await
    }
    async fn put(
        &self,
        key: &Key,
        bytes: &[u8],
        condition: &Condition,
    ) -> Result<Version, WriteError> {
        self.inner.put(key, bytes, condition).await
    }
    async fn delete(&self, key: &Key, condition: &Condition) -> Result<(), WriteError> {
        self.inner.delete(key, condition).await
    }
    async fn list(&self, below: &Key) -> Result<Vec<Key>, Failure> {
        self.inner.list(below).await
    }
    async fn append(&self, log: &Key, index: u64, piece: &[u8]) -> Result<(), Failure> {
        self.inner.append(log, index, piece).await
    }
    async fn read_log(&self, log: &Key) -> Result<Option<Vec<u8>>, Failure> {
        self.inner.read_log(log).await
    }
    async fn delete_log(&self, log: &Key) -> Result<(), Failure> {
        self.inner.delete_log(log).await
    }
    fn location(&self, key: &Key) -> String {
        self.inner.location(key)
    }
}

#[tokio::test]
async fn a_holder_whose_clock_is_behind_keeps_its_lock() {
    let kept = folder();
    left(&kept, &long_ago("elsewhere")).await;
    let beating = Arc::new(Beating {
        inner: kept.store.clone(),
        looks: AtomicU32::new(0),
    });
    let backend = Backend::new(beating, "review").unwrap();
    let failure = backend
        .lock()
        .lease(QUICK)
        .acquire("apply", "run-1")
        .await
        .err()
        .unwrap();
    assert_eq!(failure.class, Class::LockHeld);
    assert!(failure.why.contains("alice@laptop"), "{failure}");
}

#[tokio::test]
async fn a_lock_that_cannot_be_read_is_not_ignored() {
    let kept = folder();
    kept.store
        .put(&key("lock.json"), b"{\"user\": \"al", &Condition::Any)
        .await
        .unwrap();
    let failure = backend(&kept)
        .lock()
        .acquire("apply", "run-1")
        .await
        .err()
        .unwrap();
    assert_eq!(
        (failure.summary, failure.class),
        ("the lock cannot be read", Class::LockHeld)
    );
}

fn acting(address: &Address, task: Option<&str>) -> Event {
    Event::Acting {
        address: address.clone(),
        task: task.map(str::to_owned),
        change: Change::new(Effect::Create),
    }
}

fn acted(address: &Address, task: Option<&str>) -> Event {
    Event::Acted {
        address: address.clone(),
        task: task.map(str::to_owned),
    }
}

#[tokio::test]
async fn a_run_that_was_cut_is_found_with_what_it_was_in_the_middle_of() {
    for kept in stores("journal").await {
        let backend = backend(&kept);
        let (role, host) = (
            Address::new(Kind::Role, "a"),
            Address::new(Kind::Host, "web"),
        );
        let journal = backend.journal("run-1", "apply").await.unwrap();
        for event in [
            acting(&role, None),
            acted(&role, None),
            acting(&host, Some("Install docker")),
            acted(&host, Some("Install docker")),
            acting(&host, Some("Add the user")),
        ] {
            journal.write(&event).await.unwrap();
        }
        drop(journal);
        // The line it was writing when the power went.
        let log = Key::new(&["review", "journal", "run-1.open.jsonl"]).unwrap();
        kept.store.append(&log, 6, b"{\"at\":\"2026").await.unwrap();

        let cuts = backend.unfinished().await.unwrap();
        assert_eq!(cuts.len(), 1, "{}", kept.name);
        assert_eq!(
            (cuts[0].run.as_str(), cuts[0].purpose.as_str()),
            ("run-1", "apply")
        );
        assert_eq!(cuts[0].intents.len(), 1, "{cuts:?}");
        assert_eq!(cuts[0].intents[0].address, "hosts.web");
        assert_eq!(cuts[0].intents[0].task.as_deref(), Some("Add the user"));

        backend.settle(&cuts[0], "resumed by run-2").await.unwrap();
        assert_eq!(backend.unfinished().await.unwrap(), []);
        let sealed = Key::new(&["review", "journal", "run-1.jsonl"]).unwrap();
        let (bytes, _) = kept.store.get(&sealed).await.unwrap().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.lines().count(), 8, "{text}");
        assert!(
            text.ends_with("\"event\":\"settled\",\"note\":\"resumed by run-2\"}\n"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_run_that_ended_or_is_at_work_is_not_cut() {
    for kept in stores("journal-end").await {
        let backend = backend(&kept);
        let journal = backend.journal("run-1", "apply").await.unwrap();
        journal
            .write(&acting(&Address::bucket(), None))
            .await
            .unwrap();
        journal.end("failed").await.unwrap();
        let guard = backend.lock().acquire("apply", "run-2").await.unwrap();
        let journal = backend.journal("run-2", "apply").await.unwrap();
        assert_eq!(backend.unfinished().await.unwrap(), [], "{}", kept.name);
        guard.release().await.unwrap();
        assert_eq!(backend.unfinished().await.unwrap().len(), 1);
        drop(journal);
    }
}

fn target(name: &str) -> Target {
    Target {
        name: name.into(),
        project: "review".into(),
        environment: "review".into(),
        registered: "2026-02-03T10:11:12Z".into(),
        kind: TargetKind::Host(HostTarget {
            address: "203.0.113.7".into(),
            port: 22,
            user: "deploy".into(),
            host_keys: vec!["ssh-ed25519 AAAA".into()],
            sudo: vec![],
            docker: None,
            compose: None,
            directories: vec![],
        }),
    }
}

#[tokio::test]
async fn targets_are_kept_by_name() {
    for kept in stores("targets").await {
        let targets = backend(&kept).targets();
        assert_eq!(targets.list().await.unwrap(), []);
        assert_eq!(targets.get("web").await.unwrap(), None);
        for name in ["web", "api"] {
            targets.put(&target(name)).await.unwrap();
        }
        targets.put(&target("web")).await.unwrap();
        assert_eq!(
            targets.list().await.unwrap(),
            [target("api"), target("web")],
            "{}",
            kept.name
        );
        assert!(targets.remove("api").await.unwrap());
        assert!(!targets.remove("api").await.unwrap());
        assert_eq!(targets.list().await.unwrap(), [target("web")]);
        for name in ["../ledger", "a/b", "", ".x"] {
            assert!(targets.get(name).await.is_err(), "{name}");
        }
    }
    assert!(Backend::new(folder().store, "../review").is_err());
}

#[tokio::test]
async fn a_target_whose_record_is_cut_is_named() {
    let kept = folder();
    let key = Key::new(&["review", "targets", "web.json"]).unwrap();
    kept.store
        .put(&key, b"{\"name\": \"web\"", &Condition::Any)
        .await
        .unwrap();
    let failure = backend(&kept).targets().list().await.unwrap_err();
    assert_eq!(failure.summary, "a target's record cannot be read");
    assert!(failure.what.contains("targets/web.json"), "{failure}");
}
