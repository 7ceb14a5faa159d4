//! Who may name whom, read off every file's `crate::` paths, so that the table cannot rot.

use std::{collections::BTreeSet, fs, path::Path};

/// A module and the modules it may name beside itself. A noun never names another noun.
const TABLE: &[(&str, &[&str])] = &[
    ("model", &[]),
    ("reading", &[]),
    ("backoff", &[]),
    ("certificate", &["model"]),
    ("vars", &["model", "reading"]),
    ("resource", &["model"]),
    ("graph", &["model"]),
    ("connect", &["model", "reading", "backoff", "certificate"]),
    ("backend", &["model", "reading", "backoff"]),
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
            "model", "reading", "backoff", "vars", "graph", "resource", "observe", "play",
        ],
    ),
    (
        "apply",
        &[
            "model", "vars", "graph", "resource", "backend", "plan", "play",
        ],
    ),
    ("register", &["model", "backend"]),
];

/// The rooms of the walk of a playbook, in their order: each may name those before it, and its face (`mod.rs`) all.
const ROOMS: &[&str] = &[
    "executor", "tags", "verdict", "files", "walk", "foreseen", "scope", "result", "run", "module",
    "control", "check", "steps",
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
    ("textwrap", &["view"]),
    ("terminal_size", &["view"]),
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
    let first = |path: &String| path.split("::").next().unwrap_or_default().to_owned();
    let mut names: BTreeSet<String> = paths(text).iter().map(first).collect();
    // The macros of the crate stand at its root.
    names.remove("answer");
    names
}

/// The paths a file names behind `crate::`, those of groups whole: `crate::{a::B, c}` are `a::B` and `c`.
fn paths(text: &str) -> Vec<String> {
    let code = code(text);
    let mut found = Vec::new();
    for (position, _) in code.match_indices("crate::") {
        tree("", &code[position + "crate::".len()..], &mut found);
    }
    found
}

/// Reads a path with what stands in braces behind it, and gives what follows.
fn tree<'a>(before: &str, text: &'a str, found: &mut Vec<String>) -> &'a str {
    let text = text.trim_start();
    let end = text.find(|c: char| !(c.is_alphanumeric() || c == '_' || c == ':'));
    let (word, mut rest) = text.split_at(end.unwrap_or(text.len()));
    let path = format!("{before}{word}");
    if !rest.starts_with('{') || !(word.is_empty() || word.ends_with("::")) {
        found.push(path.trim_end_matches("::self").to_owned());
        return rest;
    }
    rest = &rest[1..];
    loop {
        rest = rest.trim_start().trim_start_matches(',').trim_start();
        if rest.is_empty() {
            return rest;
        }
        if let Some(rest) = rest.strip_prefix('}') {
            return rest;
        }
        let next = tree(&path, rest, found);
        // Whatever else stands there, for example `as name`, is passed over.
        rest = match next.len() < rest.len() && next.trim_start().starts_with([',', '}']) {
            true => next,
            false => {
                let end = next.find([',', '}']);
                &next[end.unwrap_or(next.len())..]
            }
        };
    }
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
fn a_room_of_the_walk_names_only_those_before_it() {
    let place = |room: &str| ROOMS.iter().position(|known| *known == room);
    let mut wrong = Vec::new();
    let mut seen = 0;
    for (_, file, text) in sources() {
        let Some(below) = file.strip_prefix("src/play/") else {
            continue;
        };
        if below == "mod.rs" {
            continue;
        }
        let room = below.split(['/', '.']).next().unwrap();
        let Some(own) = place(room) else {
            wrong.push(format!("{file}: the room `{room}` is not in the table"));
            continue;
        };
        for path in paths(&text) {
            let Some(name) = path.strip_prefix("play::") else {
                continue;
            };
            seen += 1;
            match place(name.split("::").next().unwrap()) {
                Some(other) if other <= own => {}
                _ => wrong.push(format!("{file}: `{room}` may not name `{name}`")),
            }
        }
        // A room is left by its whole path, so that the paths tell who names whom.
        let depth = below.matches('/').count();
        if code(&text).contains(&"super::".repeat(depth + 1)) && depth > 0 {
            wrong.push(format!("{file}: leaves its room by `super`"));
        }
    }
    assert!(seen > 100, "only {seen} paths were found");
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
    let text = "use crate::{model::{Answer, host::{self, Ran}}, vars};\nuse crate::view::Human;\n// crate::cli\n\
                use crate::model::Value as Json;\nlet a = crate::graph::new(1);\n";
    assert_eq!(
        paths(text),
        [
            "model::Answer",
            "model::host",
            "model::host::Ran",
            "vars",
            "view::Human",
            "model::Value",
            "graph::new"
        ]
    );
    assert_eq!(
        named(text).into_iter().collect::<Vec<_>>(),
        ["graph", "model", "vars", "view"]
    );
}
