//! Who may name whom, read off every file's `crate::` paths, so that the table cannot rot.

use std::{collections::BTreeSet, fs, path::Path};

/// A module and the modules it may name beside itself. A noun never names another noun.
const TABLE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("reading", &[]),
    ("vars", &["model", "reading"]),
    ("resource", &["model"]),
    ("graph", &["model"]),
    ("connect", &["model", "reading"]),
    ("backend", &["model", "reading"]),
    ("view", &["model"]),
    (
        "declare",
        &["model", "reading", "vars", "graph", "resource"],
    ),
    ("observe", &["model", "vars", "resource"]),
    (
        "play",
        &["model", "reading", "vars", "graph", "resource", "observe"],
    ),
    (
        "plan",
        &[
            "model", "reading", "vars", "graph", "resource", "observe", "play",
        ],
    ),
    (
        "apply",
        &["model", "vars", "graph", "backend", "plan", "play"],
    ),
    ("register", &["model", "backend"]),
];

/// The doors may name everything.
const DOORS: &[&str] = &["cli", "rehearse"];

/// Crates that only some modules may name.
const FOREIGN: &[(&str, &[&str])] = &[
    ("aws_sdk_", &["connect", "backend"]),
    ("aws_config", &["connect"]),
    ("openssh::", &["connect"]),
    ("minijinja", &["vars"]),
    ("saphyr_parser", &["vars"]),
    ("indicatif", &["view"]),
    ("annotate_snippets", &["view"]),
    ("clap::", &["cli"]),
    ("println!", &["view", "cli"]),
];

fn files(folder: &Path, into: &mut Vec<(String, String)>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, into);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            let name = path
                .strip_prefix(env!("CARGO_MANIFEST_DIR"))
                .unwrap()
                .display()
                .to_string();
            into.push((name, fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Every source file with the top module it belongs to.
fn sources() -> Vec<(String, String, String)> {
    let mut found = Vec::new();
    files(
        &Path::new(env!("CARGO_MANIFEST_DIR")).join("src"),
        &mut found,
    );
    assert!(found.len() > 30, "the sources were not found");
    found
        .into_iter()
        .filter_map(|(name, text)| {
            let top = name
                .strip_prefix("src/")?
                .split(['/', '.'])
                .next()?
                .to_owned();
            Some((top, name, text))
        })
        .filter(|(top, ..)| top != "lib" && top != "main")
        .collect()
}

/// The code of a file without its comments.
fn code(text: &str) -> String {
    text.lines()
        .filter(|line| !line.trim_start().starts_with("//"))
        .collect::<Vec<_>>()
        .join("\n")
}

/// The modules a file names: `crate::a`, and each `a` of `crate::{a, b::c}`.
fn named(text: &str) -> BTreeSet<String> {
    let code = code(text);
    let mut names = BTreeSet::new();
    for (position, _) in code.match_indices("crate::") {
        let rest = &code[position + "crate::".len()..];
        if let Some(group) = rest.strip_prefix('{') {
            let mut depth = 0;
            let mut word = String::new();
            let mut fresh = true;
            for c in group.chars() {
                match c {
                    '{' => depth += 1,
                    '}' if depth == 0 => break,
                    '}' => depth -= 1,
                    ',' if depth == 0 => fresh = true,
                    c if fresh && depth == 0 && (c.is_alphanumeric() || c == '_') => word.push(c),
                    ':' if !word.is_empty() => {
                        names.insert(std::mem::take(&mut word));
                        fresh = false;
                    }
                    _ => {}
                }
            }
            if !word.is_empty() {
                names.insert(word);
            }
        } else {
            names.insert(
                rest.chars()
                    .take_while(|c| c.is_alphanumeric() || *c == '_')
                    .collect(),
            );
        }
    }
    // The macros of the crate stand at its root.
    names.remove("answer");
    names
}

#[test]
fn a_module_names_only_what_the_table_allows() {
    let mut wrong = Vec::new();
    for (top, file, text) in sources() {
        if DOORS.contains(&top.as_str()) {
            continue;
        }
        let Some((_, allowed)) = TABLE.iter().find(|(module, _)| *module == top) else {
            wrong.push(format!("{file}: the module `{top}` is not in the table"));
            continue;
        };
        for name in named(&text) {
            if name != top && !allowed.contains(&name.as_str()) {
                wrong.push(format!("{file}: `{top}` may not name `{name}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn foreign_crates_stay_behind_their_module() {
    let mut wrong = Vec::new();
    for (top, file, text) in sources() {
        let code = code(&text);
        for (foreign, allowed) in FOREIGN {
            let names = code.match_indices(foreign).any(|(position, _)| {
                !code[..position].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == '.')
            });
            if names && !allowed.contains(&top.as_str()) {
                wrong.push(format!("{file}: `{top}` may not name `{foreign}`"));
            }
        }
    }
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n"));
}

#[test]
fn the_reader_of_paths_sees_groups_and_single_names() {
    let text =
        "use crate::{model::{Answer, Query}, vars};\nuse crate::view::Human;\n// crate::cli\n";
    assert_eq!(
        named(text).into_iter().collect::<Vec<_>>(),
        ["model", "vars", "view"]
    );
}
