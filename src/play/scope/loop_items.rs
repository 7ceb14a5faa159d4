//! The items of a loop.

use crate::{
    model::{
        Failure, Map, Value,
        playbook::{Base, Loop, LoopLookup},
    },
    play::{
        files::glob::fits,
        scope::{
            inherited::Inherited,
            loop_lookups::{flat, kind, list, nested, pairs, subelements, together},
            scopes::Scopes,
            sequence::sequence,
            unresolved::Unresolved,
        },
    },
    vars::{SearchPath, Secrecy},
};

impl Scopes {
    /// The items of a loop, rendered, and what of them is secret.
    pub fn items(
        &mut self,
        frame: &Inherited,
        repeat: &Loop,
    ) -> Result<(Vec<Value>, Secrecy), Unresolved> {
        let task_scope = self.task_scope(frame, &Map::new());
        // A bare name is text, as in ansible-core since 2.19.
        let (terms, secrecy) = task_scope.rendered(&repeat.items.value, &repeat.items.at)?;
        let terms = terms.unwrap_or(Value::Null);
        let keys: Vec<String> = match &terms {
            Value::Object(map) => map.keys().cloned().collect(),
            _ => Vec::new(),
        };
        let plain = terms
            .as_array()
            .is_some_and(|items| !items.iter().any(Value::is_array));
        let items = self.looked_up(frame, repeat, terms)?;
        let secrecy = match (&secrecy, LoopLookup::named(&repeat.lookup)) {
            (Secrecy::Open, _) | (_, Some(LoopLookup::Loop | LoopLookup::List)) => secrecy,
            (Secrecy::Parts(_), Some(LoopLookup::Dict)) if !keys.is_empty() => {
                Secrecy::of_parts(keys.iter().enumerate().map(|(at, key)| {
                    let value = [("value".to_owned(), secrecy.part(key))];
                    (at.to_string(), Secrecy::of_parts(value))
                }))
            }
            (Secrecy::Parts(_), Some(LoopLookup::Items | LoopLookup::Flattened)) if plain => {
                secrecy
            }
            // Lists that are mixed with each other: which item has which part is not followed.
            _ => Secrecy::Secret,
        };
        Ok((items, secrecy))
    }

    /// What the look-up of a loop makes of its rendered terms: the items.
    fn looked_up(
        &self,
        frame: &Inherited,
        repeat: &Loop,
        terms: Value,
    ) -> Result<Vec<Value>, Unresolved> {
        let at = &repeat.items.at;
        let wrong = |why: String| {
            Unresolved::Failed(
                Failure::new(
                    "a loop without a list",
                    format!("`{}` {why}.", keyword(repeat)),
                )
                .at(at),
            )
        };
        let Some(lookup) = LoopLookup::named(&repeat.lookup) else {
            return Err(wrong(format!(
                "uses the look-up `{}`, which is not known",
                repeat.lookup
            )));
        };
        match lookup {
            LoopLookup::Loop => match terms {
                Value::Array(items) => Ok(items),
                other => Err(wrong(format!("takes a list, but here is {}", kind(&other)))),
            },
            LoopLookup::Items => Ok(flat(terms, 2)),
            LoopLookup::List => Ok(list(terms)),
            LoopLookup::Flattened => Ok(flat(terms, usize::MAX)),
            LoopLookup::Dict => pairs(terms).ok_or_else(|| wrong("takes a mapping".into())),
            LoopLookup::Nested => nested(list(terms)).map_err(wrong),
            LoopLookup::Together => together(list(terms)).map_err(wrong),
            LoopLookup::Subelements => subelements(terms).map_err(wrong),
            LoopLookup::IndexedItems => Ok(flat(terms, 2)
                .into_iter()
                .enumerate()
                .map(|(index, item)| Value::Array(vec![index.into(), item]))
                .collect()),
            LoopLookup::Sequence => sequence(terms).map_err(wrong),
            LoopLookup::FirstFound => self.first_found(frame, terms).map_err(wrong),
            LoopLookup::FileGlob => self.fileglob(frame, terms).map_err(wrong),
        }
    }

    /// The first of some files that is there, as a list of one.
    fn first_found(&self, frame: &Inherited, terms: Value) -> Result<Vec<Value>, String> {
        let mut candidates = Vec::new();
        let mut skip = false;
        for term in list(terms) {
            match term {
                Value::Object(asked) => {
                    skip |= asked.get("skip").is_some_and(|skip| {
                        matches!(skip, Value::Bool(true))
                            || skip
                                .as_str()
                                .is_some_and(|skip| skip == "true" || skip == "yes")
                    });
                    let files = words(asked.get("files"), &[',', ';']);
                    let paths = words(asked.get("paths"), &[',', ';', ':']);
                    for path in &paths {
                        candidates.extend(files.iter().map(|file| format!("{path}/{file}")));
                    }
                    if paths.is_empty() {
                        candidates.extend(files);
                    }
                }
                Value::String(file) => candidates.push(file),
                other => {
                    return Err(format!(
                        "takes names of files, but here is {}",
                        kind(&other)
                    ));
                }
            }
        }
        let search_path = self.search_path(frame);
        for candidate in &candidates {
            for folder in SearchPath::KINDS {
                if let Some(found) = search_path
                    .find(folder, candidate)
                    .map_err(|failure| failure.why.clone())?
                {
                    return Ok(vec![Value::String(search_path.whole(&found))]);
                }
            }
        }
        if skip {
            Ok(Vec::new())
        } else {
            Err(format!("found none of {}", candidates.join(", ")))
        }
    }

    fn fileglob(&self, frame: &Inherited, terms: Value) -> Result<Vec<Value>, String> {
        let Base::Folder(base) = &self.walk.playbook.base else {
            return Err("reads folders, which a shipped playbook has not".into());
        };
        let mut found = Vec::new();
        for term in list(terms) {
            let Value::String(pattern) = term else {
                continue;
            };
            let (parent, name) = match pattern.rsplit_once('/') {
                Some((parent, name)) => (format!("{parent}/"), name),
                None => (String::new(), &*pattern),
            };
            let folders = self.search_path(frame).paths("files", &parent);
            let mut here: Vec<String> = folders
                .iter()
                .find_map(|folder| std::fs::read_dir(base.join(folder)).ok())
                .into_iter()
                .flatten()
                .filter_map(|entry| entry.ok())
                .filter(|entry| entry.path().is_file())
                .filter(|entry| {
                    let file = entry.file_name();
                    file.to_str().is_some_and(|file| fits(name, file))
                })
                .map(|entry| entry.path().display().to_string())
                .collect();
            here.sort();
            found.extend(here.into_iter().map(Value::String));
        }
        Ok(found)
    }
}

fn keyword(repeat: &Loop) -> String {
    match repeat.lookup.as_str() {
        "loop" => "loop".to_owned(),
        lookup => format!("with_{lookup}"),
    }
}

fn words(value: Option<&Value>, between: &[char]) -> Vec<String> {
    match value {
        Some(Value::String(text)) => text
            .split(between)
            .map(|word| word.trim().to_owned())
            .filter(|word| !word.is_empty())
            .collect(),
        Some(Value::Array(items)) => items
            .iter()
            .filter_map(|item| item.as_str().map(str::to_owned))
            .collect(),
        _ => Vec::new(),
    }
}
