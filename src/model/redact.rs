//! Taking secrets out of what is shown and written down.

use std::collections::HashSet;
use std::sync::Arc;

use super::{Change, Event, Failure, Field, Secret, Shown, Value, Verdict};

/// What stands in the place of a secret.
const HIDDEN: &str = "(secret)";

/// Knows an environment's secrets and takes them out of texts. Cheap to clone.
///
/// It is the last line, behind types that cannot be shown: it catches a secret that a user's own template puts into
/// a file, a task's name or an error message.
#[derive(Debug, Clone, Default)]
pub struct Redactor(Arc<[Secret]>);

impl Redactor {
    /// Takes out these secrets, the longest first, so that one which contains another goes as a whole.
    pub fn new(mut secrets: Vec<Secret>) -> Self {
        secrets.retain(|secret| !secret.expose().is_empty());
        secrets.sort_by_key(|secret| std::cmp::Reverse(secret.expose().len()));
        Self(secrets.into())
    }

    /// The text without them.
    pub fn text(&self, text: &str) -> String {
        self.0.iter().fold(text.to_owned(), |text, secret| {
            if text.contains(secret.expose()) {
                text.replace(secret.expose(), HIDDEN)
            } else {
                text
            }
        })
    }

    /// The value without them, keys included.
    pub fn value(&self, value: &Value) -> Value {
        match value {
            Value::String(text) => Value::String(self.text(text)),
            Value::Array(items) => items.iter().map(|item| self.value(item)).collect(),
            Value::Object(map) => Value::Object(
                map.iter()
                    .map(|(key, item)| (self.text(key), self.value(item)))
                    .collect(),
            ),
            other => other.clone(),
        }
    }

    /// The change as it may be shown: its actions are as they were, because they are what is done.
    pub fn change(&self, change: &Change) -> Change {
        if self.0.is_empty() {
            return change.clone();
        }
        Change {
            diff: change.diff.iter().map(|field| self.field(field)).collect(),
            notes: change.notes.iter().map(|note| self.text(note)).collect(),
            result: self.value(&change.result),
            ..change.clone()
        }
    }

    /// The verdict as it may be shown.
    pub fn verdict(&self, verdict: Verdict) -> Verdict {
        match verdict {
            Verdict::Change(change) => Verdict::Change(self.change(&change)),
            Verdict::Run(change) => Verdict::Run(self.change(&change)),
            Verdict::Skipped(why) => Verdict::Skipped(self.text(&why)),
            other => other,
        }
    }

    /// The event as it may be shown.
    pub fn event(&self, event: Event) -> Event {
        if self.0.is_empty() {
            return event;
        }
        let name = |task: Option<String>| task.map(|task| self.text(&task));
        match event {
            Event::Decided {
                address,
                task,
                verdict,
            } => Event::Decided {
                address,
                task: name(task),
                verdict: self.verdict(verdict),
            },
            Event::Acting {
                address,
                task,
                change,
            } => Event::Acting {
                address,
                task: name(task),
                change: self.change(&change),
            },
            Event::Acted { address, task } => Event::Acted {
                address,
                task: name(task),
            },
            Event::Said { address, line } => Event::Said {
                address,
                line: self.text(&line),
            },
            Event::Tolerated {
                address,
                task,
                failure,
            } => Event::Tolerated {
                address,
                task: self.text(&task),
                failure: self.failure(failure),
            },
            Event::Failed { address, failure } => Event::Failed {
                address,
                failure: self.failure(failure),
            },
            other => other,
        }
    }

    /// The failure as it may be shown.
    pub fn failure(&self, failure: Failure) -> Failure {
        if self.0.is_empty() {
            failure
        } else {
            failure.map_texts(|text| self.text(text))
        }
    }

    /// Where a secret is put, what stood there was one before: it is read from the world, and no file names it any more.
    fn field(&self, field: &Field) -> Field {
        let after = self.shown(&field.after);
        let before = match (&field.before, &field.after) {
            (before, new) if after == *new => self.shown(before),
            (Shown::Text(old), Shown::Text(new)) => Shown::Text(self.text(&kept(old, new))),
            (Shown::Value(old), Shown::Value(new)) if old != new => {
                Shown::Value(Value::from(HIDDEN))
            }
            (before, _) => self.shown(before),
        };
        Field::new(self.text(&field.path), before, after)
    }

    fn shown(&self, shown: &Shown) -> Shown {
        match shown {
            Shown::Value(value) => Shown::Value(self.value(value)),
            Shown::Text(text) => Shown::Text(self.text(text)),
            other => other.clone(),
        }
    }
}

/// The lines of the old text that are in the new one; each of the others is hidden.
fn kept(old: &str, new: &str) -> String {
    let new: HashSet<&str> = new.lines().collect();
    let line = |line: &str| match line.strip_suffix('\n') {
        Some(text) if !new.contains(text) => format!("{HIDDEN}\n"),
        None if !new.contains(line) => HIDDEN.to_owned(),
        _ => line.to_owned(),
    };
    old.split_inclusive('\n').map(line).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Effect;

    #[test]
    fn no_secret_is_left_in_what_is_shown() {
        let redactor = Redactor::new(vec![
            Secret::new("s3cret".into()),
            Secret::new("s3cret-longer".into()),
        ]);
        let change = Change::new(Effect::Update)
            .field(
                "/etc/s3cret",
                Shown::Absent,
                Shown::Text("password=s3cret-longer\nother=s3cret\n".into()),
            )
            .field(
                "x",
                Shown::Value(serde_json::json!({ "s3cret": ["s3cret"] })),
                Shown::Absent,
            )
            .note("s3cret");
        let event = Event::Failed {
            address: crate::model::Address::bucket(),
            failure: Failure::new("it failed", "with s3cret")
                .why("s3cret")
                .help("s3cret")
                .left("s3cret"),
        };
        let shown =
            serde_json::to_string(&(redactor.change(&change), redactor.event(event))).unwrap();
        assert!(!shown.contains("s3cret"), "{shown}");
        assert!(
            shown.contains("password=(secret)\\nother=(secret)"),
            "{shown}"
        );
    }

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
}
