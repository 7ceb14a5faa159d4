//! The two ways to touch the world: asking, which changes nothing, and acting.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};

use super::{Action, Answer, Failure, Outcome, Place, Progress, Query};

/// Can be asked, and cannot change anything.
#[async_trait]
pub trait Probe: Send + Sync {
    /// The answer, always of the shape that belongs to the question.
    ///
    /// That a thing is not there is an answer; a failure means that the question could not be asked.
    async fn ask(&self, query: &Query) -> Result<Answer, Failure>;
}

/// Can be asked and can be changed.
#[async_trait]
pub trait World: Probe {
    /// Performs one action, saying on `progress` what a person who waits would like to know.
    ///
    /// Performing an action twice must end where performing it once ends.
    async fn act(&self, action: &Action, progress: &Progress) -> Result<Outcome, Failure>;

    /// The same place seen as another user of it (`sudo` on a host); places without users give themselves.
    fn as_user(&self, user: &str) -> Arc<dyn World>;
}

/// How a host is entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Login {
    /// A name or an IP address.
    pub address: String,
    /// The port of its sshd.
    #[serde(default = "ssh_port")]
    pub port: u16,
    /// The user to log in as.
    pub user: String,
    /// The private key's path; the agent's and ssh's own defaults when absent.
    #[serde(default)]
    pub identity: Option<String>,
    /// A file with the password that `sudo` asks for; none where it asks for none.
    #[serde(default)]
    pub sudo_password_file: Option<String>,
}

impl Login {
    /// The same as ssh takes it: its files from the project's root on, also where a template gave their paths, and its
    /// address without brackets.
    pub fn within(self, root: &Path) -> Self {
        let whole = |file: String| root.join(file).to_string_lossy().into_owned();
        Self {
            address: without_brackets(&self.address).to_owned(),
            identity: self.identity.map(whole),
            sudo_password_file: self.sudo_password_file.map(whole),
            ..self
        }
    }
}

/// An address as ssh takes it: that of IPv6 without the brackets which it has in URLs.
pub fn without_brackets(address: &str) -> &str {
    let inner = address
        .strip_prefix('[')
        .and_then(|rest| rest.strip_suffix(']'));
    inner.unwrap_or(address)
}

fn ssh_port() -> u16 {
    22
}

/// Opens the places of an environment, each at most once a run.
#[async_trait]
pub trait Worlds: Send + Sync {
    /// The place, connected. Fails when it cannot be reached or does not let us in.
    ///
    /// A host needs its login; the other places have none.
    async fn open(&self, place: &Place, login: Option<&Login>) -> Result<Arc<dyn World>, Failure>;

    /// The Docker engines of these hosts as one place. Of a host that was not reached there is the reason.
    fn swarm(&self, hosts: BTreeMap<String, Result<Arc<dyn World>, String>>) -> Arc<dyn World>;

    /// A host, as root, and the AWS account as one place.
    fn instance(&self, host: Arc<dyn World>, aws: Arc<dyn World>) -> Arc<dyn World>;
}
