//! From rendered values to a thing that can be observed and compared.

use serde::de::DeserializeOwned;

use super::{Site, key_past};
use crate::model::{Class, Content, Failure, Goal, Kind, Map, Node, Redactor, Value, pem};
use crate::reading;
use crate::resource::aws::{self, ObjectSource};
use crate::resource::{
    Decide,
    certificate::{Certificate, Ordered},
    key::Key,
};
use crate::vars::{docker_login, yaml};

/// A thing that can be decided over, and what the ledger would remember of it.
pub struct Thing {
    /// Observes and compares.
    pub decide: Box<dyn Decide>,
    /// The digest of a one-off task's declaration, or of what a stack was last found not to differ in.
    pub digest: Option<String>,
    /// Takes out of what is shown of it what came from secrets.
    pub redactor: Redactor,
}

impl Thing {
    /// One without a digest of its own, which shows nothing that the environment hides.
    pub fn of(site: &Site, decide: Box<dyn Decide>) -> Self {
        Self {
            decide,
            digest: None,
            redactor: site.redactor.clone(),
        }
    }
}

/// The thing that a node's rendered values describe.
///
/// Refuses to take away what another environment made. Fails when a value is of another type than it must be once its
/// template is filled in, and when the file or the credentials that a secret object comes from cannot be read.
pub fn realize(site: &Site, node: &Node, values: &Map, goal: Goal) -> Result<Thing, Failure> {
    if goal == Goal::Absent {
        owned(site, node, values)?;
    }
    let plain = |decide: Box<dyn Decide>| Ok(Thing::of(site, decide));
    match node.address.kind {
        Kind::Key => {
            let mut key = read::<Key>(node, values)?;
            key.past = key_past::past(site, node, values);
            // Remembered from the root on, declared with it.
            key.file = site.root.join(&key.file).to_string_lossy().into_owned();
            key.hearsay = !site.own_keys.have(&key.file);
            plain(Box::new(key))
        }
        Kind::Certificate if values.contains_key("acme") => {
            let mut ordered = read::<Ordered>(node, values)?;
            if goal == Goal::Present
                && let Some(file) = &ordered.ca
            {
                ordered.authorities = authorities(site, file)?;
            }
            plain(Box::new(ordered))
        }
        Kind::Certificate => {
            let mut certificate = read::<Certificate>(node, values)?;
            let whole = |file: &str| site.root.join(file).to_string_lossy().into_owned();
            (certificate.chain, certificate.key) =
                (whole(&certificate.chain), whole(&certificate.key));
            certificate.hearsay = !site.own_keys.have(&certificate.key);
            plain(Box::new(certificate))
        }
        Kind::Role => plain(Box::new(read::<aws::Role>(node, values)?)),
        Kind::Bucket => {
            let mut bucket = read::<aws::Bucket>(node, values)?;
            bucket.delete_with_objects = site.typed.contains(&bucket.name);
            plain(Box::new(bucket))
        }
        Kind::Object => {
            let mut object = read::<aws::Object>(node, values)?;
            if goal == Goal::Present {
                // Known before anything is asked about it: a service may repeat in an error what it was sent.
                object.content = Some(content(site, &object.source)?);
            }
            plain(Box::new(object))
        }
        Kind::Stack => {
            let mut stack = read::<aws::Stack>(node, values)?;
            stack.delete_with_data = site.typed.contains(&stack.name);
            stack.reader = aws::Reader(yaml::template);
            stack.held = site.digests.get(&node.address).cloned();
            let digest = stack.held.clone();
            Ok(Thing {
                digest,
                ..Thing::of(site, Box::new(stack))
            })
        }
        Kind::TaskDefinition => plain(Box::new(read::<aws::TaskDefinition>(node, values)?)),
        Kind::Service => plain(Box::new(read::<aws::Service>(node, values)?)),
        Kind::Job => {
            let mut job = read::<aws::Job>(node, values)?;
            job.ran = site.digests.get(&node.address).cloned();
            let digest = Some(job.digest());
            Ok(Thing {
                digest,
                ..Thing::of(site, Box::new(job))
            })
        }
        Kind::Host | Kind::Swarm | Kind::Instance | Kind::Target => Err(Failure::bug(format!(
            "{} was realized as a resource",
            node.address
        ))),
    }
}

/// Refuses a ledger's entry that names another owner: a ledger that was copied or merged by hand.
fn owned(site: &Site, node: &Node, values: &Map) -> Result<(), Failure> {
    let part = |name: &str| values.get("owner")?.get(name)?.as_str();
    let (Some(project), Some(environment)) = (part("project"), part("environment")) else {
        return Ok(());
    };
    if project == site.project && environment == site.environment {
        return Ok(());
    }
    Err(Failure::new(
        "the ledger holds what another environment made",
        format!("taking {} away", node.address),
    )
    .class(Class::Refused)
    .why(format!(
        "It belongs to `{project}/{environment}`, and this is `{}/{}`.",
        site.project, site.environment
    ))
    .left_behind("Nothing was changed.")
    .help(
        "Give this environment a ledger of its own, or take the entry out of the ledger by hand.",
    ))
}

/// Reads rendered values into a kind's type.
pub fn read<T: DeserializeOwned>(node: &Node, values: &Map) -> Result<T, Failure> {
    serde_json::from_value(Value::Object(values.clone())).map_err(|error| {
        Failure::new(
            "a value has the wrong type",
            format!("reading {}", node.address),
        )
        .why(error)
        .help("A template gave it; look at what it refers to.")
        .at(&node.at)
    })
}

/// The authorities by which a directory is trusted. A host must be able to read them as PEM.
fn authorities(site: &Site, file: &str) -> Result<String, Failure> {
    let failed = |why: String| {
        Failure::new(
            "the authorities of a directory cannot be read",
            format!("reading {file}"),
        )
        .why(why)
        .left_behind("Nothing was ordered.")
    };
    let bytes = reading::bytes(&site.root.join(file), reading::WRITTEN)
        .map_err(|error| failed(error.to_string()))?;
    pem::certificates_alone(&bytes).map_err(failed)?;
    String::from_utf8(bytes)
        .map_err(|error| failed(format!("It is not written in UTF-8: {error}.")))
}

/// What a secret object holds, read now: it is never kept. A path that a template gave starts from the project's root.
fn content(site: &Site, source: &ObjectSource) -> Result<Content, Failure> {
    match source {
        ObjectSource::File(path) => {
            let bytes = reading::bytes(&site.root.join(path), reading::MADE).map_err(|error| {
                Failure::new("a secret file cannot be read", format!("reading {path}"))
                    .why(error)
                    .left_behind("The object in the bucket is as it was.")
            })?;
            let content = Content::secret(bytes);
            site.redactor.learn_content(&content, &[]);
            Ok(content)
        }
        ObjectSource::Registry { url, docker_config } => {
            let config = docker_config.as_ref().map(|config| site.root.join(config));
            let settings = docker_login::ecs_config(config.as_deref(), url)?;
            site.redactor
                .learn_content(&settings.content, &settings.parts);
            Ok(settings.content)
        }
    }
}
