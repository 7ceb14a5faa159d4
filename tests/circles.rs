//! No file needs a file that needs it, directly or around: what both need lies below them.
//!
//! Who needs whom is read off the paths of each file, followed through re-exports to the file that defines what they name.
//! A grammar or a value that holds itself is one file; the day one must be several, their recursion is named here.

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::Path,
};

/// A file as a module: what it declares, what it brings in, and the paths in its code.
#[derive(Default)]
struct Module {
    file: String,
    /// Names of the modules below it, whether files or written out in the file.
    children: BTreeSet<String>,
    /// What a name that was brought in stands for.
    imports: BTreeMap<String, Vec<String>>,
    /// Modules of which everything was brought in.
    globs: Vec<Vec<String>>,
    /// Every path with at least two parts that its code names, imports of its own apart from re-exports among them.
    paths: Vec<Vec<String>>,
}

/// The code of a file: no comments, no texts, no unit tests.
fn code(text: &str) -> String {
    let text = text.split("#[cfg(test)]\nmod ").next().unwrap();
    let mut code = String::new();
    let mut rest = text;
    while let Some(c) = rest.chars().next() {
        if rest.starts_with("//") {
            rest = rest.find('\n').map_or("", |end| &rest[end..]);
        } else if c == '"' {
            let mut escaped = false;
            let end = rest[1..].find(|c| {
                let ends = c == '"' && !escaped;
                escaped = c == '\\' && !escaped;
                ends
            });
            rest = end.map_or("", |end| &rest[end + 2..]);
            code.push_str("\"\"");
        } else if let Some(raw) = rest.strip_prefix("r#\"") {
            rest = raw.find("\"#").map_or("", |end| &raw[end + 2..]);
            code.push_str("\"\"");
        } else if rest.starts_with("'\"'")
            || rest.starts_with("'\\\"'")
            || rest.starts_with("'\\''")
        {
            rest = &rest[rest[2..].find('\'').unwrap() + 3..];
        } else {
            code.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    code
}

/// Reads what stands behind `use`, up to its semicolon or brace.
fn tree(text: &str, before: &[String], found: &mut Vec<(String, Vec<String>)>) {
    let text = text.trim();
    if let Some(brace) = text.find('{') {
        let mut path = before.to_vec();
        path.extend(
            text[..brace]
                .split("::")
                .map(str::trim)
                .filter(|part| !part.is_empty())
                .map(str::to_owned),
        );
        let inner = &text[brace + 1..text.rfind('}').unwrap_or(text.len())];
        let mut depth = 0;
        let mut start = 0;
        for (position, c) in inner.char_indices() {
            match c {
                '{' => depth += 1,
                '}' => depth -= 1,
                ',' if depth == 0 => {
                    tree(&inner[start..position], &path, found);
                    start = position + 1;
                }
                _ => {}
            }
        }
        tree(&inner[start..], &path, found);
        return;
    }
    if text.is_empty() {
        return;
    }
    let (path, alias) = match text.split_once(" as ") {
        Some((path, alias)) => (path.trim(), Some(alias.trim().to_owned())),
        None => (text, None),
    };
    let mut parts = before.to_vec();
    parts.extend(path.split("::").map(|part| part.trim().to_owned()));
    if parts.last().is_some_and(|last| last == "self") {
        parts.pop();
    }
    let name = alias.unwrap_or_else(|| parts.last().cloned().unwrap_or_default());
    found.push((name, parts));
}

fn word(c: char) -> bool {
    c.is_alphanumeric() || c == '_'
}

/// The paths of two or more parts in a piece of code.
fn paths(code: &str) -> Vec<Vec<String>> {
    let mut found = Vec::new();
    let mut rest = code;
    while let Some(start) = rest.find(|c: char| c.is_alphabetic() || c == '_') {
        rest = &rest[start..];
        let mut parts = Vec::new();
        loop {
            let end = rest.find(|c| !word(c)).unwrap_or(rest.len());
            parts.push(rest[..end].to_owned());
            rest = &rest[end..];
            match rest.strip_prefix("::") {
                Some(next) if next.starts_with(|c: char| c.is_alphabetic() || c == '_') => {
                    rest = next
                }
                _ => break,
            }
        }
        if parts.len() > 1 {
            found.push(parts);
        }
    }
    found
}

fn module(file: &str, text: &str) -> Module {
    let mut module = Module {
        file: file.to_owned(),
        ..Module::default()
    };
    let mut rest = code(text);
    // Statements are found by their keyword at the start of a word.
    while let Some(position) = keyword(&rest, "use") {
        let end = rest[position..]
            .find(';')
            .map_or(rest.len(), |end| position + end);
        let public = rest[..position].trim_end().ends_with("pub")
            || rest[..position].trim_end().ends_with(')');
        let mut found = Vec::new();
        tree(&rest[position + 3..end], &[], &mut found);
        for (name, path) in found {
            if name == "*" {
                module.globs.push(path[..path.len() - 1].to_vec());
            } else {
                module.imports.insert(name, path.clone());
            }
            // What is only handed on is needed by whoever names it.
            if !public {
                module.paths.push(path);
            }
        }
        rest.replace_range(position..end, " ");
    }
    while let Some(position) = keyword(&rest, "mod") {
        let name: String = rest[position + 3..]
            .trim_start()
            .chars()
            .take_while(|c| word(*c))
            .collect();
        module.children.insert(name);
        rest.replace_range(position..position + 3, " ");
    }
    module.paths.extend(paths(&rest));
    module
}

/// Where a keyword stands as a word at the start of a statement.
fn keyword(code: &str, keyword: &str) -> Option<usize> {
    code.match_indices(keyword)
        .map(|(position, _)| position)
        .find(|position| {
            let before = code[..*position].trim_end_matches(' ');
            let starts = before.is_empty()
                || before.ends_with(['\n', ';', '{', '}', ']'])
                || before.ends_with("pub")
                || (before.ends_with(')') && before.contains("pub("));
            starts && code[position + keyword.len()..].starts_with(' ')
        })
}

type Modules = BTreeMap<Vec<String>, Module>;

fn modules(folder: &Path, path: &[String], into: &mut Modules) {
    for entry in fs::read_dir(folder).unwrap() {
        let entry = entry.unwrap().path();
        let stem = entry.file_stem().unwrap().to_str().unwrap().to_owned();
        let mut below = path.to_vec();
        if entry.is_dir() {
            below.push(stem);
            modules(&entry, &below, into);
        } else if entry.extension().is_some_and(|extension| extension == "rs") && stem != "main" {
            if stem != "mod" && stem != "lib" {
                below.push(stem);
            }
            let file = entry
                .strip_prefix(env!("CARGO_MANIFEST_DIR"))
                .unwrap_or(&entry);
            let text = fs::read_to_string(&entry).unwrap();
            into.insert(below, module(&file.display().to_string(), &text));
        }
    }
}

/// The module that defines what a path names, seen from the module `from`; nothing for names of other crates.
fn defining(
    modules: &Modules,
    from: &[String],
    path: &[String],
    depth: usize,
) -> Option<Vec<String>> {
    let home = &modules[from];
    let mut at: Vec<String>;
    let mut rest = path;
    match path[0].as_str() {
        "crate" => {
            at = Vec::new();
            rest = &rest[1..];
        }
        "self" => {
            at = from.to_vec();
            rest = &rest[1..];
        }
        "super" => {
            at = from.to_vec();
            while rest.first().is_some_and(|part| part == "super") {
                at.pop();
                rest = &rest[1..];
            }
        }
        first if home.children.contains(first) => at = from.to_vec(),
        first => {
            let import = home
                .imports
                .get(first)
                .filter(|import| *import != path && depth < 16)?;
            let mut whole = import.clone();
            whole.extend(path[1..].iter().cloned());
            return defining(modules, from, &whole, depth + 1);
        }
    }
    while let Some(part) = rest.first() {
        let mut below = at.clone();
        below.push(part.clone());
        if modules.contains_key(&below) {
            at = below;
            rest = &rest[1..];
            continue;
        }
        let module = &modules[&at];
        if depth < 16
            && let Some(import) = module.imports.get(part)
        {
            let mut whole = import.clone();
            whole.extend(rest[1..].iter().cloned());
            return defining(modules, &at, &whole, depth + 1);
        }
        break;
    }
    Some(at)
}

/// What each file needs, with the paths by which it says so.
fn needs(modules: &Modules) -> BTreeMap<String, BTreeMap<String, BTreeSet<String>>> {
    let mut needs: BTreeMap<String, BTreeMap<String, BTreeSet<String>>> = BTreeMap::new();
    for (from, module) in modules {
        let own = needs.entry(module.file.clone()).or_default();
        for path in &module.paths {
            let Some(at) = defining(modules, from, path, 0) else {
                continue;
            };
            let file = &modules[&at].file;
            if *file != module.file {
                own.entry(file.clone()).or_default().insert(path.join("::"));
            }
        }
    }
    needs
}

/// The groups of files of which each reaches each.
fn circles(needs: &BTreeMap<String, BTreeMap<String, BTreeSet<String>>>) -> Vec<BTreeSet<String>> {
    let reached = |from: &String| {
        let mut seen = BTreeSet::new();
        let mut left = vec![from];
        while let Some(file) = left.pop() {
            for next in needs.get(file).into_iter().flat_map(BTreeMap::keys) {
                if seen.insert(next.clone()) {
                    left.push(next);
                }
            }
        }
        seen
    };
    let all: BTreeMap<&String, BTreeSet<String>> =
        needs.keys().map(|file| (file, reached(file))).collect();
    let mut found: BTreeSet<BTreeSet<String>> = BTreeSet::new();
    for (file, reaches) in &all {
        if reaches.contains(*file) {
            found.insert(
                reaches
                    .iter()
                    .filter(|other| all[other].contains(*file))
                    .cloned()
                    .collect(),
            );
        }
    }
    found.into_iter().collect()
}

#[test]
fn no_file_needs_a_file_that_needs_it() {
    let mut all = Modules::new();
    modules(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &[],
        &mut all,
    );
    let needs = needs(&all);
    let edges: usize = needs.values().map(BTreeMap::len).sum();
    assert!(edges > 1000, "only {edges} needs of files were found");
    let mut wrong = String::new();
    for circle in circles(&needs) {
        wrong += &format!("\nA circle of {} files:\n", circle.len());
        for (file, other, paths) in circle.iter().flat_map(|file| {
            needs[file]
                .iter()
                .filter(|(other, _)| circle.contains(*other))
                .map(move |(other, paths)| (file, other, paths))
        }) {
            let paths: Vec<&str> = paths.iter().map(String::as_str).collect();
            wrong += &format!("  {file} -> {other}: {}\n", paths.join(", "));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn a_circle_is_found_through_faces_groups_and_globs() {
    let all: Modules = [
        ("", "lib.rs", "pub mod a;\npub mod b;\n"),
        (
            "a",
            "a/mod.rs",
            "mod deep;\npub use deep::{Deep, other as renamed};\n",
        ),
        (
            "a::deep",
            "a/deep.rs",
            "use crate::b::*;\n// crate::none::of_this\npub struct Deep;\n",
        ),
        (
            "b",
            "b.rs",
            "use super::{a::{self, Deep}};\nfn f() { a::renamed(\"crate::a\") }\n",
        ),
    ]
    .into_iter()
    .map(|(path, file, text)| {
        let path = path
            .split("::")
            .filter(|part| !part.is_empty())
            .map(str::to_owned);
        (path.collect(), module(file, text))
    })
    .collect();
    let needs = needs(&all);
    assert!(
        needs["lib.rs"].is_empty() && needs["a/mod.rs"].is_empty(),
        "{needs:?}"
    );
    let circle = BTreeSet::from(["a/deep.rs".to_owned(), "b.rs".to_owned()]);
    assert_eq!(circles(&needs), [circle], "{needs:?}");
}
