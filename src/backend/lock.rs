//! One run at a time: the lock of an environment.

use std::sync::Arc;
use std::time::Duration;

use jiff::Timestamp;
use tokio::sync::watch;
use tokio::task::JoinHandle;

use super::records::Records;
use super::{Condition, Holder, Key, Version, WriteError, record};
use crate::model::{Class, Failure};

/// How long a holder that gives no sign of life keeps the lock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The time after the last sign of life.
    pub length: Duration,
    /// The time between two signs of life.
    pub renew: Duration,
}

impl Default for Lease {
    /// A minute outlasts a lost connection to S3; four signs of life in it survive three that are lost.
    fn default() -> Self {
        Self {
            length: Duration::from_secs(60),
            renew: Duration::from_secs(15),
        }
    }
}

impl Lease {
    /// How long a lock is watched whose holder's clock says nothing: as many signs of life as are given in a lease must
    /// be missed. A minute, by default.
    fn watch(&self) -> Duration {
        self.renew * 4
    }
}

/// Hears what somebody who waits for a lock would like to know.
type Says = Arc<dyn Fn(&str) + Send + Sync>;

/// The lock of one environment.
#[derive(Clone)]
pub struct Lock {
    records: Records,
    lease: Lease,
    says: Says,
}

/// A released lock is taken by the fastest; who loses this often meets something else than rivals.
const TRIES: usize = 10;

impl Lock {
    pub(super) fn new(records: Records, lease: Lease) -> Self {
        Self {
            records,
            lease,
            says: Arc::new(|_| {}),
        }
    }

    /// This lock, which says by this function why it waits.
    pub fn saying(mut self, says: impl Fn(&str) + Send + Sync + 'static) -> Self {
        self.says = Arc::new(says);
        self
    }

    /// This lock with another lease.
    pub fn lease(mut self, lease: Lease) -> Self {
        self.lease = lease;
        self
    }

    /// Takes the lock, or fails with [`Class::LockHeld`], saying who holds it, since when, for what, and how to free it.
    ///
    /// A holder that died on this machine is replaced at once. Where the holder's last sign of life is not of just now,
    /// no two clocks are compared: its lock is watched for a lease by ours alone, and taken over when nothing moved.
    pub async fn acquire(&self, purpose: &str, run: &str) -> Result<Guard, Failure> {
        let ours = Holder::this_process(purpose, run, self.lease.length.as_secs().max(1));
        for _ in 0..TRIES {
            match self.write(&ours, &Condition::Absent).await {
                Ok(version) => return Ok(Guard::new(self.clone(), ours, version, None)),
                Err(WriteError::Failed(failure)) => return Err(failure),
                Err(WriteError::Lost) => {}
            }
            let Some((theirs, version)) = self.read().await? else {
                continue;
            };
            let Some(note) = self.why_free(&theirs, &version).await? else {
                return Err(self.held(purpose, &theirs));
            };
            match self.write(&ours, &Condition::Is(version)).await {
                Ok(version) => return Ok(Guard::new(self.clone(), ours, version, Some(note))),
                Err(WriteError::Failed(failure)) => return Err(failure),
                Err(WriteError::Lost) => {}
            }
        }
        Err(match self.read().await? {
            Some((theirs, _)) => self.held(purpose, &theirs),
            None => Failure::new(
                "the lock changes hands too fast",
                format!(
                    "`{purpose}` needs the lock of `{}`.",
                    self.records.environment()
                ),
            )
            .class(Class::LockHeld)
            .left_behind("Nothing was changed.")
            .help("Run it again."),
        })
    }

    /// Who holds it; none when it is free or its holder is known to be dead.
    pub async fn holder(&self) -> Result<Option<Holder>, Failure> {
        let held = self.read().await?.map(|(holder, _)| holder);
        Ok(held.filter(|holder| !holder.is_gone()))
    }

