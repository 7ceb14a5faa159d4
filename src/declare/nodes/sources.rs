//! Where templates and playbooks are found: in the project, else among those that come with the program.

use super::{draft::Draft, files};
use crate::model::{Source, meant, playbook::Base};
use crate::reading;
use crate::vars::shipped;

/// The text of a stack's template, or a mistake at the path that names it.
pub fn stack(draft: &mut Draft<'_>, name: &str, path: &[&str]) -> Option<Source> {
    let endings = ["yaml", "yml", "json"];
    match own(draft, "stacks", name, &endings, path)? {
        Some(source) => Some(source),
        None => shipped::stack(name).or_else(|| nowhere(draft, "stacks", name, &endings, path)),
    }
}

/// The text of a playbook and where the files beside it are, or a mistake at the path that names it.
pub fn playbook(draft: &mut Draft<'_>, name: &str, path: &[&str]) -> Option<(Source, Base)> {
    let endings = ["yml", "yaml"];
    match own(draft, "playbooks", name, &endings, path)? {
        Some(source) => {
            let file = draft.given.root.join(&*source.name);
            let folder = file.parent().unwrap_or(draft.given.root).to_owned();
            Some((source, Base::Folder(folder)))
        }
        None => shipped::playbook(name)
            .or_else(|| nowhere(draft, "playbooks", name, &endings, path))
            .map(|source| (source, Base::Shipped)),
    }
}

/// The project's own file. The outer none means that it is there and cannot be read, which was noted.
fn own(
    draft: &mut Draft<'_>,
    folder: &str,
    name: &str,
    endings: &[&str],
    path: &[&str],
) -> Option<Option<Source>> {
    let mut candidates: Vec<String> = endings
        .iter()
        .map(|ending| format!("{folder}/{name}.{ending}"))
        .collect();
    if is_path(name, endings) {
        candidates = vec![name.to_owned(), format!("{folder}/{name}")];
    }
    for candidate in candidates {
        match reading::text(&draft.given.root.join(&candidate), reading::SOURCE) {
            Ok(text) => return Some(Some(Source::new(candidate, text))),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => {}
            Err(error) => {
                let label = format!("{candidate}: {}", files::reason(&error));
                draft.error("a file cannot be read", label, path, "");
                return None;
            }
        }
    }
    Some(None)
}

/// Whether a file is named itself, rather than what it is called without folder and ending.
fn is_path(name: &str, endings: &[&str]) -> bool {
    name.contains('/') || endings.iter().any(|end| name.ends_with(&format!(".{end}")))
}

fn nowhere<T>(
    draft: &mut Draft<'_>,
    folder: &'static str,
    name: &str,
    endings: &[&str],
    path: &[&str],
) -> Option<T> {
    let mut names: Vec<String> = shipped::names_in(folder).map(str::to_owned).collect();
    let entries = std::fs::read_dir(draft.given.root.join(folder));
    for entry in entries.into_iter().flatten().flatten() {
        let file = entry.file_name().to_string_lossy().into_owned();
        if let Some((stem, ending)) = file.rsplit_once('.')
            && endings.contains(&ending)
        {
            names.push(stem.to_owned());
        }
    }
    names.sort();
    names.dedup();
    let names = names.iter().map(String::as_str);
    let help = meant::advice(name, names, draft.found.len(), "there are");
    let summary = match folder {
        "stacks" => "there is no such template",
        _ => "there is no such playbook",
    };
    let label = if is_path(name, endings) {
        format!("neither `{name}` nor `{folder}/{name}` is there")
    } else {
        let ending = endings.first().copied().unwrap_or_default();
        format!(
            "neither `{folder}/{name}.{ending}` of the project nor one that comes with Landfall"
        )
    };
    draft.error(summary, label, path, help);
    None
}
