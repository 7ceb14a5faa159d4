//! What is said should the program itself break: our own words, not those of its language.

use std::panic::{self, AssertUnwindSafe};

use super::Exit;
use crate::model::{Failure, Redactor};
use crate::view::{self, Style};

/// Runs this; should it break, that was said and is an error.
pub fn catch(style: Style, redactor: &Redactor, run: impl FnOnce() -> Exit) -> Exit {
    let redactor = redactor.clone();
    panic::set_hook(Box::new(move |broken| {
        let failure = Failure::bug(broken.to_string())
            .left_behind("What was done stays; the next run takes over from here.");
        let failure = redactor.failure(failure);
        view::say(&view::failure::render(&failure, style.err));
    }));
    panic::catch_unwind(AssertUnwindSafe(run)).unwrap_or(Exit::Error)
}
