//! Where one can now deploy, as CI is told.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

use super::{shell_word::shell_word, verification::Verification};

/// A registered deploy target. Holds nothing secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct Target {
    /// Its name in the environment.
    pub name: String,
    /// The project it belongs to.
    pub project: String,
    /// The environment it belongs to.
    pub environment: String,
    /// When it was registered or last changed: RFC 3339, UTC.
    pub registered: String,
    /// Which edition of the record this is, counted from 1; the earlier ones are its history. 0 where it was never written.
    #[serde(default)]
    pub version: u64,
    /// The repositories of the images that are deployed to it, by the names that deployments call them:
    /// `app` → `docker.io/example/review`. Without tag or digest, which each deployment brings.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub images: BTreeMap<String, String>,
    /// When it was last used the way CI will use it, and what was tried; none where that never was.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub verified: Option<Verification>,
    /// What it is.
    #[serde(flatten)]
    pub kind: TargetKind,
}

impl Target {
    /// The command that deploys to it, ready to be typed but for what each deployment brings: tags, and where the record
    /// names no images those as well.
    pub fn deploy_command(&self) -> String {
        let images: Vec<String> = match self.images.is_empty() {
            true => vec!["NAME=REPOSITORY:TAG".to_owned()],
            false => {
                let images = self.images.iter();
                let image = |(name, repository)| shell_word(&format!("{name}={repository}:TAG"));
                images.map(image).collect()
            }
        };
        format!(
            "landfall deploy {} {} --image {}",
            shell_word(&self.environment),
            shell_word(&self.name),
            images.join(" --image ")
        )
    }
}

/// The two places one can deploy to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum TargetKind {
    /// A service on an ECS cluster.
    Ecs(EcsTarget),
    /// A host with Docker or without.
    Host(HostTarget),
}

/// A service on an ECS cluster.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EcsTarget {
    /// The account's twelve digits.
    pub account: String,
    /// The region.
    pub region: String,
    /// The cluster's name.
    pub cluster: String,
    /// The service's name.
    pub service: String,
    /// The family of the service's task definition.
    pub task_family: Option<String>,
    /// The role that a deployment assumes, by ARN.
    pub role: Option<String>,
    /// The further services it consists of, by the names that deployments call them: `static`, `worker`.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub services: BTreeMap<String, EcsService>,
}

/// One of the services that a target on ECS consists of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct EcsService {
    /// The service's name.
    pub service: String,
    /// The family of its task definition.
    pub task_family: Option<String>,
}

/// A host one can deploy to.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct HostTarget {
    /// Name or IP address.
    pub address: String,
    /// The port of its sshd.
    pub port: u16,
    /// The user that deploys.
    pub user: String,
    /// Its host keys as `known_hosts` writes them, without the name: `ssh-ed25519 AAAA…`.
    pub host_keys: Vec<String>,
    /// What the deploy user may do as root, as its sudoers rule lists it.
    pub sudo: Vec<String>,
    /// The Docker engine's version, if it has one.
    pub docker: Option<String>,
    /// The compose plugin's version, if it has one.
    pub compose: Option<String>,
    /// The directories made for the application.
    pub directories: Vec<String>,
    /// What its deploy user may do, where the host's playbook says so.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub profile: Option<Profile>,
    /// The compose project that is deployed there, where the host's playbook prepared one.
    // In a record, `project` is what the whole target belongs to.
    #[serde(
        rename = "compose_project",
        default,
        skip_serializing_if = "Option::is_none"
    )]
    pub project: Option<ComposeProject>,
    /// The Swarm that it manages, where the compose project is deployed as a stack of it: its name in the environment.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub swarm: Option<String>,
    /// The key pair that CI logs in by, where the environment says which; else whatever ssh itself finds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<DeployKey>,
    /// The names that a certificate is served for there.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub domains: Vec<String>,
    /// The certificates that the host orders and renews itself, by their sections.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub renewals: Vec<String>,
    /// The ports that shall answer beside that of sshd; none where nobody said, and then none is judged.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ports: Option<Vec<u16>>,
}

