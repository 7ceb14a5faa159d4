//! The files of this side that modules bring to the host.

use crate::{
    model::{Failure, Map, Value},
    vars::Files,
};

/// The file of this side that a module with these arguments brings to the host, and the folder that is usual for its
/// kind.
pub fn controller_file<'a>(module: &str, args: &'a Map) -> Option<(&'static str, &'a str)> {
    let flag = |name: &str| {
        args.get(name).is_some_and(|value| {
            value == &Value::Bool(true)
                || value.as_str().is_some_and(|word| {
                    ["yes", "true", "on", "1"].contains(&word.to_lowercase().as_str())
                })
        })
    };
    let text = |name: &str| args.get(name).and_then(Value::as_str);
    let (kind, name) = match module {
        "template" => ("templates", text("src")),
        "copy" if !flag("remote_src") => ("files", text("src")),
        _ => return None,
    };
    let name = name.filter(|name| !name.contains("://"))?;
    Some((kind, name))
}

/// A file that is not there, though a task names it.
pub fn missing_controller_file(what: &str, name: &str, kind: &str) -> Failure {
    if Files::absolute(name).is_some() {
        return Failure::new("a file of this machine is not there", what)
            .help("Put it there, or name one that is.");
    }
    Failure::new("a file beside the playbook is not there", what)
        .help(format!("Put it into `{kind}/` beside the playbook."))
}
