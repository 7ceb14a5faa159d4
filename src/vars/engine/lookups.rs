//! Functions of templates: `lookup`, `query`, `now`.

use minijinja::{
    Environment, Error, State,
    value::{Rest, Value as Jinja, ValueKind, ValueOrKwargs},
};

use super::{
    arguments::{bind, defined, items},
    convert,
    evaluation::{Evaluation, of},
    mistake::wrong,
    python::text,
};
use crate::{
    model::{
        Map, Value,
        secrecy::{is_common, is_secret},
    },
    vars::{FoundFile, SearchPath, Secrecy, Style},
};

/// The look-ups there are.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lookup {
    /// Variables of this program's own environment.
    Env,
    /// Texts of files.
    File,
    /// Template files, rendered.
    Template,
    /// The first of some files that is there.
    FirstFound,
    /// Variables by their names.
    Vars,
    /// The items of lists.
    Items,
    /// The entries of mappings, as `key` and `value`.
    Dict,
    /// Its arguments.
    List,
    /// The items of lists, each behind its index.
    IndexedItems,
}

/// The look-ups by their names.
const NAMED: &[(&str, Lookup)] = &[
    ("env", Lookup::Env),
    ("file", Lookup::File),
    ("template", Lookup::Template),
    ("first_found", Lookup::FirstFound),
    ("vars", Lookup::Vars),
    ("items", Lookup::Items),
    ("dict", Lookup::Dict),
    ("list", Lookup::List),
    ("indexed_items", Lookup::IndexedItems),
];

impl Lookup {
    fn named(name: &str) -> Option<Self> {
        NAMED
            .iter()
            .find(|(known, _)| *known == name)
            .map(|(_, lookup)| *lookup)
    }

    /// Whether what it found stays a list, where others join it to one text.
    fn gives_a_list(self) -> bool {
        match self {
            Self::Dict
            | Self::Items
            | Self::List
            | Self::IndexedItems
            | Self::FirstFound
            | Self::Vars => true,
            Self::Env | Self::File | Self::Template => false,
        }
    }
}

/// Whether there is a look-up of this name.
pub(super) fn is_known(name: &str) -> bool {
    Lookup::named(name).is_some()
}

pub(super) fn register(environment: &mut Environment<'static>) {
    environment.add_function(
        "lookup",
        |state: &mut State, values: Rest<ValueOrKwargs>| {
            let (found, options) = look_up(state, values)?;
            let list = options.list;
            Ok::<_, Error>(match found.len() {
                _ if list => Jinja::from(found),
                1 => found.into_iter().next().unwrap_or(Jinja::UNDEFINED),
                _ if options.lookup.gives_a_list() => Jinja::from(found),
                _ => {
                    let texts = found.iter().map(text).collect::<Result<Vec<_>, _>>()?;
                    Jinja::from(texts.join(","))
                }
            })
        },
    );
    for name in ["query", "q"] {
        environment.add_function(name, |state: &mut State, values: Rest<ValueOrKwargs>| {
            look_up(state, values).map(|(found, _)| Jinja::from(found))
        });
    }
    environment.add_function("now", now);
}

/// What was asked of a look-up.
struct Asked {
    lookup: Lookup,
    /// `wantlist`: a list, whatever was found.
    list: bool,
}

