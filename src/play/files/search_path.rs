//! Files beside the playbook.

use crate::{
    model::{Failure, Map, Value, playbook::Base},
    vars::Files,
};

/// Where files are looked for that something in a file of tasks names, as Ansible does: beside the file that names them,
/// then beside the playbook, each time in the folder that is usual for their kind first.
pub struct SearchPath {
    base: Base,
    /// The folder of the file that names them, relative to the playbook's; empty for the playbook itself.
    folder: String,
}

impl SearchPath {
    /// From a file in this folder of the playbook's.
    pub fn new(base: &Base, folder: &str) -> Self {
        Self {
            base: base.clone(),
            folder: folder.to_owned(),
        }
    }

    /// The first file of this name, of a kind that has a folder of its own (`files`, `templates`, `vars`).
    pub fn find(&self, kind: &str, name: &str) -> Result<Option<Beside>, Failure> {
        let absolute = Files::absolute(name);
        let folders = match absolute {
            Some(_) => vec![String::new()],
            None => self.folders(kind),
        };
        let name = absolute.as_deref().unwrap_or(name);
        for folder in folders {
            let path = format!("{folder}{name}").replace("//", "/");
            if let Some(bytes) = Files::read(&self.base, &path)? {
                return Ok(Some(Beside { path, bytes }));
            }
        }
        Ok(None)
    }

    /// The folders in their order, relative to the playbook's, each with its last slash.
    fn folders(&self, kind: &str) -> Vec<String> {
        let mut folders = Vec::new();
        if !self.folder.is_empty() {
            let folder = &self.folder;
            let up = match folder.rsplit_once('/') {
                Some((up, _)) => format!("{up}/"),
                None => String::new(),
            };
            folders.push(format!("{folder}/{kind}/"));
            folders.push(format!("{up}{kind}/"));
            folders.push(format!("{folder}/"));
        }
        folders.push(format!("{kind}/"));
        folders.push(String::new());
        folders
    }
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
