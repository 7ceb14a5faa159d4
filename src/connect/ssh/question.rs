//! Each question as a call, and what its reply says.

use std::collections::BTreeMap;

use super::{
    facts,
    frame::{Call, Reply},
    listing,
};
use crate::model::{
    Class, Content, Failure,
    host::{Algorithm, Candidate, Command, Group, HostAnswer, HostQuery, Noted, Ran, Unit, User},
    host_action::shown_url,
};

/// The exit code of a question whose thing is not there.
const ABSENT: i32 = 44;

/// What a file is read by, in bytes.
const BLOCK: u64 = 64 << 10;

/// How many blocks of a file travel in one answer.
const CHUNK: u64 = 64;

/// The longest file that is read whole. What is larger is compared by digest; one that large is no setting to be edited.
const LONGEST: usize = 64 << 20;

/// The call that asks. Refuses paths and names that cannot be meant.
pub(super) fn call(query: &HostQuery) -> Result<Call, Failure> {
    Ok(match query {
        HostQuery::Facts => Call::new("lf_facts"),
        HostQuery::Stat { path, follow } => {
            let word = if *follow { "yes" } else { "no" };
            Call::new("lf_stat").word(word).word(absolute(path)?)
        }
        HostQuery::Read { path } => blocks(path, 0, CHUNK)?,
        HostQuery::Head { path, bytes } => blocks(path, 0, bytes.div_ceil(BLOCK))?,
        HostQuery::Fetched { url } => super::download::look(url)?,
        HostQuery::Sha256 { path } => Call::new("lf_sha256").word(absolute(path)?),
        HostQuery::Checksum {
            path,
            follow,
            algorithm,
        } => Call::new("lf_checksum")
            .word(if *follow { "yes" } else { "no" })
            .word(program(*algorithm))
            .word(absolute(path)?),
        HostQuery::List { path, depth } => Call::new("lf_list")
            .word(absolute(path)?)
            .word(depth.to_string()),
        HostQuery::Packages => Call::new("lf_packages"),
        HostQuery::Candidates { names } => Call::new("lf_candidates").words(names),
        HostQuery::AptLists => Call::new("lf_apt_lists"),
        HostQuery::User { name } => Call::new("lf_user").word(name),
        HostQuery::Group { name } => Call::new("lf_group").word(name),
        HostQuery::Unit { name } => Call::new("lf_unit").word(name),
        HostQuery::Sysctl { key } => Call::new("lf_sysctl").word(sysctl(key)?),
        HostQuery::Which { names } => Call::new("lf_which").words(names),
        HostQuery::Run(command) => run("lf_run", command)?,
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
pub(super) fn more(query: &HostQuery, reply: &Reply, came: usize) -> Result<Option<Call>, Failure> {
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
            format!("{path} has more than {} MiB.", LONGEST >> 20),
        )
        .left("Nothing was done with it.")
        .help("Put it there whole with copy and `remote_src`, or edit it with a command."));
    }
    let blocks = came as u64 / BLOCK;
    self::blocks(path, blocks, CHUNK).map(Some)
}

/// A file that was not the same when its end was read as at its beginning.
pub(super) fn torn(path: &str) -> Failure {
    Failure::new(
        "a file changed while it was read",
        format!("{path} has another digest than what was read of it."),
    )
    .help("Run the same command again when nothing writes to it.")
}

