//! One secret object in the bucket, uploaded only when its content differs and shown by digest only.
//!
//! Under its key in a bucket that we made, everything is ours. In one that was taken over only the versions that we
//! stored are: what others put there is replaced when that was asked for, and is there again when ours are gone.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::owner::Ownership;
use super::{MOVE_SECRETS, Owner};
use crate::answer;
use crate::model::s3::{BucketSeen, ObjectSeen, S3Answer, S3Query, VersionsSeen};
use crate::model::s3_action::S3Action;
use crate::model::{Answer, Change, Class, Content, Digest, Effect, Failure, Probe, Query, Shown};
use crate::resource::Resource;
use crate::resource::nature::{Anchor, Mark, Name, Nature, Recorded, Values, Within};

/// A secret object as it shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Object {
    /// The bucket's name.
    pub bucket: String,
    /// Its key.
    pub key: String,
    /// Where its content comes from.
    pub source: ObjectSource,
    /// Whether one that somebody else put into a bucket that was taken over is replaced: the bucket says `adopt`.
    #[serde(default)]
    pub replaces: bool,
    /// The content, once it was read; never serialised. None when the object is to be taken away.
    #[serde(skip)]
    pub content: Option<Content>,
    /// Whose it is.
    pub owner: Owner,
}

/// Where an object's content comes from.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ObjectSource {
    /// A file, relative to the project's root.
    File(String),
    /// The ECS agent's settings with the credentials that `docker login` stored for this registry.
    Registry {
        /// The registry as the docker configuration names it, for example `https://index.docker.io/v1/`.
        url: String,
        /// The docker configuration file, relative to the project's root; the operator's own when absent.
        docker_config: Option<String>,
    },
}

/// What was found out about an object.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ObjectObserved {
    object: Option<ObjectSeen>,
    /// The bucket, where it matters whose it is.
    bucket: Option<BucketSeen>,
    /// Whose its versions are, when it is to be taken out of a bucket that was taken over.
    versions: Option<VersionsSeen>,
}

impl Object {
    /// What holds for every secret object.
    pub const NATURE: Nature = Nature {
        attributes: &[],
        open: None,
        identity: None,
        anchor: Some(Anchor {
            name: Self::bucket_of,
            to_move: Some(MOVE_SECRETS),
        }),
        lies_in: Within::Region,
        recorded: Recorded::AS_DECLARED,
        stands: true,
        holds_data: false,
        mark: Mark::Place,
        given_back: false,
    };

    /// An object is named by its section, in the one bucket there is: only the bucket may become another.
    fn bucket_of(values: Values<'_>) -> Option<Name> {
        values("bucket").map(Name::exact)
    }
}

#[async_trait]
impl Resource for Object {
    type Observed = ObjectObserved;

    async fn observe(&self, world: &dyn Probe) -> Result<ObjectObserved, Failure> {
        let query = Query::S3(S3Query::Object {
            bucket: self.bucket.clone(),
            key: self.key.clone(),
        });
        let mut seen = ObjectObserved {
            object: answer!(world, query, Answer::S3(S3Answer::Object(object)) => object),
            ..ObjectObserved::default()
        };
        let leaves = self.content.is_none();
        if seen.object.is_none() || !(leaves || seen.is_foreign()) {
            return Ok(seen);
        }
        let query = Query::S3(S3Query::Bucket {
            name: self.bucket.clone(),
        });
        seen.bucket = answer!(world, query, Answer::S3(S3Answer::Bucket(bucket)) => bucket);
        if leaves && self.ownership(&seen) == Ownership::Adopted {
            let query = Query::S3(S3Query::Versions {
                bucket: self.bucket.clone(),
                key: self.key.clone(),
            });
            let found = answer!(world, query, Answer::S3(S3Answer::Versions(found)) => found);
            seen.versions = Some(found);
        }
        Ok(seen)
    }

    fn plan(&self, seen: &ObjectObserved) -> Result<Change, Failure> {
        let Some(content) = &self.content else {
            return Err(Failure::bug(format!("the content of {self} was not read")));
        };
        let wanted = content.digest();
        let change = match &seen.object {
            None => Change::new(Effect::Create),
            Some(object) if digest(object).as_ref() == Some(&wanted) => return Ok(Change::none()),
            Some(object) if object.sha256.is_none() => self.replace(object, seen)?,
            Some(_) => Change::new(Effect::Update),
        };
        Ok(change
            .field(
                "content",
                seen.object.as_ref().map_or(Shown::Absent, shown),
                Shown::Digest(wanted),
            )
            .action(S3Action::Put {
                bucket: self.bucket.clone(),
                key: self.key.clone(),
                // Whatever its source says of it: what is in this bucket is secret.
                content: Content::secret(content.bytes()),
            }))
    }

