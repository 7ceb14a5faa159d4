//! One secret object in the bucket, uploaded only when its content differs and shown by digest only.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Owner;
use crate::answer;
use crate::model::s3::{ObjectSeen, S3Answer, S3Query};
use crate::model::s3_action::S3Action;
use crate::model::{Answer, Change, Class, Content, Digest, Effect, Failure, Probe, Query, Shown};
use crate::resource::Resource;

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
    /// The content, once it was read; never serialised.
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

#[async_trait]
impl Resource for Object {
    type Observed = Option<ObjectSeen>;

    async fn observe(&self, world: &dyn Probe) -> Result<Option<ObjectSeen>, Failure> {
        let query = Query::S3(S3Query::Object {
            bucket: self.bucket.clone(),
            key: self.key.clone(),
        });
        Ok(answer!(world, query, Answer::S3(S3Answer::Object(object)) => object))
    }

    fn plan(&self, seen: &Option<ObjectSeen>) -> Result<Change, Failure> {
        let Some(content) = &self.content else {
            return Err(Failure::bug(format!("the content of {self} was not read")));
        };
        let wanted = content.digest();
        let change = match seen {
            None => Change::new(Effect::Create),
            Some(object) if digest(object).as_ref() == Some(&wanted) => return Ok(Change::none()),
            Some(object) if object.sha256.is_none() => Change::new(Effect::Update).note(
                "The object there was not uploaded by landfall; the bucket keeps it as an older version.",
            ),
            Some(_) => Change::new(Effect::Update),
        };
        Ok(change
            .field(
                "content",
                seen.as_ref().map_or(Shown::Absent, shown),
                Shown::Digest(wanted),
            )
            .action(S3Action::Put {
                bucket: self.bucket.clone(),
                key: self.key.clone(),
                // Whatever its source says of it: what is in this bucket is secret.
                content: Content::secret(content.bytes()),
            }))
    }

    fn remove(&self, seen: &Option<ObjectSeen>) -> Result<Change, Failure> {
        let Some(object) = seen else {
            return Ok(Change::none());
        };
        if object.sha256.is_none() {
            return Err(Failure::new(
                "the object was not uploaded by landfall",
                format!("deleting {self}"),
            )
            .class(Class::Refused)
            .why("Somebody else put another object there since.")
            .left("Nothing was changed.")
            .help("Remove it by hand, or apply the environment once more to put ours back."));
        }
        Ok(Change::new(Effect::Delete)
            .field("content", shown(object), Shown::Absent)
            .action(S3Action::Delete {
                bucket: self.bucket.clone(),
                key: self.key.clone(),
            }))
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
