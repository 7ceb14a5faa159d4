//! How targets are entered to be verified: with the record's own key pair and host keys, as CI will.

use std::path::PathBuf;
use std::sync::Arc;

use async_trait::async_trait;
use tokio::sync::OnceCell;

use super::host_keys::HostKeys;
use crate::connect::{aws, aws::Aws, network::Network, ssh};
use crate::model::{Answer, EcsTarget, Failure, HostTarget, Login, Probe, Query, Target};
use crate::register::{Entered, Entrance};

/// Enters targets from this machine.
pub struct FromHere {
    /// The project's root, from which the files of key pairs are named.
    pub root: PathBuf,
    /// How hosts are reached.
    pub ssh: ssh::Settings,
    /// How AWS is reached; none when the environment declares nothing there.
    pub aws: Option<aws::Settings>,
    /// The account, once it was reached; shared with whoever else reaches it.
    pub account: Arc<OnceCell<Aws>>,
    /// Another private key than that of the record.
    pub identity: Option<PathBuf>,
}

#[async_trait]
impl Entrance for FromHere {
    async fn host(&self, target: &Target, host: &HostTarget) -> Result<Entered, Failure> {
        let identity = match (&self.identity, &host.key) {
            (Some(file), _) => file.clone(),
            (None, Some(key)) => self.root.join(&key.file),
            (None, None) => {
                return Ok(Entered::NoKey(format!(
                    "Nobody said which key pair CI has: `[targets.{}]` has no `key`.",
                    target.name
                )));
            }
        };
        if !identity.exists() {
            return Ok(Entered::NoKey(format!(
                "The private key {} is not on this machine.",
                identity.display()
            )));
        }
        let login = Login {
            address: host.address.clone(),
            port: host.port,
            user: host.user.clone(),
            identity: Some(identity.display().to_string()),
            sudo_password_file: None,
        };
        // A record without host keys is of a host whose files nobody could read: then those of the project count.
        let keys = match host.host_keys.as_slice() {
            [] => None,
            _ => Some(HostKeys::of(target)?),
        };
        let mut settings = self.ssh.clone();
        if let Some(keys) = &keys {
            settings.known_hosts = keys.file.clone();
        }
        let world = ssh::Exec::connect(&login, &target.name, settings).await?;
        Ok(Entered::Probe(Arc::new(Door {
            host: world,
            _keys: keys,
        })))
    }

    async fn aws(&self, ecs: &EcsTarget) -> Result<Arc<dyn Probe>, Failure> {
        let Some(settings) = &self.aws else {
            return Err(
                Failure::new("no AWS account is declared", "connecting to AWS")
                    .help("Add an `[aws]` section with its region."),
            );
        };
        let own = aws::Settings {
            region: ecs.region.clone(),
            account: Some(ecs.account.clone()),
            ..settings.clone()
        };
        // What is shared is of the environment's region.
        let aws = match own.region == settings.region {
            true => {
                let shared = self.account.get_or_try_init(|| Aws::connect(own));
                shared.await?.clone()
            }
            false => Aws::connect(own).await?,
        };
        let here = aws.account().id;
        if here != ecs.account {
            return Err(Failure::new(
                "the target is in another account",
                format!("connecting to account {}", ecs.account),
            )
            .why(format!("The credentials are for account {here}.")));
        }
        Ok(Arc::new(aws))
    }

    fn network(&self) -> Arc<dyn Probe> {
        Arc::new(Network)
    }
}

/// A host that was entered, and the file with its keys, which is looked into again when the connection was cut.
struct Door {
    host: ssh::Exec,
    _keys: Option<HostKeys>,
}

#[async_trait]
impl Probe for Door {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        self.host.ask(query).await
    }
}
