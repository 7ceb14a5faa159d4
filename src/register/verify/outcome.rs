//! What came of a check, in short.

use crate::model::{Check, CheckResult, Class, Failure, shell_word};

/// A check of this name with what came of it.
pub fn check(name: &str, tried: impl Into<String>, result: CheckResult) -> Check {
    Check {
        name: name.to_owned(),
        tried: tried.into(),
        result,
    }
}

/// How many characters of what a host says are kept: a record is read whole by every command, and a host may say a
/// mebibyte on one line.
const LONGEST: usize = 1000;

fn short(text: String) -> String {
    match text.char_indices().nth(LONGEST) {
        Some((end, _)) => format!("{} …", &text[..end]),
        None => text,
    }
}

/// As it should be, with what was seen.
pub fn passed(seen: impl Into<String>) -> CheckResult {
    CheckResult::Passed {
        seen: short(seen.into()),
    }
}

/// Not as it should be: why, and what to do.
pub fn failed(why: impl Into<String>, help: impl Into<String>) -> CheckResult {
    CheckResult::Failed {
        why: short(why.into()),
        help: help.into(),
        unreachable: false,
    }
}

/// Not tried, for this reason.
pub fn skipped(why: impl Into<String>) -> CheckResult {
    CheckResult::Skipped {
        why: short(why.into()),
    }
}

/// What a question that could not be asked comes to.
pub fn of_failure(failure: &Failure) -> CheckResult {
    CheckResult::Failed {
        why: short(failure.in_short()),
        help: failure.help.clone(),
        unreachable: failure.class == Class::Unreachable,
    }
}

/// The command that tells of an environment's certificates, ready to be typed.
pub fn certificates_command(environment: &str) -> String {
    format!("landfall certificates status {}", shell_word(environment))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn of_what_a_host_says_at_length_the_beginning_is_kept() {
        let CheckResult::Failed { why, .. } = failed("ä".repeat(1 << 20), "") else {
            panic!("it is a failure");
        };
        assert_eq!(why.chars().count(), LONGEST + 2);
        assert!(why.ends_with("ä …"));
        assert_eq!(
            passed("26.1.5"),
            CheckResult::Passed {
                seen: "26.1.5".to_owned()
            }
        );
    }
}