    /// Why a lock that is held may be taken; none when it may not.
    async fn why_free(
        &self,
        theirs: &Holder,
        version: &Version,
    ) -> Result<Option<String>, Failure> {
        let did = format!(
            "{theirs} was running `{}` since {}",
            theirs.purpose, theirs.since
        );
        if theirs.is_gone() {
            return Ok(Some(format!(
                "{did} and has died; its lock was taken over."
            )));
        }
        if theirs.is_fresh(Timestamp::now()) {
            return Ok(None);
        }
        let watch = self.lease.watch();
        (self.says)(&format!(
            "{did}; its last sign of life was at {} by its clock. Its lock is watched for {watch:?}, and taken over \
             when there is no other.",
            theirs.heartbeat
        ));
        let begun = tokio::time::Instant::now();
        while begun.elapsed() < watch {
            tokio::time::sleep(self.lease.renew / 3).await;
            match self.read().await? {
                Some((_, seen)) if seen == *version => {}
                // It is given back: whoever is fastest takes it.
                None => return Ok(Some(format!("{did} and has ended."))),
                Some(_) => return Ok(None),
            }
        }
        Ok(Some(format!(
            "{did} and has given no sign of life since {}; its lock was taken over.",
            theirs.heartbeat
        )))
    }

    fn held(&self, purpose: &str, theirs: &Holder) -> Failure {
        let location = self
            .key()
            .map(|key| self.records.store().location(&key))
            .unwrap_or_default();
        Failure::new(
            "another run holds the lock",
            format!("`{purpose}` needs the lock of `{}`.", self.records.environment()),
        )
        .class(Class::LockHeld)
        .why(format!(
            "{theirs} has been running `{}` since {}; its last sign of life was at {}.",
            theirs.purpose, theirs.since, theirs.heartbeat
        ))
        .left_behind("Nothing was changed.")
        .help(format!(
            "Wait until it has ended. If it is dead its lock is taken over {} s after its last sign of life; to free \
             it at once, delete `{location}`.",
            theirs.lease
        ))
    }

    fn key(&self) -> Result<Key, Failure> {
        self.records.key(&["lock.json"])
    }

    async fn read(&self) -> Result<Option<(Holder, Version)>, Failure> {
        let key = self.key()?;
        let Some((bytes, version)) = self.records.store().get(&key).await? else {
            return Ok(None);
        };
        let holder = record::json(&bytes).map_err(|error| {
            let location = self.records.store().location(&key);
            Failure::new("the lock cannot be read", format!("`{location}` was read."))
                .class(Class::LockHeld)
                .why(error)
                .left_behind("Nothing was changed.")
                .help("Make sure that no other run is at work, and delete it.")
        })?;
        Ok(Some((holder, version)))
    }

    async fn write(&self, holder: &Holder, condition: &Condition) -> Result<Version, WriteError> {
        let mut bytes = serde_json::to_vec_pretty(holder)
            .map_err(|error| Failure::bug(format!("the lock cannot be written: {error}")))?;
        bytes.push(b'\n');
        self.records
            .store()
            .put(&self.key()?, &bytes, condition)
            .await
    }

    /// Deletes it if this run holds it. Signs of life that are still under way make it look again.
    async fn release(&self, run: &str) -> Result<(), Failure> {
        for _ in 0..TRIES {
            match self.read().await? {
                Some((holder, version)) if holder.run == run => {
                    match self
                        .records
                        .store()
                        .delete(&self.key()?, &Condition::Is(version))
                        .await
                    {
                        Err(WriteError::Lost) => {}
                        Err(WriteError::Failed(failure)) => return Err(failure),
                        Ok(()) => return Ok(()),
                    }
                }
                _ => return Ok(()),
            }
        }
        Ok(())
    }
}

/// The lock, held. It is renewed in the background and released when this is dropped, also by a panic.
pub struct Guard {
    lock: Lock,
    run: String,
    note: Option<String>,
    renewal: JoinHandle<()>,
    lost: watch::Receiver<Option<Failure>>,
    released: bool,
}

