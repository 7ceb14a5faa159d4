//! The questions modules put to a host, each with the answer's shape taken off.

use std::collections::BTreeMap;

use crate::answer;
use crate::model::host::{
    Algorithm, Command, Entry, Group, HostAnswer as A, HostQuery as Q, Ran, Stat, Unit, User,
};
use crate::model::{Answer, Content, Failure, Probe, Query, Value};

/// Deeper than any tree, and a number that every `find` takes.
const EVERYTHING: u32 = 10_000;

type World<'a> = &'a dyn Probe;

/// What is at a path.
pub async fn stat(world: World<'_>, path: &str, follow: bool) -> Result<Option<Stat>, Failure> {
    let path = path.to_owned();
    Ok(answer!(world, Query::Host(Q::Stat { path, follow }), Answer::Host(A::Stat(stat)) => stat))
}

/// What a file holds.
pub async fn read(world: World<'_>, path: &str) -> Result<Option<Content>, Failure> {
    let path = path.to_owned();
    Ok(answer!(world, Query::Host(Q::Read { path }), Answer::Host(A::Read(content)) => content))
}

/// The first bytes of a file.
pub async fn head(world: World<'_>, path: &str, bytes: u64) -> Result<Option<Content>, Failure> {
    let path = path.to_owned();
    Ok(
        answer!(world, Query::Host(Q::Head { path, bytes }), Answer::Host(A::Read(content)) => content),
    )
}

/// The SHA-256 of what a URL gives to the host.
pub async fn fetched(world: World<'_>, url: &str) -> Result<Option<String>, Failure> {
    let url = url.to_owned();
    Ok(answer!(world, Query::Host(Q::Fetched { url }), Answer::Host(A::Sha256(sum)) => sum))
}

/// A file's SHA-256.
pub async fn sha256(world: World<'_>, path: &str) -> Result<Option<String>, Failure> {
    let path = path.to_owned();
    Ok(answer!(world, Query::Host(Q::Sha256 { path }), Answer::Host(A::Sha256(sum)) => sum))
}

/// A regular file's checksum.
pub async fn checksum(
    world: World<'_>,
    path: &str,
    follow: bool,
    algorithm: Algorithm,
) -> Result<Option<String>, Failure> {
    let query = Q::Checksum {
        path: path.to_owned(),
        follow,
        algorithm,
    };
    Ok(answer!(world, Query::Host(query), Answer::Host(A::Checksum(sum)) => sum))
}

/// Everything below a folder.
pub async fn below(world: World<'_>, path: &str) -> Result<Vec<Entry>, Failure> {
    let query = Q::List {
        path: path.to_owned(),
        depth: EVERYTHING,
    };
    let entries = answer!(world, Query::Host(query), Answer::Host(A::List(entries)) => entries);
    Ok(entries.unwrap_or_default())
}

/// The installed packages.
pub async fn packages(world: World<'_>) -> Result<BTreeMap<String, String>, Failure> {
    Ok(answer!(world, Query::Host(Q::Packages), Answer::Host(A::Packages(packages)) => packages))
}

/// When apt's lists were updated, and the host's clock.
pub async fn apt_lists(world: World<'_>) -> Result<(i64, i64), Failure> {
    Ok(
        answer!(world, Query::Host(Q::AptLists), Answer::Host(A::AptLists { updated, now }) => (updated, now)),
    )
}

/// A user's entry.
pub async fn user(world: World<'_>, name: &str) -> Result<Option<User>, Failure> {
    let name = name.to_owned();
    Ok(answer!(world, Query::Host(Q::User { name }), Answer::Host(A::User(user)) => user))
}

/// The facts as the user who asks sees them.
pub async fn facts(world: World<'_>) -> Result<Value, Failure> {
    Ok(answer!(world, Query::Host(Q::Facts), Answer::Host(A::Facts(facts)) => facts))
}

/// A group's entry.
pub async fn group(world: World<'_>, name: &str) -> Result<Option<Group>, Failure> {
    let name = name.to_owned();
    Ok(answer!(world, Query::Host(Q::Group { name }), Answer::Host(A::Group(group)) => group))
}

/// A systemd unit.
pub async fn unit(world: World<'_>, name: &str) -> Result<Option<Unit>, Failure> {
    let name = name.to_owned();
    Ok(answer!(world, Query::Host(Q::Unit { name }), Answer::Host(A::Unit(unit)) => unit))
}

/// A kernel setting's running value.
pub async fn sysctl(world: World<'_>, key: &str) -> Result<Option<String>, Failure> {
    let key = key.to_owned();
    Ok(answer!(world, Query::Host(Q::Sysctl { key }), Answer::Host(A::Sysctl(value)) => value))
}

/// What a command that changes nothing gives.
pub async fn run(world: World<'_>, command: Command) -> Result<Ran, Failure> {
    Ok(answer!(world, Query::Host(Q::Run(command)), Answer::Host(A::Ran(ran)) => ran))
}
