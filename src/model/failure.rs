//! What went wrong while the program acted on the world.

use std::{fmt, ops::Deref, sync::Arc};

use serde::Serialize;

use super::{Origin, Printed, printed::shortened};

/// What a caller, and the exit code, must tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Class {
    /// Anything that has no class of its own.
    Error,
    /// Another run holds the lock.
    LockHeld,
    /// A host or an endpoint did not answer, or did not let us in.
    Unreachable,
    /// The world moved since the plan was saved.
    Stale,
    /// The program will not do it without being told more: foreign property, a declined question.
    Refused,
    /// The thing holds data: it is taken away only when the thing's name was typed.
    Protected,
    /// Ended on request (Ctrl-C, SIGTERM).
    Interrupted,
}

/// A failure, in the words an operator needs: where, what, why, what was left behind, what to do.
///
/// Its parts are those of a [`Report`], boxed so that results stay small.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct Failure(Box<Report>);

/// The parts of a [`Failure`].
///
/// `summary` is constant text, so that it can be searched for; the other fields are full sentences
/// without secrets. Empty fields are not shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Report {
    /// What a caller must tell apart.
    pub class: Class,
    /// A constant short phrase, for example `the host key is not known`.
    pub summary: &'static str,
    /// What was being done, and to what.
    pub what: String,
    /// What the world answered.
    pub why: String,
    /// How many of its first lines a program printed: they are shown as they are.
    #[serde(skip)]
    pub quoted: usize,
    /// What was left behind.
    #[serde(rename = "left")]
    pub left_behind: String,
    /// How many changes were made before it, and stay.
    pub made: usize,
    /// What to do now.
    pub help: String,
    /// The place in the user's files that led here.
    pub at: Option<Origin>,
    /// What a program printed before it failed: too long for a message, so that it is shown and written down apart.
    #[serde(skip)]
    pub printed: Option<Arc<Printed>>,
}

impl Failure {
    /// A failure of the class [`Class::Error`] with a constant summary and what was being done.
    pub fn new(summary: &'static str, what: impl Into<String>) -> Self {
        Self(Box::new(Report {
            class: Class::Error,
            summary,
            what: what.into(),
            why: String::new(),
            quoted: 0,
            left_behind: String::new(),
            made: 0,
            help: String::new(),
            at: None,
            printed: None,
        }))
    }

    /// The failure of what was not gone on with because somebody asked the run to end.
    pub fn interrupted(what: impl Into<String>) -> Self {
        Self::new("interrupted", what).class(Class::Interrupted)
    }

    /// A mistake of ours: an answer of another shape than its question, a broken invariant.
    pub fn bug(what: impl Into<String>) -> Self {
        Self::new("a fault in landfall itself", what)
            .help("This should not happen; please report it with the command you ran.")
    }

    /// The same failure with this class.
    pub fn class(mut self, class: Class) -> Self {
        self.0.class = class;
        self
    }

    /// The same failure with the world's answer.
    pub fn why(mut self, why: impl fmt::Display) -> Self {
        self.0.why = why.to_string();
        self.0.quoted = 0;
        self
    }

    /// The same failure with what a program printed as the answer: whoever reads it may want to copy a line of it.
    pub fn quoting(mut self, printed: impl fmt::Display) -> Self {
        self.0.why = printed.to_string();
        self.0.quoted = self.0.why.lines().count();
        self
    }

    /// The same failure with another sentence below the world's answer.
    pub fn adding(mut self, sentence: impl fmt::Display) -> Self {
        self.0.why = format!("{}\n{sentence}", self.0.why);
        self
    }

    /// The same failure with another's answer.
    pub fn why_of(mut self, other: &Self) -> Self {
        self.0.why.clone_from(&other.0.why);
        self.0.quoted = other.0.quoted;
        self
    }

    /// The same failure with what was left behind.
    pub fn left_behind(mut self, left_behind: impl Into<String>) -> Self {
        self.0.left_behind = left_behind.into();
        self
    }

    /// The same failure with how many changes were made before it, and stay.
    pub fn made(mut self, made: usize) -> Self {
        self.0.made = made;
        self
    }

    /// The same failure with advice.
    pub fn help(mut self, help: impl Into<String>) -> Self {
        self.0.help = help.into();
        self
    }

    /// The same failure with each of its texts put through this.
    pub fn map_texts(mut self, map: impl Fn(&str) -> String) -> Self {
        let quoted: Vec<&str> = self.0.why.lines().take(self.0.quoted).collect();
        self.0.quoted = map(&quoted.join("\n")).lines().count();
        for text in [
            &mut self.0.what,
            &mut self.0.why,
            &mut self.0.left_behind,
            &mut self.0.help,
        ] {
            *text = map(text);
        }
        if let Some(printed) = &mut self.0.printed {
            *printed = Arc::new(printed.map(map));
        }
        self
    }