impl Guard {
    fn new(lock: Lock, holder: Holder, version: Version, note: Option<String>) -> Self {
        let (tell, lost) = watch::channel(None);
        let run = holder.run.clone();
        let renewing = lock.clone();
        let renewal = tokio::spawn(async move {
            let failure = renewing.renew(holder, version).await;
            let _ = tell.send(Some(failure));
        });
        Self {
            lock,
            run,
            note,
            renewal,
            lost,
            released: false,
        }
    }

    /// What must be said about the earlier holder; none when the lock was free.
    pub fn note(&self) -> Option<&str> {
        self.note.as_deref()
    }

    /// Why the lock was lost; none while it is held.
    pub fn is_lost(&self) -> Option<Failure> {
        self.lost.borrow().clone()
    }

    /// Ends when the lock is lost, and says why. Whoever works under the lock begins nothing new then.
    pub async fn lost(&self) -> Failure {
        let mut lost = self.lost.clone();
        let seen = lost.wait_for(Option::is_some).await;
        match seen.ok().and_then(|failure| failure.clone()) {
            Some(failure) => failure,
            None => Failure::bug("the renewal of the lock ended without a word"),
        }
    }

    /// Gives the lock back. Fails when that could not be written; then it is free after its lease.
    pub async fn release(mut self) -> Result<(), Failure> {
        self.released = true;
        self.renewal.abort();
        self.lock.release(&self.run).await
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        self.renewal.abort();
        if self.released {
            return;
        }
        let (lock, run) = (self.lock.clone(), self.run.clone());
        // A thread of its own, because the one that unwinds may not wait inside its runtime. Nothing can be reported
        // from here: what fails leaves the lock to its lease.
        let release = move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build();
            if let Ok(runtime) = runtime {
                runtime.block_on(async {
                    let _ = tokio::time::timeout(Duration::from_secs(5), lock.release(&run)).await;
                });
            }
        };
        if let Ok(thread) = std::thread::Builder::new().spawn(release) {
            let _ = thread.join();
        }
    }
}

impl Lock {
    /// Gives signs of life until the lock is lost; gives the reason.
    async fn renew(&self, holder: Holder, mut version: Version) -> Failure {
        let mut alive = tokio::time::Instant::now();
        loop {
            tokio::time::sleep(self.lease.renew).await;
            let beat = holder.beat();
            let condition = Condition::Is(version.clone());
            let written =
                tokio::time::timeout(self.lease.renew, self.write(&beat, &condition)).await;
            let why = match written {
                Ok(Ok(next)) => {
                    version = next;
                    alive = tokio::time::Instant::now();
                    continue;
                }
                // An earlier sign of life may have arrived without its answer.
                Ok(Err(WriteError::Lost)) => match self.read().await {
                    Ok(Some((seen, next))) if seen.run == holder.run => {
                        version = next;
                        continue;
                    }
                    Ok(Some((seen, _))) => return self.gone(&format!("{seen} has taken it over.")),
                    Ok(None) => return self.gone("Somebody has deleted it."),
                    Err(failure) => failure.to_string(),
                },
                Ok(Err(WriteError::Failed(failure))) => failure.to_string(),
                Err(_) => "The backend did not answer in time.".to_owned(),
            };
            if alive.elapsed() + self.lease.renew > self.lease.length {
                return self.gone(&why);
            }
        }
    }

    fn gone(&self, why: &str) -> Failure {
        Failure::new(
            "the lock was lost",
            format!(
                "This run was at work under the lock of `{}`.",
                self.records.environment()
            ),
        )
        .class(Class::LockHeld)
        .why(why)
        .left_behind("Steps that had begun were finished; nothing new was begun.")
        .help("When no other run is at work, run it again.")
    }
}