/// What the reply says.
pub(super) fn answer(query: &HostQuery, reply: Reply) -> Result<HostAnswer, Failure> {
    let there = reply.rc != ABSENT;
    if let HostQuery::Run(_) = query {
        return match &reply.refused {
            None => Ok(HostAnswer::Ran(ran(reply))),
            Some(_) => Err(failed(query, &reply)),
        };
    }
    if reply.refused.is_some() || (reply.rc != 0 && there) {
        return Err(failed(query, &reply));
    }
    let text = || String::from_utf8_lossy(&reply.out).into_owned();
    let unread = || garbled(query, &text());
    Ok(match query {
        HostQuery::Facts => HostAnswer::Facts(facts::read(&reply.out).ok_or_else(unread)?),
        HostQuery::Stat { path, .. } | HostQuery::List { path, .. }
            if std::str::from_utf8(&reply.out).is_err() =>
        {
            return Err(nameless(path, &reply.out));
        }
        HostQuery::Stat { .. } => HostAnswer::Stat(match there {
            true => Some(listing::stat(&reply.out).ok_or_else(unread)?),
            false => None,
        }),
        HostQuery::Read { .. } => HostAnswer::Read(there.then(|| Content::public(reply.out))),
        HostQuery::Head { bytes, .. } => HostAnswer::Read(there.then(|| {
            let mut head = reply.out;
            head.truncate(usize::try_from(*bytes).unwrap_or(usize::MAX));
            Content::public(head)
        })),
        HostQuery::Sha256 { .. } | HostQuery::Fetched { .. } => HostAnswer::Sha256(match there {
            true => Some(text().get(..64).ok_or_else(unread)?.to_owned()),
            false => None,
        }),
        HostQuery::Checksum { .. } => HostAnswer::Checksum(match there {
            true => Some(
                text()
                    .split_once(' ')
                    .map(|(sum, _)| sum.to_owned())
                    .ok_or_else(unread)?,
            ),
            false => None,
        }),
        HostQuery::List { .. } => HostAnswer::List(match there {
            true => Some(listing::entries(&reply.out).ok_or_else(unread)?),
            false => None,
        }),
        HostQuery::Packages => HostAnswer::Packages(packages(&text()).ok_or_else(unread)?),
        HostQuery::Candidates { .. } => HostAnswer::Candidates(candidates(&text())),
        HostQuery::AptLists => {
            let text = text();
            let mut times = text.lines().map(str::parse::<i64>);
            let now = times.next().and_then(Result::ok).ok_or_else(unread)?;
            let updated = times.filter_map(Result::ok).max().unwrap_or(0);
            HostAnswer::AptLists { updated, now }
        }
        HostQuery::User { name } => HostAnswer::User(match there {
            true => user(&text(), name).ok_or_else(unread)?,
            false => None,
        }),
        HostQuery::Group { name } => HostAnswer::Group(match there {
            true => group(&text(), name).ok_or_else(unread)?,
            false => None,
        }),
        HostQuery::Unit { .. } => HostAnswer::Unit(there.then(|| unit(&text()))),
        HostQuery::Sysctl { .. } => {
            HostAnswer::Sysctl(there.then(|| text().trim_end_matches('\n').to_owned()))
        }
        HostQuery::Which { .. } => HostAnswer::Which(which(&text())),
        HostQuery::Run(_) => return Err(Failure::bug("a command was answered twice")),
        HostQuery::Notified { .. } => {
            HostAnswer::Notified(text().lines().filter_map(noted).collect())
        }
    })
}

/// An answer of another shape than Debian's own programs give. Nothing that such a host says can be relied on.
fn garbled(query: &HostQuery, said: &str) -> Failure {
    let said: String = said.chars().take(200).collect();
    Failure::new(
        "the host's answer makes no sense",
        format!("Asking for {query:?}."),
    )
    .class(Class::Unreachable)
    .why(format!("It began with {said:?}."))
    .help("Log in by hand, and see whether something there stands in place of the system's own programs.")
}

/// A name on the host that is not UTF-8, as a link says it or as it stands in a folder.
fn nameless(path: &str, said: &[u8]) -> Failure {
    let name = said
        .split(|byte| *byte == 0)
        .find(|word| std::str::from_utf8(word).is_err())
        .map(|word| word.escape_ascii().to_string())
        .unwrap_or_default();
    Failure::new(
        "a name on the host is not UTF-8",
        format!("Looking at {path}, this came: {name}"),
    )
    .left("Nothing was done there.")
    .help("Rename it, or work on the others by their own paths.")
}