/// What a deploy user may do, as the shipped playbook prepares it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "kebab-case")]
pub enum Profile {
    /// `sudo docker`, and nothing else by sudo. As much as root.
    SudoDocker,
    /// A member of the group `docker`. As much as root.
    DockerGroup,
    /// A Docker engine of the user's own, in a user namespace. Not root.
    Rootless,
    /// A key that may only deploy one compose project. Not root.
    ForcedCommand,
}

impl Profile {
    /// Every profile, as the playbook spells it.
    pub const NAMES: &[(&'static str, Self)] = &[
        ("sudo-docker", Self::SudoDocker),
        ("docker-group", Self::DockerGroup),
        ("rootless", Self::Rootless),
        ("forced-command", Self::ForcedCommand),
    ];

    /// The profile of this name.
    pub fn named(name: &str) -> Option<Self> {
        let mut all = Self::NAMES.iter();
        all.find(|(known, _)| *known == name).map(|(_, one)| *one)
    }

    /// Its name, as the playbook spells it.
    pub fn name(self) -> &'static str {
        let mut all = Self::NAMES.iter();
        all.find(|(_, one)| *one == self)
            .map_or("", |(name, _)| *name)
    }

    /// Whether who logs in by it can become root.
    pub fn root_equivalent(self) -> bool {
        match self {
            Self::SudoDocker | Self::DockerGroup => true,
            Self::Rootless | Self::ForcedCommand => false,
        }
    }
}

/// A compose project on a host.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct ComposeProject {
    /// Its name, as `docker compose --project-name` takes it.
    pub name: String,
    /// Its compose file, an absolute path on the host.
    pub file: String,
}

/// The key pair that CI logs in by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
pub struct DeployKey {
    /// The private half's file: absolute, or from the project's root on.
    pub file: String,
    /// The public half, without its comment: `ssh-ed25519 AAAA…`.
    pub public: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_that_deploys_names_what_the_record_knows() {
        let mut target = Target {
            name: "web 1".to_owned(),
            project: "review".to_owned(),
            environment: "production".to_owned(),
            registered: String::new(),
            version: 1,
            images: BTreeMap::new(),
            verified: None,
            kind: TargetKind::Host(HostTarget::default()),
        };
        let without = "landfall deploy production 'web 1' --image NAME=REPOSITORY:TAG";
        assert_eq!(target.deploy_command(), without);
        for (name, repository) in [
            ("app", "docker.io/example/app"),
            ("static", "example/static"),
        ] {
            target.images.insert(name.to_owned(), repository.to_owned());
        }
        assert_eq!(
            target.deploy_command(),
            "landfall deploy production 'web 1' --image app=docker.io/example/app:TAG --image static=example/static:TAG"
        );
    }

    /// What a host has stands in one mapping with what every target has.
    #[test]
    fn a_record_with_everything_in_it_is_read_as_it_was_written() {
        let host = HostTarget {
            profile: Some(Profile::SudoDocker),
            project: Some(ComposeProject {
                name: "shop".to_owned(),
                file: "/srv/shop/docker-compose.yml".to_owned(),
            }),
            key: Some(DeployKey {
                file: ".landfall/keys/production/deploy".to_owned(),
                public: "ssh-ed25519 AAAA".to_owned(),
            }),
            ports: Some(vec![443]),
            ..HostTarget::default()
        };
        let target = Target {
            name: "web".to_owned(),
            project: "review".to_owned(),
            environment: "production".to_owned(),
            registered: "2026-02-03T10:11:12Z".to_owned(),
            version: 1,
            images: BTreeMap::from([("app".to_owned(), "example/app".to_owned())]),
            verified: None,
            kind: TargetKind::Host(host),
        };
        let text = serde_json::to_string(&target).unwrap();
        assert_eq!(
            serde_json::from_str::<Target>(&text).unwrap(),
            target,
            "{text}"
        );
    }
}
