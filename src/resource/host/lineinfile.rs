//! `lineinfile`: one line of a file.

use async_trait::async_trait;
use fancy_regex::Regex;
use serde_json::json;

use crate::model::{Change, Failure, Probe};
use crate::resource::Resource;

use super::Context;
use super::arguments::Arguments;
use super::edit::{TextFile, edit_arguments};
use super::pattern::{expand, python};
use super::place::Seen;

/// The arguments of `lineinfile`.
pub const ARGUMENTS: &[&str] = edit_arguments![
    "line",
    "value",
    "regexp",
    "regex",
    "search_string",
    "state",
    "insertafter",
    "insertbefore",
    "backrefs",
    "create",
    "firstmatch",
];

/// A line that shall be there, or not.
pub struct LineInFile {
    file: TextFile,
    edit: Edit,
}

struct Edit {
    line: Option<String>,
    search: Option<Search>,
    present: bool,
    spot: Spot,
    backrefs: bool,
    first: bool,
}

/// What tells the line that is meant.
enum Search {
    Regex(Regex),
    Text(String),
}

/// Where a line goes that replaces none.
enum Spot {
    Start,
    End,
    After(Regex),
    Before(Regex),
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<LineInFile, Failure> {
    arguments.exclusive("insertafter", "insertbefore")?;
    arguments.exclusive("regexp", "search_string")?;
    let present = arguments.choice(&["state"], &["present", "absent"])? == "present";
    let line = arguments.text(&["line", "value"])?;
    let search = match (
        arguments.text(&["regexp", "regex"])?,
        arguments.text(&["search_string"])?,
    ) {
        (Some(regexp), _) => Some(Search::Regex(pattern(arguments, "regexp", &regexp)?)),
        (None, Some(text)) => Some(Search::Text(text)),
        (None, None) => None,
    };
    let backrefs = arguments.flag(&["backrefs"], false)?;
    if present && line.is_none() {
        return Err(arguments.wrong("`line` is missing"));
    }
    if line.is_none() && search.is_none() {
        return Err(arguments.wrong("one of `line`, `regexp` and `search_string` must be given"));
    }
    if backrefs && !matches!(search, Some(Search::Regex(_))) {
        return Err(arguments.wrong("`backrefs` needs `regexp`"));
    }
    let create = arguments.flag(&["create"], false)? || !present;
    Ok(LineInFile {
        file: TextFile::read(arguments, context, create)?,
        edit: Edit {
            line,
            search,
            present,
            spot: spot(arguments)?,
            backrefs,
            first: arguments.flag(&["firstmatch"], false)?,
        },
    })
}

fn spot(arguments: &Arguments<'_>) -> Result<Spot, Failure> {
    let after = arguments.text(&["insertafter"])?;
    let before = arguments.text(&["insertbefore"])?;
    Ok(match (after.as_deref(), before.as_deref()) {
        (Some("BOF"), _) | (_, Some("BOF")) => Spot::Start,
        (None | Some("EOF"), None) | (_, Some("EOF")) => Spot::End,
        (Some(after), _) => Spot::After(pattern(arguments, "insertafter", after)?),
        (None, Some(before)) => Spot::Before(pattern(arguments, "insertbefore", before)?),
    })
}

/// Reads a regular expression of Python's.
pub fn pattern(arguments: &Arguments<'_>, name: &str, text: &str) -> Result<Regex, Failure> {
    python(text).map_err(|why| arguments.wrong(format!("`{name}` {why}")))
}

#[async_trait]
impl Resource for LineInFile {
    type Observed = Seen;

    async fn observe(&self, world: &dyn Probe) -> Result<Seen, Failure> {
        self.file.observe(world).await
    }

    fn plan(&self, seen: &Seen) -> Result<Change, Failure> {
        let change = self.file.plan(seen, |text| self.edit.apply(text))?;
        let message = match (change.is_none(), self.edit.present) {
            (true, _) => "",
            (false, true) => "line added or replaced",
            (false, false) => "line removed",
        };
        Ok(change.result(json!({ "msg": message })))
    }
}

impl Edit {
    fn apply(&self, text: &str) -> String {
        let mut lines: Vec<String> = super::edit::lines(text)
            .into_iter()
            .map(str::to_owned)
            .collect();
        let before = lines.clone();
        match (&self.line, self.present) {
            (Some(line), true) => self.place(&mut lines, line),
            _ => lines.retain(|line| !self.unwanted(line)),
        }
        if lines == before {
            return text.to_owned();
        }
        super::edit::joined(&lines, text)
    }

    fn unwanted(&self, line: &str) -> bool {
        match &self.search {
            Some(search) => search.finds(line),
            None => self.line.as_deref() == Some(line),
        }
    }

    fn place(&self, lines: &mut Vec<String>, line: &str) {
        if let Some(at) = self.searched(lines) {
            let new = match (&self.search, self.backrefs) {
                (Some(Search::Regex(regex)), true) => match regex.captures(lines[at].as_str()) {
                    Ok(Some(captures)) => expand(line, &captures),
                    _ => line.to_owned(),
                },
                _ => line.to_owned(),
            };
            lines[at] = new;
            return;
        }
        // Without a match there is nothing to take the groups from.
        if self.backrefs || lines.iter().any(|known| known == line) {
            return;
        }
        let at = match &self.spot {
            Spot::Start => 0,
            Spot::End => lines.len(),
            Spot::After(regex) => self
                .found(lines, |known| matches(regex, known))
                .map_or(lines.len(), |at| at + 1),
            Spot::Before(regex) => self
                .found(lines, |known| matches(regex, known))
                .unwrap_or(lines.len()),
        };
        lines.insert(at, line.to_owned());
    }

    fn searched(&self, lines: &[String]) -> Option<usize> {
        let search = self.search.as_ref()?;
        self.found(lines, |line| search.finds(line))
    }

    /// The last one, unless the first one was asked for.
    fn found(&self, lines: &[String], holds: impl Fn(&str) -> bool) -> Option<usize> {
        match self.first {
            true => lines.iter().position(|line| holds(line)),
            false => lines.iter().rposition(|line| holds(line)),
        }
    }
}

impl Search {
    fn finds(&self, line: &str) -> bool {
        match self {
            Search::Regex(regex) => matches(regex, line),
            Search::Text(text) => line.contains(text.as_str()),
        }
    }
}

/// A pattern that runs out of its limits finds nothing.
pub fn matches(regex: &Regex, line: &str) -> bool {
    regex.is_match(line).unwrap_or(false)
}
