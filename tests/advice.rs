//! What the program and its README advise: whoever types a command must not be told that it is none, and whoever is to
//! write a key is told where.

use std::{collections::BTreeSet, fs, path::Path};

use clap::{CommandFactory, Parser};
use landfall::cli::Arguments;
use landfall::declare::environment;
use landfall::model::Value;

/// Every file below a folder with this ending.
fn files(folder: &Path, ending: &str, found: &mut Vec<String>) {
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files(&path, ending, found);
        } else if path.extension().is_some_and(|given| given == ending) {
            found.push(fs::read_to_string(path).unwrap());
        }
    }
}

/// The code without comments and tests, its texts in one line each.
fn texts(code: &str) -> String {
    let code = code.split("#[cfg(test)]").next().unwrap_or_default();
    let lines = code
        .lines()
        .filter(|line| !line.trim_start().starts_with("//"));
    let mut joined = String::new();
    for line in lines {
        match line.strip_suffix('\\') {
            Some(begun) if joined.ends_with('\\') || !begun.is_empty() => {
                joined.push_str(begun.trim_start());
                joined.push(' ');
            }
            _ => {
                joined.push_str(line.trim_start());
                joined.push('\n');
            }
        }
    }
    while joined.contains("  ") {
        joined = joined.replace("  ", " ");
    }
    joined
}

/// The commands in a text: what follows `landfall` and a verb, up to where the words end.
fn commands(text: &str) -> BTreeSet<String> {
    let verbs: Vec<String> = Arguments::command()
        .get_subcommands()
        .map(|verb| verb.get_name().to_owned())
        .collect();
    let mut found = BTreeSet::new();
    for (at, _) in text.match_indices("landfall ") {
        let before = text[..at].chars().next_back();
        if !before.is_none_or(|before| "`\"\n ".contains(before)) {
            continue;
        }
        let end = text[at..]
            .find(['`', '"', '\n', '#', ';', '>'])
            .map_or(text.len(), |end| at + end);
        let command = text[at..end].split("   ").next().unwrap_or_default().trim();
        let verb = command.split(' ').nth(1).unwrap_or_default();
        if verbs.iter().any(|known| known == verb) {
            found.insert(command.trim_end_matches(['.', ',', '\\']).to_owned());
        }
    }
    found
}

/// What stands for a value is filled in.
fn filled(command: &str) -> Vec<String> {
    let mut filled = String::new();
    let mut rest = command;
    while let Some((before, after)) = rest.split_once('{') {
        filled.push_str(before);
        filled.push_str(match before.ends_with("--port ") {
            true => "22",
            // A value that stands close to a word is one that adds options, or none.
            false if !before.ends_with(' ') => "",
            false => "value",
        });
        rest = after.split_once('}').map_or("", |(_, rest)| rest);
    }
    filled.push_str(rest);
    filled
        .split(' ')
        .filter(|word| !word.is_empty() && *word != "…")
        .map(|word| word.replace("DIGITS", "111122223333"))
        .collect()
}

#[test]
fn every_command_that_is_advised_can_be_typed() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    files(&root.join("src"), "rs", &mut sources);
    let mut advised: BTreeSet<String> = sources
        .iter()
        .flat_map(|code| commands(&texts(code)))
        .collect();
    let readme = fs::read_to_string(root.join("README.md")).unwrap();
    let typed = readme
        .lines()
        .filter(|line| line.starts_with("    landfall"));
    advised.extend(typed.flat_map(commands));
    assert!(advised.len() > 12, "{advised:#?}");
    assert!(
        advised.iter().any(|one| one.contains("host key")),
        "{advised:#?}"
    );
    let wrong: Vec<String> = advised
        .iter()
        .filter_map(|command| {
            let error = Arguments::try_parse_from(filled(command)).err()?;
            Some(format!("{command}\n{error}"))
        })
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// Where a command is advised, its environment is mostly known.
#[test]
fn a_name_that_is_known_stands_in_what_is_advised() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut sources = Vec::new();
    files(&root.join("src"), "rs", &mut sources);
    let open: BTreeSet<String> = sources
        .iter()
        .flat_map(|code| commands(&texts(code)))
        .filter(|command| {
            let mut words = command.split(' ');
            words.any(|word| ["ENV", "ENVIRONMENT", "<ENVIRONMENT"].contains(&word))
        })
        .collect();
    // What `init` writes is filled in. Of a saved plan that is not there nobody knows what it was of.
    let known = [
        "landfall plan <ENVIRONMENT",
        "landfall plan ENV --out {}",
        "landfall rehearse <ENVIRONMENT",
    ];
    assert_eq!(open, BTreeSet::from(known.map(str::to_owned)));
}

/// Keys of an environment that mean nothing without the section they stand in, as advice to write them begins.
const KEYS: &[(&str, &str)] = &[
    ("adopt", "`adopt = "),
    ("identity", "`identity`"),
    ("profile", "`profile`"),
    ("sudo_password_file", "`sudo_password_file`"),
];

/// The schema of what a section has: `[aws]`, `[hosts.NAME]`, `[secrets]`.
fn section<'a>(schema: &'a Value, header: &str) -> Option<&'a Value> {
    let mut at = schema;
    for word in header.split('.') {
        at = match at["properties"].get(word) {
            Some(known) => known,
            // A name that is the user's own.
            None => at.get("additionalProperties")?,
        };
        let branch = at["anyOf"].get(0).unwrap_or(at);
        if let Some(named) = branch["$ref"].as_str() {
            at = schema.pointer(named.trim_start_matches('#'))?;
        }
    }
    Some(at)
}

/// The texts of the program, a file's in one line, that are shown where nothing else points into the environment's file.
fn advice() -> Vec<String> {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("src");
    let mut sources = Vec::new();
    for folder in ["backend", "cli", "connect", "plan", "resource/aws"] {
        files(&root.join(folder), "rs", &mut sources);
    }
    let mut found = Vec::new();
    for code in sources {
        let code = texts(&code).replace("\\\"", "'");
        found.extend(code.split('"').skip(1).step_by(2).map(str::to_owned));
    }
    found
}

#[test]
fn a_key_that_is_advised_stands_with_its_section() {
    let schema = environment::schema();
    let mut seen = 0;
    let mut wrong = Vec::new();
    for text in advice() {
        for (key, written) in KEYS {
            let Some(at) = text.find(written) else {
                continue;
            };
            seen += 1;
            let behind = text[at..].split_once(" [").or(text[at..].split_once(" `["));
            let header = behind.and_then(|(_, behind)| behind.split_once(']'));
            let known = match header {
                Some((header, _)) => {
                    section(&schema, header).is_some_and(|it| it["properties"].get(key).is_some())
                }
                // Filled in by the program.
                None => text[at..].contains(" under {}"),
            };
            if !known {
                wrong.push(format!("{key}: {text}"));
            }
        }
    }
    assert!(seen > 8, "only {seen} were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
