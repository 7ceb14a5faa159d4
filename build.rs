//! Writes the table of the files that come with the program: everything under `stacks/` and `playbooks/`.

// Cargo reads its instructions from this program's standard output.
#![allow(clippy::print_stdout)]

use std::{env, fs, io, path::Path};

fn main() -> io::Result<()> {
    let mut table = String::from("&[\n");
    for folder in ["playbooks", "stacks"] {
        println!("cargo::rerun-if-changed={folder}");
        list(Path::new(folder), &mut table)?;
    }
    table.push_str("]\n");
    let out = env::var_os("OUT_DIR").ok_or_else(|| io::Error::other("OUT_DIR is not set"))?;
    fs::write(Path::new(&out).join("shipped.rs"), table)
}

/// One line a file, sorted so that the table does not depend on the file system.
fn list(folder: &Path, table: &mut String) -> io::Result<()> {
    if !folder.is_dir() {
        return Ok(());
    }
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let path = entry.path();
        if path.is_dir() {
            list(&path, table)?;
        } else {
            let name = path.to_string_lossy().replace('\\', "/");
            let full = fs::canonicalize(&path)?;
            table.push_str(&format!("    ({name:?}, include_bytes!({full:?})),\n"));
        }
    }
    Ok(())
}
