//! Which parts of an environment a command is about.

use clap::Args;

use crate::model::shell_word;
use crate::plan::Choice;

/// The parts of an environment a command is about.
#[derive(Debug, Clone, Default, Args)]
pub struct Parts {
    /// Only these parts, with what they need: `web-1`, `hosts.web-1`, `stacks`, `web-*`; several with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub limit: Vec<String>,
    /// All but these parts, and without what needs them; several with commas
    #[arg(long, value_name = "NAME", value_delimiter = ',')]
    pub exclude: Vec<String>,
}

impl Parts {
    /// The choice that these words make.
    pub fn choice(&self) -> Choice {
        Choice {
            limit: self.limit.clone(),
            exclude: self.exclude.clone(),
        }
    }

    /// The same words as options, to be typed again behind a command.
    pub fn options(&self) -> String {
        let option = |name: &str, words: &[String]| match words {
            [] => String::new(),
            words => format!(" --{name} {}", shell_word(&words.join(","))),
        };
        option("limit", &self.limit) + &option("exclude", &self.exclude)
    }
}
