//! What came out when a target was used the way CI will use it.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// The stamp of a verification, kept in the target's record.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Verification {
    /// When it ended: RFC 3339, UTC.
    pub at: String,
    /// The digest of the record that was verified, in hexadecimal: of another record it says nothing.
    pub record: String,
    /// What was tried, in its order.
    pub checks: Vec<Check>,
}

impl Verification {
    /// Whether nothing that was tried failed.
    pub fn passed(&self) -> bool {
        self.failed().next().is_none()
    }

    /// What failed.
    pub fn failed(&self) -> impl Iterator<Item = &Check> {
        self.checks
            .iter()
            .filter(|check| matches!(check.result, CheckResult::Failed { .. }))
    }

    /// Whether somebody logged in, where that was to be tried.
    pub fn logged_in(&self) -> bool {
        let skipped = |check: &Check| matches!(check.result, CheckResult::Skipped { .. });
        !self
            .checks
            .iter()
            .any(|check| check.name == "login" && skipped(check))
    }

    /// Whether something failed, and all of that because what is tried was not reached or let nobody in.
    pub fn unreachable(&self) -> bool {
        let mut failed = self.failed().peekable();
        failed.peek().is_some() && failed.all(|check| check.result.is_unreachable())
    }
}

/// One thing that was tried at a target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Check {
    /// Its name, for programs: `login`, `compose`, `refused`.
    pub name: String,
    /// What was tried, in words: `sudo docker compose version`.
    pub tried: String,
    /// What came out.
    #[serde(flatten)]
    pub result: CheckResult,
}

/// What came out of a check.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "result", rename_all = "snake_case")]
pub enum CheckResult {
    /// It is as it should be.
    Passed {
        /// What was seen: `2.26.1`.
        seen: String,
    },
    /// It is not.
    Failed {
        /// What is wrong, as a whole sentence.
        why: String,
        /// What to do.
        help: String,
        /// Whether what is tried was not reached, or let nobody in.
        #[serde(default, skip_serializing_if = "is_false")]
        unreachable: bool,
    },
    /// It could not be tried.
    Skipped {
        /// Why not, as a whole sentence.
        why: String,
    },
}

impl CheckResult {
    /// Whether what is tried was not reached, or let nobody in.
    pub fn is_unreachable(&self) -> bool {
        matches!(
            self,
            CheckResult::Failed {
                unreachable: true,
                ..
            }
        )
    }
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "serde calls it so")]
fn is_false(flag: &bool) -> bool {
    !flag
}
