//! What a run meant to do and what came of it, so that a run that was cut can be spoken of.

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::records::Records;
use super::{Condition, Holder, Key, run};
use crate::model::{Address, Event, Failure, Printed, visible};

/// The journal of one run, a JSON object a line. Every line is durable when its write returns.
///
/// While the run is at work it is a log named `<run>.open.jsonl`; when it has ended, one record named `<run>.jsonl`.
pub struct Journal {
    records: Records,
    run: String,
    open: Key,
    written: Mutex<u64>,
    /// How many bytes of what programs printed may still be kept.
    room: Mutex<usize>,
}

/// What is kept of each stream of a failed program, and of all of them in a run: a journal is read whole, in seconds.
const STREAM: usize = 1 << 20;
const PRINTED: usize = 16 << 20;

/// A step that was begun and of whose end nothing is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intent {
    /// The node.
    pub address: String,
    /// The task within a host's node.
    pub task: Option<String>,
    /// When it was begun.
    pub at: String,
}

/// A run that was cut.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnfinishedRun {
    /// Its run.
    pub run: String,
    /// What it was doing, for example `apply`; empty when not even that was written.
    pub purpose: String,
    /// Who ran it.
    pub by: String,
    /// When it began.
    pub at: String,
    /// What it was in the middle of: done, half done or not done.
    pub intents: Vec<Intent>,
}

/// The words of a line that say how a run ended.
#[derive(Default, Deserialize)]
#[serde(default)]
struct Read {
    event: String,
    at: String,
    address: String,
    task: Option<String>,
    purpose: String,
    by: String,
}

#[derive(Serialize)]
struct Line<'a, T: Serialize> {
    at: String,
    #[serde(flatten)]
    what: &'a T,
}

