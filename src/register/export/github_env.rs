//! Variables for the further steps of a job of GitHub Actions.

use std::path::Path;

use super::{format::Format, script::allowed_among, selection::Selection, variables::variables};
use crate::model::Failure;

/// Lines for the file that `$GITHUB_ENV` names (GitHub, "Workflow commands", on environment variables). A value of several
/// lines stands between a word and that word.
pub const GITHUB_ENV: Format = Format {
    name: "github_env",
    about: "plain variables for >> \"$GITHUB_ENV\" in a job of GitHub Actions",
    file: "github.env",
    program: false,
    render,
    beside: &[],
};

fn render(selection: &Selection<'_>, _: Option<&Path>) -> Result<String, Failure> {
    let mut text = String::new();
    for one in variables(selection)? {
        allowed_among(&["GITHUB_", "RUNNER_"], &one.name)?;
        let (name, value) = (&one.name, &one.value);
        // The runner takes a carriage return for the end of a line.
        if value.contains('\r') {
            return Err(Failure::new(
                "a value cannot be exported",
                format!("`{name}` holds a carriage return, which this form cannot."),
            )
            .help("Export it as `dotenv`, `shell` or `json`."));
        }
        if !value.contains('\n') {
            text.push_str(&format!("{name}={value}\n"));
            continue;
        }
        let mut word = "LANDFALL".to_owned();
        while value.lines().any(|line| line == word) {
            word.push('_');
        }
        text.push_str(&format!("{name}<<{word}\n{value}\n{word}\n"));
    }
    Ok(text)
}
