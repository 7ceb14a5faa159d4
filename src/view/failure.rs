//! A failure with all its parts.

use super::paint::Paint;
use super::{cut, one_line, visible};
use crate::model::Failure;

/// Shows what went wrong, where, why, what was left behind and what to do, a part a line.
pub fn render(failure: &Failure, colour: bool) -> String {
    let paint = Paint::new(colour);
    parts(failure, paint.failed("error"), paint)
}

/// Shows as a warning what fails only where a condition of its playbook holds.
pub fn warning(failure: &Failure, colour: bool) -> String {
    let paint = Paint::new(colour);
    parts(
        failure,
        paint.altered("warning, where its condition holds"),
        paint,
    )
}

fn parts(failure: &Failure, level: String, paint: Paint) -> String {
    let mut text = format!("{level}: {}\n", paint.strong(failure.summary));
    let at = failure.at.as_ref().map(|at| one_line(&at.to_string()));
    let parts = [
        ("where", at.as_deref().unwrap_or_default()),
        ("what", &failure.what),
        ("why", &failure.why),
        ("left", &failure.left_behind),
        ("help", &failure.help),
    ];
    for (label, part) in parts {
        for (number, line) in cut::lines(&visible(part.trim())).enumerate() {
            let label = if number == 0 {
                format!("{label}:")
            } else {
                String::new()
            };
            // A line of a part that has several stands below the first.
            text.push_str(format!("  {} {line}", paint.quiet(format!("{label:<6}"))).trim_end());
            text.push('\n');
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Origin;

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
        insta::assert_snapshot!(render(&failure, false), @r"
        error: the stack was rolled back
          where: environments/review.toml:12:1
          what:  `stacks.cluster` was to be created.
          why:   Service: no capacity
                 \u{1b}[2JVpc: cancelled
          left:  The stack stands as ROLLBACK_COMPLETE.
          help:  Correct the template and run it again.
        ");
        assert!(render(&failure, true).contains("\u{1b}[1m"));
        assert!(!render(&failure, true).contains("\u{1b}[2J"));
    }

    #[test]
    fn a_part_that_is_empty_is_not_shown() {
        assert_eq!(
            render(&Failure::new("a", "b"), false),
            "error: a\n  what:  b\n"
        );
    }
}
