//! The lock: one run at a time, dead holders, lost leases.

use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use async_trait::async_trait;
use landfall::backend::{Backend, Condition, Holder, Key, Lease, Store, Version, WriteError};
use landfall::model::{Class, Failure};

use crate::support::stores::{Kept, folder, stores};

/// Short enough for a test; nothing is judged by how long it takes.
const QUICK: Lease = Lease {
    length: Duration::from_secs(60),
    renew: Duration::from_millis(20),
};

fn backend(kept: &Kept) -> Backend {
    Backend::new(kept.store.clone(), "", "review", "review").unwrap()
}

fn key(name: &str) -> Key {
    Key::new(&["review", name]).unwrap()
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

#[tokio::test]
async fn a_lock_from_a_clock_that_is_a_year_ahead_is_taken_over_when_nothing_moves() {
    for kept in stores("lock-ahead").await {
        let ahead = Holder {
            heartbeat: in_a_year(0),
            since: in_a_year(0),
            ..long_ago("elsewhere")
        };
        left(&kept, &ahead).await;
        let said = Arc::new(Mutex::new(Vec::new()));
        let heard = said.clone();
        let lock = backend(&kept).lock().lease(QUICK);
        let lock = lock.saying(move |line| heard.lock().unwrap().push(line.to_owned()));
        let guard = lock.acquire("apply", "run-1").await.unwrap();
        assert!(guard.note().unwrap().ends_with("its lock was taken over."));
        guard.release().await.unwrap();
        let said = said.lock().unwrap();
        assert!(
            said.len() == 1 && said[0].contains("Its lock is watched for 80ms"),
            "{said:?}"
        );
    }
}

/// A second of next year.
fn in_a_year(second: u32) -> String {
    let now = jiff::Timestamp::now() + jiff::SignedDuration::from_hours(24 * 365);
    now.strftime(&format!("%Y-%m-%dT%H:%M:{:02}Z", second % 60))
        .to_string()
}

/// A folder whose lock is renewed by a holder with another clock: each look sees another sign of life.
struct Beating {
    inner: Arc<dyn Store>,
    looks: AtomicU32,
    clock: fn(u32) -> String,
}

#[async_trait]
impl Store for Beating {
    async fn get(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, Failure> {
        let look = self.looks.fetch_add(1, Ordering::SeqCst);
        let holder = Holder {
            heartbeat: (self.clock)(look),
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
async fn a_holder_whose_clock_is_behind_or_ahead_keeps_its_lock() {
    let behind = |look: u32| format!("2026-01-01T00:00:{look:02}Z");
    for clock in [behind as fn(u32) -> String, in_a_year] {
        let kept = folder();
        left(&kept, &long_ago("elsewhere")).await;
        let beating = Arc::new(Beating {
            inner: kept.store.clone(),
            looks: AtomicU32::new(0),
            clock,
        });
        let backend = Backend::new(beating, "", "review", "review").unwrap();
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
}

/// The signs of life of a real holder differ, however fast they follow each other.
#[tokio::test]
async fn no_two_signs_of_life_are_alike() {
    for kept in stores("lock-beats").await {
        let lock = backend(&kept).lock().lease(QUICK);
        let guard = lock.acquire("apply", "run-1").await.unwrap();
        let mut seen = Vec::new();
        while seen.len() < 4 {
            let (_, version) = kept.store.get(&key("lock.json")).await.unwrap().unwrap();
            if seen.last() != Some(&version) {
                assert!(!seen.contains(&version), "{}", kept.name);
                seen.push(version);
            }
        }
        guard.release().await.unwrap();
    }
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
