//! What `stat` and `find` print.

use crate::model::host::{Entry, FileType, Permitted, Stat};

/// The line `may mode(hex) uid gid size mtime atime ctime inode links owner group`, and what a link says. `may` has a letter
/// of `rwx` for each thing that the asking user may do, and begins with a dot.
pub fn stat(bytes: &[u8]) -> Option<Stat> {
    let text = std::str::from_utf8(bytes).ok()?;
    let (line, rest) = text.split_once('\n')?;
    let mut words = line.split(' ');
    let may = words.next()?.strip_prefix('.')?;
    let mode = u32::from_str_radix(words.next()?, 16).ok()?;
    let kind = match mode & 0o170_000 {
        0o100_000 => FileType::File,
        0o040_000 => FileType::Directory,
        0o120_000 => FileType::Link,
        0o060_000 => FileType::Block,
        0o020_000 => FileType::Character,
        0o010_000 => FileType::Pipe,
        0o140_000 => FileType::Socket,
        _ => FileType::Other,
    };
    let uid: u32 = words.next()?.parse().ok()?;
    let gid: u32 = words.next()?.parse().ok()?;
    let size = words.next()?.parse().ok()?;
    let mtime = words.next()?.parse().ok()?;
    let atime = words.next()?.parse().ok()?;
    let ctime = words.next()?.parse().ok()?;
    let inode = words.next()?.parse().ok()?;
    let links = words.next()?.parse().ok()?;
    let owner = named(words.next()?, uid);
    let group = named(words.next()?, gid);
    Some(Stat {
        kind,
        mode: mode & 0o7777,
        uid,
        gid,
        owner,
        group,
        size,
        mtime,
        atime,
        ctime,
        inode,
        links,
        target: (kind == FileType::Link)
            .then(|| rest.strip_suffix('\n').unwrap_or(rest).to_owned()),
        permitted: Some(Permitted {
            read: may.contains('r'),
            write: may.contains('w'),
            execute: may.contains('x'),
        }),
    })
}

/// Records of three words that end with a NUL: the fields, the path, what a link says. None where a name is no text:
/// what is done under another name would be done to something else.
pub fn entries(bytes: &[u8]) -> Option<Vec<Entry>> {
    let text = std::str::from_utf8(bytes).ok()?;
    let mut words = text.split_terminator('\0');
    let mut found = Vec::new();
    while let Some(fields) = words.next() {
        found.push(entry(fields, words.next()?, words.next()?)?);
    }
    found.sort_by(|one: &Entry, other| one.path.cmp(&other.path));
    Some(found)
}

/// `type mode(octal) uid gid size mtime atime ctime inode links owner group`; times with fractions.
fn entry(fields: &str, path: &str, target: &str) -> Option<Entry> {
    let mut words = fields.split(' ');
    let kind = match words.next()? {
        "f" => FileType::File,
        "d" => FileType::Directory,
        "l" => FileType::Link,
        "b" => FileType::Block,
        "c" => FileType::Character,
        "p" => FileType::Pipe,
        "s" => FileType::Socket,
        _ => FileType::Other,
    };
    let mode = u32::from_str_radix(words.next()?, 8).ok()?;
    let uid: u32 = words.next()?.parse().ok()?;
    let gid: u32 = words.next()?.parse().ok()?;
    let size = words.next()?.parse().ok()?;
    let mtime = seconds(words.next()?)?;
    let atime = seconds(words.next()?)?;
    let ctime = seconds(words.next()?)?;
    Some(Entry {
        path: path.to_owned(),
        stat: Stat {
            kind,
            mode,
            uid,
            gid,
            size,
            mtime,
            atime,
            ctime,
            inode: words.next()?.parse().ok()?,
            links: words.next()?.parse().ok()?,
            owner: named(words.next()?, uid),
            group: named(words.next()?, gid),
            target: (kind == FileType::Link).then(|| target.to_owned()),
            permitted: None,
        },
    })
}

fn seconds(text: &str) -> Option<i64> {
    text.split('.').next()?.parse().ok()
}

/// `stat` writes UNKNOWN, and `find` the digits, for an id that has no name.
fn named(name: &str, id: u32) -> String {
    if name == "UNKNOWN" {
        id.to_string()
    } else {
        name.to_owned()
    }
}
