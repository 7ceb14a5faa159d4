//! `blockinfile`: some lines of a file between two marks.

use async_trait::async_trait;
use fancy_regex::Regex;
use serde_json::json;

use crate::model::{Change, Failure, Probe, escaped};
use crate::resource::Resource;

use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;
use crate::resource::host::managed_file::FileSeen;
use crate::resource::host::python_regex::{self, is_match, is_multiline};
use crate::resource::host::text_file::{TextFile, edit_arguments, end_last_line, lines};

/// The arguments of `blockinfile`.
pub const ARGUMENTS: &[&str] = edit_arguments![
    "block",
    "content",
    "state",
    "marker",
    "marker_begin",
    "marker_end",
    "insertafter",
    "insertbefore",
    "create",
    "append_newline",
    "prepend_newline",
];

/// Lines between two marks.
pub struct BlockInFile {
    file: TextFile,
    block: String,
    begin: String,
    end: String,
    spot: Spot,
    /// An empty line before and after.
    spaced: (bool, bool),
}

enum Spot {
    Start,
    End,
    After(Regex),
    Before(Regex),
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, context: &Context) -> Result<BlockInFile, Failure> {
    arguments.exclusive("insertafter", "insertbefore")?;
    let present = arguments.choice(&["state"], &["present", "absent"])? == "present";
    let block = arguments.text(&["block", "content"])?.unwrap_or_default();
    let marker = arguments
        .text(&["marker"])?
        .unwrap_or_else(|| "# {mark} ANSIBLE MANAGED BLOCK".to_owned());
    // A block of YAML ends in a newline, which the mark's line has anyway.
    let marker = marker.strip_suffix('\n').unwrap_or(&marker);
    if marker.contains('\n') {
        return Err(arguments.wrong("`marker` is one line").help(
            "A mark of several lines would never be found again, and the block be added each time.",
        ));
    }
    let mark = |word: Option<String>, default: &str| {
        let mark = marker.replace("{mark}", word.as_deref().unwrap_or(default));
        escaped::text(mark.as_bytes()) + "\n"
    };
    let begin = mark(arguments.text(&["marker_begin"])?, "BEGIN");
    let end = mark(arguments.text(&["marker_end"])?, "END");
    if begin.trim_end_matches('\n').contains('\n') || end.trim_end_matches('\n').contains('\n') {
        return Err(arguments.wrong("`marker_begin` and `marker_end` are words in one line"));
    }
    if begin == end {
        return Err(arguments.wrong("both marks are the same: `marker` must hold {mark}"));
    }
    let after = arguments.text(&["insertafter"])?;
    let before = arguments.text(&["insertbefore"])?;
    let spot = match (after.as_deref(), before.as_deref()) {
        (_, Some("BOF")) => Spot::Start,
        (None | Some("EOF"), None) => Spot::End,
        (Some(after), _) => Spot::After(python_regex::read(arguments, "insertafter", after)?),
        (None, Some(before)) => {
            Spot::Before(python_regex::read(arguments, "insertbefore", before)?)
        }
    };
    let create = arguments.flag(&["create"], false)? || !present;
    Ok(BlockInFile {
        file: TextFile::read(arguments, context, create)?,
        block: if present {
            escaped::text(block.as_bytes())
        } else {
            String::new()
        },
        begin,
        end,
        spot,
        spaced: (
            present && arguments.flag(&["prepend_newline"], false)?,
            present && arguments.flag(&["append_newline"], false)?,
        ),
    })
}

#[async_trait]
impl Resource for BlockInFile {
    type Observed = FileSeen;

    async fn observe(&self, world: &dyn Probe) -> Result<FileSeen, Failure> {
        self.file.observe(world).await
    }

    fn plan(&self, seen: &FileSeen) -> Result<Change, Failure> {
        let change = self.file.plan(seen, |text| self.edited(text))?;
        let message = match (change.is_none(), self.block.is_empty()) {
            (true, _) => "",
            (false, true) => "Block removed",
            (false, false) => "Block inserted",
        };
        Ok(change.result(json!({ "msg": message })))
    }
}

impl BlockInFile {
    /// As Ansible edits: marks and block end their lines by newlines, every other line keeps the end it has.
    fn edited(&self, text: &str) -> String {
        let mut all = lines(text);
        let begin = all.iter().rposition(|line| *line == self.begin);
        let end = all.iter().rposition(|line| *line == self.end);
        let at = match (begin, end) {
            (Some(begin), Some(end)) => {
                let (first, last) = (begin.min(end), begin.max(end));
                all.drain(first..=last);
                first
            }
            _ => self.spot(&all, text),
        };
        let mut before = all[..at].concat();
        end_last_line(&mut before);
        let after = &all[at..];
        if self.spaced.0 && at > 0 && all[at - 1] != "\n" {
            before.push('\n');
        }
        if !self.block.is_empty() {
            before.extend([self.begin.as_str(), &self.block]);
            end_last_line(&mut before);
            before.push_str(&self.end);
        }
        if self.spaced.1 && after.first().is_some_and(|line| *line != "\n") {
            before.push('\n');
        }
        before + &after.concat()
    }

    fn spot(&self, all: &[&str], text: &str) -> usize {
        let (regex, past) = match &self.spot {
            Spot::Start => return 0,
            Spot::End => return all.len(),
            Spot::After(regex) => (regex, 1),
            Spot::Before(regex) => (regex, 0),
        };
        let found = if is_multiline(regex.as_str()) {
            // Such an expression may reach over lines; the one is meant in which it ends, or begins.
            regex.find(text).ok().flatten().map(|found| {
                let edge = if past == 1 {
                    found.end()
                } else {
                    found.start()
                };
                text[..edge].matches('\n').count()
            })
        } else {
            all.iter().rposition(|line| is_match(regex, line))
        };
        found.map_or(all.len(), |at| (at + past).min(all.len()))
    }
}
