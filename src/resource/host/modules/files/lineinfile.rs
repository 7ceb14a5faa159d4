//! `lineinfile`: one line of a file.

use async_trait::async_trait;
use fancy_regex::Regex;
use serde_json::json;

use crate::model::{Change, Failure, Probe, escaped};
use crate::resource::Resource;

use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;
use crate::resource::host::managed_file::FileSeen;
use crate::resource::host::python_regex::{self, expand, is_match};
use crate::resource::host::text_file::{TextFile, edit_arguments, without_line_end};

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
    // A block of YAML ends in a newline, which the line has anyway.
    let line = arguments
        .text(&["line", "value"])?
        .map(|line| escaped::text(line.strip_suffix('\n').unwrap_or(&line).as_bytes()));
    let search = match (
        arguments.text(&["regexp", "regex"])?,
        arguments.text(&["search_string"])?,
    ) {
        (Some(regexp), _) => Some(Search::Regex(python_regex::read(
            arguments, "regexp", &regexp,
        )?)),
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
        (Some(after), _) => Spot::After(python_regex::read(arguments, "insertafter", after)?),
        (None, Some(before)) => {
            Spot::Before(python_regex::read(arguments, "insertbefore", before)?)
        }
    })
}

#[async_trait]
impl Resource for LineInFile {
    type Observed = FileSeen;

    async fn observe(&self, world: &dyn Probe) -> Result<FileSeen, Failure> {
        self.file.observe(world).await
    }

    fn plan(&self, seen: &FileSeen) -> Result<Change, Failure> {
        let change = self.file.plan(seen, |text| self.edit.apply(text))?;
        let replaced = seen.content.as_ref().is_some_and(|content| {
            let text = escaped::text(content.bytes());
            let lines = crate::resource::host::text_file::lines(&text);
            self.edit.searched(&lines).is_some()
        });
        let message = match (change.is_none(), self.edit.present) {
            (true, _) => "",
            (false, true) if replaced => "line replaced",
            (false, true) => "line added",
            (false, false) => "line removed",
        };
        Ok(change.result(json!({ "msg": message })))
    }
}

impl Edit {
    /// As Ansible edits: a line that is replaced or added ends in a newline, every other one keeps the end it has.
    fn apply(&self, text: &str) -> String {
        let mut lines = crate::resource::host::text_file::lines(text);
        match (&self.line, self.present) {
            (Some(line), true) => self.inserted(lines, line),
            (Some(line), false) if self.search.is_none() => {
                let wanted: Vec<&str> = line.split('\n').collect();
                loop {
                    let at = standing(&lines, &wanted).next();
                    let Some(at) = at else { break };
                    lines.drain(at..at + wanted.len());
                }
                lines.concat()
            }
            _ => {
                lines.retain(|line| {
                    !self
                        .search
                        .as_ref()
                        .is_some_and(|search| search.finds(line))
                });
                lines.concat()
            }
        }
    }

    fn inserted(&self, lines: Vec<&str>, line: &str) -> String {
        let mut new = line.to_owned();
        let found = self.searched(&lines);
        if let (Some(at), Some(Search::Regex(regex)), true) = (found, &self.search, self.backrefs)
            && let Ok(Some(captures)) = regex.captures(lines[at])
        {
            new = expand(line, &captures);
        }
        crate::resource::host::text_file::end_last_line(&mut new);
        let wanted: Vec<&str> = without_line_end(&new).split('\n').collect();
        // Several lines are there where they stand one after another.
        if wanted.len() > 1
            && standing(&lines, &wanted)
                .any(|at| found.is_none_or(|found| (at..at + wanted.len()).contains(&found)))
        {
            return lines.concat();
        }
        let mut lines = lines;
        if let Some(at) = found {
            lines[at] = &new;
            return lines.concat();
        }
        let (exact, spot) = self.looked(&lines, line);
        let end = lines.len();
        match (exact, &self.spot, spot) {
            (Some(at), ..) => lines[at] = &new,
            // Without a match there is nothing to take the groups from.
            _ if self.backrefs => {}
            (None, Spot::Start, _) => lines.insert(0, &new),
            (None, Spot::After(_), Some(at))
                if lines
                    .get(at)
                    .is_some_and(|next| without_line_end(next) == line) => {}
            (None, Spot::After(_) | Spot::Before(_), Some(at)) if at < end => {
                lines.insert(at, &new)
            }
            (None, ..) => {
                let mut text = lines.concat();
                crate::resource::host::text_file::end_last_line(&mut text);
                return text + &new;
            }
        }
        lines.concat()
    }

    /// Where the line stands already, and where it would go. The first match of a spot ends the search where that is
    /// asked for.
    fn looked(&self, lines: &[&str], line: &str) -> (Option<usize>, Option<usize>) {
        let (mut exact, mut spot) = (None, None);
        for (at, known) in lines.iter().enumerate() {
            if without_line_end(known) == line {
                exact = Some(at);
                continue;
            }
            match &self.spot {
                Spot::After(regex) if is_match(regex, known) => spot = Some(at + 1),
                Spot::Before(regex) if is_match(regex, known) => spot = Some(at),
                _ => continue,
            }
            if self.first {
                break;
            }
        }
        (exact, spot)
    }

    /// The last line that is meant, unless the first one was asked for.
    fn searched(&self, lines: &[&str]) -> Option<usize> {
        let search = self.search.as_ref()?;
        if self.first {
            lines.iter().position(|line| search.finds(line))
        } else {
            lines.iter().rposition(|line| search.finds(line))
        }
    }
}

/// Where these lines stand one after another.
fn standing<'a>(lines: &'a [&str], wanted: &'a [&str]) -> impl Iterator<Item = usize> + 'a {
    let there = |some: &[&str]| {
        some.iter()
            .map(|line| without_line_end(line))
            .eq(wanted.iter().copied())
    };
    lines
        .windows(wanted.len())
        .enumerate()
        .filter(move |(_, some)| there(some))
        .map(|(at, _)| at)
}

impl Search {
    fn finds(&self, line: &str) -> bool {
        match self {
            Search::Regex(regex) => is_match(regex, line),
            Search::Text(text) => line.contains(text.as_str()),
        }
    }
}
