//! Records as objects in an S3 bucket, for a team on more than one machine.

use std::time::Duration;

use async_trait::async_trait;
use aws_sdk_s3::Client;
use aws_sdk_s3::config::Builder;
use aws_sdk_s3::primitives::{ByteStream, ByteStreamError};

use super::record::{LARGEST, LARGEST_LOG, too_large};
use super::refusal::{Refusal, refusal, version};
use super::{Condition, Key, Store, Version, WriteError, run_id, versions};
use crate::backoff::Backoff;
use crate::model::{Class, Failure, causes, transfer_time};

/// A bucket. Conditions are S3's own conditional writes, so every machine is told the truth.
///
/// A record's version is its object's ETag. A log is one object a piece: `<log>/00000007`.
#[derive(Debug, Clone)]
pub struct S3 {
    client: Client,
    bucket: String,
    /// The account that must own the bucket: a name that is let go anybody may take.
    owner: Option<String>,
}

/// How long the answer to a question may take beyond that.
const WHOLE: Duration = Duration::from_secs(60);

const SLOW: &str = "The answer began and did not end.";

/// The object's metadata that names the write it came from.
const MARK: &str = "landfall-write";

impl S3 {
    /// Records in this bucket, which must exist.
    pub fn new(client: Client, bucket: impl Into<String>) -> Self {
        Self {
            client,
            bucket: bucket.into(),
            owner: None,
        }
    }

    /// These records, with every request refused by S3 where another account than this one owns the bucket.
    pub fn owned_by(self, account: impl Into<String>) -> Self {
        Self {
            owner: Some(account.into()),
            ..self
        }
    }

    async fn put_once(
        &self,
        key: &Key,
        bytes: &[u8],
        condition: &Condition,
        mark: &str,
    ) -> Result<Version, Refusal> {
        let mut request = self
            .client
            .put_object()
            .bucket(&self.bucket)
            .set_expected_bucket_owner(self.owner.clone())
            .key(key.as_str())
            .content_type("application/json")
            .metadata(MARK, mark)
            .body(ByteStream::from(bytes.to_vec()));
        match condition {
            Condition::Absent => request = request.if_none_match("*"),
            Condition::Is(Version(etag)) => request = request.if_match(etag),
            Condition::Any => {}
        }
        let sent = request.customize();
        let sent = sent.config_override(patient(&self.client, bytes.len()));
        let answer = sent.send().await.map_err(refusal)?;
        version(answer.e_tag())
    }

    async fn delete_once(&self, key: &Key, condition: &Condition) -> Result<(), Refusal> {
        let mut request = self
            .client
            .delete_object()
            .bucket(&self.bucket)
            .set_expected_bucket_owner(self.owner.clone())
            .key(key.as_str());
        if let Condition::Is(Version(etag)) = condition {
            // Endpoints that do not know conditional deletes ignore the header instead of refusing it.
            let head = self
                .client
                .head_object()
                .bucket(&self.bucket)
                .set_expected_bucket_owner(self.owner.clone())
                .key(key.as_str());
            match head.send().await.map_err(refusal) {
                Ok(head) if head.e_tag() == Some(etag) => request = request.if_match(etag),
                Ok(_) | Err(Refusal::Missing) => return Err(Refusal::Lost),
                Err(other) => return Err(other),
            }
        }
        request.send().await.map_err(refusal)?;
        Ok(())
    }

    /// The version of the object if it is our own write: a request whose answer was lost is sent again by the SDK, and
    /// then loses against itself.
    async fn won_before(&self, key: &Key, mark: &str) -> Result<Option<Version>, Failure> {
        let request = self
            .client
            .head_object()
            .bucket(&self.bucket)
            .set_expected_bucket_owner(self.owner.clone())
            .key(key.as_str());
        match request.send().await.map_err(refusal) {
            Ok(head)
                if head
                    .metadata()
                    .and_then(|all| all.get(MARK))
                    .is_some_and(|seen| seen == mark) =>
            {
                version(head.e_tag())
                    .map(Some)
                    .map_err(|refusal| self.failure("read", key.as_str(), refusal))
            }
            Ok(_) | Err(Refusal::Missing) => Ok(None),
            Err(other) => Err(self.failure("read", key.as_str(), other)),
        }
    }

