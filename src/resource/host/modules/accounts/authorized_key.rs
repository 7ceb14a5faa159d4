//! `authorized_key`: the public keys that may log in as a user.

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::{FileType, Stat, User};
use crate::model::host_action::{Access, HostAction};
use crate::model::{Change, Content, Effect, Failure, Probe, Shown, Value, escaped};
use crate::resource::Resource;

use crate::resource::host::access::WantedAccess;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::context::Context;
use crate::resource::host::managed_file::{FileSeen, ManagedFile};
use crate::resource::host::mode::Mode;
use crate::resource::host::text_file::{end_last_line, lines};

/// The arguments of `authorized_key`.
pub const ARGUMENTS: &[&str] = &[
    "user",
    "key",
    "state",
    "exclusive",
    "key_options",
    "comment",
    "manage_dir",
    "path",
    "follow",
];

/// Keys in one user's file.
pub struct AuthorizedKey {
    user: String,
    keys: Vec<Key>,
    present: bool,
    exclusive: bool,
    manage_dir: bool,
    path: Option<String>,
}

/// A line of an `authorized_keys` file.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Key {
    options: String,
    kind: String,
    blob: String,
    comment: String,
}

/// The user, its file, and the folder the file is in.
pub struct Observed {
    user: Option<User>,
    file: ManagedFile,
    seen: FileSeen,
    folder: Option<Stat>,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<AuthorizedKey, Failure> {
    let text = match arguments.given(&["key"]) {
        Some((_, Value::Array(_))) => arguments.list(&["key"])?.unwrap_or_default().join("\n"),
        _ => arguments.need(&["key"])?,
    };
    let options = arguments.line(&["key_options"])?;
    let comment = arguments.line(&["comment"])?;
    let mut keys = Vec::new();
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut key = Key::read(line).ok_or_else(|| refused(arguments, line))?;
        if let Some(options) = &options {
            key.options.clone_from(options);
        }
        if let Some(comment) = &comment {
            key.comment.clone_from(comment);
        }
        keys.push(key);
    }
    if keys.is_empty() {
        return Err(arguments.wrong("`key` holds no public key"));
    }
    Ok(AuthorizedKey {
        user: arguments.need(&["user"])?,
        keys,
        present: arguments.choice(&["state"], &["present", "absent"])? == "present",
        exclusive: arguments.flag(&["exclusive"], false)?,
        manage_dir: arguments.flag(&["manage_dir"], true)?,
        path: arguments.path(&["path"])?,
    })
}

fn refused(arguments: &Arguments<'_>, line: &str) -> Failure {
    if line.contains("PRIVATE KEY") {
        return arguments
            .wrong("`key` is a private key")
            .help("Give the public half: the file whose name ends in .pub.");
    }
    if line.starts_with("http") {
        return arguments.wrong("`key` is a URL, which is not fetched; give the keys themselves");
    }
    let head: String = line.chars().take(30).collect();
    arguments.wrong(format!("`key` is not a public key: {head}…"))
}

impl Key {
    /// `[options] kind blob [comment]`; options may hold blanks inside quotes.
    fn read(line: &str) -> Option<Self> {
        let mut rest = line.trim();
        let mut options = "";
        if !is_kind(first(rest).0) {
            let end = end_of_options(rest);
            options = &rest[..end];
            rest = rest[end..].trim_start();
        }
        let (kind, rest) = first(rest);
        let (blob, comment) = first(rest);
        // Every blob begins with the length of its kind, which leaves these letters.
        (is_kind(kind) && blob.starts_with("AAAA")).then(|| Self {
            options: options.to_owned(),
            kind: kind.to_owned(),
            blob: blob.to_owned(),
            comment: comment.to_owned(),
        })
    }

    fn is(&self, other: &Key) -> bool {
        self.kind == other.kind && self.blob == other.blob
    }

    fn line(&self) -> String {
        let words = [&self.options, &self.kind, &self.blob, &self.comment];
        let words: Vec<_> = words
            .into_iter()
            .filter(|word| !word.is_empty())
            .cloned()
            .collect();
        words.join(" ")
    }
}

fn not_roots(file: &str, path: &str, link: &Stat) -> Failure {
    Failure::new(
        "keys are not written through a link that is not root's",
        format!("On the way to {file}, {path} is a link of {}.", link.owner),
    )
    .help("Put the folder or the file itself there, or let `path` say where it is.")
}

fn is_kind(word: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"]
        .iter()
        .any(|kind| word.starts_with(kind))
}

fn first(text: &str) -> (&str, &str) {
    let end = text.find(char::is_whitespace).unwrap_or(text.len());
    (&text[..end], text[end..].trim())
}

fn end_of_options(text: &str) -> usize {
    let mut quoted = false;
    let mut escaped = false;
    for (at, c) in text.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '"' => quoted = !quoted,
            c if c.is_whitespace() && !quoted => return at,
            _ => {}
        }
    }
    text.len()
}

