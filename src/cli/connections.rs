//! The connections of one environment: AWS, hosts, this machine and the registry, each opened at most once.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Instant;

use async_trait::async_trait;
use tokio::sync::OnceCell;

use super::logged::Logged;
use crate::connect::{
    aws::{self, Aws},
    instance::Instance,
    local::Local,
    ssh,
    swarm::Swarm,
};
use crate::model::{Failure, Login, Place, World, Worlds};
use crate::register::Registry;

/// Connects to AWS, hosts, this machine and the registry of one environment.
pub struct Connections {
    /// How AWS is reached; none when the environment declares nothing there.
    pub aws: Option<aws::Settings>,
    /// How hosts are reached.
    pub ssh: ssh::Settings,
    /// The registry.
    pub registry: Registry,
    /// The account, once it was reached; shared with whoever else reaches it.
    pub account: Arc<OnceCell<Aws>>,
}

impl Connections {
    /// The account, connected. Fails when none is declared or it cannot be reached.
    pub async fn account(&self) -> Result<&Aws, Failure> {
        let settings = || {
            self.aws.clone().ok_or_else(|| {
                Failure::new("no AWS account is declared", "connecting to AWS")
                    .help("Add an `[aws]` section with its region.")
            })
        };
        self.account
            .get_or_try_init(|| async { Aws::connect(settings()?).await })
            .await
    }
}

#[async_trait]
impl Worlds for Connections {
    async fn open(&self, place: &Place, login: Option<&Login>) -> Result<Arc<dyn World>, Failure> {
        let began = Instant::now();
        let world: Arc<dyn World> = match (place, login) {
            (Place::Aws, _) => Arc::new(self.account().await?.clone()),
            (Place::Local, _) => Arc::new(Local),
            (Place::Registry, _) => Arc::new(self.registry.clone()),
            (Place::Host(name), Some(login)) => {
                Arc::new(ssh::Host::connect(login, name, self.ssh.clone()).await?)
            }
            (Place::Swarm(name), _) => {
                return Err(Failure::bug(format!(
                    "the swarm `{name}` was opened without its hosts"
                )));
            }
            (Place::Instance(name), _) => {
                return Err(Failure::bug(format!(
                    "the container instance `{name}` was opened without its host"
                )));
            }
            (Place::Host(name), None) => {
                return Err(Failure::bug(format!(
                    "the host `{name}` was opened without a login"
                )));
            }
        };
        tracing::debug!("{place}: opened after {:?}", began.elapsed());
        Ok(Arc::new(Logged::new(place, world)))
    }

    fn swarm(&self, hosts: BTreeMap<String, Result<Arc<dyn World>, String>>) -> Arc<dyn World> {
        Arc::new(Swarm::of(hosts))
    }

    fn instance(&self, host: Arc<dyn World>, aws: Arc<dyn World>) -> Arc<dyn World> {
        Arc::new(Instance::of(host, aws))
    }
}