    /// The object, when it is not larger: that is known before its body is read.
    async fn read(&self, key: &Key, largest: u64) -> Result<Option<(Vec<u8>, Version)>, Failure> {
        let request = self
            .client
            .get_object()
            .bucket(&self.bucket)
            .set_expected_bucket_owner(self.owner.clone())
            .key(key.as_str());
        let failed = |refusal| self.failure("read", key.as_str(), refusal);
        let answer = match request.send().await.map_err(refusal) {
            Ok(answer) => answer,
            Err(Refusal::Missing) => return Ok(None),
            Err(other) => return Err(failed(other)),
        };
        let version = version(answer.e_tag()).map_err(failed)?;
        let large = |text: String| {
            let code = String::new();
            let reached = true;
            failed(Refusal::Other {
                code,
                text,
                reached,
            })
            .help("Move it away. If it is a record of landfall's, bring an earlier one back.")
        };
        let length = u64::try_from(answer.content_length().unwrap_or_default()).unwrap_or(0);
        if let Some(text) = too_large(length, largest) {
            return Err(large(text));
        }
        // Where it does not say its length, what is read at the most counts.
        let expected = if length > 0 { length } else { largest };
        let limit = WHOLE + transfer_time(expected);
        let whole = tokio::time::timeout(limit, whole(answer.body, largest));
        let bytes = match whole.await {
            Ok(read) => read.map_err(|error| failed(Refusal::cut(causes(&error))))?,
            Err(_) => return Err(failed(Refusal::cut(SLOW))),
        };
        if let Some(text) = too_large(bytes.len() as u64, largest) {
            return Err(large(text));
        }
        Ok(Some((bytes, version)))
    }

    /// Every key that begins with `prefix`.
    async fn keys(&self, prefix: &str) -> Result<Vec<String>, Failure> {
        let mut pages = self
            .client
            .list_objects_v2()
            .bucket(&self.bucket)
            .set_expected_bucket_owner(self.owner.clone())
            .prefix(prefix)
            .into_paginator()
            .send();
        let mut keys = Vec::new();
        while let Some(page) = pages.next().await {
            let page = page.map_err(|error| self.failure("listed", prefix, refusal(error)))?;
            keys.extend(
                page.contents()
                    .iter()
                    .filter_map(|object| object.key().map(str::to_owned)),
            );
        }
        keys.sort();
        Ok(keys)
    }

    fn failure(&self, done: &str, key: &str, refusal: Refusal) -> Failure {
        let failure = Failure::new(
            "the backend's bucket cannot be used",
            format!("`s3://{}/{key}` was to be {done}.", self.bucket),
        );
        match refusal {
            Refusal::Lost | Refusal::Conflict => failure
                .why("Other writers of the same object were at work the whole time.")
                .left_behind("Nothing was written.")
                .help("Run it again when they have ended."),
            Refusal::Missing => failure.why("There is no such object."),
            Refusal::Denied { text } => self.denied(failure, text),
            Refusal::Other {
                code,
                text,
                reached,
            } => {
                let help = match code.as_str() {
                    "NoSuchBucket" => {
                        "Create the bucket, or correct `[backend] s3` in the environment file."
                    }
                    _ if !reached => "Check the network, the region and `AWS_ENDPOINT_URL`.",
                    _ => "",
                };
                let class = if reached {
                    Class::Error
                } else {
                    Class::Unreachable
                };
                failure.why(text).help(help).class(class)
            }
        }
    }

    /// S3 has one answer for a bucket of another account than was expected and for what is not allowed.
    fn denied(&self, failure: Failure, text: String) -> Failure {
        let allow = "allow s3:ListBucket on the bucket and s3:GetObject, s3:PutObject and s3:DeleteObject in it";
        match &self.owner {
            Some(owner) => failure
                .class(Class::Refused)
                .why(format!(
                    "{text}. The bucket belongs to another account than {owner}, or it is not allowed to us."
                ))
                .left_behind("Nothing was written.")
                .help(format!(
                    "Let `[backend] s3` name a bucket of the account {owner}. Where it is one: {allow}."
                )),
            None => failure
                .why(format!("{text}."))
                .help(format!("Where the bucket is yours: {allow}.")),
        }
    }
}

#[async_trait]
impl Store for S3 {
    async fn get(&self, key: &Key) -> Result<Option<(Vec<u8>, Version)>, Failure> {
        self.read(key, LARGEST).await
    }

    async fn put(
        &self,
        key: &Key,
        bytes: &[u8],
        condition: &Condition,
    ) -> Result<Version, WriteError> {
        let mark = run_id()?;
        let mut backoff = conflicts();
        loop {
            match self.put_once(key, bytes, condition, &mark).await {
                Ok(version) => return Ok(version),
                Err(Refusal::Conflict) => {
                    if !backoff.pause().await {
                        let refusal = Refusal::Conflict;
                        return Err(self.failure("written", key.as_str(), refusal).into());
                    }
                }
                Err(Refusal::Lost | Refusal::Missing) => {
                    return self.won_before(key, &mark).await?.ok_or(WriteError::Lost);
                }
                Err(other) => return Err(self.failure("written", key.as_str(), other).into()),
            }
        }
    }