/// An absolute path without needless slashes at its end or inside.
pub(super) fn absolute(path: &str) -> Result<String, Failure> {
    if !path.starts_with('/') {
        return Err(Failure::new(
            "a path on a host must be absolute",
            format!("The path is {path:?}."),
        )
        .help("Write it with its leading `/`."));
    }
    let mut clean = String::with_capacity(path.len());
    for part in path.split('/').filter(|part| !part.is_empty()) {
        clean.push('/');
        clean.push_str(part);
    }
    Ok(if clean.is_empty() {
        "/".to_owned()
    } else {
        clean
    })
}

/// The call that runs a command through this function of the prelude.
pub(super) fn run(function: &'static str, command: &Command) -> Result<Call, Failure> {
    let wrong = |why: String| {
        Failure::new(
            "a command that cannot be run",
            format!("{:?}", command.argv),
        )
        .why(why)
    };
    let words = match &command.script {
        Some(script) => {
            let shell = command.shell.as_deref().unwrap_or("/bin/sh");
            vec![shell.to_owned(), "-c".to_owned(), script.clone()]
        }
        None => command.argv.clone(),
    };
    match words.first() {
        None => return Err(wrong("It has no words.".to_owned())),
        Some(first) if first.is_empty() || first.starts_with('-') => {
            return Err(wrong(format!("{first:?} is not the name of a program.")));
        }
        Some(_) => {}
    }
    let mut call = Call::new(function)
        .word(command.chdir.clone().unwrap_or_default())
        .word(command.environment.len().to_string());
    for (name, value) in &command.environment {
        let fits = |c: char| c.is_ascii_alphanumeric() || c == '_';
        if name.is_empty()
            || !name.chars().all(fits)
            || name.starts_with(|c: char| c.is_ascii_digit())
        {
            return Err(wrong(format!(
                "{name:?} cannot be the name of an environment variable."
            )));
        }
        call = call.word(name).word(value);
    }
    Ok(call.words(words).content(command.stdin.clone()))
}

/// What a command gave.
pub(super) fn ran(reply: Reply) -> Ran {
    Ran {
        rc: reply.rc,
        stdout: Content::public(reply.out),
        stderr: Content::public(reply.err),
    }
}

/// A name as a file's name: letters, digits, `-`, `_` and inner dots stay, other bytes become `%` and two digits.
pub(super) fn encoded(name: &str) -> String {
    let mut text = String::new();
    for (index, byte) in name.bytes().enumerate() {
        let plain = byte.is_ascii_alphanumeric() || b"-_".contains(&byte);
        if (plain && (index > 0 || byte != b'-')) || (byte == b'.' && index > 0) {
            text.push(char::from(byte));
        } else {
            text.push_str(&format!("%{byte:02x}"));
        }
    }
    text
}

