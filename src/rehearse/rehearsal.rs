//! What a rehearsal stands on: an emulator, throwaway hosts and a folder, all taken away at its end.

use std::collections::BTreeMap;
use std::path::PathBuf;

use futures::future::join_all;
use tempfile::TempDir;
use tokio_util::sync::CancellationToken;

use super::{
    Say, base,
    emulator::Emulator,
    engine::Engine,
    host::{self, Host},
    program,
};
use crate::connect::leftovers;
use crate::model::{Failure, Login};

/// One rehearsal: what it made on this machine. It must be [ended](Rehearsal::end).
pub struct Rehearsal<'a> {
    say: Say<'a>,
    folder: TempDir,
    emulator: Option<Emulator>,
    engine: Option<Engine>,
    hosts: BTreeMap<String, Host>,
}

impl<'a> Rehearsal<'a> {
    /// A rehearsal without hosts or emulator, with a folder that only its owner may enter; what rehearsals that were killed have left goes.
    /// Fails when the folder cannot be made.
    pub async fn new(say: Say<'a>) -> Result<Self, Failure> {
        let parent = std::env::temp_dir();
        leftovers::remove(&parent).await;
        if let Some(engine) = Engine::running().await {
            host::remove_leftovers(&engine).await;
        }
        let folder = leftovers::folder(&parent).map_err(|error| {
            Failure::new("there is no room for a rehearsal", "making its folder").why(error)
        })?;
        Ok(Self {
            say,
            folder,
            emulator: None,
            engine: None,
            hosts: BTreeMap::new(),
        })
    }

    /// Starts the emulator. Fails as [`Emulator::start`].
    pub async fn start_emulator(&mut self) -> Result<(), Failure> {
        (self.say)("Starting the AWS emulator");
        self.emulator = Some(Emulator::start(self.say).await?);
        Ok(())
    }

    /// Boots a host for each name, entered as that user, all at once.
    ///
    /// Gives the reason when there is no container engine. Fails when a host does not boot, and when `stop` is
    /// cancelled before they boot: once they do they are waited for, so that each is known and taken away.
    pub async fn boot_hosts(
        &mut self,
        wanted: Vec<(String, String)>,
        stop: &CancellationToken,
    ) -> Result<Option<Failure>, Failure> {
        if wanted.is_empty() {
            return Ok(None);
        }
        let engine = match Engine::find(self.say).await {
            // Kept at once, so that a daemon which was started is ended whatever happens from here on.
            Ok(engine) => &*self.engine.insert(engine),
            Err(failure) => return Ok(Some(failure)),
        };
        // A daemon that was started just now has brought what was left back to life.
        host::remove_leftovers(engine).await;
        let identity = self.folder.path().join("login");
        let path = identity.display().to_string();
        program::run(
            "making a key to log in with",
            "ssh-keygen",
            [
                "-q",
                "-t",
                "ed25519",
                "-N",
                "",
                "-C",
                "rehearsal",
                "-f",
                &path,
            ],
            b"",
        )
        .await?;
        let public = std::fs::read_to_string(identity.with_extension("pub")).map_err(|error| {
            Failure::new("a key cannot be read", "making a key to log in with").why(error)
        })?;
        (self.say)(&format!("Booting {} throwaway host(s)", wanted.len()));
        // Once before the hosts, so that they do not all wait for it with a line each.
        let image = tokio::select! {
            biased;
            () = stop.cancelled() => {
                base::clear(engine).await;
                Err(Failure::interrupted("making the image of the hosts"))
            }
            image = base::image(engine, self.say) => image,
        };
        let boot = wanted
            .iter()
            .map(|(name, user)| Host::boot(engine, name, user, &public, &identity, self.say));
        let booted = match image {
            Ok(_) => join_all(boot).await,
            Err(failure) => vec![Err(failure)],
        };
        let mut failed = None;
        for ((name, _), host) in wanted.iter().zip(booted) {
            match host {
                Ok(host) => {
                    self.hosts.insert(name.clone(), host);
                }
                Err(failure) => failed = Some(failure),
            }
        }
        if let Some(failure) = failed {
            return Err(failure);
        }
        let known: String = self.hosts.values().map(Host::known_hosts).collect();
        std::fs::write(self.known_hosts(), known).map_err(|error| {
            Failure::new(
                "host keys cannot be written down",
                "booting throwaway hosts",
            )
            .why(error)
        })?;
        Ok(None)
    }

    /// The emulator's endpoint.
    pub fn endpoint(&self) -> Option<String> {
        self.emulator
            .as_ref()
            .map(|emulator| emulator.endpoint().to_owned())
    }

    /// How each host is entered.
    pub fn logins(&self) -> BTreeMap<String, Login> {
        self.hosts
            .iter()
            .map(|(name, host)| (name.clone(), host.login().clone()))
            .collect()
    }

    /// The file of the hosts' keys.
    pub fn known_hosts(&self) -> PathBuf {
        self.folder.path().join("known_hosts")
    }

    /// The folder that stands for the backend.
    pub fn backend(&self) -> PathBuf {
        self.folder.path().join("backend")
    }

    /// The folder for key pairs.
    pub fn keys(&self) -> PathBuf {
        self.folder.path().join("keys")
    }

    /// How to look at what stands, with the account and the region that the emulator was asked for.
    pub fn describe(&self, account: Option<(&str, &str)>) -> String {
        let mut lines = vec!["Everything is left up until Ctrl-C:".to_owned()];
        if let (Some(endpoint), Some((account, region))) = (self.endpoint(), account) {
            lines.push(format!(
                "  export AWS_ENDPOINT_URL={endpoint} AWS_ACCESS_KEY_ID={account} AWS_SECRET_ACCESS_KEY=rehearsal AWS_REGION={region}"
            ));
        }
        for (name, host) in &self.hosts {
            let login = host.login();
            lines.push(format!(
                "  {name}: ssh -i {} -o UserKnownHostsFile={} -p {} {}@{}",
                login.identity.as_deref().unwrap_or_default(),
                self.known_hosts().display(),
                login.port,
                login.user,
                login.address
            ));
        }
        lines.join("\n")
    }

    /// Takes everything away.
    pub async fn end(mut self) {
        if let Some(emulator) = self.emulator.take() {
            emulator.stop().await;
        }
        if let Some(engine) = self.engine.take() {
            let engine_ref = &engine;
            join_all(
                std::mem::take(&mut self.hosts)
                    .into_values()
                    .map(|host| host.remove(engine_ref)),
            )
            .await;
            engine.stop().await;
        }
    }
}
