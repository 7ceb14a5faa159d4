//! Asking the person at the terminal.

use std::io::{Write, stderr, stdin};

use crate::model::Failure;

/// Shows a question on standard error and reads one line, without its end. Fails when neither can be done.
#[expect(
    clippy::print_stderr,
    reason = "a prompt has no line end, which `view::say` would add"
)]
pub fn line(question: &str) -> Result<String, Failure> {
    let failed =
        |error| Failure::new("the question cannot be asked", "asking at the terminal").why(error);
    eprint!("{question}");
    stderr().flush().map_err(failed)?;
    let mut answer = String::new();
    stdin().read_line(&mut answer).map_err(failed)?;
    Ok(answer.trim().to_owned())
}
