//! The colours, each for one meaning, and none where none are wanted.

use std::fmt::Display;

use anstyle::{AnsiColor, Effects, Style};

use super::Sheet;

/// Paints text, or leaves it as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Paint {
    sheet: Sheet,
}

impl Paint {
    pub(super) fn new(sheet: Sheet) -> Self {
        Self { sheet }
    }

    /// A sentence behind what stands at the beginning of its line.
    pub(super) fn sentence(self, before: &str, text: &str) -> String {
        self.sheet.sentence(before, text)
    }

    /// A line of its own, which goes on a little further in.
    pub(super) fn line(self, text: &str) -> String {
        self.sheet.folded("", text, "    ")
    }

    /// Whether each line of a text fits.
    pub(super) fn fits(self, text: &str) -> bool {
        self.sheet.fits(text.lines())
    }

    fn with(self, style: Style, text: impl Display) -> String {
        if self.sheet.colour {
            format!("{style}{text}{style:#}")
        } else {
            text.to_string()
        }
    }

    /// What is added.
    pub(super) fn added(self, text: impl Display) -> String {
        self.with(AnsiColor::Green.on_default(), text)
    }

    /// What is altered, and what must be minded.
    pub(super) fn altered(self, text: impl Display) -> String {
        self.with(AnsiColor::Yellow.on_default(), text)
    }

    /// What is taken away.
    pub(super) fn removed(self, text: impl Display) -> String {
        self.with(AnsiColor::Red.on_default(), text)
    }

    /// What is run, and what is not known yet.
    pub(super) fn open(self, text: impl Display) -> String {
        self.with(AnsiColor::Cyan.on_default(), text)
    }

    /// What failed.
    pub(super) fn failed(self, text: impl Display) -> String {
        self.with(AnsiColor::Red.on_default().effects(Effects::BOLD), text)
    }

    /// Names.
    pub(super) fn strong(self, text: impl Display) -> String {
        self.with(Style::new().effects(Effects::BOLD), text)
    }

    /// What may be passed over.
    pub(super) fn quiet(self, text: impl Display) -> String {
        self.with(Style::new().effects(Effects::DIMMED), text)
    }
}
