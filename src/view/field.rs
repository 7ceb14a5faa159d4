//! Fields that differ: values side by side, texts as diffs.

use similar::{ChangeTag, TextDiff};

use super::paint::Paint;
use super::{one_line, visible};
use crate::model::{Field, Shown, Value};

/// Names longer than this do not push the values of all others to the right.
const WIDEST: usize = 32;

/// A list or mapping that is longer on one line is shown as lines.
const LONGEST: usize = 72;

/// Writes each field below the last, its values aligned.
pub(super) fn render(fields: &[Field], indent: usize, paint: Paint, text: &mut String) {
    let sided: Vec<(&Field, Option<Sides>)> = fields
        .iter()
        .map(|field| (field, side_by_side(field, paint)))
        .collect();
    let width = sided
        .iter()
        .filter(|(_, values)| values.is_some())
        .map(|(field, _)| one_line(&field.path).chars().count())
        .filter(|width| *width <= WIDEST)
        .max()
        .unwrap_or(0);
    for (field, values) in &sided {
        let path = one_line(&field.path);
        match values {
            Some(sides) => {
                text.push_str(&sides.row(&path, width, indent, paint));
                text.push('\n');
            }
            None => {
                text.push_str(&format!("{:indent$}{path}\n", ""));
                diff(
                    &lines(&field.before),
                    &lines(&field.after),
                    indent + 2,
                    paint,
                    text,
                );
            }
        }
    }
}

/// What stands behind a field's name: its values, each on one line.
struct Sides {
    /// The only one, or that of before.
    first: String,
    /// That of after, behind an arrow.
    second: Option<String>,
}

impl Sides {
    /// Behind the name; where that is too wide, the second below the first; else both below the name. No value is broken:
    /// it is copied by who looks for it.
    fn row(&self, path: &str, width: usize, indent: usize, paint: Paint) -> String {
        let beside = format!("{:indent$}{path:<width$}  ", "");
        let below = format!("{:indent$}{path}\n{:2$}", "", "", indent + 4);
        let rows = [
            format!("{beside}{}", self.joined(" ")),
            format!("{beside}{}", self.below(beside.chars().count())),
            format!("{below}{}", self.joined(" ")),
        ];
        let fitting = rows.into_iter().find(|row| paint.fits(row));
        fitting.unwrap_or_else(|| format!("{below}{}", self.below(indent + 4)))
    }

    fn below(&self, column: usize) -> String {
        self.joined(&format!("\n{:column$}", ""))
    }

    fn joined(&self, between: &str) -> String {
        match &self.second {
            Some(second) => format!("{}{between}{second}", self.first),
            None => self.first.clone(),
        }
    }
}

/// `before → after`; none when the field is shown as lines.
fn side_by_side(field: &Field, paint: Paint) -> Option<Sides> {
    let (before, after) = (inline(&field.before)?, inline(&field.after)?);
    let second = match (before.is_empty(), after.is_empty()) {
        (true, _) => {
            return Some(Sides {
                first: after,
                second: None,
            });
        }
        (false, true) => paint.quiet("nothing"),
        (false, false) => after,
    };
    Some(Sides {
        first: before,
        second: Some(format!("→ {second}")),
    })
}

/// On one line: empty for what is absent, none for what does not fit.
fn inline(shown: &Shown) -> Option<String> {
    match shown {
        Shown::Absent => Some(String::new()),
        Shown::Unknown => Some("(known after apply)".to_owned()),
        Shown::Digest(digest) => Some(format!("({digest})")),
        Shown::Text(_) => None,
        Shown::Value(value) => {
            let line = one_line(&compact(value));
            let short = line.chars().count() <= LONGEST
                || !matches!(value, Value::Array(_) | Value::Object(_));
            short.then_some(line)
        }
    }
}

/// JSON with a space after each comma and colon.
fn compact(value: &Value) -> String {
    match value {
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(compact).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Object(map) => {
            let items: Vec<String> = map
                .iter()
                .map(|(key, value)| format!("{key}: {}", compact(value)))
                .collect();
            format!("{{{}}}", items.join(", "))
        }
        scalar => scalar.to_string(),
    }
}

/// As text of several lines; empty for what is absent.
fn lines(shown: &Shown) -> String {
    match shown {
        Shown::Text(text) => text.clone(),
        Shown::Value(Value::String(text)) => text.clone(),
        Shown::Value(value) => serde_json::to_string_pretty(value).unwrap_or_default() + "\n",
        Shown::Absent => String::new(),
        other => inline(other).unwrap_or_default() + "\n",
    }
}