    fn remove(&self, seen: &ObjectObserved) -> Result<Change, Failure> {
        let Some(object) = &seen.object else {
            return Ok(Change::none());
        };
        match (self.ownership(seen), seen.versions) {
            (Ownership::Foreign | Ownership::Another, _) => {
                let none = Default::default();
                let tags = seen.bucket.as_ref().map_or(&none, |bucket| &bucket.tags);
                let bucket = format!("the bucket {}", self.bucket);
                Err(self.owner.refuse_removal(&bucket, tags))
            }
            (Ownership::Adopted, Some(versions)) => Ok(self.give_back(object, versions)),
            _ if object.sha256.is_none() => Err(Failure::new(
                "the object was not uploaded by landfall",
                format!("deleting {self}"),
            )
            .class(Class::Refused)
            .why("Somebody else put another object there since.")
            .left_behind("Nothing was changed.")
            .help("Remove it by hand, or apply the environment once more to put ours back.")),
            _ => Ok(Change::new(Effect::Delete)
                .field("content", shown(object), Shown::Absent)
                .action(S3Action::Delete {
                    bucket: self.bucket.clone(),
                    key: self.key.clone(),
                })),
        }
    }

    /// One that others put there is nobody's: only what carries our digest was uploaded here.
    fn whose(&self, seen: &ObjectObserved) -> Option<Ownership> {
        let ours = seen.object.is_some() && !seen.is_foreign();
        ours.then(|| self.ownership(seen))
    }
}

impl Object {
    /// Whose the bucket is.
    fn ownership(&self, seen: &ObjectObserved) -> Ownership {
        let bucket = seen.bucket.as_ref();
        bucket.map_or(Ownership::Foreign, |bucket| self.owner.of(&bucket.tags))
    }

    /// The replacement of an object that others put there. In a bucket that we made it has only drifted; in another it
    /// is refused unless it was asked for.
    fn replace(&self, object: &ObjectSeen, seen: &ObjectObserved) -> Result<Change, Failure> {
        let change = Change::new(Effect::Update);
        if self.ownership(seen) == Ownership::Ours {
            return Ok(change.note(
                "The object there was not uploaded by landfall; the bucket keeps it as an older version.",
            ));
        }
        if self.replaces {
            return Ok(change.note(
                "The object there was not uploaded by landfall; the bucket keeps it as an older version, and it is \
                 the object again when ours is taken away.",
            ));
        }
        Err(Failure::new(
            "the object was not uploaded by landfall",
            format!("deciding over {self}"),
        )
        .class(Class::Refused)
        .why(format!(
            "The bucket was not made here, and somebody else put an object of {} bytes there.",
            object.bytes
        ))
        .left_behind("Nothing was changed.")
        .help(
            "Set `adopt = true` in [secrets] to replace it (the bucket keeps it as an older version), or choose \
             another key.",
        ))
    }

    /// Takes our versions out of a bucket that was taken over.
    fn give_back(&self, object: &ObjectSeen, versions: VersionsSeen) -> Change {
        if versions.ours == 0 {
            return Change::none();
        }
        let mut change = Change::new(Effect::Delete);
        if object.sha256.is_some() {
            change = change.field("content", shown(object), Shown::Absent);
        }
        change = change
            .field(
                "own_versions",
                Shown::Value(json!(versions.ours)),
                Shown::Absent,
            )
            .action(S3Action::DeleteOwnVersions {
                bucket: self.bucket.clone(),
                key: self.key.clone(),
            });
        match versions.others {
            0 => change,
            _ => change.note(
                "The bucket was taken over: what others stored under this key stays, and the newest of it is the \
                 object again.",
            ),
        }
    }
}

impl ObjectObserved {
    /// Whether somebody else put it there.
    fn is_foreign(&self) -> bool {
        self.object
            .as_ref()
            .is_some_and(|object| object.sha256.is_none())
    }
}

impl std::fmt::Display for Object {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the object {} in the bucket {}", self.key, self.bucket)
    }
}

fn digest(object: &ObjectSeen) -> Option<Digest> {
    Some(Digest {
        sha256: object.sha256.clone()?,
        bytes: object.bytes,
    })
}

fn shown(object: &ObjectSeen) -> Shown {
    digest(object).map_or_else(
        || Shown::Value(json!(format!("{} bytes of others", object.bytes))),
        Shown::Digest,
    )
}
