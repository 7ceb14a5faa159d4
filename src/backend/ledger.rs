//! What we made, so that only that is ever taken away.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use tokio::sync::Mutex;

use super::records::Records;
use super::{Condition, Key, Version, record, run};
use crate::model::{Address, Class, Failure, Place, Realm, Value};

/// How a thing came to be ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Made {
    /// We made it; it may be taken away.
    Made,
    /// Somebody else made it and we took it over; it is never taken away.
    Adopted,
}

/// One thing that is ours.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Entry {
    /// Its name in the environment.
    pub address: Address,
    /// Where it is.
    pub place: Place,
    /// The account it is in, and its region; none for what is not in AWS, or was entered by an earlier program.
    #[serde(default)]
    pub home: Option<String>,
    /// How it came to be ours.
    pub made: Made,
    /// Its declaration, rendered and without secrets: all that is needed to take it away.
    pub values: Value,
    /// What it was built on, and must be taken away before.
    pub needs: Vec<Address>,
    /// The run that wrote this last.
    pub run: String,
    /// When: RFC 3339, UTC.
    pub at: String,
    /// What else must be remembered of it, for example a one-off task's digest.
    #[serde(default)]
    pub extra: Value,
}

impl Entry {
    /// An entry of this moment, with neither needs nor anything extra.
    pub fn new(address: Address, place: Place, made: Made, values: Value, run: &str) -> Self {
        Self {
            address,
            place,
            home: None,
            made,
            values,
            needs: Vec::new(),
            run: run.to_owned(),
            at: run::now(),
            extra: Value::Null,
        }
    }
}

/// The ledger of one environment. Every change is written at once, and refused when another writer was there.
///
/// Clones are the same ledger.
#[derive(Clone)]
pub struct Ledger {
    records: Records,
    key: Key,
    state: Arc<Mutex<State>>,
}

struct State {
    version: Option<Version>,
    book: Book,
}

/// What the file holds. `serial` grows with every write; `lineage` never changes, so that the ledger of another
/// environment that was copied here is told from ours.
#[derive(Clone, Serialize, Deserialize)]
struct Book {
    version: u64,
    lineage: String,
    /// The project whose ledger it is; none in one that an earlier program wrote.
    #[serde(default)]
    project: Option<String>,
    serial: u64,
    entries: Vec<Entry>,
    /// Since when it is known not to have all that was made: it was lost, and begun again.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    begun_again: Option<String>,
}

/// Raised when an older program would misread what is written.
const SCHEMA: u64 = 1;

impl Ledger {
    pub(super) async fn open(records: Records) -> Result<Self, Failure> {
        let key = records.key(&["ledger.json"])?;
        let state = match records.store().get(&key).await? {
            Some((bytes, version)) => {
                let location = records.store().location(&key);
                let book = match read(&bytes, &location) {
                    Ok(book) => book,
                    Err(failure) => {
                        let way_back = records.store().way_back(&key).await;
                        let help = failure.help.replace(WAY_BACK, &way_back);
                        return Err(failure.help(help));
                    }
                };
                State {
                    version: Some(version),
                    book: own(book, &records, &key)?,
                }
            }
            None => State {
                version: None,
                book: Book {
                    version: SCHEMA,
                    lineage: run::run_id()?,
                    project: Some(records.project().to_owned()),
                    serial: 0,
                    entries: Vec::new(),
                    begun_again: None,
                },
            },
        };
        Ok(Self {
            records,
            key,
            state: Arc::new(Mutex::new(state)),
        })
    }

    /// The entry of this address; none when it is not ours.
    pub async fn get(&self, address: &Address) -> Option<Entry> {
        let state = self.state.lock().await;
        let entry = state
            .book
            .entries
            .iter()
            .find(|entry| entry.address == *address);
        entry.cloned()
    }

    /// Every entry, by address.
    pub async fn entries(&self) -> BTreeMap<Address, Entry> {
        let state = self.state.lock().await;
        let entries = state.book.entries.iter();
        entries
            .map(|entry| (entry.address.clone(), entry.clone()))
            .collect()
    }

    /// Whether there is no such record: nothing was ever made, or it was lost.
    pub async fn is_absent(&self) -> bool {
        self.state.lock().await.version.is_none()
    }

    /// Since when it is known not to have all that was made; none where it was never lost.
    pub async fn begun_again(&self) -> Option<String> {
        self.state.lock().await.book.begun_again.clone()
    }

    /// Where a person finds it.
    pub fn location(&self) -> String {
        self.records.store().location(&self.key)
    }

    /// What can be done when it is lost, as sentences.
    pub async fn way_back(&self) -> String {
        self.records.store().way_back(&self.key).await
    }

    /// How often it was written, as the file says.
    pub async fn serial(&self) -> u64 {
        self.state.lock().await.book.serial
    }

    /// Enters a thing, over an earlier entry of the same address. Fails when it could not be written; then the ledger
    /// is as before.
    pub async fn record(&self, entry: Entry) -> Result<(), Failure> {
        self.write(|book| enter(book, entry)).await
    }

    /// Begins it again with what was found of a lost one. From then on it says that it may not have all.
    ///
    /// Fails when it could not be written; then the ledger is as before.
    pub async fn begin_again(&self, found: Vec<Entry>) -> Result<(), Failure> {
        self.write(|book| {
            book.begun_again.get_or_insert_with(run::now);
            found.into_iter().for_each(|entry| enter(book, entry));
        })
        .await
    }

