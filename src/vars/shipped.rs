//! The stacks and playbooks that come with the program.

use crate::model::Source;

/// Every shipped file: its path from the project's root, and its bytes.
static FILES: &[(&str, &[u8])] = include!(concat!(env!("OUT_DIR"), "/shipped.rs"));

/// The bytes of a shipped file by its path, for example `playbooks/templates/sudoers.j2`.
pub fn file(path: &str) -> Option<&'static [u8]> {
    FILES
        .iter()
        .find(|(name, _)| *name == path)
        .map(|(_, bytes)| *bytes)
}

/// A shipped playbook by the name users call it: `docker-host`.
pub fn playbook(name: &str) -> Option<Source> {
    source("playbooks", name, &["yml", "yaml"])
}

/// A shipped stack's template by the name users call it: `ecs-cluster`.
pub fn stack(name: &str) -> Option<Source> {
    source("stacks", name, &["yaml", "yml", "json"])
}

/// The paths of everything that is shipped, sorted.
pub fn names() -> impl Iterator<Item = &'static str> {
    FILES.iter().map(|(name, _)| *name)
}

/// The names of the shipped things that lie directly in a folder (`playbooks` or `stacks`), without their endings.
pub fn names_in(folder: &str) -> impl Iterator<Item = &'static str> {
    names().filter_map(move |name| {
        let rest = name.strip_prefix(folder)?.strip_prefix('/')?;
        let (stem, _) = rest.rsplit_once('.')?;
        (!stem.contains('/')).then_some(stem)
    })
}

fn source(folder: &str, name: &str, endings: &[&str]) -> Option<Source> {
    endings.iter().find_map(|ending| {
        let path = format!("{folder}/{name}.{ending}");
        let text = std::str::from_utf8(file(&path)?).ok()?;
        Some(Source::new(format!("shipped {path}"), text))
    })
}
