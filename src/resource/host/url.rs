//! URLs as an argument has them.

use crate::model::Failure;
use crate::model::host_action::shown_url;

use super::arguments::Arguments;

/// A URL that a host can fetch.
pub fn read(arguments: &Arguments<'_>, url: &str) -> Result<String, Failure> {
    let known = ["https://", "http://", "file://"];
    if known.iter().any(|scheme| url.starts_with(scheme))
        && !url.contains([' ', '\n', '\'', '"', '\\'])
    {
        return Ok(url.to_owned());
    }
    let shown = shown_url(url);
    Err(arguments.wrong(format!("`{shown}` is not a URL of http, https or file")))
}