/// What differs, with three lines around it.
fn diff(before: &str, after: &str, indent: usize, paint: Paint, text: &mut String) {
    let diff = TextDiff::from_lines(before, after);
    // A file that is made or deleted is all of one sign; where its lines are says nothing.
    let headed = !before.is_empty() && !after.is_empty();
    for hunk in diff.unified_diff().context_radius(3).iter_hunks() {
        if headed {
            text.push_str(&format!("{:indent$}{}\n", "", paint.open(hunk.header())));
        }
        for change in hunk.iter_changes() {
            let line = visible(change.value().trim_end_matches('\n')).into_owned();
            let line = match change.tag() {
                ChangeTag::Equal => format!(" {line}"),
                ChangeTag::Insert => paint.added(format!("+{line}")),
                ChangeTag::Delete => paint.removed(format!("-{line}")),
            };
            text.push_str(format!("{:indent$}{line}", "").trim_end());
            text.push('\n');
            if change.missing_newline() {
                let hint = paint.quiet("\\ no line feed at the end");
                text.push_str(&format!("{:indent$}{hint}\n", ""));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn shown(fields: &[Field]) -> String {
        let mut text = String::new();
        render(fields, 2, Paint::new(crate::view::Sheet::PLAIN), &mut text);
        text
    }

    #[test]
    fn values_are_aligned_and_long_ones_become_lines() {
        let long: Vec<String> = (0..12).map(|number| format!("policy-{number}")).collect();
        let longer: Vec<String> = long
            .iter()
            .cloned()
            .chain(["policy-12".to_owned()])
            .collect();
        let fields = [
            Field::new(
                "path",
                Shown::Value(json!("/")),
                Shown::Value(json!("/a/\n")),
            ),
            Field::new("description", Shown::Value(json!("x")), Shown::Absent),
            Field::new("arn", Shown::Absent, Shown::Unknown),
            Field::new(
                "policies",
                Shown::Value(json!(long)),
                Shown::Value(json!(longer)),
            ),
        ];
        insta::assert_snapshot!(shown(&fields), @r#"
        path         "/" → "/a/\n"
        description  "x" → nothing
        arn          (known after apply)
        policies
          @@ -10,5 +10,6 @@
             "policy-8",
             "policy-9",
             "policy-10",
          -  "policy-11"
          +  "policy-11",
          +  "policy-12"
           ]
        "#);
    }

    #[test]
    fn on_a_terminal_a_value_that_does_not_fit_begins_on_another_line_and_stays_whole() {
        let value = |text: &str| Shown::Value(json!(text));
        let fields = [
            Field::new("short", value("a"), value("b")),
            Field::new(
                "path_of_it",
                value("/srv/an-application"),
                value("/srv/another-one"),
            ),
            Field::new(
                "arn",
                Shown::Absent,
                value("arn:aws:iam::aws:policy/a-policy"),
            ),
            Field::new("id", value("0123456789012345678901234567"), Shown::Absent),
        ];
        let narrow = crate::view::Sheet {
            colour: false,
            width: Some(42),
        };
        let mut text = String::new();
        render(&fields, 2, Paint::new(narrow), &mut text);
        insta::assert_snapshot!(text, @r#"
        short       "a" → "b"
        path_of_it  "/srv/an-application"
                    → "/srv/another-one"
        arn
            "arn:aws:iam::aws:policy/a-policy"
        id
            "0123456789012345678901234567"
            → nothing
        "#);
    }

    #[test]
    fn a_missing_last_line_feed_is_a_difference() {
        let fields = [Field::new(
            "/etc/motd",
            Shown::Text("hello".into()),
            Shown::Text("hello\n".into()),
        )];
        insta::assert_snapshot!(shown(&fields), @r"
        /etc/motd
          @@ -1 +1 @@
          -hello
          \ no line feed at the end
          +hello
        ");
    }

    #[test]
    fn a_new_file_is_shown_whole() {
        let fields = [Field::new(
            "/etc/motd",
            Shown::Absent,
            Shown::Text("a\n\nb\n".into()),
        )];
        insta::assert_snapshot!(shown(&fields), @r"
        /etc/motd
          +a
          +
          +b
        ");
    }
}
