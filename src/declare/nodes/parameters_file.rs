//! Parameter files as the AWS command line takes them: a list of `ParameterKey` and `ParameterValue`.

use serde::Deserialize;

use super::{draft::Draft, files};
use crate::model::{Diagnostic, Source};
use crate::reading;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Pair {
    #[serde(rename = "ParameterKey")]
    key: String,
    #[serde(rename = "ParameterValue")]
    value: String,
}

/// The pairs of the file; none when it cannot be read, which is noted in the file, or at the path that names it.
pub fn read(draft: &mut Draft<'_>, file: &str, path: &[&str]) -> Option<Vec<(String, String)>> {
    let opened = files::readable(draft, file, path)?;
    let text = match reading::text(&opened, reading::WRITTEN) {
        Ok(text) => text,
        Err(error) => {
            draft.error("a file cannot be read", files::reason(&error), path, "");
            return None;
        }
    };
    match serde_json::from_str::<Vec<Pair>>(&text) {
        Ok(pairs) => Some(
            pairs
                .into_iter()
                .map(|pair| (pair.key, pair.value))
                .collect(),
        ),
        Err(error) => {
            let offset = offset(&text, error.line(), error.column());
            let label = match error.classify() {
                serde_json::error::Category::Data => {
                    "no pair of `ParameterKey` and `ParameterValue`"
                }
                _ => "this is not JSON",
            };
            // Such files hold secrets: the place is shown, the text is not.
            let whole = Source::new(file, text.as_str()).span(0..text.len());
            let span = whole.masked().source.span(offset..offset);
            draft.found.push(
                Diagnostic::error("this is not a file of parameters", label, span).help(
                    "it is a list: [{\"ParameterKey\": \"Name\", \"ParameterValue\": \"value\"}]",
                ),
            );
            None
        }
    }
}

/// The byte offset of a line and column, both from 1.
fn offset(text: &str, line: usize, column: usize) -> usize {
    let start: usize = text
        .split_inclusive('\n')
        .take(line.saturating_sub(1))
        .map(str::len)
        .sum();
    (start + column.saturating_sub(1)).min(text.len())
}
