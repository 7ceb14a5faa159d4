//! Asking the person at the terminal.

use std::io::{Write, stderr, stdin};
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread;

use tokio::sync::oneshot;
use tokio_util::sync::CancellationToken;

use super::Context;
use crate::model::{Class, Failure};
use crate::view;

/// Shows a question on standard error and reads one line, without its end.
///
/// Fails when neither can be done, and as interrupted when `stop` comes before the answer.
pub async fn line(
    context: &Context,
    question: &str,
    stop: &CancellationToken,
) -> Result<String, Failure> {
    // A thread of its own: a read that waits for a person cannot be called off, and nothing may wait for it at the end.
    let (answer, answered) = oneshot::channel();
    let question = format!("{} ", context.style.err.sentences(question));
    thread::spawn(move || answer.send(read(&question)));
    let open = Open::new();
    tokio::select! {
        biased;
        () = stop.cancelled() => Err(Failure::interrupted("Nothing was answered.")
            .left_behind("Nothing was changed.")),
        read = answered => {
            open.answered();
            read.map_err(|_| Failure::bug("the thread that asks ended without an answer"))?
        }
    }
}

/// Asks for a yes. Refused when nobody can answer, and interrupted when `stop` comes first.
pub async fn confirm(
    context: &Context,
    question: &str,
    stop: &CancellationToken,
) -> Result<(), Failure> {
    let refused = |why: &str| {
        Failure::new("nothing was confirmed", "asking before anything is changed")
            .class(Class::Refused)
            .why(why)
            .left_behind("Nothing was changed.")
    };
    if !context.asks {
        return Err(
            refused("Nobody can answer here: standard input is no terminal.").help("Pass --yes."),
        );
    }
    let question = format!("{question} Only `yes` is taken for a yes:");
    let answer = line(context, &question, stop).await?;
    if answer == "yes" {
        Ok(())
    } else {
        Err(refused("The answer was not `yes`."))
    }
}

/// Whether a question waits for its answer: then nothing is under way.
pub fn is_open() -> bool {
    OPEN.load(Ordering::SeqCst)
}

/// There is one terminal, and so one question at a time.
static OPEN: AtomicBool = AtomicBool::new(false);

/// A question that waits for its answer. Where none comes any more, its line is ended all the same.
struct Open;

impl Open {
    fn new() -> Self {
        OPEN.store(true, Ordering::SeqCst);
        Self
    }

    fn answered(&self) {
        OPEN.store(false, Ordering::SeqCst);
    }
}

impl Drop for Open {
    fn drop(&mut self) {
        if OPEN.swap(false, Ordering::SeqCst) {
            view::say("");
        }
    }
}

#[expect(
    clippy::print_stderr,
    reason = "a prompt has no line end, which `view::say` would add"
)]
fn read(question: &str) -> Result<String, Failure> {
    let failed =
        |error| Failure::new("the question cannot be asked", "asking at the terminal").why(error);
    eprint!("{question}");
    stderr().flush().map_err(failed)?;
    let mut answer = String::new();
    stdin().read_line(&mut answer).map_err(failed)?;
    Ok(answer.trim().to_owned())
}
