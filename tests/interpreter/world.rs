//! A host that is only remembered: files, packages, a shell of a few words. It counts what it is asked at once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Arc, Mutex};

use async_trait::async_trait;
use landfall::model::host::{
    Command, FileType, HostAnswer, HostQuery, Noted, Ran, Stat, Unit, User, Way,
};
use landfall::model::host_action::HostAction;
use landfall::model::{
    Action, Answer, Class, Content, Failure, Outcome, Probe, Progress, Query, World,
};
use serde_json::json;
use sha1::{Digest, Sha1};

#[derive(Default)]
pub struct Host {
    pub files: BTreeMap<String, (Content, u32)>,
    pub folders: BTreeSet<String>,
    pub units: BTreeMap<String, String>,
    /// The user we are logged in as.
    pub login: String,
    /// In whose memory which handler is noted.
    pub notified: Vec<(String, String)>,
    /// Everything that was done, in order.
    pub done: Vec<String>,
    /// Questions, and how many times some travelled together.
    pub asked: Vec<String>,
    pub batches: usize,
    /// The action that fails, by what it is called in `done`.
    pub fails: Option<String>,
    /// How many actions are performed before the connection is cut.
    pub cut: Option<usize>,
    tries: BTreeMap<String, u32>,
    open: Option<usize>,
}

/// The host as one user sees it.
#[derive(Clone)]
pub struct Fake {
    pub host: Arc<Mutex<Host>>,
    user: Option<String>,
}

impl Fake {
    pub fn new(host: Host) -> Self {
        Self {
            host: Arc::new(Mutex::new(host)),
            user: None,
        }
    }
}

#[async_trait]
impl Probe for Fake {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        // What is asked before anybody gets an answer travels together.
        let batch = {
            let mut host = self.host.lock().unwrap();
            if host.open.is_none() {
                host.batches += 1;
                host.open = Some(host.batches);
            }
            host.asked.push(format!("{query:?}"));
            host.open
        };
        tokio::task::yield_now().await;
        let mut host = self.host.lock().unwrap();
        if host.open == batch {
            host.open = None;
        }
        let Query::Host(query) = query else {
            panic!("a host was asked {query:?}");
        };
        Ok(Answer::Host(host.answer(query, self.user.as_deref())))
    }
}

#[async_trait]
impl World for Fake {
    async fn act(&self, action: &Action, _: &Progress) -> Result<Outcome, Failure> {
        let Action::Host(action) = action else {
            panic!("a host was told {action:?}");
        };
        let mut host = self.host.lock().unwrap();
        let mut name = summary(action);
        if let Some(user) = &self.user {
            name = format!("{name} as {user}");
        }
        if host.cut.is_some_and(|cut| host.done.len() >= cut) {
            return Err(Failure::new("the connection was cut", name).class(Class::Unreachable));
        }
        host.done.push(name.clone());
        if host
            .fails
            .as_ref()
            .is_some_and(|fails| name.contains(fails))
        {
            return Err(Failure::new("the host said no", format!("Doing: {name}."))
                .why("No space left on device"));
        }
        Ok(host.perform(action, self.user.as_deref()))
    }

    fn as_user(&self, user: &str) -> Arc<dyn World> {
        Arc::new(Self {
            host: self.host.clone(),
            user: Some(user.to_owned()),
        })
    }
}

pub fn summary(action: &HostAction) -> String {
    match action {
        HostAction::Write(file) => format!(
            "write {} {:?}",
            file.path,
            file.content.text().unwrap_or("")
        ),
        HostAction::MakeDirectory { path, .. } => format!("folder {path}"),
        HostAction::Access { path, access, .. } => {
            format!("access {path} {:o}", access.mode.unwrap_or(0))
        }
        HostAction::Touch { path, .. } => format!("touch {path}"),
        HostAction::Remove { path } => format!("remove {path}"),
        HostAction::Run { command, .. } => format!("run {}", line(command)),
        HostAction::Apt { command } => format!("apt {}", line(command)),
        HostAction::Notify { handler, .. } => format!("notify {handler}"),
        HostAction::Notified { handler, .. } => format!("notified {handler}"),
        other => format!("{other:?}"),
    }
}

fn line(command: &Command) -> String {
    let environment: Vec<String> = command
        .environment
        .iter()
        .map(|(name, value)| format!("{name}={value} "))
        .collect();
    let line = command
        .script
        .clone()
        .unwrap_or_else(|| command.argv.join(" "));
    environment.concat() + &line
}

/// The home folders of the users that there are.
fn home(user: &str) -> Option<&'static str> {
    match user {
        "root" => Some("/root"),
        "postgres" => Some("/var/lib/postgresql"),
        _ => None,
    }
}

