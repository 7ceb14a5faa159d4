//! Which reader shows a run, and with which colours.

use std::env;
use std::io::{IsTerminal, stderr, stdout};

/// The three readers of the stream of events.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reader {
    /// Lines that move, on a terminal.
    Terminal,
    /// Plain lines on standard error.
    Lines,
    /// One JSON object a line on standard output.
    Json,
}

/// How to show things here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Style {
    /// Who shows the run.
    pub reader: Reader,
    /// Whether standard output gets colours.
    pub out: bool,
    /// Whether standard error gets colours.
    pub err: bool,
}

impl Style {
    /// What suits where the program runs: `NO_COLOR`, `CLICOLOR_FORCE`, `TERM=dumb` and `CI` are respected.
    pub fn detect(json: bool) -> Self {
        Self::of(
            json,
            |name| {
                env::var_os(name).is_some_and(|value| match name {
                    // The convention: any value but the empty one.
                    "NO_COLOR" => !value.is_empty(),
                    _ => !value.is_empty() && value != "0" && value != "false",
                })
            },
            env::var_os("TERM").is_some_and(|term| term == "dumb"),
            stdout().is_terminal(),
            stderr().is_terminal(),
        )
    }

    fn of(json: bool, set: impl Fn(&str) -> bool, dumb: bool, out: bool, err: bool) -> Self {
        let colour =
            |terminal: bool| !set("NO_COLOR") && (set("CLICOLOR_FORCE") || (terminal && !dumb));
        Self {
            reader: match (json, err && !dumb && !set("CI")) {
                (true, _) => Reader::Json,
                (false, true) => Reader::Terminal,
                (false, false) => Reader::Lines,
            },
            out: colour(out) && !json,
            err: colour(err),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(json: bool, names: &[&str], err: bool) -> (Reader, bool) {
        let style = Style::of(json, |name| names.contains(&name), false, true, err);
        (style.reader, style.err)
    }

    #[test]
    fn lines_move_only_on_a_terminal_outside_ci() {
        assert_eq!(reader(false, &[], true), (Reader::Terminal, true));
        assert_eq!(reader(false, &["CI"], true), (Reader::Lines, true));
        assert_eq!(reader(false, &[], false), (Reader::Lines, false));
        assert_eq!(reader(true, &[], true), (Reader::Json, true));
    }

    #[test]
    fn no_color_wins_over_everything() {
        let both = ["NO_COLOR", "CLICOLOR_FORCE"];
        assert_eq!(reader(false, &both, true), (Reader::Terminal, false));
        assert_eq!(
            reader(false, &["CLICOLOR_FORCE"], false),
            (Reader::Lines, true)
        );
        let dumb = Style::of(false, |_| false, true, true, true);
        assert_eq!(
            (dumb.reader, dumb.out, dumb.err),
            (Reader::Lines, false, false)
        );
    }
}
