//! What the reply to each question says.

use std::collections::BTreeMap;

use super::{facts, listing};
use crate::connect::ssh::exchange::frame::Reply;
use crate::model::{
    Class, Content, Failure,
    host::{Group, HostAnswer, HostQuery, Noted, Ran, Unit, User, Way},
    host_action::shown_url,
};

/// The exit code of a question whose thing is not there.
const ABSENT: i32 = 44;

/// What the reply says.
pub fn answer(query: &HostQuery, reply: Reply) -> Result<HostAnswer, Failure> {
    let there = reply.rc != ABSENT;
    if let HostQuery::Run(_) = query {
        return match &reply.refused {
            None => Ok(HostAnswer::Ran(ran(reply))),
            Some(_) => Err(failed(query, &reply)),
        };
    }
    if let HostQuery::Way { .. } = query {
        return Ok(HostAnswer::Way(match reply.refused {
            Some(why) => Way::Refused(why),
            None if reply.rc != 0 => return Err(failed(query, &reply)),
            None => Way::Leads(String::from_utf8_lossy(&reply.out).into_owned()),
        }));
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
        HostQuery::Stat { .. } => HostAnswer::Stat(if there {
            Some(listing::stat(&reply.out).ok_or_else(unread)?)
        } else {
            None
        }),
        HostQuery::Read { .. } => HostAnswer::Read(there.then(|| Content::public(reply.out))),
        HostQuery::Head { bytes, .. } => HostAnswer::Read(there.then(|| {
            let mut head = reply.out;
            head.truncate(usize::try_from(*bytes).unwrap_or(usize::MAX));
            Content::public(head)
        })),
        HostQuery::Sha256 { .. } | HostQuery::Fetched { .. } => HostAnswer::Sha256(if there {
            Some(text().get(..64).ok_or_else(unread)?.to_owned())
        } else {
            None
        }),
        HostQuery::Checksum { .. } => HostAnswer::Checksum(if there {
            Some(
                text()
                    .split_once(' ')
                    .map(|(sum, _)| sum.to_owned())
                    .ok_or_else(unread)?,
            )
        } else {
            None
        }),
        HostQuery::List { .. } => HostAnswer::List(if there {
            Some(listing::entries(&reply.out).ok_or_else(unread)?)
        } else {
            None
        }),
        HostQuery::Packages => HostAnswer::Packages(packages(&text()).ok_or_else(unread)?),
        HostQuery::AptLists => {
            let text = text();
            let mut times = text.lines().map(str::parse::<i64>);
            let now = times.next().and_then(Result::ok).ok_or_else(unread)?;
            let updated = times.filter_map(Result::ok).max().unwrap_or(0);
            HostAnswer::AptLists { updated, now }
        }
        HostQuery::User { name } => HostAnswer::User(if there {
            user(&text(), name).ok_or_else(unread)?
        } else {
            None
        }),
        HostQuery::Group { name } => HostAnswer::Group(if there {
            group(&text(), name).ok_or_else(unread)?
        } else {
            None
        }),
        HostQuery::Unit { .. } => HostAnswer::Unit(there.then(|| unit(&text()))),
        HostQuery::Sysctl { .. } => {
            HostAnswer::Sysctl(there.then(|| text().trim_end_matches('\n').to_owned()))
        }
        HostQuery::Run(_) | HostQuery::Way { .. } => {
            return Err(Failure::bug("a question was answered twice"));
        }
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
    .left_behind("Nothing was done there.")
    .help("Rename it, or work on the others by their own paths.")
}

/// What a command gave.
pub fn ran(reply: Reply) -> Ran {
    Ran {
        rc: reply.rc,
        stdout: Content::public(reply.out),
        stderr: Content::public(reply.err),
    }
}

/// A user, and a handler in hexadecimal.
fn noted(line: &str) -> Option<Noted> {
    let (user, handler) = line.split_once(' ')?;
    Some(Noted {
        user: user.to_owned(),
        handler: String::from_utf8(hex::decode(handler).ok()?).ok()?,
    })
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
