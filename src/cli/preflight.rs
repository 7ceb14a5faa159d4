//! What a run would meet before it asks anybody: files and settings of this machine that it cannot do without.
//!
//! A declaration is right or wrong whichever machine reads it, and whoever takes an environment away needs none of these:
//! so they are looked at by a check alone, and by each run where it needs them.

use std::collections::BTreeSet;
use std::fs;
use std::os::unix::fs::PermissionsExt;

use serde::Deserialize;
use serde::de::DeserializeOwned;

use super::opening;
use crate::backend::Backend;
use crate::connect::{aws, local::Local, ssh};
use crate::declare::{self, BackendSettings, Declaration};
use crate::model::playbook::Base;
use crate::model::{Address, Failure, Kind, Map, Node, Spec, Value};
use crate::resource::{Resource, aws::ObjectSource, certificate::Certificate, key::Key};
use crate::vars::{Renderer, docker_login};

/// Of so many hosts each is named.
const NAMED: usize = 20;

/// What a run would fail of.
pub async fn failures(declaration: &Declaration) -> Vec<Failure> {
    let mut found = Vec::new();
    if let Err(failure) = memory(declaration).await {
        found.push(failure);
    }
    if let Some(settings) = opening::account(declaration)
        && let Err(failure) = aws::check(&settings).await
    {
        found.push(failure);
    }
    let renderer = Renderer::new(Base::Folder(declaration.root.clone()));
    for node in &declaration.nodes {
        let met = match node.address.kind {
            Kind::Key => key(declaration, &renderer, node).await,
            Kind::Certificate => certificate(declaration, &renderer, node).await,
            Kind::Object => login(declaration, &renderer, node),
            Kind::Role
            | Kind::Bucket
            | Kind::Stack
            | Kind::TaskDefinition
            | Kind::Service
            | Kind::Job
            | Kind::Host
            | Kind::Swarm
            | Kind::Instance
            | Kind::Target => Ok(()),
        };
        if let Err(failure) = met {
            found.push(failure.at(&node.at));
        }
    }
    found
}

/// What of hosts and their keys a run may stumble over, as lines: ssh may know more than this machine's files say.
///
/// Fails when the file of host keys cannot be read.
pub fn notes(declaration: &Declaration) -> Result<Vec<String>, Failure> {
    #[derive(Deserialize)]
    struct Door {
        address: String,
        port: u16,
        identity: Option<String>,
    }
    let renderer = Renderer::new(Base::Folder(declaration.root.clone()));
    let mut doors: Vec<(&Address, Door)> = Vec::new();
    for node in &declaration.nodes {
        if let Spec::Host { login, .. } = &node.spec
            && let Some(door) = rendered(declaration, &renderer, login)
        {
            doors.push((&node.address, door));
        }
    }
    let known_hosts = declaration.root.join(declare::FOLDER).join("known_hosts");
    let asked = doors.iter().map(|(_, door)| (&*door.address, door.port));
    let known = ssh::knows(&known_hosts, asked)?;
    let strange = doors.iter().zip(known).filter(|(_, known)| !known);
    let mut commands = BTreeSet::new();
    let mut lines: Vec<String> = strange
        .filter(|((_, door), _)| commands.insert((&door.address, door.port)))
        .map(|((address, door), _)| {
            let trust = ssh::trust_command(&door.address, door.port);
            format!(
                "{address}: no key of {} is in {}/known_hosts yet. Before a run: `{trust}`",
                door.address,
                declare::FOLDER
            )
        })
        .collect();
    for (address, door) in &doors {
        let identity = door.identity.as_ref();
        if let Some(file) = identity.map(|file| declaration.root.join(file))
            && fs::metadata(&file).is_ok_and(|found| found.permissions().mode() & 0o077 != 0)
        {
            lines.push(format!(
                "{address}: ssh passes over a private key that others may read. Before a run: `chmod 600 {}`",
                file.display()
            ));
        }
    }
    if lines.len() > NAMED {
        let more = lines.len() - NAMED;
        lines.truncate(NAMED);
        lines.push(format!("{more} more hosts are not ready for a run."));
    }
    Ok(lines)
}

/// Its ledger can be read, and is this project's. One in a bucket needs the network.
async fn memory(declaration: &Declaration) -> Result<(), Failure> {
    let BackendSettings::Folder { .. } = declaration.backend else {
        return Ok(());
    };
    let store = opening::store(declaration, None, &Default::default()).await?;
    let backend = Backend::new(store, "", &declaration.project, &declaration.name)?;
    backend.ledger().await.map(drop)
}

/// Its halves are whole, belong together, and are its owner's alone.
async fn key(declaration: &Declaration, renderer: &Renderer, node: &Node) -> Result<(), Failure> {
    let key = values(node).and_then(|map| rendered::<Key>(declaration, renderer, map));
    let Some(mut key) = key else {
        return Ok(());
    };
    key.file = declaration
        .root
        .join(&key.file)
        .to_string_lossy()
        .into_owned();
    let seen = key.observe(&Local).await?;
    key.plan(&seen).map(drop)
}

/// One of the user's own is there, and good for its names.
async fn certificate(
    declaration: &Declaration,
    renderer: &Renderer,
    node: &Node,
) -> Result<(), Failure> {
    let found = values(node).and_then(|map| rendered::<Certificate>(declaration, renderer, map));
    let Some(certificate) = found else {
        return Ok(());
    };
    let seen = certificate.observe(&Local).await?;
    certificate.plan(&seen).map(drop)
}

/// Docker has stored a login where an object is made of one.
fn login(declaration: &Declaration, renderer: &Renderer, node: &Node) -> Result<(), Failure> {
    let source = values(node).and_then(|values| values.get("source"));
    let source = source.and_then(|source| renderer.value(source, &declaration.scope).ok());
    match source.map(serde_json::from_value) {
        Some(Ok(ObjectSource::Registry { url, docker_config })) => {
            let config = docker_config.map(|config| declaration.root.join(config));
            docker_login::has_login(config.as_deref(), &url)
        }
        // A file is looked for where the declaration is read.
        Some(Ok(ObjectSource::File(_)) | Err(_)) | None => Ok(()),
    }
}

fn values(node: &Node) -> Option<&Map> {
    match &node.spec {
        Spec::Resource(values)
        | Spec::Swarm(values)
        | Spec::Instance(values)
        | Spec::Target(values) => Some(values),
        Spec::Host { .. } => None,
    }
}

/// What can be known of it now: what is made of something that is not there yet is no mistake.
fn rendered<T: DeserializeOwned>(
    declaration: &Declaration,
    renderer: &Renderer,
    values: &Map,
) -> Option<T> {
    let whole = Value::Object(values.clone());
    let whole = renderer.value(&whole, &declaration.scope).ok()?;
    serde_json::from_value(whole).ok()
}