#[async_trait]
impl Resource for AuthorizedKey {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        let user = ask::user(world, &self.user).await?;
        let home = match &user {
            Some(user) => user.home.clone(),
            None if self.user == "root" => "/root".to_owned(),
            None => format!("/home/{}", self.user),
        };
        let path = self
            .path
            .clone()
            .unwrap_or_else(|| format!("{home}/.ssh/authorized_keys"));
        let folder = path
            .rsplit_once('/')
            .map_or("/", |(folder, _)| folder)
            .to_owned();
        let file = ManagedFile {
            path,
            wanted: self.access(user.as_ref(), 0o600),
            validate: None,
            backup: false,
            secret: false,
            follow: true,
        };
        // Whoever may put a link on the way would have root read and write wherever it leads.
        let way: Vec<_> = file
            .path
            .match_indices('/')
            .skip(1)
            .map(|(at, _)| &file.path[..at])
            .chain([file.path.as_str()])
            .collect();
        let way = futures::future::try_join_all(way.into_iter().map(|path| async move {
            Ok::<_, Failure>((path.to_owned(), ask::stat(world, path, false).await?))
        }));
        // What was read is looked at only when the way was found to be safe.
        let (way, seen, folder) =
            futures::join!(way, file.observe(world), ask::stat(world, &folder, true));
        for (path, stat) in way? {
            if let Some(link) = stat.filter(|stat| stat.kind == FileType::Link && stat.uid != 0) {
                return Err(not_roots(&file.path, &path, &link));
            }
        }
        let (seen, folder) = (seen?, folder?);
        Ok(Observed {
            user,
            file,
            seen,
            folder,
        })
    }

    fn plan(&self, seen: &Observed) -> Result<Change, Failure> {
        let old = seen
            .seen
            .content
            .as_ref()
            .map(|content| escaped::text(content.bytes()))
            .unwrap_or_default();
        let new = self.edited(&old);
        let result = json!({"user": self.user, "keyfile": seen.file.path, "state": if self.present { "present" } else { "absent" }});
        if !self.present && new == old {
            return Ok(Change::none().result(result));
        }
        let mut change = seen
            .file
            .plan(&seen.seen, &Content::public(escaped::bytes(&new)))?;
        if self.manage_dir {
            change = self.folder(change, seen);
        }
        if seen.user.is_none() {
            change = change.note(format!(
                "The user {} is not there yet; an earlier task may bring it.",
                self.user
            ));
        }
        Ok(change.result(result))
    }
}

impl AuthorizedKey {
    /// Every line that is no key, or no key of ours, stays where it is.
    fn edited(&self, old: &str) -> String {
        let mut missing = self.keys.clone();
        let mut kept = String::with_capacity(old.len());
        let add = |kept: &mut String, key: &Key| {
            end_last_line(kept);
            kept.extend([key.line().as_str(), "\n"]);
        };
        for line in lines(old) {
            let Some(key) = Key::read(line).filter(|_| !line.trim_start().starts_with('#')) else {
                kept.push_str(line);
                continue;
            };
            match self.keys.iter().find(|wanted| wanted.is(&key)) {
                Some(_) if !self.present => {}
                Some(wanted) => {
                    // A second line of the same key goes.
                    let known = missing.len();
                    missing.retain(|other| !other.is(wanted));
                    if missing.len() < known {
                        if *wanted == key {
                            kept.push_str(line)
                        } else {
                            add(&mut kept, wanted)
                        }
                    }
                }
                None if self.exclusive && self.present => {}
                None => kept.push_str(line),
            }
        }
        if self.present {
            missing.iter().for_each(|key| add(&mut kept, key));
        }
        kept
    }

    /// The folder is made or corrected before the file is written.
    fn folder(&self, mut change: Change, seen: &Observed) -> Change {
        let wanted = self.access(seen.user.as_ref(), 0o700);
        let path = match seen.file.path.rsplit_once('/') {
            Some((folder, _)) if !folder.is_empty() => folder.to_owned(),
            _ => return change,
        };
        let action = match &seen.folder {
            Some(stat) if stat.kind == FileType::Directory => {
                let (access, fields) = wanted.differs(stat);
                if access == Access::default() {
                    return change;
                }
                change.diff.extend(fields.into_iter().map(|mut field| {
                    field.path = format!("{path} {}", field.path);
                    field
                }));
                HostAction::Access {
                    path,
                    access,
                    follow: true,
                }
            }
            _ => {
                change = change.field(&path, Shown::Absent, Shown::Value("directory".into()));
                HostAction::MakeDirectory {
                    path,
                    access: wanted.fresh(true),
                }
            }
        };
        change.effect = if seen.seen.stat.is_some() {
            Effect::Update
        } else {
            Effect::Create
        };
        change.actions.insert(0, action.into());
        change
    }

    fn access(&self, user: Option<&User>, mode: u32) -> WantedAccess {
        WantedAccess {
            owner: Some(self.user.clone()),
            // A user that is not there yet gets a group of its own name.
            group: Some(user.map_or_else(|| self.user.clone(), |user| user.group.clone())),
            mode: Some(Mode::Bits(mode)),
        }
    }
}
