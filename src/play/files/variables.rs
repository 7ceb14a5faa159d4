//! A file of variables: names with values.

use crate::{
    model::{Failure, Map, Origin, Source, Value},
    vars::yaml,
};

/// What a file of variables holds.
pub fn variables(path: &str, bytes: &[u8], at: &Origin) -> Result<Map, Failure> {
    let wrong = |why: String| {
        Failure::new(
            "a file of variables cannot be read",
            format!("`{path}` is to hold names with values."),
        )
        .why(why)
        .at(at)
    };
    let text = std::str::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?;
    let source = Source::new(path, text);
    let value = yaml::read(&source)
        .and_then(|node| node.to_value(yaml::Dialect::Ansible))
        .map_err(|wrong| match wrong.first() {
            Some(diagnostic) => Failure::from(diagnostic),
            None => Failure::bug("a file was refused without a reason"),
        })?;
    match value {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        _ => Err(wrong("It holds something else.".into())),
    }
}
