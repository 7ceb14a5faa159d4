//! What a host says of a certificate that it renews itself.

use jiff::{SignedDuration, Timestamp};

/// Where a host keeps it: for each certificate `NAME.state`, and its chain as `NAME.pem`. Anybody may read both.
pub const FOLDER: &str = "/var/lib/landfall-acme";

/// For how long nobody may have looked: the timer does twice a day, so that a host which was off for a night is none to
/// speak of.
const QUIET: SignedDuration = SignedDuration::from_hours(72);

/// How the renewal of a certificate stands, as the shipped playbook's `landfall-acme` writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Renewal {
    /// When it was last looked at whether it must be renewed.
    pub looked: Timestamp,
    /// When it is renewed next; none where there is no certificate yet.
    pub next: Option<Timestamp>,
    /// Why the last order, or what follows it, failed; none where it did not.
    pub failed: Option<String>,
    /// Why the next order would fail as the host was when it last looked; none where it would not.
    pub blocked: Option<String>,
}

impl Renewal {
    /// Reads a state: lines of a word and its value. None where it is none.
    pub fn read(text: &str) -> Option<Self> {
        let value = |word: &str| {
            let mut lines = text.lines().filter_map(|line| line.split_once(' '));
            lines.find(|(key, _)| *key == word).map(|(_, value)| value)
        };
        let failed = match value("result")? {
            "good" => None,
            _ => Some(value("why").unwrap_or("It was not written why").to_owned()),
        };
        Some(Self {
            looked: value("looked")?.parse().ok()?,
            next: value("renews").and_then(|time| time.parse().ok()),
            failed,
            blocked: value("blocked").map(str::to_owned),
        })
    }

    /// What is wrong with it, as whole sentences.
    pub fn faults(&self, now: Timestamp) -> Vec<String> {
        let failed = self.failed.iter();
        let mut faults: Vec<String> = failed
            .map(|why| format!("Its renewal failed: {}.", why.trim_end_matches('.')))
            .collect();
        // Where an order failed of it, it is said already.
        if self.failed.is_none() {
            faults.extend(self.blocked.iter().map(|why| {
                format!(
                    "Its next renewal would fail: {}.",
                    why.trim_end_matches('.')
                )
            }));
        }
        if now.duration_since(self.looked) > QUIET {
            faults.push(format!(
                "Nobody has looked at it since {}: landfall-acme.timer does not run.",
                self.looked
            ));
        }
        faults
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Timestamp {
        text.parse().unwrap()
    }

    #[test]
    fn a_state_is_read_and_judged() {
        let text = "directory https://acme.example/dir\nlooked 2026-03-01T00:00:00Z\nrenews 2026-04-01T00:00:00Z\nresult good\n";
        let good = Renewal::read(text).unwrap();
        assert_eq!(good.next, Some(at("2026-04-01T00:00:00Z")));
        assert!(good.faults(at("2026-03-03T00:00:00Z")).is_empty());
        assert_eq!(good.faults(at("2026-03-05T00:00:00Z")).len(), 1);
        let bad = text.replace("good", "failed") + "why the port is taken\n";
        let bad = Renewal::read(&bad)
            .unwrap()
            .faults(at("2026-03-01T00:00:00Z"));
        assert_eq!(bad, ["Its renewal failed: the port is taken."]);
        let blocked = Renewal::read(&format!("{text}blocked the port is taken\n")).unwrap();
        assert_eq!(
            blocked.faults(at("2026-03-01T00:00:00Z")),
            ["Its next renewal would fail: the port is taken."]
        );
        assert_eq!(Renewal::read("result good\n"), None);
        assert_eq!(Renewal::read(""), None);
    }
}