    /// Notes that whoever destroyed what it has was told what it may not have.
    pub async fn settle(&self) -> Result<(), Failure> {
        self.write(|book| book.begun_again = None).await
    }

    /// Strikes a thing out that is no longer there. Fails when it could not be written; then the ledger is as before.
    pub async fn forget(&self, address: &Address) -> Result<(), Failure> {
        self.write(|book| book.entries.retain(|old| old.address != *address))
            .await
    }

    async fn write(&self, change: impl FnOnce(&mut Book)) -> Result<(), Failure> {
        let mut state = self.state.lock().await;
        let mut book = state.book.clone();
        change(&mut book);
        book.serial += 1;
        let mut bytes = serde_json::to_vec_pretty(&book)
            .map_err(|error| Failure::bug(format!("the ledger cannot be written: {error}")))?;
        bytes.push(b'\n');
        // What could not be read again is not written.
        if let Some(why) = record::too_large(bytes.len() as u64, record::LARGEST) {
            return Err(
                Failure::new("the ledger has become too large", "entering what was made")
                    .why(why)
                    .left_behind(
                        "The ledger is as it was; the journal of the run names what is not in it.",
                    )
                    .help("Divide the environment into several."),
            );
        }
        let condition = match &state.version {
            Some(version) => Condition::Is(version.clone()),
            None => Condition::Absent,
        };
        let version = self
            .records
            .store()
            .put(&self.key, &bytes, &condition)
            .await
            .map_err(|error| error.or_lost(|| self.overtaken()))?;
        *state = State {
            version: Some(version),
            book,
        };
        Ok(())
    }

    fn overtaken(&self) -> Failure {
        let location = self.records.store().location(&self.key);
        Failure::new(
            "the ledger was changed by somebody else",
            format!("`{location}` was to be written, and is no longer what this run read."),
        )
        .left_behind(
            "What this run last made is not in the ledger; the journal of the run names it.",
        )
        .help("Run it again when no other run is at work: what exists is found again.")
    }
}

/// The entry of an address takes the place of an earlier one.
fn enter(book: &mut Book, entry: Entry) {
    book.entries.retain(|old| old.address != entry.address);
    book.entries.push(entry);
    book.entries.sort_by(|a, b| a.address.cmp(&b.address));
}

/// The book, when it is this project's. What another project made is not ours to take away.
fn own(mut book: Book, records: &Records, key: &Key) -> Result<Book, Failure> {
    let project = book
        .project
        .get_or_insert_with(|| records.project().to_owned())
        .clone();
    if project == records.project() {
        return Ok(book);
    }
    Err(Failure::new(
        "the ledger belongs to another project",
        format!("`{}` was read.", records.store().location(key)),
    )
    .class(Class::Refused)
    .why(format!(
        "It is the ledger of the project `{project}`, and this is the project `{}`.",
        records.project()
    ))
    .left_behind("Nothing was changed.")
    .help(
        "Give each project a memory of its own: another `path`, or another `prefix` in [backend]. Where the project \
         was renamed, put its old name back: it is part of the tags of all that was made.",
    ))
}

/// Stands in advice for what can be done in the store where the ledger is.
const WAY_BACK: &str = "(way back)";

/// The book in a file. The advice of what is refused holds [`WAY_BACK`].
fn read(bytes: &[u8], location: &str) -> Result<Book, Failure> {
    let failure = |why: String| {
        Failure::new(
            "the ledger cannot be read",
            format!("`{location}` was read."),
        )
        .why(why)
        .left_behind("Nothing was changed, and the file is as it was.")
        .help(format!(
            "{WAY_BACK} Without it the program does not know all that it made. Where nothing brings it back, move \
             the file away: the next run then finds again what is declared."
        ))
    };
    let value: Value = record::json(bytes).map_err(failure)?;
    match value.get("version").and_then(Value::as_u64) {
        Some(SCHEMA) => {}
        Some(other) if other > SCHEMA => {
            return Err(failure(format!(
                "It has version {other}; this program knows version {SCHEMA}."
            ))
            .help("Use the newer landfall that wrote it."));
        }
        _ => {
            return Err(failure(
                "It has no version, so it is no ledger of landfall.".to_owned(),
            ));
        }
    }
    let book: Book = serde_json::from_value(value).map_err(|error| failure(format!("{error}.")))?;
    if let Some(odd) = book.entries.iter().find(|entry| !stands(entry)) {
        return Err(failure(format!(
            "Its entry of {} is at a place where no {} is: {}.",
            odd.address,
            odd.address.kind.noun(),
            odd.place
        )));
    }
    let mut seen = BTreeSet::new();
    // As a merge by hand leaves it. Either may be the thing that stands, and one would be forgotten.
    match book
        .entries
        .iter()
        .find(|entry| !seen.insert(&entry.address))
    {
        Some(twice) => Err(failure(format!("It has two entries of {}.", twice.address))
            .help("Take out the one that is not so, or both when neither stands any more.")),
        None => Ok(book),
    }
}

/// Whether a thing of this kind is entered in a ledger, and at this place. A host is not: nothing of it is taken away.
fn stands(entry: &Entry) -> bool {
    match entry.address.kind.realm() {
        Realm::Local => entry.place == Place::Local,
        Realm::Aws => entry.place == Place::Aws,
        // It is entered at what it is deployed to, or found again by the registry's record.
        Realm::Registry => entry.place != Place::Local,
        Realm::Swarm => matches!(entry.place, Place::Swarm(_)),
        Realm::Instance => matches!(entry.place, Place::Instance(_)),
        Realm::Host => false,
    }
}
