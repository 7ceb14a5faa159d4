//! Taking secrets out of what is shown and written down.

mod change;
mod content;
mod event;
mod forms;
mod matcher;
mod unquoted;

use std::fmt;
use std::ops::Range;
use std::sync::{Arc, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use super::secrecy::is_common;
use super::{Content, Failure, Secret, Value};
use matcher::Matcher;

/// What stands in the place of a secret.
const HIDDEN: &str = "(secret)";

/// A secret that is shorter is looked for nowhere: it would take ordinary words out of every sentence.
const LEAST: usize = 4;

/// What was made from a secret is looked for everywhere from this length on, and below it only in what was made of the
/// same task or thing: `443` and `https` are parts of an address with a password, and of every second message.
const LEAST_MADE: usize = 8;

/// The same for one that is no word and no small number: letters of both cases or with digits, or digits alone.
const LEAST_MIXED: usize = 6;

/// Knows an environment's secrets and takes them out of texts. Cheap to clone; what one clone learns, all know.
///
/// It is the last line, behind types that cannot be shown: it catches a secret that a user's own template puts into
/// a file, a task's name or an error message, however it is written there.
#[derive(Clone, Default)]
pub struct Redactor {
    matcher: Arc<RwLock<Matcher>>,
    additional: Additional,
}

/// What is looked for beside that, in what is made of one task or one thing.
#[derive(Clone, Default)]
struct Additional {
    matcher: Option<Arc<Matcher>>,
    /// Whether anything was made from a secret.
    made: bool,
    /// Whether a secret is among them that is too short to be looked for, so that nothing can be shown.
    tiny: bool,
    /// Fields that came from a secret, by dotted path.
    fields: Vec<String>,
}

impl fmt::Debug for Redactor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Redactor(…)")
    }
}

impl Redactor {
    /// Takes out these secrets.
    pub fn new(secrets: Vec<Secret>) -> Self {
        let redactor = Self::default();
        redactor.learn(&secrets);
        redactor
    }

    /// Takes out these as well, from here on.
    pub fn learn(&self, secrets: &[Secret]) {
        self.matcher_mut().add_salt(secrets);
        self.take(secrets, |_| LEAST);
    }

    /// Takes out a secret that was born in the run as well, before anybody is told of the action that gave it.
    ///
    /// Nothing is salted with it: what a plan showed before it was born stays the same after it.
    pub fn learn_born(&self, secret: &Secret) {
        self.take(std::slice::from_ref(secret), |_| LEAST);
    }

    /// Takes out what was made from secrets as well: as [`Redactor::learn`], but only what is long enough to be told from
    /// ordinary words.
    pub fn learn_made(&self, made: &[Secret]) {
        self.take(made, |text| {
            if is_mixed(text) {
                LEAST_MIXED
            } else {
                LEAST_MADE
            }
        });
    }

    /// Takes out a secret content as well, and what is encoded in it: whole where it is short, and every stretch of it.
    ///
    /// It is read while things are decided over, in no order, so that nothing is salted with it.
    pub fn learn_content(&self, content: &Content, parts: &[Secret]) {
        let forms = content::forms(content.bytes());
        self.matcher_mut().add(forms);
        self.take(parts, |_| LEAST);
    }

    fn take(&self, secrets: &[Secret], least: impl Fn(&str) -> usize) {
        let texts: Vec<&str> = secrets
            .iter()
            .map(Secret::expose)
            .filter(|text| text.chars().count() >= least(text) && !is_common(text))
            .filter(|text| !self.matcher().contains(text))
            .collect();
        if !texts.is_empty() {
            let forms: Vec<String> = texts.into_iter().flat_map(forms::all).collect();
            self.matcher_mut().add(forms);
        }
    }

