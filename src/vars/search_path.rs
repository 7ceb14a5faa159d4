//! Where a file is looked for that is named beside the playbook: one order for tasks, variables, look-ups and loops.

use super::Files;
use crate::model::{Failure, playbook::Base};

/// Where files are looked for that something in a file of tasks names, as Ansible does: beside the file that names them,
/// then beside the playbook, each time in the folder that is usual for their kind first.
#[derive(Debug, Clone)]
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

    /// The first file of this name, of a kind that has a folder of its own (`files`, `templates`, `vars`); an empty kind
    /// has none.
    pub fn find(&self, kind: &str, name: &str) -> Result<Option<FoundFile>, Failure> {
        for path in self.paths(kind, name) {
            if let Some(bytes) = Files::read(&self.base, &path)? {
                return Ok(Some(FoundFile { path, bytes }));
            }
        }
        Ok(None)
    }

    /// The path of a file that was found, as a host's tasks may hand it on: absolute on disk.
    pub fn whole(&self, found: &FoundFile) -> String {
        match &self.base {
            Base::Folder(folder) => folder.join(&found.path).display().to_string(),
            Base::Shipped => found.path.clone(),
        }
    }

    /// Where a file of this name may lie, in the order in which it is looked for: relative to the playbook's folder, or
    /// an absolute path for a name that does not start beside the playbook.
    pub fn paths(&self, kind: &str, name: &str) -> Vec<String> {
        if let Some(absolute) = Files::absolute(name) {
            return vec![absolute];
        }
        let folders = self.folders(kind).into_iter();
        folders.map(|folder| format!("{folder}{name}")).collect()
    }

    /// The folders in their order, relative to the playbook's, each with its last slash.
    fn folders(&self, kind: &str) -> Vec<String> {
        let kind = match kind {
            "" => String::new(),
            kind => format!("{kind}/"),
        };
        let mut folders = Vec::new();
        if !self.folder.is_empty() {
            let folder = self.folder.trim_end_matches('/');
            let up = match folder.rsplit_once('/') {
                Some((up, _)) => format!("{up}/"),
                None => String::new(),
            };
            folders.push(format!("{folder}/{kind}"));
            folders.push(format!("{up}{kind}"));
            folders.push(format!("{folder}/"));
        }
        folders.push(kind);
        folders.push(String::new());
        folders
    }
}

/// A file beside the playbook.
pub struct FoundFile {
    /// Its path, relative to the playbook's folder.
    pub path: String,
    /// What it holds.
    pub bytes: Vec<u8>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_file_that_names_another_comes_before_the_playbook() {
        let paths = |folder, kind, name| SearchPath::new(&Base::Shipped, folder).paths(kind, name);
        assert_eq!(paths("", "files", "a"), ["files/a", "a"]);
        let nested = [
            "web/tasks/files/a",
            "web/files/a",
            "web/tasks/a",
            "files/a",
            "a",
        ];
        assert_eq!(paths("web/tasks", "files", "a"), nested);
        assert_eq!(paths("web", "files", "/a"), ["/a"]);
    }
}
