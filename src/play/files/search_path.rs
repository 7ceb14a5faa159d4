//! Files beside the playbook.

use std::path::Path;

use crate::play::scope::inherited::Inherited;
use crate::play::steps::walker::Walker;
use crate::{
    model::{Failure, Map, Value, playbook::Base},
    vars::Files,
};

impl Walker {
    /// A file beside the playbook, for a task of this frame.
    pub fn beside(
        &self,
        frame: &Inherited,
        kind: &str,
        name: &str,
    ) -> Result<Option<Beside>, Failure> {
        find(&self.walk.playbook.base, &frame.folder, kind, name)
    }
}

/// A file beside the playbook, looked for as Ansible does: beside the file that names it, which lies in `folder`, then
/// beside the playbook, each time in the folder that is usual for its kind first.
pub fn find(base: &Base, folder: &str, kind: &str, name: &str) -> Result<Option<Beside>, Failure> {
    let mut folders = vec![format!("{kind}/"), String::new()];
    if !folder.is_empty() {
        let up = Path::new(folder)
            .parent()
            .map(|parent| parent.display().to_string())
            .filter(|parent| !parent.is_empty())
            .map(|parent| format!("{parent}/"))
            .unwrap_or_default();
        folders.splice(
            0..0,
            [
                format!("{folder}/{kind}/"),
                format!("{up}{kind}/"),
                format!("{folder}/"),
            ],
        );
    }
    let absolute = Files::absolute(name);
    if absolute.is_some() {
        folders = vec![String::new()];
    }
    let name = absolute.as_deref().unwrap_or(name);
    for folder in folders {
        let path = format!("{folder}{name}").replace("//", "/");
        if let Some(bytes) = Files::read(base, &path)? {
            return Ok(Some(Beside { path, bytes }));
        }
    }
    Ok(None)
}

/// The file of this side that a module with these arguments brings to the host, and the folder that is usual for its
/// kind.
pub fn brought<'a>(module: &str, args: &'a Map) -> Option<(&'static str, &'a str)> {
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
        "copy" | "unarchive" if !flag("remote_src") => ("files", text("src")),
        "script" => (
            "files",
            text("_raw_params")
                .or_else(|| text("cmd"))
                .and_then(|line| line.split_whitespace().next()),
        ),
        _ => return None,
    };
    let name = name.filter(|name| !name.contains("://"))?;
    Some((kind, name))
}

/// A file that is not there, though a task names it.
pub fn missing(what: &str, kind: &str) -> Failure {
    Failure::new("a file beside the playbook is not there", what)
        .help(format!("Put it into `{kind}/` beside the playbook."))
}

/// A file beside the playbook.
pub struct Beside {
    /// Its path, relative to the playbook's folder.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}
