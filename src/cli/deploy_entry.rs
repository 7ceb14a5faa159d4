//! The way into a registered target, as CI goes it: by what its record says.

use std::path::Path;
use std::sync::Arc;

use super::{host_keys::HostKeys, session::Session};
use crate::connect::ssh;
use crate::model::{Class, Failure, HostTarget, Login, Profile, Target, TargetKind, World};

/// How a target's host is entered.
pub struct Entry {
    /// As whom, and by which key.
    pub login: Login,
    /// By which host keys: those of the record, and no others.
    pub settings: ssh::Settings,
    /// Their file, which is looked into again when the connection was cut.
    _keys: HostKeys,
}

impl Entry {
    /// The way into this host. Fails when the record has no host keys, or names a key that is not on this machine.
    pub fn of(session: &Session, target: &Target, host: &HostTarget) -> Result<Self, Failure> {
        let doing = format!("entering the host of `{}`", target.name);
        if host.host_keys.is_empty() {
            return Err(Failure::new("the target's record has no host keys", doing)
                .why("Without them nobody can tell whether it is the host that was registered.")
                .help("Apply the environment, which writes the record anew."));
        }
        let root = &session.declaration.root;
        let identity = match &host.key {
            Some(key) => Some(identity(&root.join(&key.file), &doing)?),
            None => None,
        };
        let keys = HostKeys::of(target)?;
        Ok(Self {
            login: Login {
                address: host.address.clone(),
                port: host.port,
                user: host.user.clone(),
                identity,
                sudo_password_file: None,
            },
            settings: ssh::Settings {
                known_hosts: keys.file.clone(),
                ..session.connections.ssh.clone()
            },
            _keys: keys,
        })
    }
}

/// A target's place, and what must be kept while it is used.
pub struct Entered {
    /// The host as its deploy user, or the account.
    pub world: Arc<dyn World>,
    _entry: Option<Entry>,
}

/// Enters a target. Fails when it is in another account than the environment is.
pub async fn enter(session: &Session, target: &Target) -> Result<Entered, Failure> {
    match &target.kind {
        TargetKind::Host(host) => {
            let entry = Entry::of(session, target, host)?;
            let (login, settings) = (&entry.login, entry.settings.clone());
            let world: Arc<dyn World> = match host.profile {
                Some(Profile::ForcedCommand) => {
                    Arc::new(ssh::Exec::connect(login, &target.name, settings).await?)
                }
                _ => Arc::new(ssh::Host::connect(login, &target.name, settings).await?),
            };
            Ok(Entered {
                world,
                _entry: Some(entry),
            })
        }
        TargetKind::Ecs(ecs) => {
            let aws = session.connections.account().await?.clone();
            let here = aws.account();
            if (here.id.as_str(), here.region.as_str())
                != (ecs.account.as_str(), ecs.region.as_str())
            {
                return Err(Failure::new(
                    "the target is in another account or region",
                    format!("entering `{}`", target.name),
                )
                .class(Class::Refused)
                .why(format!(
                    "It is in account {}, {}; the credentials are for {}, {}.",
                    ecs.account, ecs.region, here.id, here.region
                ))
                .left_behind("Nothing was changed."));
            }
            Ok(Entered {
                world: Arc::new(aws),
                _entry: None,
            })
        }
    }
}

/// The private key's path. Fails when there is no such file.
fn identity(file: &Path, doing: &str) -> Result<String, Failure> {
    if file.is_file() {
        return Ok(file.display().to_string());
    }
    Err(Failure::new("the key to the target is not on this machine", doing)
        .why(format!("There is no file {}.", file.display()))
        .help("Copy the private half there, readable by you alone; its public half is in the record."))
}