    /// The same failure as it may be shown, its texts put through this. The end of what a program printed is taken anew from
    /// what is left of all of it: of a secret of many lines its last ones would not be known alone.
    pub fn shown_through(self, map: impl Fn(&str) -> String) -> Self {
        let end = self.0.printed.as_ref().and_then(|printed| printed.end());
        let why = end.and_then(|end| {
            let (before, after) = self.0.why.split_once(&end)?;
            Some((map(before), map(after)))
        });
        let mut shown = self.map_texts(map);
        if let Some((before, after)) = why {
            let end = shown.0.printed.as_ref().and_then(|printed| printed.end());
            let end = end.unwrap_or_default();
            if shown.0.quoted > 0 {
                shown.0.quoted = [&*before, &end].concat().lines().count();
            }
            shown.0.why = [before, end, after].concat();
        }
        shown
    }

    /// The same failure with what a program printed, of which its text shows the end.
    pub fn printed(mut self, printed: Printed) -> Self {
        self.0.printed = Some(Arc::new(printed));
        self
    }

    /// What failed and why on a line of another text; where nobody said why, what was being done.
    pub fn in_short(&self) -> String {
        let said = match self.0.why.trim() {
            "" => self.0.what.trim(),
            why => why,
        };
        match said {
            "" => self.0.summary.to_owned(),
            said => format!("{}: {said}", self.0.summary),
        }
    }

    /// The failure of something of which no details may be shown, and why not.
    pub fn hidden(self, because: &str) -> Self {
        let mut shown = Self::new(self.summary, "")
            .class(self.class)
            .why(format!("The details are hidden, because {because}."));
        shown.0.at.clone_from(&self.at);
        shown
    }

    /// The failure without what a program printed, and that.
    pub fn apart(mut self) -> (Self, Option<Arc<Printed>>) {
        let printed = self.0.printed.take();
        (self, printed)
    }

    /// The same failure with at most about so many bytes of each text.
    pub fn within(self, most: usize) -> Self {
        self.map_texts(|text| shortened(text, most))
    }

    /// The same failure without a place: of one that several things met it says nothing.
    pub fn anywhere(mut self) -> Self {
        self.0.at = None;
        self
    }

    /// The same failure with the place in the user's files, unless a closer one is known already.
    pub fn at(mut self, at: &Origin) -> Self {
        self.0.at.get_or_insert_with(|| at.clone());
        self
    }
}

impl Deref for Failure {
    type Target = Report;

    fn deref(&self) -> &Report {
        &self.0
    }
}

impl fmt::Display for Failure {
    /// All parts, a line each; the views colour the same parts.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.summary)?;
        if let Some(at) = &self.at {
            write!(f, "\n  at: {at}")?;
        }
        for (label, text) in [
            ("what", &self.what),
            ("why", &self.why),
            ("left behind", &self.left_behind),
            ("help", &self.help),
        ] {
            if !text.is_empty() {
                write!(
                    f,
                    "\n  {label}: {}",
                    text.trim_end().replace('\n', "\n    ")
                )?;
            }
        }
        Ok(())
    }
}

impl std::error::Error for Failure {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn in_short_it_says_why_else_what_and_never_ends_in_nothing() {
        let failure = Failure::new("a file is too long to be read", "Reading /etc/x.");
        assert_eq!(
            failure.in_short(),
            "a file is too long to be read: Reading /etc/x."
        );
        let failure = failure.why("It has more than 64 MiB.\n");
        assert_eq!(
            failure.in_short(),
            "a file is too long to be read: It has more than 64 MiB."
        );
        assert_eq!(Failure::new("interrupted", "").in_short(), "interrupted");
    }

    #[test]
    fn which_lines_a_program_printed_is_known_whatever_is_taken_out_of_them() {
        let failure = Failure::new("the command failed", "Running `x`.")
            .quoting("one\ntwo\nthree")
            .adding("All of it stands in x.");
        assert_eq!(failure.quoted, 3);
        let shorter = failure
            .clone()
            .map_texts(|text| text.replace("one\ntwo", "***"));
        assert_eq!(
            (shorter.quoted, &*shorter.why),
            (2, "***\nthree\nAll of it stands in x.")
        );
        let named = Failure::new("another", "").why_of(&failure);
        assert_eq!(named.quoted, 3);
        assert_eq!(named.why("of our own").quoted, 0);
        let printed = Printed::new(1, b"", b"a key\nof lines\n");
        let failure = Failure::new("x", "")
            .quoting(printed.why())
            .printed(printed);
        let shown = failure.shown_through(|text| text.replace("a key\nof lines", "***"));
        assert_eq!((shown.quoted, &*shown.why), (1, "***"));
    }
}
