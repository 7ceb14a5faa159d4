//! Errors of libraries, in their own words.

use std::error::Error;

/// Every cause's own sentence, outermost first. What a library shows beyond these may be a raw answer.
pub fn causes(error: &dyn Error) -> String {
    let mut parts = vec![error.to_string()];
    let mut next = error.source();
    while let Some(cause) = next {
        let text = cause.to_string();
        if parts.last() != Some(&text) {
            parts.push(text);
        }
        next = cause.source();
    }
    parts.join(": ")
}
