//! What `docker compose` and `docker` print for programs, read.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::compose::{AFTER, BEFORE};
use super::reference::{Reference, is_digest, repository_of, whole};
use crate::model::{Failure, Value};

/// A service of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Service {
    /// Its name.
    pub name: String,
    /// The words of its image; none of one that is built there.
    pub image: Option<String>,
    profiles: Vec<String>,
    /// Whether compose starts it with the project.
    pub starts: bool,
    /// Whether somebody wants no container of it.
    none_wanted: bool,
}

impl Service {
    /// Whether it is run once before the containers are exchanged.
    pub fn runs_before(&self) -> bool {
        self.profiles.iter().any(|profile| profile == BEFORE)
    }

    /// Whether it is run once when the new containers run.
    pub fn runs_after(&self) -> bool {
        self.profiles.iter().any(|profile| profile == AFTER)
    }

    /// Whether a container of it shall run.
    pub fn is_kept_running(&self) -> bool {
        self.starts && !self.none_wanted && !self.runs_before() && !self.runs_after()
    }
}

/// The services in what `config --format json` printed, by their names: in the first of what runs with the project, in the
/// second with those that are run once.
pub fn services(runs: &str, tasks: &str) -> Result<Vec<Service>, Failure> {
    #[derive(Deserialize)]
    struct Config {
        services: BTreeMap<String, Fields>,
    }
    #[derive(Deserialize)]
    struct Fields {
        image: Option<String>,
        #[serde(default)]
        profiles: Vec<String>,
        scale: Option<u64>,
        deploy: Option<Deploy>,
    }
    #[derive(Deserialize)]
    struct Deploy {
        replicas: Option<u64>,
    }
    let read = |printed: &str| {
        let config: Result<Config, _> = serde_json::from_str(printed);
        config.map_err(|error| unread("config", &error))
    };
    let service = |starts: bool, (name, fields): (String, Fields)| Service {
        name,
        image: fields.image,
        profiles: fields.profiles,
        starts,
        none_wanted: fields.scale == Some(0)
            || fields.deploy.and_then(|deploy| deploy.replicas) == Some(0),
    };
    let runs = read(runs)?.services;
    let mut all = read(tasks)?.services;
    all.retain(|name, _| !runs.contains_key(name));
    let all = all.into_iter().map(|one| service(false, one));
    let mut all: Vec<Service> = runs
        .into_iter()
        .map(|one| service(true, one))
        .chain(all)
        .collect();
    all.sort_by(|one, other| one.name.cmp(&other.name));
    Ok(all)
}

/// A container of the project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Container {
    /// The service it is of.
    pub service: String,
    /// Its id.
    pub id: String,
    state: String,
    health: String,
    exit_code: i64,
}

impl Container {
    /// Its id while it runs.
    pub fn running(&self) -> Option<&str> {
        (self.state == "running").then_some(self.id.as_str())
    }

    /// Whether it does its work, or has done it.
    pub fn is_well(&self) -> bool {
        match self.state.as_str() {
            "running" => self.health != "unhealthy",
            "exited" => self.exit_code == 0,
            _ => false,
        }
    }

    /// Whether it does not yet say whether it is healthy.
    pub fn begins(&self) -> bool {
        self.state == "running" && self.health == "starting"
    }

    /// `has exited with 3`, `is restarting`, `is unhealthy`.
    pub fn ails(&self) -> String {
        match self.state.as_str() {
            "running" if self.begins() => "is not healthy yet".to_owned(),
            "running" => format!("is {}", self.health),
            "exited" => format!("has exited with {}", self.exit_code),
            state => format!("is {state}"),
        }
    }
}

/// The containers in what `ps --format json` printed, without those that ran a command once.
///
/// Compose prints an object a line since 2.21, and before that one list.
pub fn containers(printed: &str) -> Result<Vec<Container>, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Fields {
        #[serde(rename = "ID")]
        id: String,
        service: String,
        state: String,
        #[serde(default)]
        health: String,
        #[serde(default)]
        exit_code: i64,
        #[serde(default)]
        labels: Value,
    }
    let printed = printed.trim();
    let objects: Result<Vec<Fields>, _> = match printed.starts_with('[') {
        true => serde_json::from_str(printed),
        false => printed.lines().map(serde_json::from_str).collect(),
    };
    let objects = objects.map_err(|error| unread("ps", &error))?;
    let container = |fields: Fields| {
        let labels = fields.labels.as_str().unwrap_or_default();
        let once = labels
            .split(',')
            .any(|label| label == "com.docker.compose.oneoff=True");
        (!once).then_some(Container {
            service: fields.service,
            id: fields.id,
            state: fields.state,
            health: fields.health,
            exit_code: fields.exit_code,
        })
    };
    Ok(objects.into_iter().filter_map(container).collect())
}