fn look_up(
    state: &mut State<'_, '_>,
    values: Rest<ValueOrKwargs>,
) -> Result<(Vec<Jinja>, Asked), Error> {
    let mut values: Vec<Jinja> = values.0.into_iter().map(Jinja::from).collect();
    let options = match values.last() {
        Some(last) if last.is_kwargs() => values.pop(),
        _ => None,
    };
    let mut values = values.into_iter();
    let name = text(
        &values
            .next()
            .ok_or_else(|| wrong("`lookup` needs a name"))?,
    )?;
    let name = name.rsplit('.').next().unwrap_or_default().to_owned();
    let terms: Vec<Jinja> = values.collect();
    for term in &terms {
        defined(term)?;
    }
    let option = |name: &str| {
        options
            .as_ref()
            .and_then(|options| options.get_attr(name).ok())
            .filter(|value| !value.is_undefined())
    };
    let list = option("wantlist").is_some_and(|list| list.is_true());
    let quiet = option("errors").is_some_and(|e| e.as_str() == Some("ignore"));
    let Some(lookup) = Lookup::named(&name) else {
        let names: Vec<&str> = NAMED.iter().map(|(name, _)| *name).collect();
        return Err(wrong(format!(
            "there is no look-up `{name}` here; there are {}",
            names.join(", ")
        )));
    };
    let found = match lookup {
        Lookup::Env => terms
            .iter()
            .map(|term| {
                let name = text(term)?;
                Ok(match std::env::var(&name) {
                    Ok(value) => match (is_secret(&name) && !is_common(&value), of(state)) {
                        (true, Some(now)) => now.hidden(&value.into(), &Secrecy::Secret),
                        _ => Jinja::from(value),
                    },
                    Err(_) => option("default").unwrap_or_else(|| Jinja::from("")),
                })
            })
            .collect::<Result<Vec<_>, Error>>()?,
        Lookup::File | Lookup::Template => {
            let mut out = Vec::new();
            for term in &terms {
                let path = text(term)?;
                let found = match lookup {
                    Lookup::File => file(state, &path, option("lstrip"), option("rstrip"))?,
                    _ => template(state, &path, options.as_ref())?,
                };
                match found {
                    Some(content) => out.push(content),
                    None if quiet => {}
                    None => {
                        let place = match path.starts_with(['/', '~']) {
                            true => "on this machine",
                            false => "beside the playbook",
                        };
                        return Err(wrong(format!("there is no file `{path}` {place}")));
                    }
                }
            }
            out
        }
        Lookup::FirstFound => first_found(
            state,
            &terms,
            option("files"),
            option("paths"),
            quiet || option("skip").is_some_and(|skip| skip.is_true()),
        )?,
        Lookup::Vars => terms
            .iter()
            .map(|term| {
                let name = text(term)?;
                let value = state.lookup(&name).or_else(|| option("default"));
                value.ok_or_else(|| minijinja::ErrorKind::UndefinedError.into())
            })
            .collect::<Result<Vec<_>, Error>>()?,
        Lookup::Items => {
            let mut out = Vec::new();
            for term in &terms {
                if matches!(term.kind(), ValueKind::Seq | ValueKind::Iterable) {
                    out.extend(items(term)?);
                } else {
                    out.push(term.clone());
                }
            }
            out
        }
        Lookup::List => terms,
        Lookup::Dict => {
            let mut out = Vec::new();
            for term in &terms {
                for key in items(term)? {
                    let value = term.get_item(&key)?;
                    out.push(Jinja::from_pairs([("key", key), ("value", value)]));
                }
            }
            out
        }
        Lookup::IndexedItems => {
            let mut out = Vec::new();
            for term in &terms {
                for item in items(term)? {
                    out.push(Jinja::from(vec![Jinja::from(out.len()), item]));
                }
            }
            out
        }
    };
    Ok((found, Asked { lookup, list }))
}

/// A file's text, without the blanks at its end unless they are asked for.
fn file(
    state: &State<'_, '_>,
    path: &str,
    lstrip: Option<Jinja>,
    rstrip: Option<Jinja>,
) -> Result<Option<Jinja>, Error> {
    let evaluation = of(state).ok_or_else(|| wrong("files cannot be read here"))?;
    let Some((_, text)) = evaluation.find_file("files", path)? else {
        return Ok(None);
    };
    let mut text = text.as_str();
    if lstrip.is_some_and(|strip| strip.is_true()) {
        text = text.trim_start();
    }
    if rstrip.is_none_or(|strip| strip.is_true()) {
        text = text.trim_end();
    }
    Ok(Some(Jinja::from(text)))
}

/// A template file, rendered in the style that the options ask for, with the names they add.
fn template(
    state: &State<'_, '_>,
    path: &str,
    options: Option<&Jinja>,
) -> Result<Option<Jinja>, Error> {
    let evaluation = of(state).ok_or_else(|| wrong("files cannot be read here"))?;
    let Some((path, text)) = evaluation.find_file("templates", path)? else {
        return Ok(None);
    };
    let mut style = Style::default();
    let mut names = Map::new();
    for key in options.map(items).transpose()?.unwrap_or_default() {
        let name = key.as_str().unwrap_or_default();
        let value = match options.map(|options| options.get_item(&key)) {
            Some(value) => convert::whole(&value?)?,
            None => continue,
        };
        match (name, value) {
            ("template_vars", Value::Object(vars)) => names = vars,
            ("template_vars", _) => return Err(wrong("`template_vars` is a mapping")),
            // Only the module writes a file, and only it knows these.
            ("newline_sequence" | "output_encoding" | "lstrip_blocks", _) => {
                return Err(wrong(format!("the look-up `template` has no `{name}`")));
            }
            (name, value) => {
                style.set(name, &value).map_err(wrong)?;
            }
        }
    }
    let style = style.validated().map_err(wrong)?;
    let folder = path.rsplit_once('/').map_or("", |(folder, _)| folder);
    let inner = evaluation.with(names);
    let given = inner.file_value(&text, folder, &style);
    evaluation.inherit_failure(&inner, given).map(Some)
}

