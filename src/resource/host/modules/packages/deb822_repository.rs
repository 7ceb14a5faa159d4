//! `deb822_repository`: a source of packages, with the key it is trusted by.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::Stat;
use crate::model::host_action::{Access, HostAction};
use crate::model::{Change, Content, Effect, Failure, Probe, Shown, Value};
use crate::resource::Resource;

use crate::resource::host::access::WantedAccess;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::context::Context;
use crate::resource::host::keyring::Keyring;
use crate::resource::host::managed_file::{FileSeen, ManagedFile};
use crate::resource::host::mode::Mode;
use crate::resource::host::url;
use crate::resource::host::{ask, keyring};

/// The arguments of `deb822_repository`. `fingerprints` is this program's own: the key from the URL in `signed_by`
/// is taken only when each primary fingerprint in it is in this list.
pub const ARGUMENTS: &[&str] = &[
    "name",
    "types",
    "uris",
    "suites",
    "components",
    "architectures",
    "signed_by",
    "fingerprints",
    "enabled",
    "state",
    "mode",
    "allow_downgrade_to_insecure",
    "allow_insecure",
    "allow_weak",
    "by_hash",
    "check_date",
    "check_valid_until",
    "date_max_future",
    "exclude",
    "include",
    "inrelease_path",
    "languages",
    "pdiffs",
    "targets",
    "trusted",
    "install_python_debian",
];

/// The fields that are lists, with their names in the file.
const LISTS: &[(&str, &str)] = &[
    ("types", "Types"),
    ("uris", "URIs"),
    ("suites", "Suites"),
    ("components", "Components"),
    ("architectures", "Architectures"),
    ("languages", "Languages"),
    ("targets", "Targets"),
    ("include", "Include"),
    ("exclude", "Exclude"),
];

/// The fields that are single words.
const WORDS: &[(&str, &str)] = &[
    ("enabled", "Enabled"),
    ("allow_downgrade_to_insecure", "Allow-Downgrade-To-Insecure"),
    ("allow_insecure", "Allow-Insecure"),
    ("allow_weak", "Allow-Weak"),
    ("by_hash", "By-Hash"),
    ("check_date", "Check-Date"),
    ("check_valid_until", "Check-Valid-Until"),
    ("date_max_future", "Date-Max-Future"),
    ("inrelease_path", "InRelease-Path"),
    ("pdiffs", "PDiffs"),
    ("trusted", "Trusted"),
];

const KEYRINGS: &str = "/etc/apt/keyrings";

/// A source of packages.
pub struct Repository {
    file: ManagedFile,
    /// None when it shall not be there.
    text: Option<String>,
    key: Option<Keyring>,
}

