//! A change as it may be shown: what will be, and what was.

use std::collections::HashSet;

use super::{HIDDEN, Redactor};
use crate::model::secrecy::{is_common, is_secret};
use crate::model::{Change, Field, Shown, Value, Verdict};

impl Redactor {
    /// The change as it may be shown: its actions are as they were, because they are what is done.
    pub fn change(&self, change: &Change) -> Change {
        let salt = if self.additional.made {
            Some(self.matcher().salt())
        } else {
            change.salt.clone()
        };
        if self.additional.tiny {
            let hidden = Change {
                actions: change.actions.clone(),
                salt,
                ..Change::new(change.effect)
            };
            return hidden.note(
                "Its details are hidden, because a secret in them is too short to be looked for.",
            );
        }
        Change {
            diff: change.diff.iter().map(|field| self.field(field)).collect(),
            notes: change.notes.iter().map(|note| self.text(note)).collect(),
            result: self.value(&change.result),
            salt,
            ..change.clone()
        }
    }

    /// The verdict as it may be shown.
    pub fn verdict(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Change(change) => Verdict::Change(self.change(&change)),
            Verdict::Run(change) => Verdict::Run(self.change(&change)),
            // A condition as it was written.
            Verdict::Skipped(why) => Verdict::Skipped(self.sought(&why)),
            other => other,
        }
    }

    /// Where a secret is put, what stood there was one before: it is read from the world, and no file names it any more.
    fn field(&self, field: &Field) -> Field {
        let (before, after) = (&field.before, &field.after);
        let shown = self.shown(after);
        let put = shown != *after;
        let before = match (before, after) {
            (Shown::Absent | Shown::Unknown | Shown::Digest(_), _) => before.clone(),
            (Shown::Text(old), Shown::Text(new)) => Shown::Text(self.text(&kept(old, new, put))),
            (Shown::Text(old), _) if !put => Shown::Text(self.text(&kept(old, "", false))),
            (before, after) if put && before != after => Shown::Value(Value::from(HIDDEN)),
            (before, _) => self.shown(before),
        };
        let path = self.text(&field.path);
        if speaks_of_one(&field.path) || self.came_from_one(&field.path) {
            Field::new(path, unnamed(before), unnamed(shown))
        } else {
            Field::new(path, before, shown)
        }
    }

    /// Whether a field, what it is a part of, or a part of it came from a secret.
    fn came_from_one(&self, path: &str) -> bool {
        let below = |path: &str, above: &str| {
            path.strip_prefix(above)
                .is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        self.additional
            .fields
            .iter()
            .any(|field| below(path, field) || below(field, path))
    }

    fn shown(&self, shown: &Shown) -> Shown {
        match shown {
            Shown::Value(value) => Shown::Value(self.value(value)),
            Shown::Text(text) => Shown::Text(self.text(text)),
            other => other.clone(),
        }
    }
}

/// The old text with its lines that are not in the new one hidden: each of them where a secret is put, else those that
/// give a name of a secret a value, as dotenv files do.
fn kept(old: &str, new: &str, all: bool) -> String {
    let new: HashSet<&str> = new.lines().collect();
    let mut shown = String::with_capacity(old.len());
    for line in old.split_inclusive('\n') {
        let text = line.strip_suffix('\n').unwrap_or(line);
        let text = text.strip_suffix('\r').unwrap_or(text);
        match hidden_from(text).map(|from| if all { 0 } else { from }) {
            _ if new.contains(text) => shown.push_str(text),
            Some(from) => shown.extend([&text[..from], HIDDEN]),
            None if all => shown.push_str(HIDDEN),
            None => shown.push_str(text),
        }
        shown.push_str(&line[text.len()..]);
    }
    shown
}

/// Where the value begins of a line `NAME=value` whose name is a secret's.
fn hidden_from(line: &str) -> Option<usize> {
    let (name, value) = line.split_once('=')?;
    let word = name.trim_start();
    let word = word.strip_prefix("export ").unwrap_or(word);
    let shouted = !word.is_empty()
        && word
            .bytes()
            .all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'_');
    (shouted && is_secret(word) && !is_common(value)).then_some(name.len() + 1)
}

/// Whether a field is a parameter of a stack or a variable of a container that goes by a secret's name.
fn speaks_of_one(path: &str) -> bool {
    let mut parts = path.split('.');
    let name = parts.next_back().unwrap_or_default();
    parts.any(|part| matches!(part, "parameters" | "environment")) && is_secret(name)
}

/// A value that goes by a secret's name, without itself.
fn unnamed(shown: Shown) -> Shown {
    match shown {
        // What says by itself that it is hidden says more than we could.
        Shown::Value(Value::String(text)) if text.starts_with("****") || is_common(&text) => {
            Shown::Value(Value::String(text))
        }
        Shown::Value(Value::Bool(value)) => Shown::Value(Value::Bool(value)),
        Shown::Value(_) | Shown::Text(_) => Shown::Value(Value::from(HIDDEN)),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Effect, Secret};

    #[test]
    fn what_a_secret_takes_the_place_of_is_hidden_too() {
        let redactor = Redactor::new(vec![Secret::new("s3cret-2".into())]);
        let change = Change::new(Effect::Update)
            .field(
                "content",
                Shown::Text("HOST=a\nTOKEN=s3cret-1\nPORT=1\n".into()),
                Shown::Text("HOST=a\nTOKEN=s3cret-2\nPORT=1\n".into()),
            )
            .field(
                "parameters.Url",
                Shown::Value(Value::from("s3cret-1")),
                Shown::Value(Value::from("s3cret-2")),
            )
            .field(
                "mode",
                Shown::Value(Value::from("0644")),
                Shown::Value(Value::from("0600")),
            );
        let shown = serde_json::to_string(&redactor.change(&change)).unwrap();
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(shown.contains("HOST=a\\n(secret)\\nPORT=1\\n"), "{shown}");
        assert!(shown.contains("0644"), "{shown}");
    }

    #[test]
    fn a_secret_of_a_few_letters_hides_all_that_was_made_of_it() {
        let redactor = Redactor::default().also_hiding(&[Secret::new("42".into())]);
        let change = Change::new(Effect::Update).field(
            "/etc/pin",
            Shown::Text("pin=41\n".into()),
            Shown::Text("pin=42\n".into()),
        );
        let shown = serde_json::to_string(&redactor.change(&change)).unwrap();
        assert!(!shown.contains("pin=4"), "{shown}");
        assert_eq!(redactor.text("42"), "(secret)");
    }

    #[test]
    fn what_goes_by_a_secrets_name_is_hidden_when_it_is_taken_away() {
        let change = Change::new(Effect::Update)
            .field(
                "/srv/app.env",
                Shown::Text("PORT=1\nexport API_TOKEN=old-words\nPASSWORD_AUTH=yes\n".into()),
                Shown::Text("PORT=2\n".into()),
            )
            .field(
                "containers.web.environment.DB_PASSWORD",
                Shown::Value(Value::from("old-words")),
                Shown::Absent,
            );
        let shown = Redactor::default().change(&change);
        assert_eq!(
            shown.diff[0].before,
            Shown::Text("PORT=1\nexport API_TOKEN=(secret)\nPASSWORD_AUTH=yes\n".into())
        );
        assert_eq!(shown.diff[1].before, Shown::Value(Value::from("(secret)")));
    }
}
