//! The ECS agent's settings with the credentials that `docker login` stored for a registry.
//!
//! <https://docs.aws.amazon.com/AmazonECS/latest/developerguide/private-auth-container-instances.html>

mod helper;
mod wiped;

use std::{
    borrow::Cow,
    collections::BTreeMap,
    env, fs, io,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
};

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Deserialize;
use serde_json::json;
use zeroize::Zeroizing;

use crate::model::{Content, Failure, Secret};
use crate::reading;
use wiped::wiped;

/// The agent's settings, and by themselves the secrets that are encoded in them.
#[derive(Debug)]
pub struct Settings {
    /// What the agent reads.
    pub content: Content,
    /// The credentials as they are encoded, and the password.
    pub parts: Vec<Secret>,
}

/// How docker calls its own registry.
const HUB: &str = "https://index.docker.io/v1/";
/// Other names people know it by.
const HUB_NAMES: [&str; 4] = [
    "docker.io",
    "index.docker.io",
    "registry-1.docker.io",
    "hub.docker.com",
];

/// The ECS agent's settings for this registry, from this docker configuration file, or from the operator's own.
///
/// Fails when there is no login, when its credentials are not a user and a password, and when a credential helper
/// does not give them.
pub fn ecs_config(docker_config: Option<&Path>, registry: &str) -> Result<Settings, Failure> {
    let asked = Asked::new(docker_config, registry)?;
    asked.settings(&asked.read()?, &helper::ask)
}

/// Whether docker has stored a login for this registry; a credential helper is not asked whether it still has it.
///
/// Fails as [`ecs_config`] does.
pub fn has_login(docker_config: Option<&Path>, registry: &str) -> Result<(), Failure> {
    let asked = Asked::new(docker_config, registry)?;
    let config = asked.read()?;
    match asked.helper(&config) {
        Some(_) => Ok(()),
        None => asked.settings(&config, &|_, _| Ok(None)).map(drop),
    }
}

/// The operator's docker configuration file, where `DOCKER_CONFIG` or the home folder has it.
fn own_config() -> Result<PathBuf, Failure> {
    let folder = match env::var_os("DOCKER_CONFIG") {
        Some(folder) if !folder.is_empty() => Some(PathBuf::from(folder)),
        _ => env::home_dir().map(|home| home.join(".docker")),
    };
    let path = folder
        .map(|folder| folder.join("config.json"))
        .ok_or_else(|| {
            Failure::new(
                "the docker configuration cannot be found",
                "looking for the credentials of a registry",
            )
            .why("There is no home folder.")
            .help("Set DOCKER_CONFIG to the folder that holds docker's config.json.")
        })?;
    // One that the environment names instead lies in the project, where modes are version control's.
    if fs::metadata(&path).is_ok_and(|file| file.permissions().mode() & 0o044 != 0) {
        tracing::warn!(
            "{} can be read by others; run: `chmod 600 {0}`",
            path.display()
        );
    }
    Ok(path)
}

/// A registry's name as docker keys it: the hub's URL, else the bare host with its port.
fn name(registry: &str) -> String {
    let host = registry
        .trim()
        .trim_start_matches("https://")
        .trim_start_matches("http://");
    let host = host.split('/').next().unwrap_or(host);
    if HUB_NAMES.contains(&host) {
        HUB.to_owned()
    } else {
        host.to_owned()
    }
}

/// What we need of docker's configuration file.
#[derive(Deserialize, Default)]
#[serde(rename_all = "camelCase", default)]
struct Config {
    auths: BTreeMap<String, Auth>,
    creds_store: String,
    cred_helpers: BTreeMap<String, String>,
}

#[derive(Deserialize, Default)]
#[serde(default)]
struct Auth {
    #[serde(deserialize_with = "wiped")]
    auth: Zeroizing<String>,
    #[serde(deserialize_with = "wiped")]
    username: Zeroizing<String>,
    #[serde(deserialize_with = "wiped")]
    password: Zeroizing<String>,
    #[serde(deserialize_with = "wiped")]
    identitytoken: Zeroizing<String>,
    email: Option<String>,
}

/// What a credential helper knows: a user and a secret; nothing when it has no login.
type Helper<'a> = &'a dyn Fn(&str, &str) -> Result<Option<(String, Secret)>, Failure>;

/// Credentials as the agent wants them, and what is secret of them.
struct Encoded {
    encoded: Zeroizing<String>,
    parts: Vec<Secret>,
}

/// A registry whose credentials are looked for in a file.
struct Asked<'a> {
    registry: String,
    path: Cow<'a, Path>,
}

impl<'a> Asked<'a> {
    fn new(docker_config: Option<&'a Path>, registry: &str) -> Result<Self, Failure> {
        let path = match docker_config {
            Some(path) => Cow::Borrowed(path),
            None => Cow::Owned(own_config()?),
        };
        Ok(Self {
            registry: name(registry),
            path,
        })
    }

