//! What came out of verifying a target.

use super::{Sheet, one_line, paint::Paint};
use crate::model::{Check, CheckResult};

/// The checks of a target, a line each below its name; what to do stands below what failed.
pub fn verification(target: &str, checks: &[Check], sheet: Sheet) -> String {
    let paint = Paint::new(sheet);
    let width = checks
        .iter()
        .map(|check| check.name.len())
        .max()
        .unwrap_or(0);
    let mut text = format!("{}\n", paint.strong(one_line(target)));
    for check in checks {
        // Padded before it is painted: the codes of a colour have a width for nobody but `format!`.
        let (word, said, help) = match &check.result {
            CheckResult::Passed { seen } => (paint.added("passed "), seen, ""),
            CheckResult::Failed { why, help, .. } => (paint.failed("FAILED "), why, help.as_str()),
            CheckResult::Skipped { why } => (paint.altered("skipped"), why, ""),
        };
        let name = one_line(&check.name);
        let tried = paint.quiet(one_line(&check.tried));
        let first = format!("  {word}  {name:width$}  ");
        let below = format!("  {:7}  {:width$}  ", "", "");
        let help = one_line(help);
        let mut row = |before: &str, said: &str| {
            text.push_str(&paint.sentence(before, said));
            text.push('\n');
        };
        row(&first, &one_line(said));
        row(&below, &tried);
        if !help.is_empty() {
            row(&below, &help);
        }
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_check_says_what_came_of_it_what_was_tried_and_what_to_do() {
        let check = |name: &str, tried: &str, result| Check {
            name: name.to_owned(),
            tried: tried.to_owned(),
            result,
        };
        let checks = [
            check(
                "login",
                "deploy@203.0.113.7, port 22",
                CheckResult::Passed {
                    seen: "logs in".into(),
                },
            ),
            check(
                "directories",
                "/srv/app",
                CheckResult::Failed {
                    why: "`deploy` cannot write in /srv/app.".into(),
                    help: "Apply the environment".into(),
                    unreachable: false,
                },
            ),
            check(
                "certificate",
                "www.example.org",
                CheckResult::Skipped {
                    why: "Nothing serves there\u{1b}[2J.".into(),
                },
            ),
        ];
        insta::assert_snapshot!(verification("web-1", &checks, Sheet::PLAIN), @r"
        web-1
          passed   login        logs in
                                deploy@203.0.113.7, port 22
          FAILED   directories  `deploy` cannot write in /srv/app.
                                /srv/app
                                Apply the environment
          skipped  certificate  Nothing serves there\u{1b}[2J.
                                www.example.org
        ");
    }
}