/// The source's file, the key's file and the folder that is in.
pub struct Observed {
    source: FileSeen,
    key: Option<keyring::KeyringSeen>,
    keyrings: Option<Stat>,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<Repository, Failure> {
    let name = slug(&arguments.need(&["name"])?);
    if name.is_empty() {
        return Err(arguments.wrong("`name` holds no letter or digit"));
    }
    let present = arguments.choice(&["state"], &["present", "absent"])? == "present";
    let signed_by = arguments.text(&["signed_by"])?.unwrap_or_default();
    let mut key = fetched_key(arguments, &name, &signed_by)?;
    if let Some(key) = key.as_mut().filter(|_| !present) {
        // Whatever key is there goes.
        key.fingerprints.clear();
    }
    let text = if present {
        Some(written(arguments, &name, &signed_by, key.as_ref())?)
    } else {
        None
    };
    let mode = WantedAccess::read(arguments)?
        .mode
        .unwrap_or(Mode::Bits(0o644));
    Ok(Repository {
        file: ManagedFile {
            path: format!("/etc/apt/sources.list.d/{name}.sources"),
            wanted: WantedAccess {
                mode: Some(mode),
                ..WantedAccess::default()
            },
            validate: None,
            backup: false,
            secret: false,
            follow: true,
        },
        text,
        key,
    })
}

/// Lower case, blanks and underscores as dashes, nothing else but letters and digits.
fn slug(name: &str) -> String {
    let dashed: Vec<_> = name
        .split(|c: char| c == '_' || c.is_whitespace())
        .filter(|part| !part.is_empty())
        .collect();
    dashed
        .join("-")
        .to_ascii_lowercase()
        .chars()
        .filter(|c| c.is_ascii_alphanumeric() || *c == '-')
        .collect()
}

fn fetched_key(
    arguments: &Arguments<'_>,
    name: &str,
    signed_by: &str,
) -> Result<Option<Keyring>, Failure> {
    let fingerprints = keyring::fingerprints(arguments, &["fingerprints"])?;
    if !signed_by.contains("://") {
        if !fingerprints.is_empty() {
            return Err(arguments.wrong("`fingerprints` needs the URL of a key in `signed_by`"));
        }
        return Ok(None);
    }
    let ending = if signed_by.ends_with(".gpg") {
        "gpg"
    } else {
        "asc"
    };
    Ok(Some(Keyring {
        url: url::read(arguments, signed_by)?,
        path: format!("{KEYRINGS}/{name}.{ending}"),
        fingerprints,
    }))
}

fn written(
    arguments: &Arguments<'_>,
    name: &str,
    signed_by: &str,
    key: Option<&Keyring>,
) -> Result<String, Failure> {
    let mut text = format!("X-Repolib-Name: {name}\n");
    for (argument, field) in LISTS {
        let mut words = arguments.list(&[argument])?;
        if *argument == "types" && words.is_none() {
            words = Some(vec!["deb".to_owned()]);
        }
        if matches!(*argument, "uris" | "suites") && words.as_ref().is_none_or(Vec::is_empty) {
            return Err(arguments.wrong(format!("`{argument}` is missing")));
        }
        if let Some(words) = words.filter(|words| !words.is_empty()) {
            words
                .iter()
                .try_for_each(|word| arguments.one_line(argument, word))?;
            text.push_str(&format!("{field}: {}\n", words.join(" ")));
        }
    }
    for (argument, field) in WORDS {
        let value = match arguments.given(&[argument]) {
            None => continue,
            Some((_, Value::Bool(value))) => if *value { "yes" } else { "no" }.to_owned(),
            Some(_) => arguments.line(&[argument])?.unwrap_or_default(),
        };
        text.push_str(&format!("{field}: {value}\n"));
    }
    match (key, signed_by) {
        (Some(key), _) => text.push_str(&format!("Signed-By: {}\n", key.path)),
        (None, "") => {}
        (None, path) if path.starts_with('/') => {
            let path = arguments.line(&["signed_by"])?.unwrap_or_default();
            text.push_str(&format!("Signed-By: {path}\n"));
        }
        (None, armoured)
            if armoured
                .trim_start()
                .starts_with("-----BEGIN PGP PUBLIC KEY") =>
        {
            text.push_str("Signed-By:\n");
            for line in armoured.trim().lines() {
                let line = line.trim_end();
                text.push_str(&format!(" {}\n", if line.is_empty() { "." } else { line }));
            }
        }
        (None, _) => {
            return Err(arguments
                .wrong("`signed_by` is neither a URL, nor an absolute path, nor an armoured key"));
        }
    }
    Ok(text)
}

#[async_trait]
impl Resource for Repository {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        let key = async {
            match &self.key {
                Some(key) => key.observe(world).await.map(Some),
                None => Ok(None),
            }
        };
        let (source, key, keyrings) = futures::try_join!(
            self.file.observe(world),
            key,
            ask::stat(world, KEYRINGS, true)
        )?;
        Ok(Observed {
            source,
            key,
            keyrings,
        })
    }

    fn plan(&self, seen: &Observed) -> Result<Change, Failure> {
        let mut result = json!({"dest": self.file.path, "repo": self.text});
        if let Some(key) = &self.key {
            result["key_filename"] = json!(key.path);
        }
        let Some(text) = &self.text else {
            return Ok(self.removal(seen).result(result));
        };
        let mut change = Change::new(Effect::Update);
        if let (Some(key), Some(there)) = (&self.key, &seen.key)
            && !key.holds(there)
        {
            if seen.keyrings.is_none() {
                change = change.action(HostAction::MakeDirectory {
                    path: KEYRINGS.to_owned(),
                    access: Access {
                        mode: Some(0o755),
                        ..Access::default()
                    },
                });
            }
            change = key.fetched(change, there);
        }
        // The key comes first: a source without its key breaks every later update.
        let source = self
            .file
            .plan(&seen.source, &Content::public(text.as_str()))?;
        change.effect = source.effect;
        change.diff.extend(source.diff);
        change.actions.extend(source.actions);
        Ok(change.result(result))
    }
}

impl Repository {
    fn removal(&self, seen: &Observed) -> Change {
        let mut change = Change::new(Effect::Delete);
        let key = self.key.as_ref().map(|key| &key.path);
        let there = [
            (Some(&self.file.path), seen.source.stat.is_some()),
            (key, seen.key.as_ref().is_some_and(|key| key.stat.is_some())),
        ];
        for (path, _) in there.into_iter().filter(|(_, there)| *there) {
            if let Some(path) = path {
                change = change
                    .field(path, Shown::Value("file".into()), Shown::Absent)
                    .action(HostAction::Remove { path: path.clone() });
            }
        }
        change
    }
}
