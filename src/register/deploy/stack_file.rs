//! What compose makes of a project, turned into what `docker stack deploy` reads.
//!
//! The two read different editions of one format: what compose prints is refused by the other in the places below. What a
//! stack has no notion of for a service (`cpus`, `mem_limit` …) is left to `docker stack deploy`, which says so itself.

use std::collections::BTreeMap;

use sha2::{Digest as _, Sha256};

use crate::model::{Failure, Map, Value};

/// The label of a service with the sum of what it was deployed as.
pub const SUM: &str = "landfall.sum";

/// The label of a secret by which its file is known again ([`super::stack_contents`]).
pub const PROOF: &str = "landfall.proof";

/// A stack's file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StackFile {
    file: Map,
    /// The sum of each service, by the service's name.
    pub sums: BTreeMap<String, String>,
    /// The configs and secrets that are made from files.
    pub parts: Vec<Part>,
}

/// A config or a secret of a stack that is made from a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    /// Which of both.
    pub kind: PartKind,
    /// What the compose file calls it.
    pub key: String,
    /// What the Swarm calls it.
    pub name: String,
    /// The file's path.
    pub file: String,
}

/// What a Swarm hands to its services as a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PartKind {
    /// What everybody may read who may ask the Swarm.
    Config,
    /// What only the services that it is for can read.
    Secret,
}

impl PartKind {
    /// What docker calls it.
    pub fn noun(self) -> &'static str {
        match self {
            Self::Config => "config",
            Self::Secret => "secret",
        }
    }

    /// Where it stands in a compose file.
    fn section(self) -> &'static str {
        match self {
            Self::Config => "configs",
            Self::Secret => "secrets",
        }
    }
}

impl StackFile {
    /// Reads what `docker compose config --format json` printed. Fails when that is something else.
    pub fn read(printed: &str) -> Result<Self, Failure> {
        let unread = |why: String| {
            Failure::new(
                "docker gave an answer of another form",
                "Reading what `docker compose config` printed.",
            )
            .why(why)
            .left_behind("Nothing was changed.")
        };
        let mut file: Map =
            serde_json::from_str(printed).map_err(|error| unread(error.to_string()))?;
        // The stack's name is an argument.
        file.remove("name");
        let services = file.get_mut("services").and_then(Value::as_object_mut);
        let services = services.ok_or_else(|| unread("It has no services.".to_owned()))?;
        let mut sums = BTreeMap::new();
        for (name, service) in services {
            let Value::Object(service) = service else {
                return Err(unread(format!("The service `{name}` is no mapping.")));
            };
            translate(service);
            let text = Value::Object(service.clone()).to_string();
            let sum = hex::encode(Sha256::digest(text));
            deploy(service, |deploy| label(deploy, SUM, &sum));
            sums.insert(name.clone(), sum);
        }
        let parts = [PartKind::Config, PartKind::Secret]
            .into_iter()
            .flat_map(|kind| parts(&file, kind))
            .collect();
        Ok(Self { file, sums, parts })
    }

    /// Its text.
    pub fn text(&self) -> String {
        Value::Object(self.file.clone()).to_string()
    }

    /// Has a part bear this proof of what it holds.
    pub fn prove(&mut self, part: &Part, proof: &str) {
        let sections = self.file.get_mut(part.kind.section());
        if let Some(Value::Object(declared)) = sections.and_then(|all| all.get_mut(&part.key)) {
            label(declared, PROOF, proof);
        }
    }
}

/// The parts of one kind that are made from files: others are in the Swarm already.
fn parts(file: &Map, kind: PartKind) -> impl Iterator<Item = Part> {
    let section = file.get(kind.section()).and_then(Value::as_object);
    section
        .into_iter()
        .flatten()
        .filter_map(move |(key, declared)| {
            let text = |name: &str| {
                declared
                    .get(name)
                    .and_then(Value::as_str)
                    .map(str::to_owned)
            };
            Some(Part {
                kind,
                key: key.clone(),
                name: text("name")?,
                file: text("file")?,
            })
        })
}

/// One service, as a stack's file writes it.
fn translate(service: &mut Map) {
    service.retain(|_, value| !value.is_null());
    // Every node fetches exactly the image that is named, or has it.
    service.remove("pull_policy");
    // A list; a stack does not wait for any of them.
    if let Some(Value::Object(needs)) = service.get("depends_on") {
        let names: Vec<Value> = needs
            .keys()
            .map(|name| Value::from(name.as_str()))
            .collect();
        service.insert("depends_on".to_owned(), Value::Array(names));
    }
    for port in each(service, "ports") {
        let published = port.get("published").and_then(Value::as_str);
        if let Some(number) = published.and_then(|text| text.parse::<u16>().ok()) {
            port.insert("published".to_owned(), Value::from(number));
        }
    }
    for volume in each(service, "volumes") {
        if let Some(Value::Object(bind)) = volume.get_mut("bind") {
            bind.remove("create_host_path");
        }
    }
    if let Some(Value::Array(hosts)) = service.get_mut("extra_hosts") {
        for host in hosts {
            if let Some((name, address)) = host.as_str().and_then(|text| text.split_once('=')) {
                *host = Value::from(format!("{name}:{address}"));
            }
        }
    }
    let scale = service.remove("scale");
    deploy(service, |deploy| {
        if let Some(scale) = scale
            && !deploy.contains_key("replicas")
        {
            deploy.insert("replicas".to_owned(), scale);
        }
        let resources = deploy.get_mut("resources").and_then(Value::as_object_mut);
        for amount in resources.into_iter().flat_map(Map::values_mut) {
            if let Some(cpus) = amount.get_mut("cpus")
                && cpus.is_number()
            {
                *cpus = Value::from(cpus.to_string());
            }
        }
    });
}

