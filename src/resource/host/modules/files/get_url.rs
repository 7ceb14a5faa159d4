//! `get_url`: a file fetched by the host itself.

use async_trait::async_trait;
use serde_json::{Value, json};

use crate::model::host::{FileType, Stat};
use crate::model::host_action::{Access, Download, HostAction, shown_url};
use crate::model::{Change, Effect, Failure, Probe, Shown};
use crate::resource::Resource;

use crate::resource::host::access::{WantedAccess, registered};
use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::context::Context;
use crate::resource::host::url;

/// The arguments of `get_url`.
pub const ARGUMENTS: &[&str] = &[
    "url",
    "dest",
    "checksum",
    "force",
    "mode",
    "owner",
    "group",
    "timeout",
    "validate_certs",
    "use_proxy",
    "http_agent",
];

/// A file and where it comes from.
pub struct GetUrl {
    url: String,
    path: String,
    sha256: Option<String>,
    force: bool,
    wanted: WantedAccess,
}

/// What is at `dest`, or in it where that is a folder.
pub struct Observed {
    path: String,
    stat: Option<Stat>,
    sha256: Option<String>,
    /// What the URL gives, where that was asked.
    given: Option<String>,
    /// Whether it counts.
    looked: bool,
}

/// Reads the arguments. Refuses to leave out the check of certificates.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<GetUrl, Failure> {
    if !arguments.flag(&["validate_certs"], true)? {
        return Err(arguments
            .wrong("`validate_certs: false` is not supported")
            .help("Give the host the authority's certificate, or pin the file with `checksum`."));
    }
    arguments.only_default(&[("use_proxy", true)])?;
    if arguments.has(&["http_agent"]) {
        return Err(arguments.wrong("`http_agent` is not supported"));
    }
    Ok(GetUrl {
        url: url::read(arguments, &arguments.need(&["url"])?)?,
        path: arguments.need_path(&["dest"])?,
        sha256: checksum(arguments)?,
        force: arguments.flag(&["force"], false)?,
        wanted: WantedAccess::read(arguments)?,
    })
}

fn checksum(arguments: &Arguments<'_>) -> Result<Option<String>, Failure> {
    let Some(text) = arguments
        .text(&["checksum"])?
        .filter(|text| !text.is_empty())
    else {
        return Ok(None);
    };
    let sum = text.strip_prefix("sha256:").map(str::trim).unwrap_or("");
    if sum.len() == 64 && sum.bytes().all(|digit| digit.is_ascii_hexdigit()) {
        return Ok(Some(sum.to_ascii_lowercase()));
    }
    Err(arguments
        .wrong(format!(
            "`checksum` must be sha256: and 64 digits, but is {text}"
        ))
        .help("A sum that is fetched from the same server proves nothing; write the sum itself."))
}

#[async_trait]
impl Resource for GetUrl {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        let mut path = self.path.clone();
        let mut stat = ask::stat(world, &path, false).await?;
        let folder = match &stat {
            Some(stat) if stat.kind == FileType::Link => ask::stat(world, &path, true).await?,
            stat => stat.clone(),
        };
        let inside = matches!(&folder, Some(stat) if stat.kind == FileType::Directory);
        if inside {
            let name = self.url.split(['?', '#']).next().unwrap_or_default();
            let name = name.rsplit('/').next().unwrap_or_default();
            path = format!("{}/{name}", path.trim_end_matches('/'));
            stat = ask::stat(world, &path, false).await?;
        }
        // Without a sum, what is in a folder or forced is compared with what the URL gives: the host looks, and keeps
        // nothing.
        let looked = self.sha256.is_none() && (inside || self.force);
        let file = matches!(&stat, Some(stat) if stat.kind == FileType::File);
        let (sha256, given) = match (file, looked) {
            (true, true) => {
                futures::try_join!(ask::sha256(world, &path), ask::fetched(world, &self.url))?
            }
            (true, false) if self.sha256.is_some() => (ask::sha256(world, &path).await?, None),
            _ => (None, None),
        };
        Ok(Observed {
            path,
            stat,
            sha256,
            given,
            looked,
        })
    }

    fn plan(&self, seen: &Observed) -> Result<Change, Failure> {
        let path = &seen.path;
        let holds = match (&seen.stat, &self.sha256) {
            (None, _) => false,
            (Some(_), Some(_)) => seen.sha256 == self.sha256,
            (Some(_), None) if seen.looked => seen.given.is_some() && seen.sha256 == seen.given,
            (Some(_), None) => true,
        };
        let (access, fields) = match &seen.stat {
            // A link gives way to what is fetched.
            Some(stat) if holds || stat.kind != FileType::Link => self.wanted.differs(stat),
            _ => (self.wanted.fresh(false), Vec::new()),
        };
        let mut result = registered(path, "file", seen.stat.as_ref(), &access);
        result.insert("dest".into(), json!(path));
        result.insert("url".into(), json!(self.url));
        let mut change = Change::new(if seen.stat.is_some() {
            Effect::Update
        } else {
            Effect::Create
        });
        change.diff = fields;
        if !holds {
            let before = match (&seen.stat, &seen.sha256) {
                (None, _) => Shown::Absent,
                (Some(_), Some(sum)) => Shown::Value(json!(format!("sha256:{sum}"))),
                (Some(stat), None) => Shown::Value(json!(format!("{} bytes", stat.size))),
            };
            change = change
                .field(path, before, Shown::Value(json!(shown_url(&self.url))))
                .action(HostAction::Download(Download {
                    url: self.url.clone(),
                    path: path.clone(),
                    sha256: self.sha256.clone(),
                    keys: None,
                    access: match &seen.stat {
                        Some(stat) if stat.kind != FileType::Link => self.wanted.whole(stat),
                        _ => access,
                    },
                }));
        } else if access != Access::default() {
            change = change.action(HostAction::Access {
                path: path.clone(),
                access,
                follow: false,
            });
        }
        Ok(change.result(Value::Object(result)))
    }
}
