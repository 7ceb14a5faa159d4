//! An SSH key pair on the operator's machine: made when it is not there, taken as it is when it is.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Resource;
use crate::answer;
use crate::model::local::{KeyPair, LocalAnswer, LocalQuery};
use crate::model::local_action::LocalAction;
use crate::model::{
    Answer, Attribute, Attributes, Change, Effect, Failure, Probe, Query, Shown, Value,
};

/// A key pair as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The private key's path; the public half is beside it with `.pub`.
    pub file: String,
    /// The comment of a pair that is made.
    pub comment: String,
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
        match seen {
            None => Ok(Change::new(Effect::Create)
                .field(
                    "file",
                    Shown::Absent,
                    Shown::Value(Value::from(self.file.clone())),
                )
                .field("type", Shown::Absent, Shown::Value(Value::from("ed25519")))
                .action(LocalAction::MakeKeyPair {
                    path: self.file.clone(),
                    comment: self.comment.clone(),
                })),
            Some(pair) if pair.mode & 0o077 != 0 => Err(Failure::new(
                "the private key can be read by others",
                format!("reading the key pair {}", self.file),
            )
            .why(format!("Its mode is {:04o}.", pair.mode))
            .help(format!(
                "If nobody has read it: chmod 600 {}. Else remove it and run again.",
                self.file
            ))),
            Some(_) => Ok(Change::none()),
        }
    }

    fn remove(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        Ok(match seen {
            None => Change::none(),
            Some(_) => Change::new(Effect::Delete)
                .field(
                    "file",
                    Shown::Value(Value::from(self.file.clone())),
                    Shown::Absent,
                )
                .action(LocalAction::RemoveKeyPair {
                    path: self.file.clone(),
                }),
        })
    }

    fn attributes(&self, seen: &Self::Observed, _: &Change) -> Attributes {
        let public = match seen {
            Some(pair) => Attribute::Known(Value::from(pair.public.clone())),
            None => Attribute::AfterApply,
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
