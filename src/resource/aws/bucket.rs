//! The S3 bucket that holds an environment's secrets: private, encrypted, versioned, reached by TLS only.
//!
//! A bucket we made has exactly these settings, but for an encryption with keys of one's own (`aws:kms`), which stays. In one
//! that was taken over, the other statements of its policy stay as well.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::owner::Ownership;
use super::{MOVE_SECRETS, Owner, policy};
use crate::answer;
use crate::model::iam::{Caller, IamAnswer, IamQuery};
use crate::model::s3::{BucketSeen, S3Answer, S3Query};
use crate::model::s3_action::S3Action;
use crate::model::{
    Answer, Attribute, Attributes, Change, Class, Effect, Failure, Kind, Probe, Query, Shown, Value,
};
use crate::resource::Resource;
use crate::resource::nature::{Anchor, Identity, Mark, Name, Nature, Recorded, Values, Within};

/// How S3 calls its encryption with keys that it holds itself.
const ENCRYPTION: &str = "AES256";
/// How S3 calls the ownership that turns access lists off.
const OWNERSHIP: &str = "BucketOwnerEnforced";
/// The name of our statement in the bucket's policy.
const TLS_ONLY: &str = "LandfallTlsOnly";

/// A secrets bucket as it shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Bucket {
    /// Its name, unique in all of AWS.
    pub name: String,
    /// Whether one that somebody else made is taken over; when it is to go, whether it was.
    pub adopt: bool,
    /// Whether it may be deleted while it holds objects: its name was typed.
    #[serde(default)]
    pub delete_with_objects: bool,
    /// Whose it is.
    pub owner: Owner,
}

/// What was found out about a bucket.
#[derive(Debug, Clone, PartialEq)]
pub struct BucketObserved {
    caller: Caller,
    bucket: Option<BucketSeen>,
    /// How many objects it holds, counted up to a thousand.
    holds: usize,
}

impl Bucket {
    /// What holds for every bucket.
    pub const NATURE: Nature = Nature {
        attributes: &["name"],
        open: None,
        identity: Some(Identity {
            key: "",
            name: Self::name_of,
            within: Within::World,
        }),
        anchor: Some(Anchor {
            name: Self::name_of,
            to_move: Some(MOVE_SECRETS),
        }),
        lies_in: Within::Region,
        recorded: Recorded::AS_DECLARED,
        stands: true,
        holds_data: true,
        mark: Mark::Tag,
        given_back: true,
    };

    fn name_of(values: Values<'_>) -> Option<Name> {
        values("name").map(Name::exact)
    }
}

#[async_trait]
impl Resource for Bucket {
    type Observed = BucketObserved;

    async fn observe(&self, world: &dyn Probe) -> Result<BucketObserved, Failure> {
        let query = Query::Iam(IamQuery::Caller);
        let caller = answer!(world, query, Answer::Iam(IamAnswer::Caller(caller)) => caller);
        let query = Query::S3(S3Query::Bucket {
            name: self.name.clone(),
        });
        let bucket = answer!(world, query, Answer::S3(S3Answer::Bucket(bucket)) => bucket);
        let ours = |bucket: &BucketSeen| self.owner.of(&bucket.tags) == Ownership::Ours;
        let holds = if bucket.as_ref().is_some_and(ours) {
            let query = Query::S3(S3Query::Holds {
                bucket: self.name.clone(),
            });
            answer!(world, query, Answer::S3(S3Answer::Holds(holds)) => holds)
        } else {
            0
        };
        Ok(BucketObserved {
            caller,
            bucket,
            holds,
        })
    }

    fn plan(&self, seen: &BucketObserved) -> Result<Change, Failure> {
        let partition = seen.caller.partition();
        let Some(bucket) = &seen.bucket else {
            return Ok(self.protect(self.create(), &bare(), partition, true));
        };
        let owner = self
            .owner
            .claim(Kind::Bucket, &self.to_string(), &bucket.tags, self.adopt)?;
        let change = match owner {
            Ownership::Foreign => self.take_over(bucket),
            Ownership::Adopted | Ownership::Ours | Ownership::Another => Change::none(),
        };
        let exactly = owner == Ownership::Ours;
        Ok(self.protect(change, bucket, partition, exactly))
    }

    fn remove(&self, seen: &BucketObserved) -> Result<Change, Failure> {
        let Some(bucket) = &seen.bucket else {
            return Ok(Change::none());
        };
        match self.owner.of(&bucket.tags) {
            // It was given back already, or the ledger knows better than the tags that it is not ours to delete.
            Ownership::Foreign | Ownership::Another | Ownership::Ours if self.adopt => {
                Ok(Change::none())
            }
            Ownership::Foreign | Ownership::Another => {
                Err(self.owner.refuse_removal(&self.to_string(), &bucket.tags))
            }
            Ownership::Adopted => Ok(self.release(bucket)),
            Ownership::Ours if seen.holds > 0 && !self.delete_with_objects => {
                Err(self.refuse_full(seen.holds))
            }
            Ownership::Ours => Ok(self.delete(seen.holds)),
        }
    }

    fn whose(&self, seen: &BucketObserved) -> Option<Ownership> {
        let bucket = seen.bucket.as_ref();
        bucket.map(|bucket| self.owner.of(&bucket.tags))
    }

    fn attributes(&self, _: &BucketObserved, _: &Change) -> Attributes {
        Attributes::from([(
            "name".to_owned(),
            Attribute::Known(Value::from(self.name.clone())),
        )])
    }
}

impl Bucket {
    fn create(&self) -> Change {
        let tags = self.owner.tags(false);
        Change::new(Effect::Create)
            .field("name", Shown::Absent, Shown::Value(json!(self.name)))
            .field("tags", Shown::Absent, Shown::Value(json!(tags)))
            .action(S3Action::CreateBucket {
                name: self.name.clone(),
                tags,
            })
    }