/// An image as the engine has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    /// Its id.
    pub id: String,
    digests: Vec<String>,
}

impl Held {
    /// Reads what was printed of an image. Fails when that is something else.
    pub fn read(printed: &str) -> Result<Self, Failure> {
        let (id, digests) = printed
            .trim()
            .split_once(' ')
            .unwrap_or((printed.trim(), "null"));
        let digests: Option<Vec<String>> =
            serde_json::from_str(digests).map_err(|error| unread("image inspect", &error))?;
        if !is_digest(id) {
            return Err(Failure::new(
                "docker gave an answer of another form",
                format!(
                    "`docker image inspect` printed `{}` for an image's id.",
                    id.escape_debug()
                ),
            ));
        }
        Ok(Self {
            id: id.to_owned(),
            digests: digests.unwrap_or_default(),
        })
    }

    /// Its digest in this image's registry; none of an image that came from none.
    pub fn digest(&self, words: &str) -> Option<String> {
        let repository = whole(repository_of(words));
        let mut known = self
            .digests
            .iter()
            .filter_map(|known| Reference::read(known).ok());
        known
            .find(|known| whole(known.repository()) == repository)
            .and_then(|known| known.digest().map(str::to_owned))
    }
}

fn unread(command: &str, error: &serde_json::Error) -> Failure {
    Failure::new(
        "docker gave an answer of another form",
        format!("Reading what `docker compose {command}` printed."),
    )
    .why(error)
    .help("Landfall is tried with compose 2.26; `docker compose version` on the host says which one is there.")
}

/// A project in which some services run always, and some once.
#[cfg(test)]
pub const SAMPLE: &str = r#"{"name": "review", "services": {
    "app": {"image": "example/app:1", "pull_policy": "never"},
    "cleaner": {"image": "example/app:1", "profiles": ["after-deploy"]},
    "db": {"image": "postgres:16"},
    "migrate": {"image": "example/app:1", "profiles": ["before-deploy"]},
    "spare": {"image": "postgres:16", "deploy": {"replicas": 0}}}}"#;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_runs_once_is_told_from_what_is_kept_running() {
        let services = services(SAMPLE, SAMPLE).unwrap();
        let names = |is: fn(&Service) -> bool| -> Vec<&str> {
            let some = services.iter().filter(|one| is(one));
            some.map(|one| one.name.as_str()).collect()
        };
        assert_eq!(names(Service::is_kept_running), ["app", "db"]);
        assert_eq!(names(Service::runs_before), ["migrate"]);
        assert_eq!(names(Service::runs_after), ["cleaner"]);
    }

    /// As compose 2.26.1 prints both where `.env` says `COMPOSE_PROFILES=prod`.
    #[test]
    fn a_service_of_a_profile_is_kept_running_where_compose_starts_it() {
        let runs = r#"{"services": {"app": {"image": "a:1", "profiles": ["prod"]}}}"#;
        let tasks = r#"{"services": {"migrate": {"image": "a:1", "profiles": ["before-deploy"]}}}"#;
        let services = services(runs, tasks).unwrap();
        let [app, migrate] = services.as_slice() else {
            panic!("{services:?}");
        };
        assert!(app.is_kept_running() && !app.runs_before());
        assert!(!migrate.is_kept_running() && migrate.runs_before());
    }

    #[test]
    fn an_image_has_a_digest_only_in_the_registry_it_came_from() {
        let id = format!("sha256:{}", "1".repeat(64));
        let digest = format!("sha256:{}", "2".repeat(64));
        let held = Held::read(&format!("{id} [\"example/app@{digest}\"]\n")).unwrap();
        assert_eq!(held.id, id);
        assert_eq!(held.digest("docker.io/example/app:1"), Some(digest));
        assert_eq!(held.digest("example/other:1"), None);
        assert_eq!(
            Held::read(&format!("{id} []"))
                .unwrap()
                .digest("example/app:1"),
            None
        );
        assert!(Held::read("Error: no such image").is_err());
    }
}
