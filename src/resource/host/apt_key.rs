//! `apt_key`: a key that apt trusts for every source. Old playbooks use it; `deb822_repository` is better.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::Stat;
use crate::model::host_action::{Access, HostAction, WriteFile};
use crate::model::{Change, Content, Effect, Failure, Probe, Shown};
use crate::resource::Resource;

use super::arguments::Arguments;
use super::{Context, ask, get_url, keyring};

/// The arguments of `apt_key`.
pub const ARGUMENTS: &[&str] = &["id", "url", "data", "keyring", "state", "validate_certs"];

/// A key in a file of its own.
pub struct AptKey {
    path: String,
    fingerprints: Vec<String>,
    source: Source,
}

enum Source {
    Url(String),
    Data(String),
    Absent,
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
    let source = match (absent, url, arguments.text(&["data"])?) {
        (true, ..) => Source::Absent,
        (false, Some(url), None) => Source::Url(get_url::url(arguments, &url)?),
        (false, None, Some(data)) => Source::Data(data),
        _ => return Err(arguments.wrong("one of `url` and `data` must be given")),
    };
    let name = match (&source, id.is_empty()) {
        (_, false) if id.bytes().all(|c| c.is_ascii_alphanumeric()) => id.to_ascii_uppercase(),
        (Source::Url(url), true) => url
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
    Ok(AptKey {
        path,
        fingerprints,
        source,
    })
}

#[async_trait]
impl Resource for AptKey {
    type Observed = Option<Stat>;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        ask::stat(world, &self.path, true).await
    }

    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        let change = match (&self.source, seen) {
            (Source::Absent, None) | (Source::Url(_) | Source::Data(_), Some(_)) => Change::none(),
            (Source::Absent, Some(_)) => Change::new(Effect::Delete)
                .field(&self.path, Shown::Value("file".into()), Shown::Absent)
                .action(HostAction::Remove {
                    path: self.path.clone(),
                }),
            (Source::Url(url), None) => keyring::fetched(
                Change::new(Effect::Create),
                &self.path,
                url,
                &self.fingerprints,
            ),
            (Source::Data(data), None) => self.write(data),
        };
        Ok(change.result(json!({"key_filename": self.path})))
    }
}

impl AptKey {
    fn write(&self, data: &str) -> Change {
        let content = Content::public(data);
        Change::new(Effect::Create)
            .field(&self.path, Shown::Absent, Shown::content(&content))
            .action(HostAction::Write(WriteFile {
                path: self.path.clone(),
                content,
                access: Access {
                    mode: Some(0o644),
                    ..Access::default()
                },
                validate: None,
                backup: false,
            }))
    }
}