    fn take_over(&self, bucket: &BucketSeen) -> Change {
        let tags = self.owner.tags(true);
        let mut all = bucket.tags.clone();
        all.extend(tags.clone());
        Change::new(Effect::Adopt)
            .field(
                "tags",
                Shown::Value(json!(bucket.tags)),
                Shown::Value(json!(all)),
            )
            .action(S3Action::Tag {
                bucket: self.name.clone(),
                tags,
            })
            .note("`destroy` gives the bucket back and does not delete it.")
    }

    /// The change, with every protection that the bucket lacks.
    fn protect(
        &self,
        mut change: Change,
        seen: &BucketSeen,
        partition: &str,
        exactly: bool,
    ) -> Change {
        let bucket = || self.name.clone();
        let value = |value: Value| Shown::Value(value);
        let optional = |text: &Option<String>| {
            text.as_ref()
                .map_or(Shown::Absent, |text| value(json!(text)))
        };
        if !seen.public_access_blocked {
            change = change
                .field(
                    "public_access_blocked",
                    value(json!(false)),
                    value(json!(true)),
                )
                .action(S3Action::BlockPublicAccess { bucket: bucket() });
        }
        // Whatever it has is as good as ours, or better: somebody gave it keys of their own.
        if seen.encryption.is_none() {
            change = change
                .field("encryption", Shown::Absent, value(json!(ENCRYPTION)))
                .action(S3Action::Encrypt { bucket: bucket() });
        }
        if !seen.versioning {
            change = change
                .field("versioning", value(json!(false)), value(json!(true)))
                .action(S3Action::Version { bucket: bucket() });
        }
        if seen.ownership.as_deref() != Some(OWNERSHIP) {
            change = change
                .field(
                    "ownership",
                    optional(&seen.ownership),
                    value(json!(OWNERSHIP)),
                )
                .action(S3Action::EnforceOwnership { bucket: bucket() });
        }
        let wanted = self.policy(seen.policy.as_ref().filter(|_| !exactly), partition);
        if !seen
            .policy
            .as_ref()
            .is_some_and(|found| policy::same(found, &wanted))
        {
            change = change
                .field(
                    "policy",
                    seen.policy.as_ref().map_or(Shown::Absent, shown),
                    shown(&wanted),
                )
                .action(S3Action::SetPolicy {
                    bucket: bucket(),
                    policy: wanted,
                });
        }
        change
    }

    /// What refuses everything that does not come by TLS, beside the statements of others that shall stay.
    fn policy(&self, beside: Option<&Value>, partition: &str) -> Value {
        let arn = format!("arn:{partition}:s3:::{}", self.name);
        let ours = json!({
            "Sid": TLS_ONLY,
            "Effect": "Deny",
            "Principal": "*",
            "Action": "s3:*",
            "Resource": [arn, format!("{arn}/*")],
            "Condition": { "Bool": { "aws:SecureTransport": "false" } },
        });
        let mut statements = beside.map(policy::statements).unwrap_or_default();
        if !statements
            .iter()
            .any(|found| policy::same_statement(found, &ours))
        {
            statements.retain(|found| found.get("Sid").and_then(Value::as_str) != Some(TLS_ONLY));
            statements.push(ours);
        }
        match beside.and_then(|found| found.get("Version")) {
            // Another version of the language gives the statements of others another meaning.
            Some(version) => json!({ "Version": version, "Statement": statements }),
            None => policy::document(statements),
        }
    }

    fn release(&self, bucket: &BucketSeen) -> Change {
        let keys: Vec<String> = self.owner.tags(true).into_keys().collect();
        let mut left = bucket.tags.clone();
        left.retain(|key, _| !keys.contains(key));
        Change::new(Effect::Update)
            .field(
                "tags",
                Shown::Value(json!(bucket.tags)),
                Shown::Value(json!(left)),
            )
            .action(S3Action::Untag {
                bucket: self.name.clone(),
                keys,
            })
            .note("The bucket was taken over, not made here: it stays, with its protections.")
    }

    fn refuse_full(&self, holds: usize) -> Failure {
        Failure::new("the bucket holds objects", format!("deleting {self}"))
            .class(Class::Protected)
            .why(format!(
                "It holds {}, older versions counted; what is deleted cannot be brought back.",
                objects(holds)
            ))
            .left_behind("Nothing was changed.")
            .help(format!(
                "If they may go, type its name: --yes-delete {}",
                self.name
            ))
    }

    fn delete(&self, holds: usize) -> Change {
        let change = Change::new(Effect::Delete)
            .field("name", Shown::Value(json!(self.name)), Shown::Absent)
            .action(S3Action::DeleteBucket {
                name: self.name.clone(),
            });
        match holds {
            0 => change,
            _ => change.note(format!(
                "With it goes what it holds, in every version: {}.",
                objects(holds)
            )),
        }
    }
}

impl std::fmt::Display for Bucket {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the bucket {}", self.name)
    }
}

/// A bucket without any protection, as one that is not there yet is compared.
fn bare() -> BucketSeen {
    BucketSeen {
        region: String::new(),
        public_access_blocked: false,
        encryption: None,
        versioning: false,
        ownership: None,
        policy: None,
        tags: Default::default(),
    }
}

fn objects(holds: usize) -> String {
    match holds {
        1 => "1 object".to_owned(),
        // A page of versions is a thousand, and no more are counted.
        1000.. => "1000 objects or more".to_owned(),
        n => format!("{n} objects"),
    }
}

fn shown(document: &Value) -> Shown {
    Shown::Text(format!("{document:#}\n"))
}
