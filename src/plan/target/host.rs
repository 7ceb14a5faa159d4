//! A host, as a target's record describes it: by what it answers, and by what its playbook says.

use std::{collections::BTreeMap, path::Path};

use crate::answer;
use crate::model::host::{Command, HostAnswer, HostQuery};
use crate::model::{
    Address, Answer, Class, ComposeProject, DeployKey, Failure, HostTarget, Kind, Node, Place,
    Probe, Profile, Query, Value,
};
use crate::observe::Remembered;
use crate::plan::Site;
use crate::plan::target::host_keys::host_keys;

/// What is seen of it. Everything is asked at once, so that it costs one exchange.
pub async fn seen(site: &Site, name: &str, user: Option<String>) -> Result<HostTarget, Failure> {
    let address = Address::new(Kind::Host, name);
    let known = |what: &str| {
        site.outputs
            .known(&address, what)
            .ok_or_else(|| Failure::bug(format!("{address} was registered before it was entered")))
    };
    let login_user = known("user")?.as_str().unwrap_or_default().to_owned();
    let text = |name: &str| {
        site.outputs
            .var(&address, name)
            .and_then(|value| value.as_str().map(str::to_owned))
    };
    let user = user
        .or_else(|| text("deploy_user"))
        .unwrap_or_else(|| login_user.clone());
    let entered = site.open(&Place::Host(name.to_owned()), None).await?;
    // Only root may ask what others may do.
    let world = if login_user == "root" {
        entered
    } else {
        entered.seen_by("root")
    };
    let (keys, sudo, docker, compose) = futures::try_join!(
        host_keys(&world),
        sudo(&world, &user),
        version(
            &world,
            &["docker", "version", "--format", "{{.Server.Version}}"]
        ),
        version(&world, &["docker", "compose", "version", "--short"]),
    )?;
    Ok(HostTarget {
        address: known("address")?.as_str().unwrap_or_default().to_owned(),
        port: known("port")?
            .as_u64()
            .and_then(|port| u16::try_from(port).ok())
            .unwrap_or(22),
        user,
        host_keys: keys,
        sudo,
        docker,
        compose,
        directories: texts(site, &address, "deploy_directories"),
        profile: text("deploy_profile").and_then(|name| Profile::named(&name)),
        project: text("compose_project")
            .zip(text("compose_file"))
            .map(|(name, file)| ComposeProject { name, file }),
        domains: texts(site, &address, "certificate_domains"),
        renewals: texts(site, &address, "certificate_renewals"),
        ..HostTarget::default()
    })
}

/// Refuses a manager whose deploy user cannot deploy a stack.
pub fn takes_stacks(node: &Node, host: &HostTarget, swarm: &str) -> Result<(), Failure> {
    let why = match (host.profile, &host.project) {
        (Some(profile @ (Profile::Rootless | Profile::ForcedCommand)), _) => format!(
            "The profile {} does not reach the engine that is in the swarm.",
            profile.name()
        ),
        (_, None) => "Its playbook prepares no compose file.".to_owned(),
        (Some(Profile::SudoDocker | Profile::DockerGroup) | None, Some(_)) => return Ok(()),
    };
    let registering = format!("registering {}", node.address);
    Err(Failure::new("no stack can be deployed there", registering)
        .class(Class::Refused)
        .why(format!("{why} Stacks are deployed through `{}`, the first manager of `swarms.{swarm}`.", host.address))
        .left_behind("The registry is as it was.")
        .help("Prepare the first manager by docker-host with deploy_profile sudo-docker or docker-group."))
}

/// What a user may do as root, as sudo itself lists it: `(root) NOPASSWD: /usr/bin/docker`.
async fn sudo(world: &Remembered, user: &str) -> Result<Vec<String>, Failure> {
    if user == "root" {
        return Ok(vec!["(ALL : ALL) ALL".to_owned()]);
    }
    let listed = run(world, &["sudo", "-n", "-l", "-U", user])
        .await?
        .unwrap_or_default();
    Ok(listed
        .lines()
        .map(str::trim)
        .filter(|line| line.starts_with('('))
        .map(str::to_owned)
        .collect())
}

/// A program's version, on one line; none where it is not there or does not answer.
async fn version(world: &Remembered, command: &[&str]) -> Result<Option<String>, Failure> {
    let printed = run(world, command).await?;
    Ok(printed
        .and_then(|printed| printed.trim().lines().next().map(str::to_owned))
        .map(|version| version.trim_start_matches('v').to_owned())
        .filter(|version| !version.is_empty()))
}

/// What a command prints, when it ends well.
async fn run(world: &Remembered, command: &[&str]) -> Result<Option<String>, Failure> {
    let query = Query::Host(HostQuery::Run(Command::new(command.iter().copied())));
    let ran = answer!(world, query, Answer::Host(HostAnswer::Ran(ran)) => ran);
    Ok(ran.ok().then(|| ran.out()))
}

/// The pair as a record has it: its file from the project's root on, so that a team's copies may lie elsewhere, and its
/// public half without its comment.
pub fn deploy_key(site: &Site, key: &DeployKey) -> DeployKey {
    let file = Path::new(&key.file);
    let file = file.strip_prefix(&site.root).unwrap_or(file);
    DeployKey {
        file: file.to_string_lossy().into_owned(),
        public: words(&key.public, 2),
    }
}

/// The first words of a line, one blank between.
fn words(line: &str, count: usize) -> String {
    let words: Vec<&str> = line.split_whitespace().take(count).collect();
    words.join(" ")
}

/// The images that the host's playbook was told of, where the target names none itself: each is written once.
pub fn prepared_for(site: &Site, address: &Address) -> BTreeMap<String, String> {
    let images = site.outputs.var(address, "deploy_images");
    let images = images.as_ref().and_then(Value::as_object);
    let image = |(name, one): (&String, &Value)| Some((name.clone(), one.as_str()?.to_owned()));
    images.into_iter().flatten().filter_map(image).collect()
}

/// A list of texts that the playbook has as a variable; empty where it has none of the name.
fn texts(site: &Site, address: &Address, name: &str) -> Vec<String> {
    let listed = site.outputs.var(address, name);
    let listed = listed.as_ref().and_then(Value::as_array);
    let texts = listed.into_iter().flatten().filter_map(Value::as_str);
    texts.map(str::to_owned).collect()
}