/// Adds a label to what has labels, whichever way they are written.
fn label(labelled: &mut Map, name: &str, value: &str) {
    let labels = labelled
        .entry("labels")
        .or_insert_with(|| Value::Object(Map::new()));
    match labels {
        Value::Array(labels) => labels.push(Value::from(format!("{name}={value}"))),
        Value::Object(labels) => drop(labels.insert(name.to_owned(), Value::from(value))),
        other => *other = Value::Object(Map::from_iter([(name.to_owned(), Value::from(value))])),
    }
}

/// Changes what stands under `deploy` of a service, which is made where nothing does.
fn deploy(service: &mut Map, change: impl FnOnce(&mut Map)) {
    let mut deploy = match service.remove("deploy") {
        Some(Value::Object(deploy)) => deploy,
        _ => Map::new(),
    };
    change(&mut deploy);
    service.insert("deploy".to_owned(), Value::Object(deploy));
}

/// The mappings of a list of the service.
fn each<'a>(service: &'a mut Map, key: &str) -> impl Iterator<Item = &'a mut Map> {
    let list = service.get_mut(key).and_then(Value::as_array_mut);
    list.into_iter().flatten().filter_map(Value::as_object_mut)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// As compose 2.26.1 prints it, shortened.
    const CONFIG: &str = r#"{"name": "x", "networks": {"default": {"name": "x_default", "ipam": {}}}, "services": {
        "app": {"command": ["sleep"], "entrypoint": null, "depends_on": {"db": {"condition": "service_started"}},
          "deploy": {"resources": {"limits": {"cpus": 0.5, "memory": "67108864"}}, "placement": {}},
          "image": "example/app:1", "pull_policy": "never", "extra_hosts": ["a=1.2.3.4"],
          "ports": [{"mode": "ingress", "target": 80, "published": "8080", "protocol": "tcp"}],
          "volumes": [{"type": "bind", "source": "/a", "target": "/b", "bind": {"create_host_path": true}}]},
        "db": {"image": "postgres:16", "scale": 2}},
        "configs": {"c1": {"name": "x_c1", "file": "/srv/x/c1.txt"}, "theirs": {"name": "theirs", "external": true}},
        "secrets": {"s1": {"name": "s1-7", "file": "/srv/x/s1", "labels": {"a": "b"}}}}"#;

    #[test]
    fn what_the_other_reader_refuses_is_written_its_way() {
        let file = StackFile::read(CONFIG).unwrap();
        let value: Value = serde_json::from_str(&file.text()).unwrap();
        assert!(value.get("name").is_none());
        let app = &value["services"]["app"];
        assert!(app.get("entrypoint").is_none() && app.get("pull_policy").is_none());
        assert_eq!(app["depends_on"], serde_json::json!(["db"]));
        assert_eq!(app["ports"][0]["published"], 8080);
        assert_eq!(app["volumes"][0]["bind"], serde_json::json!({}));
        assert_eq!(app["extra_hosts"][0], "a:1.2.3.4");
        assert_eq!(app["deploy"]["resources"]["limits"]["cpus"], "0.5");
        assert_eq!(app["deploy"]["labels"][SUM], file.sums["app"].as_str());
        assert_eq!(value["services"]["db"]["deploy"]["replicas"], 2);
    }

    #[test]
    fn where_a_service_may_run_stays_as_it_is_written_and_counts() {
        let keeps = |to: &str| {
            let placement = format!(
                r#""placement": {{"constraints": ["node.labels.disk == {to}"], "max_replicas_per_node": 1}}"#
            );
            StackFile::read(&CONFIG.replace(r#""placement": {}"#, &placement)).unwrap()
        };
        let ssd = keeps("ssd");
        let value: Value = serde_json::from_str(&ssd.text()).unwrap();
        let placement = &value["services"]["app"]["deploy"]["placement"];
        assert_eq!(
            *placement,
            serde_json::json!({"constraints": ["node.labels.disk == ssd"], "max_replicas_per_node": 1})
        );
        assert_ne!(ssd.sums["app"], keeps("tape").sums["app"]);
        assert_eq!(ssd.sums["db"], keeps("tape").sums["db"]);
    }

    #[test]
    fn a_proof_stands_with_the_part_that_is_made_from_a_file() {
        let mut file = StackFile::read(CONFIG).unwrap();
        let names: Vec<&str> = file.parts.iter().map(|part| part.name.as_str()).collect();
        assert_eq!(names, ["x_c1", "s1-7"]);
        let secret = file.parts[1].clone();
        assert_eq!(
            (secret.key.as_str(), secret.file.as_str()),
            ("s1", "/srv/x/s1")
        );
        file.prove(&secret, "run:00");
        let value: Value = serde_json::from_str(&file.text()).unwrap();
        let labels = serde_json::json!({"a": "b", PROOF: "run:00"});
        assert_eq!(value["secrets"]["s1"]["labels"], labels);
        assert!(value["configs"]["c1"].get("labels").is_none());
    }

    #[test]
    fn a_service_has_another_sum_when_anything_of_it_changes() {
        let one = StackFile::read(CONFIG).unwrap();
        assert_eq!(one, StackFile::read(CONFIG).unwrap());
        let two = StackFile::read(&CONFIG.replace("app:1", "app:2")).unwrap();
        assert_ne!(one.sums["app"], two.sums["app"]);
        assert_eq!(one.sums["db"], two.sums["db"]);
        assert!(StackFile::read("{}").is_err() && StackFile::read("no").is_err());
    }
}