    fn read(&self) -> Result<Config, Failure> {
        let text = match reading::bytes(&self.path, reading::WRITTEN) {
            Ok(text) => Zeroizing::new(text),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                return Err(self.no_login("The file is not there."));
            }
            Err(error) => {
                return Err(
                    Failure::new("the docker configuration cannot be read", self.what()).why(error),
                );
            }
        };
        serde_json::from_slice(&text).map_err(|error| {
            // The parser's own words may quote a credential.
            Failure::new("the docker configuration cannot be read", self.what())
                .why(format!(
                    "It is not what docker writes, at line {}, column {}.",
                    error.line(),
                    error.column()
                ))
                .help("Repair the file, or remove it and run `docker login`.")
        })
    }

    fn settings(&self, config: &Config, helper: Helper<'_>) -> Result<Settings, Failure> {
        let stored = config
            .auths
            .iter()
            .find(|(key, _)| name(key) == self.registry)
            .map(|(_, stored)| stored);
        let from_helper = match self.helper(config) {
            Some(program) => helper(program, &self.registry)?,
            None => None,
        };
        let auth = match (from_helper, stored) {
            (Some((user, _)), _) if user == "<token>" => return Err(self.token()),
            (Some((user, secret)), _) => self.encode(&user, secret.expose())?,
            (None, Some(stored)) => self.stored(stored)?,
            (None, None) => return Err(self.no_login("There is no entry for this registry.")),
        };
        let mut entry = json!({ "auth": auth.encoded.as_str() });
        if let Some(email) = stored.and_then(|stored| stored.email.as_deref()) {
            entry["email"] = json!(email);
        }
        let data = Zeroizing::new(json!({ &self.registry: entry }).to_string());
        let content = Content::secret(format!(
            "ECS_ENGINE_AUTH_TYPE=dockercfg\nECS_ENGINE_AUTH_DATA={}\n",
            data.as_str()
        ));
        Ok(Settings {
            content,
            parts: auth.parts,
        })
    }

    /// The program that keeps this registry's credentials, where one does.
    fn helper<'c>(&self, config: &'c Config) -> Option<&'c String> {
        let helpers = config.cred_helpers.iter();
        let mut own = helpers.filter(|(key, _)| name(key) == self.registry);
        own.next()
            .map(|(_, program)| program)
            .or(Some(&config.creds_store))
            .filter(|program| !program.is_empty())
    }

    /// The credentials that the file itself holds, encoded as the agent wants them.
    fn stored(&self, stored: &Auth) -> Result<Encoded, Failure> {
        if !stored.identitytoken.is_empty() {
            return Err(self.token());
        }
        if stored.auth.is_empty() && !stored.username.is_empty() {
            return self.encode(&stored.username, &stored.password);
        }
        if stored.auth.is_empty() {
            return Err(self.no_login("The entry for this registry holds no credentials."));
        }
        let damaged = |why| {
            Failure::new("the registry's credentials are damaged", self.what())
                .why(why)
                .help(self.login())
        };
        let decoded = STANDARD
            .decode(stored.auth.trim())
            .map(Zeroizing::new)
            .map_err(|_| damaged("The `auth` of its entry is not base64."))?;
        let text = std::str::from_utf8(&decoded)
            .map_err(|_| damaged("The `auth` of its entry does not hold text."))?;
        let (user, password) = text
            .split_once(':')
            .ok_or_else(|| damaged("The `auth` of its entry does not hold `user:password`."))?;
        self.encode(user, password.trim_end_matches('\0'))
    }

    fn encode(&self, user: &str, password: &str) -> Result<Encoded, Failure> {
        if user.is_empty() || password.is_empty() {
            return Err(
                Failure::new("the registry's credentials are damaged", self.what())
                    .why("The user or the password is empty.")
                    .help(self.login()),
            );
        }
        let pair = Zeroizing::new(format!("{user}:{password}"));
        let encoded = Zeroizing::new(STANDARD.encode(pair.as_bytes()));
        let parts = [encoded.as_str(), pair.as_str(), password];
        let parts = parts.map(|part| Secret::new(part.to_owned())).to_vec();
        Ok(Encoded { encoded, parts })
    }

    fn token(&self) -> Failure {
        Failure::new("the registry's login cannot be handed on", self.what())
            .why("It is an identity token, which the ECS agent cannot use.")
            .help(format!(
                "Log in with a user and an access token instead. {}",
                self.login()
            ))
    }

    fn no_login(&self, why: &str) -> Failure {
        Failure::new("docker is not logged in to the registry", self.what())
            .why(why)
            .help(self.login())
    }

    fn what(&self) -> String {
        format!(
            "looking in {} for the credentials of {}",
            self.path.display(),
            self.registry
        )
    }

    fn login(&self) -> String {
        let registry = match self.registry.as_str() {
            HUB => String::new(),
            registry => format!(" {registry}"),
        };
        format!(
            "Run `docker login{registry}` on this machine, or have `docker_config` of the secret object name the configuration \
             of somebody who is logged in."
        )
    }
}

#[cfg(test)]
mod tests;
