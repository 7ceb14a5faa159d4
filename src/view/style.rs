//! Which reader shows a run, and with which colours.

use std::env;
use std::io::{IsTerminal, stderr, stdout};
use std::os::fd::AsFd;

use terminal_size::{Width, terminal_size_of};

use super::Sheet;

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
    /// Standard output.
    pub out: Sheet,
    /// Standard error.
    pub err: Sheet,
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
            width(&stdout()),
            width(&stderr()),
        )
    }

    fn of(
        json: bool,
        set: impl Fn(&str) -> bool,
        dumb: bool,
        out: Option<usize>,
        err: Option<usize>,
    ) -> Self {
        let colour =
            |terminal: bool| !set("NO_COLOR") && (set("CLICOLOR_FORCE") || (terminal && !dumb));
        Self {
            reader: match (json, err.is_some() && !dumb && !set("CI")) {
                (true, _) => Reader::Json,
                (false, true) => Reader::Terminal,
                (false, false) => Reader::Lines,
            },
            out: Sheet {
                colour: colour(out.is_some()) && !json,
                width: out.filter(|_| !json),
            },
            err: Sheet {
                colour: colour(err.is_some()),
                width: err,
            },
        }
    }
}

/// The columns of a terminal; none where it is none.
fn width(stream: &(impl IsTerminal + AsFd)) -> Option<usize> {
    // One that does not say how wide it is, or that it has no column, is as wide as they were for a long time.
    let said = || terminal_size_of(stream).map(|(Width(columns), _)| usize::from(columns));
    let usual = 80;
    let columns = || said().filter(|columns| *columns > 0).unwrap_or(usual);
    stream.is_terminal().then(columns)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reader(json: bool, names: &[&str], err: bool) -> (Reader, bool) {
        let err = err.then_some(80);
        let style = Style::of(json, |name| names.contains(&name), false, Some(80), err);
        assert_eq!(style.err.width, err);
        assert_eq!(style.out.width.is_none(), json);
        (style.reader, style.err.colour)
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
        let dumb = Style::of(false, |_| false, true, Some(80), Some(80));
        assert_eq!(
            (dumb.reader, dumb.out.colour, dumb.err.colour),
            (Reader::Lines, false, false)
        );
    }
}
