//! `blockinfile`: some lines of a file between two marks.

use async_trait::async_trait;
use fancy_regex::Regex;
use serde_json::json;

use crate::model::{Change, Failure, Probe};
use crate::resource::Resource;

use super::Context;
use super::arguments::Arguments;
use super::edit::{TextFile, edit_arguments, joined, lines};
use super::lineinfile::{matches, pattern};
use super::place::Seen;

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
    let mark = |word: Option<String>, default: &str| {
        marker.replace("{mark}", word.as_deref().unwrap_or(default))
    };
    let begin = mark(arguments.text(&["marker_begin"])?, "BEGIN");
    let end = mark(arguments.text(&["marker_end"])?, "END");
    if begin == end {
        return Err(arguments.wrong("both marks are the same: `marker` must hold {mark}"));
    }
    let after = arguments.text(&["insertafter"])?;
    let before = arguments.text(&["insertbefore"])?;
    let spot = match (after.as_deref(), before.as_deref()) {
        (_, Some("BOF")) => Spot::Start,
        (None | Some("EOF"), None) => Spot::End,
        (Some(after), _) => Spot::After(pattern(arguments, "insertafter", after)?),
        (None, Some(before)) => Spot::Before(pattern(arguments, "insertbefore", before)?),
    };
    let create = arguments.flag(&["create"], false)? || !present;
    Ok(BlockInFile {
        file: TextFile::read(arguments, context, create)?,
        block: if present { block } else { String::new() },
        begin,
        end,
        spot,
        spaced: (
            arguments.flag(&["prepend_newline"], false)?,
            arguments.flag(&["append_newline"], false)?,
        ),
    })
}

#[async_trait]
impl Resource for BlockInFile {
    type Observed = Seen;

    async fn observe(&self, world: &dyn Probe) -> Result<Seen, Failure> {
        self.file.observe(world).await
    }

    fn plan(&self, seen: &Seen) -> Result<Change, Failure> {
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
    fn edited(&self, text: &str) -> String {
        let mut all: Vec<&str> = lines(text);
        let begin = all.iter().rposition(|line| *line == self.begin);
        let end = all.iter().rposition(|line| *line == self.end);
        let at = match (begin, end) {
            (Some(begin), Some(end)) => {
                let (first, last) = (begin.min(end), begin.max(end));
                all.drain(first..=last);
                first
            }
            _ => self.spot(&all),
        };
        if !self.block.is_empty() {
            let mut block = vec![self.begin.as_str()];
            block.extend(self.block.lines());
            block.push(&self.end);
            if self.spaced.1 && all.get(at).is_some_and(|line| !line.is_empty()) {
                block.push("");
            }
            if self.spaced.0 && at > 0 && !all[at - 1].is_empty() {
                block.insert(0, "");
            }
            all.splice(at..at, block);
        }
        if all == lines(text) {
            return text.to_owned();
        }
        joined(&all, text)
    }

    fn spot(&self, all: &[&str]) -> usize {
        match &self.spot {
            Spot::Start => 0,
            Spot::End => all.len(),
            Spot::After(regex) => all
                .iter()
                .rposition(|line| matches(regex, line))
                .map_or(all.len(), |at| at + 1),
            Spot::Before(regex) => all
                .iter()
                .rposition(|line| matches(regex, line))
                .unwrap_or(all.len()),
        }
    }
}
