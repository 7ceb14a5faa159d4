//! Where a file is looked for that is named beside the playbook: one order for tasks, variables, look-ups and loops.

use std::{
    path::{Path, PathBuf},
    sync::Arc,
};

use super::Files;
use crate::model::{Failure, playbook::Base};

/// Where files are looked for that something in a file of tasks names, as Ansible does: beside the file that names them,
/// then beside the playbook, each time in the folder that is usual for their kind first.
#[derive(Debug, Clone)]
pub struct SearchPath {
    base: Base,
    /// The folder of the file that names them, relative to the playbook's; empty for the playbook itself.
    folder: String,
    /// The project's folder, where look-ups of the environment start: what its variables name lies there, and a playbook
    /// renders them.
    project: Option<Arc<Path>>,
}

impl SearchPath {
    /// The folders in which a file of any kind may lie, as `first_found` looks for it.
    pub const KINDS: &[&str] = &["", "files", "templates", "vars", "tasks"];

    /// From a file in this folder of the playbook's.
    pub fn new(base: &Base, folder: &str) -> Self {
        Self {
            base: base.clone(),
            folder: folder.to_owned(),
            project: None,
        }
    }

    /// The same, and at last in the project's folder.
    pub fn then(mut self, project: Option<&Arc<Path>>) -> Self {
        self.project = project.cloned();
        self
    }

    /// The first file of this name, of a kind that has a folder of its own (`files`, `templates`, `vars`); an empty kind
    /// has none.
    pub fn find(&self, kind: &str, name: &str) -> Result<Option<FoundFile>, Failure> {
        // What no shipped playbook reads, the environment's variables may name.
        let elsewhere = |path: &String| {
            self.project.is_some() && matches!(self.base, Base::Shipped) && !Files::ships(path)
        };
        let paths = self.paths(kind, name);
        for path in paths.into_iter().filter(|path| !elsewhere(path)) {
            if let Some(bytes) = Files::read(&self.base, &path)? {
                return Ok(Some(FoundFile { path, bytes }));
            }
        }
        let Some(project) = &self.project else {
            return Ok(None);
        };
        let name = Files::absolute(name).unwrap_or_else(|| name.to_owned());
        let found = Files::read(&Base::Folder(project.to_path_buf()), &name)?;
        let path = project.join(name).display().to_string();
        Ok(found.map(|bytes| FoundFile { path, bytes }))
    }

    /// The folder of this name on this machine, where a file of the name would be looked for and none comes first.
    pub fn folder(&self, kind: &str, name: &str) -> Option<PathBuf> {
        let name = name.trim_end_matches('/');
        let base = match &self.base {
            Base::Folder(base) if !name.is_empty() => base,
            Base::Folder(_) | Base::Shipped => return None,
        };
        let project = self.project.iter().map(|project| project.join(name));
        let paths = self.paths(kind, name).into_iter();
        let mut paths = paths.map(|path| base.join(path)).chain(project);
        paths
            .find(|path| path.exists())
            .filter(|path| path.is_dir())
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
    /// Its path, relative to the playbook's folder where it lies there.
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

    #[test]
    fn the_project_comes_last_and_lends_a_shipped_playbook_what_its_variables_name() {
        let project = tempfile::tempdir().unwrap();
        let root: Arc<Path> = project.path().into();
        std::fs::write(root.join("own.asc"), "own").unwrap();
        let shipped = SearchPath::new(&Base::Shipped, "");
        let own = root.join("own.asc").display().to_string();
        assert!(shipped.find("files", "own.asc").unwrap().is_none());
        assert!(shipped.find("files", &own).is_err());
        let with_project = shipped.then(Some(&root));
        for name in ["own.asc", &own] {
            let found = with_project.find("files", name).unwrap().unwrap();
            assert_eq!(
                (with_project.whole(&found), found.bytes),
                (own.clone(), b"own".to_vec())
            );
        }
        // What is shipped is beside the playbook, and so it comes first.
        std::fs::create_dir(root.join("files")).unwrap();
        std::fs::write(root.join("files/landfall-acme"), "own").unwrap();
        let found = with_project.find("files", "landfall-acme").unwrap();
        assert_ne!(found.unwrap().bytes, b"own");
    }
}