    async fn delete(&self, key: &Key, condition: &Condition) -> Result<(), WriteError> {
        if *condition == Condition::Absent {
            return Ok(());
        }
        let mut backoff = conflicts();
        loop {
            match self.delete_once(key, condition).await {
                Ok(()) => return Ok(()),
                Err(Refusal::Conflict) => {
                    if !backoff.pause().await {
                        let refusal = Refusal::Conflict;
                        return Err(self.failure("deleted", key.as_str(), refusal).into());
                    }
                }
                Err(Refusal::Missing) if *condition == Condition::Any => return Ok(()),
                Err(Refusal::Lost | Refusal::Missing) => return Err(WriteError::Lost),
                Err(other) => return Err(self.failure("deleted", key.as_str(), other).into()),
            }
        }
    }

    async fn list(&self, below: &Key) -> Result<Vec<Key>, Failure> {
        let keys = self.keys(&format!("{below}/")).await?;
        Ok(keys.iter().filter_map(|key| Key::listed(key)).collect())
    }

    async fn append(&self, log: &Key, index: u64, piece: &[u8]) -> Result<(), Failure> {
        let key = log.below(&format!("{index:08}"))?;
        self.put(&key, piece, &Condition::Absent)
            .await
            .map(drop)
            .map_err(|error| {
                error.or_lost(|| {
                    Failure::new(
                        "two writers of one log",
                        format!(
                            "`{}` was to be written and was there already.",
                            self.location(&key)
                        ),
                    )
                })
            })
    }

    async fn read_log(&self, log: &Key) -> Result<Option<Vec<u8>>, Failure> {
        let pieces = self.list(log).await?;
        if pieces.is_empty() {
            return Ok(None);
        }
        let mut whole = Vec::new();
        for piece in pieces {
            let remaining = LARGEST_LOG.saturating_sub(whole.len() as u64);
            if let Some((bytes, _)) = self.read(&piece, remaining).await? {
                whole.extend(bytes);
            }
        }
        Ok(Some(whole))
    }

    async fn delete_log(&self, log: &Key) -> Result<(), Failure> {
        for piece in self.list(log).await? {
            self.delete(&piece, &Condition::Any)
                .await
                .map_err(|error| {
                    error.or_lost(|| self.failure("deleted", piece.as_str(), Refusal::Conflict))
                })?;
        }
        Ok(())
    }

    fn location(&self, key: &Key) -> String {
        format!("s3://{}/{key}", self.bucket)
    }

    async fn read_whole(&self, key: &Key) -> Result<Option<Vec<u8>>, Failure> {
        let read = self.read(key, LARGEST_LOG).await?;
        Ok(read.map(|(bytes, _)| bytes))
    }

    async fn way_back(&self, key: &Key) -> String {
        let owner = self.owner.as_deref();
        versions::way_back(&self.client, &self.bucket, owner, key).await
    }
}

/// The body, read no further than to see that it is larger: not every answer says its length.
async fn whole(mut body: ByteStream, largest: u64) -> Result<Vec<u8>, ByteStreamError> {
    let mut bytes = Vec::new();
    while let Some(piece) = body.next().await {
        bytes.extend_from_slice(&piece?);
        if bytes.len() as u64 > largest {
            break;
        }
    }
    Ok(bytes)
}

/// The client's limits, with time for sending so many bytes: S3 answers when all have arrived.
fn patient(client: &Client, bytes: usize) -> Builder {
    let more = transfer_time(bytes as u64);
    let mut config = Builder::new();
    if let Some(times) = client.config().timeout_config() {
        let longer = |time: Option<Duration>| time.map(|time| time + more);
        let mut times = times.to_builder();
        let said = times.clone().build();
        times
            .set_read_timeout(longer(said.read_timeout()))
            .set_operation_attempt_timeout(longer(said.operation_attempt_timeout()))
            .set_operation_timeout(longer(longer(said.operation_timeout())));
        config = config.timeout_config(times.build());
    }
    config
}

/// The pauses after a refused write: S3 answers 409 while another conditional write of the same key is under way, which
/// takes well under a second.
fn conflicts() -> Backoff {
    Backoff::doubling(Duration::from_millis(50), 7).up_to(Duration::from_millis(1600))
}