#[derive(Serialize)]
#[serde(tag = "event", rename_all = "snake_case")]
enum Frame<'a> {
    Began { purpose: &'a str, by: String },
    Ended { outcome: &'a str },
    Settled { note: &'a str },
    Printed(Output<'a>),
}

#[derive(Serialize)]
struct Output<'a> {
    address: &'a Address,
    task: &'a str,
    whole: bool,
    #[serde(flatten)]
    printed: &'a Printed,
}

impl Journal {
    pub(super) async fn begin(records: Records, run: &str, purpose: &str) -> Result<Self, Failure> {
        let journal = Self {
            open: open(&records, run)?,
            records,
            run: run.to_owned(),
            written: Mutex::new(0),
            room: Mutex::new(PRINTED),
        };
        let by = Holder::this_process(purpose, run, 0).to_string();
        journal.line(&Frame::Began { purpose, by }).await?;
        Ok(journal)
    }

    /// Writes an event. [`Event::Acting`] is to be written before its step is begun, its outcome afterwards.
    pub async fn write(&self, event: &Event) -> Result<(), Failure> {
        self.line(event).await
    }

    /// Keeps what a program printed before it failed, and says whether that is all of it: of a long stream the beginning
    /// and the end stay, and of a run that has kept very much already the exit code.
    pub async fn keep(
        &self,
        address: &Address,
        task: &str,
        printed: &Printed,
    ) -> Result<bool, Failure> {
        let framed = |printed: &Printed, whole| {
            line(&Frame::Printed(Output {
                address,
                task,
                whole,
                printed,
            }))
        };
        let (kept, mut whole) = printed.within(STREAM);
        let mut text = framed(&kept, whole)?;
        let mut room = self.room.lock().await;
        match room.checked_sub(text.len()) {
            Some(rest) => *room = rest,
            None => {
                whole = false;
                let left_out = "… left out: this run's failed commands have printed too much …";
                text = framed(&printed.map(|_| left_out.to_owned()), whole)?;
            }
        }
        self.put(&text).await?;
        Ok(whole)
    }

    /// Where the record is when the run has ended, as a user finds it.
    pub fn location(&self) -> Result<String, Failure> {
        Ok(self
            .records
            .store()
            .location(&sealed(&self.records, &self.run)?))
    }

    /// Closes the journal of a run that ended by itself, well or badly, with one word on how.
    pub async fn end(self, outcome: &str) -> Result<(), Failure> {
        self.line(&Frame::Ended { outcome }).await?;
        seal(&self.records, &self.run, &self.open, Vec::new()).await
    }

    async fn line(&self, what: &impl Serialize) -> Result<(), Failure> {
        self.put(&line(what)?).await
    }

    async fn put(&self, line: &[u8]) -> Result<(), Failure> {
        // Held during the write: a log has one writer, and its lines keep their order.
        let mut written = self.written.lock().await;
        self.records
            .store()
            .append(&self.open, *written, line)
            .await?;
        *written += 1;
        Ok(())
    }
}

/// The runs that were cut, oldest first. The run that is at work, if any, is not one of them.
pub(super) async fn unfinished(
    records: &Records,
    at_work: Option<&str>,
) -> Result<Vec<UnfinishedRun>, Failure> {
    let mut runs: Vec<String> = Vec::new();
    let folder = records.key(&["journal"])?;
    for key in records.store().list(&folder).await? {
        let Some(log) = log_of(&folder, &key)? else {
            continue;
        };
        if let Some(run) = log.name().strip_suffix(OPEN)
            && at_work != Some(run)
            && !runs.iter().any(|known| known == run)
        {
            runs.push(run.to_owned());
        }
    }
    let mut cuts = Vec::new();
    for run in runs {
        if let Some(log) = records.store().read_log(&open(records, &run)?).await?
            && let Some(cut) = read(&run, &log)
        {
            cuts.push(cut);
        }
    }
    Ok(cuts)
}

/// Turns a cut run's log into the record of a run that has ended.
pub(super) async fn settle(
    records: &Records,
    cut: &UnfinishedRun,
    note: &str,
) -> Result<(), Failure> {
    let last = line(&Frame::Settled { note })?;
    seal(records, &cut.run, &open(records, &cut.run)?, last).await
}

pub(super) const OPEN: &str = ".open.jsonl";

/// The log that a key in the journals' folder is, or is a piece of.
pub(super) fn log_of(folder: &Key, key: &Key) -> Result<Option<Key>, Failure> {
    let rest = key.as_str().strip_prefix(folder.as_str());
    let name = rest.and_then(|rest| rest.trim_start_matches('/').split('/').next());
    name.filter(|name| !name.is_empty())
        .map(|name| folder.below(name))
        .transpose()
}

fn open(records: &Records, run: &str) -> Result<Key, Failure> {
    records.key(&["journal", &format!("{run}{OPEN}")])
}

fn sealed(records: &Records, run: &str) -> Result<Key, Failure> {
    records.key(&["journal", &format!("{run}.jsonl")])
}

fn line(what: &impl Serialize) -> Result<Vec<u8>, Failure> {
    let line = Line {
        at: run::now(),
        what,
    };
    let text = serde_json::to_string(&line)
        .map_err(|error| Failure::bug(format!("the journal cannot be written: {error}")))?;
    let mut bytes = visible::json(&text).into_owned().into_bytes();
    bytes.push(b'\n');
    Ok(bytes)
}

/// Writes the log as a record, then deletes the log: who is cut in between leaves both, and the log still says `ended`.
async fn seal(records: &Records, run: &str, open: &Key, last: Vec<u8>) -> Result<(), Failure> {
    let mut whole = records.store().read_log(open).await?.unwrap_or_default();
    if !last.is_empty() && !whole.is_empty() && !whole.ends_with(b"\n") {
        // The line that the cut run was writing.
        whole.push(b'\n');
    }
    whole.extend(last);
    let sealed = sealed(records, run)?;
    let put = records.store().put(&sealed, &whole, &Condition::Any).await;
    put.map_err(|error| error.or_lost(|| Failure::bug("an unconditional write lost a race")))?;
    records.store().delete_log(open).await
}

/// What a log says about its run; none when the run ended. A last line without its end was cut as well.
fn read(run: &str, log: &[u8]) -> Option<UnfinishedRun> {
    let mut cut = UnfinishedRun {
        run: run.to_owned(),
        purpose: String::new(),
        by: String::new(),
        at: String::new(),
        intents: Vec::new(),
    };
    for line in log.split(|byte| *byte == b'\n') {
        // What a line holds beyond these words is passed over unread.
        let Ok(line) = serde_json::from_slice::<Read>(line) else {
            continue;
        };
        let (address, task) = (line.address, line.task);
        match line.event.as_str() {
            "began" => {
                cut.purpose = line.purpose;
                cut.by = line.by;
                cut.at = line.at;
            }
            "acting" => cut.intents.push(Intent {
                address,
                task,
                at: line.at,
            }),
            "acted" | "tolerated" => cut
                .intents
                .retain(|intent| intent.address != address || intent.task != task),
            "finished" | "failed" => cut.intents.retain(|intent| intent.address != address),
            "ended" | "settled" => return None,
            _ => {}
        }
    }
    Some(cut)
}
