//! Hosts that are gone for good: what the rest of the world has of them is taken back without them.

use super::Site;
use crate::model::{Class, Failure, Goal};

impl Site {
    /// Whether this host was said to be gone for good.
    pub fn is_gone(&self, host: &str) -> bool {
        self.gone.iter().any(|gone| gone == host)
    }

    /// Why this host was not entered for what is declared no more, with the way on where nobody will ever enter it again.
    pub fn or_gone(&self, failure: Failure, host: &str, goal: Goal) -> Failure {
        if goal == Goal::Present || failure.class != Class::Unreachable {
            return failure;
        }
        // Those that were said to be gone already are to be said again with it.
        let others = self.gone.iter().map(String::as_str);
        let all: Vec<&str> = others.chain([host]).collect();
        let help = format!(
            "Where `{host}` is gone for good, say so by `--gone {}`: what others have of it is taken back without it.",
            all.join(",")
        );
        let help = match failure.help.is_empty() {
            true => help,
            false => format!("{}\n{help}", failure.help),
        };
        failure.help(help)
    }
}
