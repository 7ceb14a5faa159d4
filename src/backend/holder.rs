//! Who holds a lock, and whether it is known to be dead.

use std::fmt;
use std::fs;

use jiff::Timestamp;
use nix::errno::Errno;
use nix::sys::signal::kill;
use nix::unistd::{Pid, User, gethostname, getuid};
use serde::{Deserialize, Serialize};

use super::run;

/// The process that holds a lock.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Holder {
    /// The user it runs as.
    pub user: String,
    /// The machine's name.
    pub host: String,
    /// Its process id.
    pub pid: i32,
    /// What tells this boot and this process table from others; process ids mean nothing elsewhere. Empty where the
    /// system does not say.
    pub machine: String,
    /// When the process began, as the system counts; tells it from a later one of the same id.
    pub began: Option<u64>,
    /// What it is doing, for example `apply`.
    pub purpose: String,
    /// Its run.
    pub run: String,
    /// Since when it holds the lock: RFC 3339, UTC.
    pub since: String,
    /// Its last sign of life: RFC 3339, UTC.
    pub heartbeat: String,
    /// How many seconds after the last sign of life the lock is free.
    pub lease: u64,
    /// How many signs of life it gave, so that each differs from the one before whatever its clock does.
    #[serde(default)]
    pub beats: u64,
}

impl Holder {
    /// This process, doing that.
    pub fn this_process(purpose: &str, run: &str, lease: u64) -> Self {
        let pid = i32::try_from(std::process::id()).unwrap_or(0);
        let now = run::now();
        Self {
            user: user(),
            host: gethostname()
                .map(|name| name.to_string_lossy().into_owned())
                .unwrap_or_default(),
            pid,
            machine: machine(),
            began: began(pid),
            purpose: purpose.to_owned(),
            run: run.to_owned(),
            since: now.clone(),
            heartbeat: now,
            lease,
            beats: 0,
        }
    }

    /// This holder with a sign of life of this moment.
    pub(super) fn beat(&self) -> Self {
        Self {
            heartbeat: run::now(),
            beats: self.beats.wrapping_add(1),
            ..self.clone()
        }
    }

    /// Whether it is certain that the process has ended: it ran on this machine and is no longer there.
    pub fn is_gone(&self) -> bool {
        if self.machine.is_empty() || self.machine != machine() {
            return false;
        }
        match kill(Pid::from_raw(self.pid), None) {
            Err(Errno::ESRCH) => true,
            _ => {
                self.began.is_some()
                    && began(self.pid).is_some_and(|began| Some(began) != self.began)
            }
        }
    }

    /// Whether its last sign of life is less than a lease ago, where both clocks can be right. One that is longer ago,
    /// or is still to come, says nothing: the holder is dead, or its clock or ours is wrong.
    pub fn is_fresh(&self, now: Timestamp) -> bool {
        let lease = i64::try_from(self.lease).unwrap_or(i64::MAX);
        self.heartbeat.parse::<Timestamp>().is_ok_and(|heartbeat| {
            let ago = now.as_second().saturating_sub(heartbeat.as_second());
            ago.saturating_abs() <= lease
        })
    }
}

impl fmt::Display for Holder {
    /// `alice@laptop (process 4711)`.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}@{} (process {})", self.user, self.host, self.pid)
    }
}

fn user() -> String {
    let uid = getuid();
    match User::from_uid(uid) {
        Ok(Some(user)) => user.name,
        _ => uid.to_string(),
    }
}

/// This boot's id with that of the process table: containers share the first and not the second.
fn machine() -> String {
    let boot = fs::read_to_string("/proc/sys/kernel/random/boot_id").unwrap_or_default();
    match fs::read_link("/proc/self/ns/pid") {
        Ok(table) if !boot.is_empty() => format!("{} {}", boot.trim(), table.display()),
        _ => String::new(),
    }
}

/// The 22nd field of `/proc/PID/stat` (proc(5)): clock ticks since boot. The second field may hold spaces.
fn began(pid: i32) -> Option<u64> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    let (_, rest) = stat.rsplit_once(')')?;
    rest.split_whitespace().nth(19)?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_process_is_gone_when_its_id_is_free_or_belongs_to_a_later_one() {
        let this = Holder::this_process("apply", "r", 60);
        assert!(!this.is_gone());
        let mut child = std::process::Command::new("true").spawn().unwrap();
        let pid = i32::try_from(child.id()).unwrap();
        child.wait().unwrap();
        assert!(
            Holder {
                pid,
                ..this.clone()
            }
            .is_gone()
        );
        let later = Holder {
            began: Some(1),
            ..this.clone()
        };
        assert!(later.is_gone());
        let elsewhere = Holder {
            machine: "another".to_owned(),
            ..later
        };
        assert!(
            !elsewhere.is_gone(),
            "process ids of another machine say nothing"
        );
    }

    #[test]
    fn silence_is_measured_against_the_holders_own_lease() {
        let holder = Holder {
            heartbeat: "2026-01-01T00:00:00Z".to_owned(),
            ..Holder::this_process("apply", "r", 60)
        };
        assert!(holder.is_fresh("2026-01-01T00:01:00Z".parse().unwrap()));
        assert!(!holder.is_fresh("2026-01-01T00:01:01Z".parse().unwrap()));
        assert!(holder.is_fresh("2025-12-31T23:59:00Z".parse().unwrap()));
        assert!(!holder.is_fresh("2025-01-01T00:00:00Z".parse().unwrap()));
    }
}