impl Host {
    fn answer(&mut self, query: &HostQuery, user: Option<&str>) -> HostAnswer {
        match query {
            HostQuery::Facts => HostAnswer::Facts(json!({
                "os_family": "Debian", "distribution": "Debian", "distribution_major_version": "13",
                "service_mgr": "systemd", "pkg_mgr": "apt", "hostname": "web",
                "env": {"HOME": home(user.unwrap_or("root")), "USER": user.unwrap_or("root")},
                "user_id": "root", "architecture": "x86_64",
            })),
            HostQuery::User { name } => HostAnswer::User(home(name).map(|home| User {
                name: name.clone(),
                uid: 100,
                gid: 100,
                group: name.clone(),
                comment: String::new(),
                home: home.to_owned(),
                shell: "/bin/sh".to_owned(),
                groups: Vec::new(),
                locked: None,
            })),
            HostQuery::Notified { .. } => HostAnswer::Notified(self.noted(user)),
            HostQuery::Packages => HostAnswer::Packages(Default::default()),
            HostQuery::AptLists => HostAnswer::AptLists { updated: 0, now: 1 },
            HostQuery::Stat { path, .. } => HostAnswer::Stat(self.stat(path)),
            HostQuery::Way { path, .. } => HostAnswer::Way(if path.contains("/of-another/") {
                Way::Refused(format!("anybody may have put the link {path} there"))
            } else {
                Way::Leads(path.clone())
            }),
            HostQuery::Read { path } | HostQuery::Head { path, .. } => {
                HostAnswer::Read(self.files.get(path).map(|(content, _)| content.clone()))
            }
            HostQuery::Sha256 { path } => HostAnswer::Sha256(
                self.files
                    .get(path)
                    .map(|(content, _)| content.digest().sha256),
            ),
            HostQuery::Checksum { path, .. } => HostAnswer::Checksum(
                self.files
                    .get(path)
                    .map(|(content, _)| hex::encode(Sha1::digest(content.bytes()))),
            ),
            HostQuery::List { .. } => HostAnswer::List(None),
            HostQuery::Unit { name } => HostAnswer::Unit(self.units.get(name).map(|active| Unit {
                load: "loaded".into(),
                active: active.clone(),
                sub: "running".into(),
                file: "enabled".into(),
                stale: false,
            })),
            HostQuery::Run(command) => HostAnswer::Ran(self.shell(command)),
            other => panic!("no answer to {other:?}"),
        }
    }

    fn stat(&self, path: &str) -> Option<Stat> {
        let (kind, mode, size) = match (self.files.get(path), self.folders.contains(path)) {
            (Some((content, mode)), _) => (FileType::File, *mode, content.bytes().len()),
            (None, true) => (FileType::Directory, 0o755, 0),
            (None, false) => return None,
        };
        Some(Stat {
            kind,
            mode,
            uid: 0,
            gid: 0,
            owner: "root".into(),
            group: "root".into(),
            size: size as u64,
            mtime: 0,
            atime: 0,
            ctime: 0,
            inode: 1,
            links: 1,
            target: None,
            permitted: None,
        })
    }

    /// What a user's memory holds, and root's; root sees those of all.
    fn noted(&self, user: Option<&str>) -> Vec<Noted> {
        let user = user.unwrap_or(&self.login);
        let seen = |of: &str| of == user || of == "root" || user == "root";
        let held = self.notified.iter().filter(|(of, _)| seen(of));
        held.map(|(user, handler)| Noted {
            user: user.clone(),
            handler: handler.clone(),
        })
        .collect()
    }

    fn perform(&mut self, action: &HostAction, user: Option<&str>) -> Outcome {
        let user = user.unwrap_or(&self.login).to_owned();
        match action {
            HostAction::Write(file) => {
                let before = self.files.get(&file.path).map(|(_, mode)| *mode);
                let mode = file.access.mode.or(before).unwrap_or(0o644);
                self.files
                    .insert(file.path.clone(), (file.content.clone(), mode));
            }
            HostAction::MakeDirectory { path, .. } => {
                self.folders.insert(path.clone());
            }
            HostAction::Access { path, access, .. } => {
                if let (Some((_, mode)), Some(wanted)) = (self.files.get_mut(path), access.mode) {
                    *mode = wanted;
                }
            }
            HostAction::Touch { path, .. } => {
                self.files
                    .insert(path.clone(), (Content::public(""), 0o644));
            }
            HostAction::Remove { path } => {
                self.files.remove(path);
                self.folders.remove(path);
            }
            HostAction::Run { command, .. } => return Outcome::Ran(self.shell(command)),
            // Something new comes with the first update alone.
            HostAction::Apt { command } if action.refreshes_lists() => {
                let ran = self.shell(command);
                let first = self.tries.get(&command.argv.join(" ")) == Some(&1);
                return if first {
                    Outcome::Ran(ran)
                } else {
                    Outcome::Gave(json!({"cache_updated": false}))
                };
            }
            HostAction::Notify { handler, .. } => self.notified.push((user, handler.clone())),
            HostAction::Notified { handler, .. } => {
                self.notified
                    .retain(|noted| *noted != (user.clone(), handler.clone()));
            }
            other => panic!("cannot {other:?}"),
        }
        Outcome::Done
    }

    /// `echo WORDS`, `cat FILE`, `unquotes WORDS;` (fails with them as a shell reads them), `false`, `flaky N` (fails before its N-th call), and anything else, which prints nothing.
    fn shell(&mut self, command: &Command) -> Ran {
        let line = command
            .script
            .clone()
            .unwrap_or_else(|| command.argv.join(" "));
        let (word, rest) = line.split_once(' ').unwrap_or((&line, ""));
        let tries = self.tries.entry(line.clone()).or_default();
        *tries += 1;
        let (rc, out, err) = match word {
            "echo" => (0, format!("{rest}\n"), String::new()),
            "cat" => {
                let content = self.files.get(rest).map(|(content, _)| content);
                let text = content.and_then(Content::text).unwrap_or_default();
                (0, text.to_owned(), String::new())
            }
            "unquotes" => {
                let words = rest.split(';').next().unwrap_or_default();
                (3, String::new(), words.replace(['\\', '"'], ""))
            }
            "false" => (1, String::new(), "it is false\n".to_owned()),
            "flaky" if *tries < rest.parse().unwrap() => (1, String::new(), "not yet\n".to_owned()),
            _ => (0, String::new(), String::new()),
        };
        Ran {
            rc,
            stdout: Content::public(out),
            stderr: Content::public(err),
        }
    }
}
