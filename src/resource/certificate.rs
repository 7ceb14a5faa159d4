//! A certificate on the operator's machine, which hosts are given: one of the user's own, or one that is made for practice.
//!
//! What would keep a browser from trusting it is said here, before anything is copied anywhere.

mod ordered;
mod preflight;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::Resource;
use super::nature::{Extra, Identity, Mark, Name, Nature, Recorded, Values, Within};
use crate::answer;
use crate::model::local::{CertificateFiles, LocalAnswer, LocalQuery};
use crate::model::local_action::LocalAction;
use crate::model::{
    Answer, Attribute, Attributes, CertificateFacts, Change, Class, Effect, Failure, Probe, Query,
    Secret, Shown, Value,
};

pub use ordered::Ordered;

/// For how many days a certificate is made: as long as those of Let's Encrypt, so that what depends on it is practised.
pub const DAYS: u16 = 90;

/// With how many days left a certificate is made anew, and one of the user's own is spoken of. Let's Encrypt renews then.
pub const NEAR: i64 = 30;

/// A certificate as it shall be.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Certificate {
    /// The names it must be for.
    pub domains: Vec<String>,
    /// The file of the chain, PEM: the host's own certificate first.
    pub chain: String,
    /// The file of its private key, PEM.
    pub key: String,
    /// Whether it is made here, signed by itself.
    pub made: bool,
    /// Whether only the ledger says that its files are ours. A ledger that somebody else wrote must not take a person's
    /// files away.
    #[serde(default)]
    pub hearsay: bool,
}

impl Certificate {
    /// What holds for every certificate.
    pub const NATURE: Nature = Nature {
        attributes: &[
            "authorities",
            "chain",
            "domains",
            "key",
            "not_after",
            "preflight",
        ],
        open: None,
        identity: Some(Identity {
            key: "chain",
            name: Self::name_of,
            within: Within::World,
        }),
        anchor: None,
        lies_in: Within::World,
        recorded: Recorded {
            emptied: &[],
            paths: &["ca", "chain", "key"],
            extra: Extra::Nothing,
        },
        stands: true,
        holds_data: false,
        mark: Mark::Nothing,
        given_back: false,
    };

    fn name_of(values: Values<'_>) -> Option<Name> {
        values("chain").map(Name::exact)
    }
}

#[async_trait]
impl Resource for Certificate {
    type Observed = Option<CertificateFiles>;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        let query = Query::Local(LocalQuery::Certificate {
            chain: self.chain.clone(),
            key: self.key.clone(),
            domains: self.domains.clone(),
        });
        Ok(
            answer!(world, query, Answer::Local(LocalAnswer::Certificate(files)) => files.map(|files| *files)),
        )
    }

    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        if let Some(mode) = seen.as_ref().and_then(|files| files.key_mode)
            && mode & 0o077 != 0
        {
            return Err(self.open_to_others(mode));
        }
        match (self.made, seen) {
            (true, None) => Ok(self.make(Effect::Create, None)),
            (true, Some(files)) => Ok(match &files.leaf {
                Some(leaf) if files.faults.is_empty() && leaf.days_left(files.at) >= NEAR => {
                    Change::none()
                }
                leaf => self.make(Effect::Update, leaf.as_ref()),
            }),
            (false, None) => Err(Failure::new("the certificate is not there", self.reading())
                .why(format!("There is neither {} nor {}.", self.chain, self.key))
                .left_behind("Nothing was copied to any host.")
                .help("Put both files there, or let the section say `self_signed = true`.")),
            (false, Some(files)) => self.given(files),
        }
    }

    fn remove(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        if seen.is_none() || !self.made {
            return Ok(Change::none());
        }
        if self.hearsay {
            return Ok(Change::none().note(format!(
                "{} stays: only the ledger names this file. If it is not needed, remove it and its key by hand.",
                self.chain
            )));
        }
        let file = Shown::Value(Value::from(self.chain.clone()));
        Ok(Change::new(Effect::Delete)
            .field("chain", file, Shown::Absent)
            .action(LocalAction::RemoveCertificate {
                chain: self.chain.clone(),
                key: self.key.clone(),
            }))
    }

    fn attributes(&self, seen: &Self::Observed, change: &Change) -> Attributes {
        let standing = seen.as_ref().filter(|_| change.actions.is_empty());
        let known =
            |value: Value| standing.map_or(Attribute::AfterApply, |_| Attribute::Known(value));
        let text = |content: &crate::model::Content| content.text().unwrap_or_default().to_owned();
        let leaf = standing.and_then(|files| files.leaf.as_ref());
        let key = standing.map_or(Attribute::AfterApply, |files| {
            Attribute::Secret(Secret::new(text(&files.key)))
        });
        Attributes::from([
            (
                "domains".to_owned(),
                Attribute::Known(Value::from(self.domains.clone())),
            ),
            (
                "chain".to_owned(),
                known(standing.map(|files| text(&files.chain)).into()),
            ),
            ("key".to_owned(), key),
            (
                "not_after".to_owned(),
                known(leaf.map(|leaf| leaf.not_after.to_string()).into()),
            ),
        ])
    }
}

impl Certificate {
    fn make(&self, effect: Effect, before: Option<&CertificateFacts>) -> Change {
        let was = |value: Option<Value>| value.map_or(Shown::Absent, Shown::Value);
        let names = before.map(|leaf| Value::from(leaf.names.clone()));
        let end = before.map(|leaf| Value::from(leaf.not_after.to_string()));
        Change::new(effect)
            .field(
                "chain",
                Shown::Absent,
                Shown::Value(Value::from(self.chain.clone())),
            )
            .field(
                "domains",
                was(names),
                Shown::Value(Value::from(self.domains.clone())),
            )
            .field(
                "valid until",
                was(end),
                Shown::Value(format!("{DAYS} days from now on").into()),
            )
            .note("It signs itself: nobody but who is told of it trusts it.")
            .action(LocalAction::MakeCertificate {
                chain: self.chain.clone(),
                key: self.key.clone(),
                domains: self.domains.clone(),
                days: DAYS,
            })
    }

    /// One of the user's own: it must be whole, and its end is spoken of in time.
    fn given(&self, files: &CertificateFiles) -> Result<Change, Failure> {
        if let Some(first) = files.faults.first() {
            let whys: Vec<&str> = files
                .faults
                .iter()
                .map(|fault| fault.why.as_str())
                .collect();
            return Err(
                Failure::new("the certificate cannot be used", self.reading())
                    .class(Class::Refused)
                    .why(whys.join("\n"))
                    .left_behind("Nothing was copied to any host.")
                    .help(format!("Mend it: {}.", first.help)),
            );
        }
        let left = files
            .leaf
            .as_ref()
            .map(|leaf| (leaf.days_left(files.at), leaf.not_after));
        Ok(match left {
            Some((days, end)) if days < NEAR => Change::none().note(format!(
                "{} ends in {days} days, on {end}: have it issued anew.",
                self.chain
            )),
            _ => Change::none(),
        })
    }

    fn reading(&self) -> String {
        format!(
            "reading the certificate {} and its key {}",
            self.chain, self.key
        )
    }

    fn open_to_others(&self, mode: u32) -> Failure {
        Failure::new("the private key can be read by others", self.reading())
            .why(format!("The mode of {} is {mode:04o}.", self.key))
            .left_behind("Nothing was copied to any host.")
            .help(format!(
                "If nobody has read it: `chmod 600 {}`. Else have the certificate issued anew with another key.",
                self.key
            ))
    }
}
