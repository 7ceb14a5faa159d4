//! What nodes are made from: the environment's file, and what a rehearsal puts in its place.

use std::{ops::Range, path::Path};

use crate::declare::{document::Tree, overrides::Overrides, repairs::Faults};
use crate::model::{Address, Source};

/// What a declaration is made from, beside its typed values.
pub struct Given<'a> {
    /// The project's root.
    pub root: &'a Path,
    /// The environment's name.
    pub name: &'a str,
    /// What a rehearsal puts in place of what the file says.
    pub overrides: &'a Overrides,
    /// The file.
    pub source: &'a Source,
    /// The file as a tree with places, repaired where it is faulty.
    pub tree: &'a Tree,
    /// Where that is: it was told, and what it leads to is not told again.
    pub faults: &'a Faults,
    /// Where the file has secrets in clear text.
    pub secrets: &'a [Range<usize>],
}

/// Where in the file an address is declared.
pub fn path_of(address: &Address) -> Vec<&str> {
    let mut path: Vec<&str> = address.kind.section().split('.').collect();
    if !address.name.is_empty() {
        path.push(&address.name);
    }
    path
}
