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
            // What is one long word, as a service's name is, begins further left where it does not fit below the others.
            if sheet.holds(below.len(), said) {
                text.push_str(&paint.sentence(before, said));
            } else {
                let aside = before.trim_end();
                let end = if aside.is_empty() { "" } else { "\n" };
                text.push_str(&format!("{aside}{end}{}", paint.sentence("    ", said)));
            }
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
    fn a_word_that_does_not_fit_begins_further_left() {
        let check = Check {
            name: "service".to_owned(),
            tried: format!("{0}/{0}-web", "quickstart-quickstart-cluster"),
            result: CheckResult::Passed {
                seen: "active".into(),
            },
        };
        let narrow = Sheet {
            colour: false,
            width: Some(80),
        };
        insta::assert_snapshot!(verification("web", &[check], narrow), @r"
        web
          passed   service  active
            quickstart-quickstart-cluster/quickstart-quickstart-cluster-web
        ");
    }

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
