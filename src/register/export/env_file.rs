//! Variables for readers that know no quotes: whatever stands behind the `=` is the value.

use std::path::Path;

use super::{
    format::Format,
    selection::Selection,
    variables::{Variable, variables},
};
use crate::model::Failure;

/// A line a variable, and nothing quoted (docker-run(1) on `--env-file`).
pub const ENV_FILE: Format = Format {
    name: "env_file",
    about: "variables without quotes, for `docker run --env-file`",
    file: "targets.list",
    program: false,
    render,
    beside: &[],
};

fn render(selection: &Selection<'_>, _: Option<&Path>) -> Result<String, Failure> {
    let all = variables(selection)?;
    all.iter()
        .map(|one| Ok(format!("{}={}\n", one.name, on_one_line(one)?)))
        .collect()
}

/// The value, which must have one line. Of several keys of a host one is enough, for ssh asks a host for the keys that it
/// knows; the newest kind is what every host of today has.
pub(super) fn on_one_line(Variable { name, value }: &Variable) -> Result<&str, Failure> {
    if name.ends_with("SSH_KNOWN_HOSTS") {
        let newest = value.lines().find(|line| line.contains(" ssh-ed25519 "));
        return Ok(newest.or_else(|| value.lines().next()).unwrap_or_default());
    }
    if value.contains(char::is_control) {
        return Err(Failure::new(
            "a value cannot be exported",
            format!(
                "`{name}` holds a line break or another control character, which this form cannot."
            ),
        )
        .help("Export it as `dotenv`, `shell` or `json`."));
    }
    Ok(value)
}