fn first_found(
    state: &mut State<'_, '_>,
    terms: &[Jinja],
    files: Option<Jinja>,
    paths: Option<Jinja>,
    mut skip: bool,
) -> Result<Vec<Jinja>, Error> {
    let evaluation = of(state).ok_or_else(|| wrong("files cannot be looked for here"))?;
    let list = |value: Option<Jinja>, between: &[char]| -> Result<Vec<String>, Error> {
        match value {
            None => Ok(Vec::new()),
            Some(value) if value.as_str().is_some() => {
                let whole = text(&value)?;
                let parts = whole.split(between).map(str::trim);
                let parts = parts.filter(|part| !part.is_empty());
                Ok(parts.map(str::to_owned).collect())
            }
            Some(value) => items(&value)?.iter().map(text).collect(),
        }
    };
    let (of_files, of_paths) = (&[',', ';'][..], &[',', ';', ':'][..]);
    let mut names = list(files, of_files)?;
    let mut folders = list(paths, of_paths)?;
    let mut given = Vec::new();
    for term in terms {
        if matches!(term.kind(), ValueKind::Seq | ValueKind::Iterable) {
            given.extend(items(term)?);
        } else {
            given.push(term.clone());
        }
    }
    for term in given {
        if term.kind() == ValueKind::Map {
            let part = |name: &str| term.get_attr(name).ok().filter(|v| !v.is_undefined());
            names.extend(list(part("files"), of_files)?);
            folders.extend(list(part("paths"), of_paths)?);
            skip |= part("skip").is_some_and(|skip| skip.is_true());
        } else {
            names.push(text(&term)?);
        }
    }
    if folders.is_empty() {
        folders.push(String::new());
    }
    for folder in &folders {
        for name in &names {
            let path = match folder.as_str() {
                "" => name.clone(),
                folder => format!("{}/{name}", folder.trim_end_matches('/')),
            };
            for kind in SearchPath::KINDS {
                if let Some(found) = evaluation.found(kind, &path)? {
                    return Ok(vec![Jinja::from(evaluation.search_path.whole(&found))]);
                }
            }
        }
    }
    if skip {
        return Ok(Vec::new());
    }
    Err(wrong(format!(
        "none of these files is there: {}",
        names.join(", ")
    )))
}

/// `now(utc, fmt)`: the time on this machine, as text.
fn now(values: Rest<ValueOrKwargs>) -> Result<Jinja, Error> {
    let values: Vec<Jinja> = values.0.into_iter().map(Jinja::from).collect();
    let [utc, format] = bind(&values, ["utc", "fmt"])?;
    let time = jiff::Zoned::now();
    let time = if utc.is_some_and(|utc| utc.is_true()) {
        time.with_time_zone(jiff::tz::TimeZone::UTC)
    } else {
        time
    };
    let format = format.map_or(Ok("%Y-%m-%d %H:%M:%S%.6f".to_owned()), |f| text(&f))?;
    jiff::fmt::strtime::format(&format, &time)
        .map(Jinja::from)
        .map_err(|error| wrong(format!("the format `{format}` cannot be used: {error}")))
}

impl Evaluation {
    /// The text of a file on this machine with its path.
    fn found(&self, kind: &str, name: &str) -> Result<Option<FoundFile>, Error> {
        let found = self.search_path.find(kind, name);
        found.map_err(|failure| wrong(convert::failure_text(&failure)))
    }

    fn find_file(&self, kind: &str, name: &str) -> Result<Option<(String, String)>, Error> {
        let Some(FoundFile { path, bytes }) = self.found(kind, name)? else {
            return Ok(None);
        };
        let text = String::from_utf8(bytes);
        let text = text.map_err(|_| wrong(format!("`{path}` is not text in UTF-8")))?;
        Ok(Some((path, text)))
    }
}
