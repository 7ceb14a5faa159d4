//! A failure with all its parts.

use super::paint::Paint;
use super::{Sheet, cut, one_line, visible};
use crate::model::Failure;

/// Shows what went wrong, where, why, what was left behind and what to do, a part a line.
pub fn render(failure: &Failure, sheet: Sheet) -> String {
    let paint = Paint::new(sheet);
    parts(failure, paint.failed("error"), paint)
}

/// Shows as a warning what fails only where a condition of its playbook holds.
pub fn warning(failure: &Failure, sheet: Sheet) -> String {
    let paint = Paint::new(sheet);
    parts(
        failure,
        paint.altered("warning, where its condition holds"),
        paint,
    )
}

fn parts(failure: &Failure, level: String, paint: Paint) -> String {
    let mut text = paint.sentence(&format!("{level}: "), &paint.strong(failure.summary));
    text.push('\n');
    text + &details(failure, paint)
}

/// Where, what, why, what was left behind and what to do, below what tells that it failed.
pub(super) fn details(failure: &Failure, paint: Paint) -> String {
    let mut text = String::new();
    let at = failure.at.as_ref().map(|at| one_line(&at.to_string()));
    let parts = [
        ("where", at.as_deref().unwrap_or_default(), 0),
        ("what", &failure.what, 0),
        ("why", &failure.why, failure.quoted),
        ("left", &failure.left_behind, 0),
        ("help", &failure.help, 0),
    ];
    for (label, part, quoted) in parts {
        for (number, line) in cut::lines(&visible(part.trim())).enumerate() {
            let label = if number == 0 {
                format!("{label}:")
            } else {
                String::new()
            };
            // A line of a part that has several stands below the first.
            let label = format!("  {} ", paint.quiet(format!("{label:<6}")));
            // What a program printed is copied by who looks for it.
            let shown = match number < quoted {
                true => format!("{label}{line}"),
                false => paint.sentence(&label, &line),
            };
            text.push_str(shown.trim_end());
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;

    const COLOURED: Sheet = Sheet {
        colour: true,
        width: None,
    };

    #[test]
    fn every_part_has_its_line_and_foreign_text_cannot_drive_the_terminal() {
        let failure = Failure::new(
            "the stack was rolled back",
            "`stacks.cluster` was to be created.",
        )
        .why("Service: no capacity\n\u{1b}[2JVpc: cancelled")
        .left_behind("The stack stands as ROLLBACK_COMPLETE.")
        .help("Correct the template and run it again.")
        .at(&Origin::new("environments/review.toml", 12, 1));
        insta::assert_snapshot!(render(&failure, Sheet::PLAIN), @r"
        error: the stack was rolled back
          where: environments/review.toml:12:1
          what:  `stacks.cluster` was to be created.
          why:   Service: no capacity
                 \u{1b}[2JVpc: cancelled
          left:  The stack stands as ROLLBACK_COMPLETE.
          help:  Correct the template and run it again.
        ");
        assert!(render(&failure, COLOURED).contains("\u{1b}[1m"));
        assert!(!render(&failure, COLOURED).contains("\u{1b}[2J"));
    }

    #[test]
    fn on_a_terminal_a_part_goes_on_below_its_beginning() {
        let failure = Failure::new("the host was not reached", "logging in")
            .why(
                "No answer came from 203.0.113.7 at port 22 within ten seconds, tried three times.",
            )
            .help(
                "See whether it runs, then `landfall host trust 203.0.113.7` if it was made anew.",
            );
        let narrow = Sheet {
            colour: false,
            width: Some(60),
        };
        insta::assert_snapshot!(render(&failure, narrow), @r"
        error: the host was not reached
          what:  logging in
          why:   No answer came from 203.0.113.7 at port 22 within
                 ten seconds, tried three times.
          help:  See whether it runs, then
                 `landfall host trust 203.0.113.7` if it was made
                 anew.
        ");
    }

    #[test]
    fn what_a_program_printed_stays_on_its_lines() {
        let failure = Failure::new(
            "the host could not do it",
            "Running `apt-get install -y shop`.",
        )
        .quoting(
            "E: Unable to locate package shop-with-a-long-name in any of the lists\nE: 1 error",
        )
        .adding("All that it printed stands in .landfall/production/journal/1.jsonl.");
        let narrow = Sheet {
            colour: false,
            width: Some(60),
        };
        insta::assert_snapshot!(render(&failure, narrow), @r"
        error: the host could not do it
          what:  Running `apt-get install -y shop`.
          why:   E: Unable to locate package shop-with-a-long-name in any of the lists
                 E: 1 error
                 All that it printed stands in
                 .landfall/production/journal/1.jsonl.
        ");
    }

    #[test]
    fn a_part_that_is_empty_is_not_shown() {
        assert_eq!(
            render(&Failure::new("a", "b"), Sheet::PLAIN),
            "error: a\n  what:  b\n"
        );
    }
}
