//! A folder of this side that `copy` brings to the host.

use std::{fs, path::Path};

use crate::{
    model::{Content, Failure},
    reading,
    resource::host::Brought,
};

/// How many files a folder may have that is copied: each is asked for and written by itself.
const MOST: usize = 500;
/// How many bytes: they are part of a plan.
const MOST_BYTES: usize = 16 << 20;
/// How deep folders may lie in each other; links may lead round in a circle.
const DEEPEST: usize = 20;

/// All that is in it, each folder before what it holds; links are looked through, as in Ansible.
pub fn read(folder: &Path, secret: bool) -> Result<Vec<Brought>, Failure> {
    let mut found = Vec::new();
    add(folder, "", secret, 0, &mut found).map_err(|why| {
        Failure::new(
            "a folder cannot be copied",
            format!("reading {}", folder.display()),
        )
        .why(why)
        .help("Bring what is larger in an image or an archive, or copy a part of it.")
    })?;
    Ok(found)
}

fn add(
    folder: &Path,
    below: &str,
    secret: bool,
    depth: usize,
    found: &mut Vec<Brought>,
) -> Result<(), String> {
    if depth > DEEPEST {
        return Err(format!(
            "folders lie more than {DEEPEST} deep in each other"
        ));
    }
    let said = |path: &Path, why: &dyn std::fmt::Display| format!("{}: {why}", path.display());
    let entries = fs::read_dir(folder).map_err(|why| said(folder, &why))?;
    let mut entries = entries
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<Result<Vec<_>, _>>()
        .map_err(|why| said(folder, &why))?;
    entries.sort();
    for path in entries {
        let name = path.file_name().and_then(|name| name.to_str());
        let name = name.ok_or_else(|| said(&path, &"its name is no UTF-8"))?;
        let below = match below {
            "" => name.to_owned(),
            below => format!("{below}/{name}"),
        };
        let stat = fs::metadata(&path).map_err(|why| said(&path, &why))?;
        let content = if stat.is_dir() {
            None
        } else {
            let bytes =
                reading::bytes(&path, MOST_BYTES as u64).map_err(|why| said(&path, &why))?;
            Some(if secret {
                Content::secret(bytes)
            } else {
                Content::public(bytes)
            })
        };
        let is_folder = content.is_none();
        found.push(Brought {
            path: below.clone(),
            content,
            mode: mode(&stat),
        });
        let bytes = found.iter().filter_map(|one| one.content.as_ref());
        if found.len() > MOST || bytes.map(|one| one.bytes().len()).sum::<usize>() > MOST_BYTES {
            return Err(format!(
                "it has more than {MOST} files, or more than {} MiB",
                MOST_BYTES >> 20
            ));
        }
        if is_folder {
            add(&path, &below, secret, depth + 1, found)?;
        }
    }
    Ok(())
}

fn mode(stat: &fs::Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    stat.permissions().mode() & 0o7777
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_are_looked_through_and_a_circle_of_them_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path();
        fs::create_dir(root.join("css")).unwrap();
        fs::write(root.join("css/a.css"), "a").unwrap();
        std::os::unix::fs::symlink("css", root.join("styles")).unwrap();
        let paths = |found: Vec<Brought>| found.into_iter().map(|one| one.path);
        let found: Vec<String> = paths(read(root, false).unwrap()).collect();
        assert_eq!(found, ["css", "css/a.css", "styles", "styles/a.css"]);
        std::os::unix::fs::symlink("..", root.join("css/up")).unwrap();
        let refused = read(root, false).unwrap_err();
        assert_eq!(refused.summary, "a folder cannot be copied");
    }
}