    fn matcher_mut(&self) -> RwLockWriteGuard<'_, Matcher> {
        self.matcher.write().unwrap_or_else(PoisonError::into_inner)
    }

    /// One that also takes out these, of whatever length: they were used in what it is asked to show.
    pub fn also_hiding(&self, made: &[Secret]) -> Self {
        let texts = || {
            made.iter()
                .map(Secret::expose)
                .filter(|text| !text.is_empty())
        };
        let mut near = Matcher::default();
        near.add(
            texts()
                .filter(|text| text.chars().count() >= LEAST && !self.matcher().contains(text))
                .flat_map(forms::all),
        );
        Self {
            matcher: self.matcher.clone(),
            additional: Additional {
                matcher: (!near.is_empty()).then(|| Arc::new(near)),
                made: !made.is_empty(),
                tiny: texts().any(|text| text.chars().count() < LEAST),
                fields: Vec::new(),
            },
        }
    }

    /// The same for a thing of which it is known which fields came from a secret: these are hidden whole, so that the
    /// others can be shown however short it is.
    pub fn also_hiding_fields(&self, made: &[Secret], fields: Vec<String>) -> Self {
        let mut redactor = self.also_hiding(made);
        redactor.additional.tiny = false;
        redactor.additional.fields = fields;
        redactor
    }

    /// Whether nothing can be shown.
    pub fn hides_all(&self) -> bool {
        self.additional.tiny
    }

    fn matcher(&self) -> RwLockReadGuard<'_, Matcher> {
        // A search is put in its place in one step, so that a panic elsewhere leaves it whole.
        self.matcher.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn is_empty(&self) -> bool {
        self.matcher().is_empty() && self.additional.matcher.is_none() && !self.additional.tiny
    }

    /// Whether one of them stands in the text.
    pub fn finds(&self, text: &str) -> bool {
        self.matcher().finds(text)
            || self
                .additional
                .matcher
                .as_ref()
                .is_some_and(|near| near.finds(text))
    }

    /// Where they stand in the text, in order, none of them touching another.
    pub fn spans(&self, text: &str) -> Vec<Range<usize>> {
        let mut spans = self.matcher().spans(text);
        if let Some(near) = &self.additional.matcher {
            spans.extend(near.spans(text));
            matcher::joined(&mut spans);
        }
        spans
    }

    /// The text without them.
    pub fn text(&self, text: &str) -> String {
        if self.additional.tiny && !text.is_empty() {
            return HIDDEN.to_owned();
        }
        self.sought(text)
    }

    fn sought(&self, text: &str) -> String {
        let mut shown = String::with_capacity(text.len());
        let mut end = 0;
        for span in self.spans(text) {
            shown.push_str(&text[end..span.start]);
            shown.push_str(HIDDEN);
            end = span.end;
        }
        shown.push_str(&text[end..]);
        shown
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

    /// The failure as it may be shown.
    pub fn failure(&self, failure: Failure) -> Failure {
        if self.is_empty() {
            failure
        } else {
            failure.shown_through(|text| self.text(text))
        }
    }
}

/// Whether it is written as no word is, in any case, and as no port or year is: what stands in a text by chance is not.
fn is_mixed(text: &str) -> bool {
    let has = |kind: fn(&char) -> bool| text.chars().any(|c| kind(&c));
    let digits = has(char::is_ascii_digit);
    let inner = text.chars().skip(1).any(char::is_uppercase) && has(|c| c.is_lowercase());
    text.chars().all(|c| c.is_ascii_digit()) || digits && has(|c| c.is_alphabetic()) || inner
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Change, Effect, Event, Printed, Shown};

    #[test]
    fn the_last_lines_of_what_was_printed_are_taken_when_the_secret_is_out_of_it() {
        let lines: Vec<String> = (10..40).map(|n| format!("c{n}Xq7")).collect();
        let secret = lines.join("\n");
        let printed = Printed::new(1, format!("before\n{secret}\nafter").as_bytes(), b"");
        let why = format!("It says:\n{}\nThat is all.", printed.end().unwrap());
        let failure = Failure::new("a command failed", "x")
            .why(why)
            .printed(printed);
        let shown = Redactor::new(vec![Secret::new(secret)]).failure(failure);
        assert!(!shown.to_string().contains("Xq7"), "{shown}");
        let ends = shown.why.starts_with("It says:\nbefore\n")
            && shown.why.ends_with("\nafter\nThat is all.");
        assert!(ends, "{shown}");
    }

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
                .left_behind("s3cret"),
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
    fn secrets_that_overlap_go_as_one() {
        let redactor = Redactor::new(vec![
            Secret::new("abcdef".into()),
            Secret::new("defghi".into()),
            Secret::new("cde-1".into()),
        ]);
        assert_eq!(redactor.text("xabcdefghix"), "x(secret)x");
        assert_eq!(redactor.text("abcdef defghi"), "(secret) (secret)");
    }

    #[test]
    fn what_is_learned_later_every_clone_knows() {
        let redactor = Redactor::default();
        let clone = redactor.clone();
        for number in 0..100 {
            redactor.learn(&[Secret::new(format!("word-{number}-end"))]);
        }
        redactor.learn_made(&[
            Secret::new("short".into()),
            Secret::new("long-enough".into()),
        ]);
        assert_eq!(
            clone.text("word-0-end word-99-end short long-enough"),
            "(secret) (secret) short (secret)"
        );
        assert_eq!(
            clone
                .also_hiding(&[Secret::new("short".into())])
                .text("short"),
            "(secret)"
        );
    }

    #[test]
    fn many_secrets_are_looked_for_at_once() {
        let secrets = (0..2000).map(|number| Secret::new(format!("s3cret\"{number:05}-words")));
        let redactor = Redactor::new(secrets.collect());
        let line = "a line of a file in which nothing is hidden at all\n";
        let text = line.repeat(1 << 14) + "s3cret\\\"01234-words";
        let begun = std::time::Instant::now();
        let shown = redactor.text(&text);
        assert!(shown.ends_with("at all\n(secret)"));
        // One by one they took minutes.
        assert!(begun.elapsed() < std::time::Duration::from_secs(10));
    }
}
