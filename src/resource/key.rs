//! An SSH key pair on the operator's machine: made when it is nowhere, taken as it is when it is there.
//!
//! Its public half is remembered. On another machine of the team, which does not have the private half, that is all
//! that is needed: the pair is not made anew, for then each would put its own on the hosts and lock the others out.

use std::path::{Component, Path};

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Resource;
use super::nature::{Extra, Identity, Mark, Name, Nature, Recorded, Values, Within};
use crate::answer;
use crate::model::local::{KeyPair, LocalAnswer, LocalQuery};
use crate::model::local_action::LocalAction;
use crate::model::{
    Answer, Attribute, Attributes, Change, Class, Effect, Failure, Probe, Query, Shown, Value,
};

/// A key pair as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The private key's path; the public half is beside it with `.pub`.
    pub file: String,
    /// The comment of a pair that is made.
    pub comment: String,
    /// What is remembered of it.
    #[serde(default)]
    pub past: Past,
    /// Whether only the ledger says that it is ours: it lies outside the folder of pairs that are made, and no
    /// declaration names its file. A ledger that somebody else wrote must not take a person's own keys away.
    #[serde(default)]
    pub hearsay: bool,
}

/// What is remembered of a key pair.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Past {
    /// Nothing: it was never applied.
    #[default]
    New,
    /// The pair was made, here or on another machine, with this public half.
    Made(String),
    /// The pair is somebody's own, and had this public half when it was last applied.
    Given(String),
    /// The pair was made; its public half is not known.
    Untold,
}

impl Key {
    /// What holds for every key pair.
    pub const NATURE: Nature = Nature {
        attributes: &["public", "file"],
        open: None,
        identity: Some(Identity {
            key: "file",
            name: Self::name_of,
            within: Within::World,
        }),
        anchor: None,
        lies_in: Within::World,
        recorded: Recorded {
            emptied: &[],
            paths: &["file"],
            extra: Extra::Attribute("public"),
        },
        stands: true,
        holds_data: false,
        mark: Mark::Nothing,
        given_back: false,
    };

    /// The file, without the steps that lead nowhere: `keys/./ci` is `keys/ci`.
    fn name_of(values: Values<'_>) -> Option<Name> {
        let file = values("file")?;
        let mut steps = Vec::new();
        for step in Path::new(&file).components() {
            match step {
                Component::CurDir => {}
                Component::ParentDir => drop(steps.pop()),
                step => steps.push(step.as_os_str().to_string_lossy()),
            }
        }
        Some(Name {
            same: steps.join("/"),
            shown: file,
        })
    }
}

#[async_trait]
impl Resource for Key {
    type Observed = Option<KeyPair>;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        let query = Query::Local(LocalQuery::KeyPair {
            path: self.file.clone(),
        });
        Ok(answer!(world, query, Answer::Local(LocalAnswer::KeyPair(pair)) => pair))
    }

    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        if let Some(mode) = seen.as_ref().and_then(|pair| pair.mode)
            && mode & 0o077 != 0
        {
            return Err(self.open_to_others(mode));
        }
        let private = seen.as_ref().is_some_and(|pair| pair.mode.is_some());
        match (&self.past, seen) {
            (Past::New, None) => Ok(self.make()),
            (Past::Untold, None) => Err(self.untold()),
            (Past::Made(known), Some(pair)) if !same(known, &pair.public) => {
                Err(self.another(known, &pair.public))
            }
            (Past::Given(known), Some(pair)) if !same(known, &pair.public) => {
                Ok(Change::none().note("It is another pair than the one that was last applied."))
            }
            _ if private => Ok(Change::none()),
            _ => Ok(Change::none().note(self.absent())),
        }
    }

    fn remove(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        match (&self.past, seen) {
            (Past::Made(_), None) => Ok(Change::none().note(format!(
                "It is not on this machine: if it was made on another, remove {} there.",
                self.file
            ))),
            (_, None) => Ok(Change::none()),
            (_, Some(_)) if self.hearsay => Ok(Change::none().note(format!(
                "{} stays: only the ledger names this file. If it is not needed, remove it and its `.pub` by hand.",
                self.file
            ))),
            (Past::Made(known), Some(pair)) if !same(known, &pair.public) => {
                Err(self.another(known, &pair.public))
            }
            (_, Some(_)) => Ok(Change::new(Effect::Delete)
                .field(
                    "file",
                    Shown::Value(Value::from(self.file.clone())),
                    Shown::Absent,
                )
                .action(LocalAction::RemoveKeyPair {
                    path: self.file.clone(),
                })),
        }
    }

    fn attributes(&self, seen: &Self::Observed, _: &Change) -> Attributes {
        let public = match (seen, &self.past) {
            (Some(pair), _) => Attribute::Known(Value::from(pair.public.clone())),
            (None, Past::Made(known) | Past::Given(known)) => {
                Attribute::Known(Value::from(known.clone()))
            }
            (None, Past::New | Past::Untold) => Attribute::AfterApply,
        };
        Attributes::from([
            ("public".to_owned(), public),
            (
                "file".to_owned(),
                Attribute::Known(Value::from(self.file.clone())),
            ),
        ])
    }
}

impl Key {
    fn make(&self) -> Change {
        Change::new(Effect::Create)
            .field(
                "file",
                Shown::Absent,
                Shown::Value(Value::from(self.file.clone())),
            )
            .field("type", Shown::Absent, Shown::Value(Value::from("ed25519")))
            .action(LocalAction::MakeKeyPair {
                path: self.file.clone(),
                comment: self.comment.clone(),
            })
    }

    fn absent(&self) -> String {
        format!(
            "Its private half is not on this machine, and the pair is not made anew: its public half is known. Who \
             logs in by it here copies {} from where it was made, mode 0600. Where it is lost, give the section \
             another name: that makes a new pair.",
            self.file
        )
    }

    fn open_to_others(&self, mode: u32) -> Failure {
        Failure::new(
            "the private key can be read by others",
            format!("reading the key pair {}", self.file),
        )
        .why(format!("Its mode is {mode:04o}."))
        .help(format!(
            "If nobody has read it: `chmod 600 {}`. Else remove it and run again.",
            self.file
        ))
    }

    fn untold(&self) -> Failure {
        Failure::new(
            "the key pair is on another machine",
            format!("looking for the key pair {}", self.file),
        )
        .class(Class::Refused)
        .why("The ledger has it as made, and not its public half: an earlier version of landfall entered it.")
        .left_behind("Nothing was changed.")
        .help(format!(
            "Run landfall once where it was made, or copy {} from there. Where it is lost, give the section another \
             name: that makes a new pair.",
            self.file
        ))
    }

    fn another(&self, known: &str, found: &str) -> Failure {
        Failure::new(
            "the key pair is another than the one that was made",
            format!("comparing the key pair {} with the ledger", self.file),
        )
        .class(Class::Refused)
        .why(format!("Known is `{known}`, and here is `{found}`."))
        .left_behind("Nothing was changed.")
        .help(
            "Move this one away and copy the one that was made from its machine: its public half is on the hosts. To \
             change the pair, give its section another name: that makes a new one, and takes the old one away.",
        )
    }
}

/// Whether two lines are the same public key, whatever their comments are.
fn same(one: &str, other: &str) -> bool {
    let key = |line: &str| {
        let mut words = line.split_whitespace().map(str::to_owned);
        (words.next(), words.next())
    };
    key(one) == key(other)
}
