//! Which process made a thing that outlives processes, so that another one can tell whether it is still at work.

use std::{fmt, fs};

/// A process, told apart from every other: an engine or a shared folder may serve several machines and several
/// containers with process numbers of their own, and numbers are given again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Process {
    /// Its number.
    pid: u32,
    /// When it began, in ticks since the machine did.
    began: String,
    /// The machine's present life.
    boot: String,
    /// Where its number counts: the machine and the namespace of processes.
    namespace: String,
    /// Whose it is: a machine may hide the processes of others.
    user: u32,
}

impl Process {
    /// This process.
    pub fn this() -> Self {
        let pid = std::process::id();
        Self::begun(pid, began(pid).unwrap_or_default())
    }

    /// The process of this user that has this number now; none when there is none.
    pub fn of(pid: u32) -> Option<Self> {
        began(pid).map(|began| Self::begun(pid, began))
    }

    fn begun(pid: u32, began: String) -> Self {
        Self {
            pid,
            began,
            boot: word("/proc/sys/kernel/random/boot_id"),
            namespace: namespace(),
            user: nix::unistd::geteuid().as_raw(),
        }
    }

    /// The process that a label of ours names; none for a label of another form.
    pub fn read(label: &str) -> Option<Self> {
        let mut words = label.split('/');
        let mut next = || words.next().map(str::to_owned);
        let (pid, began, boot, namespace, user) = (next()?, next()?, next()?, next()?, next()?);
        Some(Self {
            pid: pid.parse().ok()?,
            began,
            boot,
            namespace,
            user: user.parse().ok()?,
        })
    }

    /// Whether it was this user's and has certainly ended: only what counted its processes as we do can be judged.
    pub fn is_gone(&self) -> bool {
        let now = Self::this();
        self.namespace == now.namespace
            && self.user == now.user
            && (self.boot != now.boot || began(self.pid) != Some(self.began.clone()))
    }
}

impl fmt::Display for Process {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "{}/{}/{}/{}/{}",
            self.pid, self.began, self.boot, self.namespace, self.user
        )
    }
}

/// When a process began; none when there is no such process, or only its exit code for a parent that has not asked.
fn began(pid: u32) -> Option<String> {
    let stat = fs::read_to_string(format!("/proc/{pid}/stat")).ok()?;
    // The second field is the program's name in brackets and may hold anything; the 22nd is the 20th behind it.
    let (_, rest) = stat.rsplit_once(')')?;
    let mut fields = rest.split_whitespace();
    match fields.next() {
        Some("Z" | "X") => None,
        _ => fields.nth(18).map(str::to_owned),
    }
}

fn namespace() -> String {
    let namespace = fs::read_link("/proc/self/ns/pid").unwrap_or_default();
    let namespace: String = namespace
        .to_string_lossy()
        .chars()
        .filter(char::is_ascii_digit)
        .collect();
    format!("{}-{namespace}", word("/etc/machine-id"))
}

/// A file of one word; empty when it cannot be read.
fn word(path: &str) -> String {
    fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_process_of_this_place_that_ended_is_gone() {
        let this = Process::this();
        assert_eq!(Process::read(&this.to_string()), Some(this.clone()));
        assert!(!this.is_gone());
        let mut child = std::process::Command::new("sleep")
            .arg("60")
            .spawn()
            .unwrap();
        let other = Process {
            pid: child.id(),
            began: began(child.id()).unwrap(),
            ..this.clone()
        };
        assert!(!other.is_gone());
        child.kill().unwrap();
        while !other.is_gone() {
            // It ends though nobody asks for its exit code.
            std::thread::sleep(std::time::Duration::from_millis(10));
        }
        child.wait().unwrap();
        assert!(other.is_gone());
        let elsewhere = Process {
            namespace: "another-1".to_owned(),
            ..other.clone()
        };
        assert!(!elsewhere.is_gone());
        let of_another_user = Process {
            user: other.user + 1,
            ..other
        };
        assert!(!of_another_user.is_gone());
        // The number was given to another process, or the machine began anew.
        for again in [
            Process {
                began: "1".to_owned(),
                ..this.clone()
            },
            Process {
                boot: "before".to_owned(),
                ..this
            },
        ] {
            assert!(again.is_gone(), "{again}");
        }
        assert_eq!(Process::read("1234"), None);
    }
}