/// A user, and a handler in hexadecimal.
fn noted(line: &str) -> Option<Noted> {
    let (user, handler) = line.split_once(' ')?;
    Some(Noted {
        user: user.to_owned(),
        handler: String::from_utf8(hex::decode(handler).ok()?).ok()?,
    })
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

/// Why a question could not be answered.
fn failed(query: &HostQuery, reply: &Reply) -> Failure {
    let what = match query {
        HostQuery::Run(command) => format!("Running {:?} to look at something.", command.argv),
        // The URL may hold a password.
        HostQuery::Fetched { url } => format!("Looking at {}.", shown_url(url)),
        other => format!("Asking for {other:?}."),
    };
    let said = String::from_utf8_lossy(&reply.err);
    let why = match &reply.refused {
        Some(refused) => [said.trim(), refused].join("\n"),
        None if said.trim().is_empty() => format!("It ended with exit code {}.", reply.rc),
        None => said.trim().to_owned(),
    };
    let failure = Failure::new("the host could not answer", what).why(why.trim());
    match query {
        // Every host has them.
        HostQuery::Facts => failure.class(Class::Unreachable),
        _ => failure,
    }
}

fn packages(text: &str) -> Option<BTreeMap<String, String>> {
    let mut lines = text.lines();
    let native = lines.next()?;
    let mut found = BTreeMap::new();
    for line in lines {
        let mut words = line.split(' ');
        let (status, name, architecture, version) =
            (words.next()?, words.next()?, words.next()?, words.next()?);
        if status == "installed" {
            let own = architecture == native || architecture == "all";
            let name = if own {
                name.to_owned()
            } else {
                format!("{name}:{architecture}")
            };
            found.insert(name, version.to_owned());
        }
    }
    Some(found)
}

/// `apt-cache policy`: a name with a colon at the margin, `Candidate:` below it, versions in the table.
fn candidates(text: &str) -> BTreeMap<String, Candidate> {
    let mut found: BTreeMap<String, Candidate> = BTreeMap::new();
    let mut current = None;
    for line in text.lines() {
        if !line.starts_with(' ') {
            let name = line.trim_end_matches(':').to_owned();
            found.insert(
                name.clone(),
                Candidate {
                    candidate: None,
                    versions: Vec::new(),
                },
            );
            current = Some(name);
            continue;
        }
        let Some(entry) = current.as_ref().and_then(|name| found.get_mut(name)) else {
            continue;
        };
        let line = line.trim_end();
        if let Some(version) = line.strip_prefix("  Candidate: ") {
            entry.candidate = (version != "(none)").then(|| version.to_owned());
        } else if let Some(row) = line.strip_prefix(" *** ").or(line.strip_prefix("     "))
            && !row.starts_with(' ')
        {
            entry
                .versions
                .extend(row.split(' ').next().map(str::to_owned));
        }
    }
    found
}

/// `getent passwd`, the primary group's name, every group's name, and the first character of the password for root.
/// An entry of another name (a number that was taken for an id) is none.
fn user(text: &str, asked: &str) -> Option<Option<User>> {
    let mut lines = text.lines();
    let fields: Vec<&str> = lines.next()?.split(':').collect();
    let [name, _, uid, gid, comment, home, shell] = fields[..] else {
        return None;
    };
    if name != asked {
        return Some(None);
    }
    let group = lines.next()?.to_owned();
    let mut groups: Vec<String> = lines
        .next()?
        .split(' ')
        .filter(|other| **other != group)
        .map(str::to_owned)
        .collect();
    groups.sort();
    Some(Some(User {
        name: name.to_owned(),
        uid: uid.parse().ok()?,
        gid: gid.parse().ok()?,
        group,
        comment: comment.to_owned(),
        home: home.to_owned(),
        shell: shell.to_owned(),
        groups,
        locked: lines.next().map(|first| first == "!"),
    }))
}

fn group(text: &str, asked: &str) -> Option<Option<Group>> {
    let mut fields = text.lines().next()?.split(':');
    let name = fields.next()?;
    let number = fields.nth(1)?;
    let gid = number.parse().ok()?;
    // A group may be asked for by its number as well.
    Some((name == asked || number == asked).then(|| Group {
        name: name.to_owned(),
        gid,
    }))
}

fn unit(text: &str) -> Unit {
    let value = |key: &str| {
        text.lines()
            .find_map(|line| line.strip_prefix(key)?.strip_prefix('='))
            .unwrap_or_default()
            .to_owned()
    };
    Unit {
        load: value("LoadState"),
        active: value("ActiveState"),
        sub: value("SubState"),
        file: value("UnitFileState"),
        stale: value("NeedDaemonReload") == "yes",
    }
}

fn which(text: &str) -> BTreeMap<String, String> {
    let mut words = text.split_terminator('\0');
    let mut found = BTreeMap::new();
    while let (Some(name), Some(path)) = (words.next(), words.next()) {
        found.insert(name.to_owned(), path.to_owned());
    }
    found
}
