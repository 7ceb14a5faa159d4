//! Each question as a call, and the further calls that a long answer takes.

use crate::connect::ssh::{
    arguments::{absolute, encoded, run, url, yes},
    exchange::call::Call,
    exchange::frame::Reply,
};
use crate::model::{
    Failure,
    host::{Algorithm, HostQuery},
};

/// What a file is read by, in bytes.
const BLOCK: u64 = 64 << 10;

/// How many blocks of a file travel in one answer.
const CHUNK: u64 = 64;

/// The longest file that is read whole. What is larger is compared by digest; one that large is no setting to be edited.
const LONGEST: usize = 64 << 20;

/// The call that asks. Refuses paths and names that cannot be meant.
pub fn call(query: &HostQuery) -> Result<Call, Failure> {
    Ok(match query {
        HostQuery::Facts => Call::new("lf_facts"),
        HostQuery::Stat { path, follow } => Call::new("lf_stat")
            .word(yes(*follow))
            .word(absolute(path)?),
        HostQuery::Way { path, follow } => {
            Call::new("lf_way").word(yes(*follow)).word(absolute(path)?)
        }
        HostQuery::Read { path } => blocks(path, 0, CHUNK)?,
        HostQuery::Head { path, bytes } => blocks(path, 0, bytes.div_ceil(BLOCK))?,
        HostQuery::Fetched { url: wanted } => Call::new("lf_fetched").words(url(wanted)?).long(),
        HostQuery::Sha256 { path } => Call::new("lf_sha256").word(absolute(path)?).long(),
        HostQuery::Checksum {
            path,
            follow,
            algorithm,
        } => Call::new("lf_checksum")
            .word(yes(*follow))
            .word(program(*algorithm))
            .word(absolute(path)?)
            .long(),
        HostQuery::List { path, depth } => Call::new("lf_list")
            .word(absolute(path)?)
            .word(depth.to_string())
            .long(),
        HostQuery::Packages => Call::new("lf_packages"),
        HostQuery::AptLists => Call::new("lf_apt_lists"),
        HostQuery::User { name } => Call::new("lf_user").word(name),
        HostQuery::Group { name } => Call::new("lf_group").word(name),
        HostQuery::Unit { name } => Call::new("lf_unit").word(name),
        HostQuery::Sysctl { key } => Call::new("lf_sysctl").word(sysctl(key)?),
        HostQuery::Run(command) => run("lf_run", command)?.long(),
        HostQuery::Notified { playbook } => Call::new("lf_notified").word(encoded(playbook)),
    })
}

/// The program that makes checksums of this kind from its standard input.
fn program(algorithm: Algorithm) -> &'static str {
    match algorithm {
        Algorithm::Md5 => "md5sum",
        Algorithm::Sha1 => "sha1sum",
        Algorithm::Sha224 => "sha224sum",
        Algorithm::Sha256 => "sha256sum",
        Algorithm::Sha384 => "sha384sum",
        Algorithm::Sha512 => "sha512sum",
    }
}

/// The call for some blocks of a file.
fn blocks(path: &str, first: u64, count: u64) -> Result<Call, Failure> {
    Ok(Call::new("lf_read")
        .word(absolute(path)?)
        .word(first.to_string())
        .word(count.to_string()))
}

/// The call for the blocks that follow those which came; none when the file has come to its end.
pub fn more(query: &HostQuery, reply: &Reply, came: usize) -> Result<Option<Call>, Failure> {
    let HostQuery::Read { path } = query else {
        return Ok(None);
    };
    let chunk = usize::try_from(CHUNK * BLOCK).unwrap_or(usize::MAX);
    if reply.rc != 0 || reply.out.len() < chunk {
        return Ok(None);
    }
    if came >= LONGEST {
        return Err(Failure::new(
            "a file is too long to be read",
            format!("Reading {path} on the host."),
        )
        .why(format!("{path} has more than {} MiB.", LONGEST >> 20))
        .left_behind("Nothing was done with it.")
        .help("Put it there whole with copy and `remote_src`, or edit it with a command."));
    }
    let blocks = came as u64 / BLOCK;
    self::blocks(path, blocks, CHUNK).map(Some)
}

/// A file that was not the same when its end was read as at its beginning.
pub fn torn(path: &str) -> Failure {
    Failure::new(
        "a file changed while it was read",
        format!("Reading {path} on the host."),
    )
    .why(format!(
        "{path} has another digest than what was read of it."
    ))
    .help("Run the same command again when nothing writes to it.")
}

/// A kernel setting's place below `/proc/sys`: dots and slashes change places unless it is written with slashes.
fn sysctl(key: &str) -> Result<String, Failure> {
    let slashed = match key.find(['.', '/']) {
        Some(at) if key[at..].starts_with('/') => key.to_owned(),
        _ => key
            .chars()
            .map(|c| match c {
                '.' => '/',
                '/' => '.',
                c => c,
            })
            .collect(),
    };
    if slashed
        .split('/')
        .any(|part| part.is_empty() || part == ".." || part == ".")
    {
        return Err(Failure::new(
            "a kernel setting of an impossible name",
            format!("The key is {key:?}."),
        ));
    }
    Ok(slashed)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_file_that_is_too_long_is_named_with_the_limit() {
        let query = HostQuery::Read {
            path: "/var/log/all".to_owned(),
        };
        let reply = Reply {
            out: vec![0; usize::try_from(CHUNK * BLOCK).unwrap()],
            ..Reply::default()
        };
        let refused = more(&query, &reply, LONGEST).unwrap_err();
        assert_eq!(
            refused.in_short(),
            "a file is too long to be read: /var/log/all has more than 64 MiB."
        );
        let changed = torn("/var/log/all").in_short();
        assert!(
            changed.contains(": /var/log/all has another digest"),
            "{changed}"
        );
    }
}
