//! `apt_key`: a key that apt trusts for every source. Old playbooks use it; `deb822_repository` is better.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host_action::HostAction;
use crate::model::openpgp::{self, Form};
use crate::model::{Change, Content, Effect, Failure, Probe, Shown};
use crate::resource::Resource;

use crate::resource::host::access::WantedAccess;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;
use crate::resource::host::keyring::{self, Keyring};
use crate::resource::host::managed_file::{self, ManagedFile};
use crate::resource::host::mode::Mode;
use crate::resource::host::url;

/// The arguments of `apt_key`.
pub const ARGUMENTS: &[&str] = &["id", "url", "data", "keyring", "state", "validate_certs"];

/// A key in a file of its own.
pub enum AptKey {
    /// From a URL.
    Fetched(Keyring),
    /// From the playbook.
    Given(ManagedFile, Content),
    /// Not to be there.
    Absent(Keyring),
}

/// What is at its place.
pub enum Observed {
    /// For what is fetched or goes.
    Key(keyring::KeyringSeen),
    /// For what is given.
    File(managed_file::FileSeen),
}

/// Reads the arguments. `id` as a whole fingerprint pins the key.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<AptKey, Failure> {
    if !arguments.flag(&["validate_certs"], true)? {
        return Err(arguments.wrong("`validate_certs: false` is not supported"));
    }
    let id = arguments.text(&["id"])?.unwrap_or_default();
    let id: String = id.trim_start_matches("0x").split_whitespace().collect();
    let absent = arguments.choice(&["state"], &["present", "absent"])? == "absent";
    let url = arguments.text(&["url"])?;
    let data = arguments.text(&["data"])?;
    if !absent && url.is_some() == data.is_some() {
        return Err(arguments.wrong("one of `url` and `data` must be given"));
    }
    let name = match (&url, id.is_empty()) {
        (_, false) if id.bytes().all(|c| c.is_ascii_alphanumeric()) => id.to_ascii_uppercase(),
        (Some(url), true) if !absent => url
            .split("://")
            .last()
            .unwrap_or_default()
            .replace(|c: char| !c.is_ascii_alphanumeric(), "-"),
        _ => return Err(arguments.wrong("`id` must be the key's fingerprint")),
    };
    let fingerprints = match id.len() {
        40 | 64 => keyring::fingerprints(arguments, &["id"])?,
        _ => Vec::new(),
    };
    let path = arguments
        .path(&["keyring"])?
        .unwrap_or_else(|| format!("/etc/apt/trusted.gpg.d/{name}.asc"));
    let keyring = |url, fingerprints| Keyring {
        url,
        path: path.clone(),
        fingerprints,
    };
    Ok(match (url, data) {
        _ if absent => AptKey::Absent(keyring(String::new(), Vec::new())),
        (Some(url), _) => AptKey::Fetched(keyring(url::read(arguments, &url)?, fingerprints)),
        (None, data) => {
            let content = given(arguments, &data.unwrap_or_default(), &fingerprints, &path)?;
            AptKey::Given(managed_file(path), content)
        }
    })
}

/// Made anew from the keys in it, as those that are fetched.
fn given(
    arguments: &Arguments<'_>,
    data: &str,
    fingerprints: &[String],
    path: &str,
) -> Result<Content, Failure> {
    let refuse = |why: String| {
        arguments
            .wrong("`data` is not the key that is meant")
            .why(why)
    };
    let binary = openpgp::binary(data.as_bytes()).map_err(refuse)?;
    if !fingerprints.is_empty() {
        openpgp::check(&binary, fingerprints).map_err(refuse)?;
    }
    Ok(Content::public(Form::of(path).stored(binary)))
}

fn managed_file(path: String) -> ManagedFile {
    ManagedFile {
        path,
        wanted: WantedAccess {
            mode: Some(Mode::Bits(0o644)),
            ..WantedAccess::default()
        },
        validate: None,
        backup: false,
        secret: false,
        follow: true,
    }
}

#[async_trait]
impl Resource for AptKey {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        match self {
            Self::Fetched(key) | Self::Absent(key) => key.observe(world).await.map(Observed::Key),
            Self::Given(file, _) => file.observe(world).await.map(Observed::File),
        }
    }

    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        let path = match self {
            Self::Fetched(key) | Self::Absent(key) => &key.path,
            Self::Given(file, _) => &file.path,
        };
        let change = match (self, seen) {
            (Self::Fetched(key), Observed::Key(seen)) if !key.holds(seen) => {
                let new = seen.stat.is_none();
                let effect = if new { Effect::Create } else { Effect::Update };
                key.fetched(Change::new(effect), seen)
            }
            (Self::Given(file, content), Observed::File(seen)) => file.plan(seen, content)?,
            (Self::Absent(_), Observed::Key(seen)) if seen.stat.is_some() => {
                Change::new(Effect::Delete)
                    .field(path, Shown::Value("file".into()), Shown::Absent)
                    .action(HostAction::Remove { path: path.clone() })
            }
            _ => Change::none(),
        };
        Ok(change.result(json!({ "key_filename": path })))
    }
}
