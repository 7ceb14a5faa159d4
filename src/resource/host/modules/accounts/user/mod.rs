//! `user`: an account.

mod home;
mod membership;
mod password;

use std::collections::BTreeMap;

use async_trait::async_trait;
use serde_json::json;

use crate::model::host::{Group, Stat, User as Seen};
use crate::model::{Change, Content, Effect, Failure, Field, Probe, Secret, Shown, Value};
use crate::resource::Resource;

use crate::resource::host::access::field;
use crate::resource::host::arguments::Arguments;
use crate::resource::host::ask;
use crate::resource::host::command_action::run;
use crate::resource::host::context::Context;
use membership::{differing, numbers};

/// The arguments of `user`.
pub const ARGUMENTS: &[&str] = &[
    "name",
    "user",
    "state",
    "uid",
    "non_unique",
    "group",
    "groups",
    "append",
    "comment",
    "home",
    "shell",
    "system",
    "create_home",
    "createhome",
    "move_home",
    "skeleton",
    "password",
    "update_password",
    "password_lock",
    "expires",
    "remove",
    "force",
    "local",
];

/// An account.
pub struct User {
    name: String,
    present: bool,
    uid: Option<i64>,
    non_unique: bool,
    group: Option<String>,
    groups: Option<Vec<String>>,
    append: bool,
    comment: Option<String>,
    home: Option<String>,
    shell: Option<String>,
    system: bool,
    create_home: bool,
    move_home: bool,
    skeleton: Option<String>,
    password: Option<Secret>,
    update_password: bool,
    lock: Option<bool>,
    remove: bool,
    force: bool,
}

/// What is known of an account.
pub struct Observed {
    user: Option<Seen>,
    /// A group of the same name.
    namesake: Option<Group>,
    /// What is at the account's home folder.
    home: Option<Stat>,
    /// The password's hash, where it matters.
    hash: Option<Secret>,
    /// The names of groups that are given by their numbers.
    numbered: BTreeMap<String, String>,
}

/// Reads the arguments.
pub fn read(arguments: &Arguments<'_>, _: &Context) -> Result<User, Failure> {
    if arguments.has(&["expires"]) {
        return Err(arguments.wrong("`expires` is not supported"));
    }
    let password = arguments.text(&["password"])?;
    if password
        .as_deref()
        .is_some_and(|hash| !password::plausible(hash))
    {
        return Err(arguments.wrong("`password` is not a hash").help(
            "Give a hash such as `mkpasswd -m sha512crypt` prints, or ! to allow no password.",
        ));
    }
    Ok(User {
        name: arguments.need(&["name", "user"])?,
        present: arguments.choice(&["state"], &["present", "absent"])? == "present",
        uid: arguments.integer(&["uid"])?,
        non_unique: arguments.flag(&["non_unique"], false)?,
        group: arguments.text(&["group"])?,
        groups: arguments.list(&["groups"])?,
        append: arguments.flag(&["append"], false)?,
        comment: arguments.text(&["comment"])?,
        home: arguments.path(&["home"])?,
        shell: arguments.text(&["shell"])?,
        system: arguments.flag(&["system"], false)?,
        create_home: arguments.flag(&["create_home", "createhome"], true)?,
        move_home: arguments.flag(&["move_home"], false)?,
        skeleton: arguments.text(&["skeleton"])?,
        password: password.map(Secret::new),
        update_password: arguments.choice(&["update_password"], &["always", "on_create"])?
            == "always",
        lock: arguments.switch(&["password_lock"])?,
        remove: arguments.flag(&["remove"], false)?,
        force: arguments.flag(&["force"], false)?,
    })
}

#[async_trait]
impl Resource for User {
    type Observed = Observed;

    async fn observe(&self, world: &dyn Probe) -> Result<Observed, Failure> {
        let guess = self
            .home
            .clone()
            .unwrap_or_else(|| format!("/home/{}", self.name));
        let shadow = async {
            match &self.password {
                Some(_) if self.update_password => password::shadow(world, &self.name).await,
                _ => Ok(None),
            }
        };
        let (user, namesake, mut home, hash, numbered) = futures::try_join!(
            ask::user(world, &self.name),
            ask::group(world, &self.name),
            ask::stat(world, &guess, true),
            shadow,
            numbers(world, self.groups.iter().flatten())
        )?;
        if let Some(user) = &user
            && self.home.is_none()
            && user.home != guess
        {
            home = ask::stat(world, &user.home, true).await?;
        }
        Ok(Observed {
            user,
            namesake,
            home,
            hash,
            numbered,
        })
    }

    fn plan(&self, seen: &Observed) -> Result<Change, Failure> {
        let change = match (&seen.user, self.present) {
            (None, false) => Change::none(),
            (Some(user), false) => self.delete(user),
            (None, true) => self.create(seen),
            (Some(user), true) => self.update(user, seen),
        };
        let result = self.result(seen.user.as_ref());
        Ok(change.result(result))
    }
}

impl User {
    fn create(&self, seen: &Observed) -> Change {
        let mut argv = vec!["useradd".to_owned()];
        self.identity(&mut argv);
        match (&self.group, &seen.namesake) {
            (Some(group), _) => argv.extend(["-g".to_owned(), group.clone()]),
            // useradd refuses to make a group that is there.
            (None, Some(_)) => argv.push("-N".to_owned()),
            (None, None) => {}
        }
        if let Some(groups) = self.groups.as_ref().filter(|groups| !groups.is_empty()) {
            argv.extend(["-G".to_owned(), groups.join(",")]);
        }
        for (flag, value) in [
            ("-c", &self.comment),
            ("-d", &self.home),
            ("-s", &self.shell),
        ] {
            if let Some(value) = value {
                argv.extend([flag.to_owned(), value.clone()]);
            }
        }
        if self.system {
            argv.push("-r".to_owned());
        }
        if self.create_home {
            argv.push("-m".to_owned());
            if let Some(skeleton) = &self.skeleton {
                argv.extend(["-k".to_owned(), skeleton.clone()]);
            }
        } else {
            argv.push("-M".to_owned());
        }
        argv.push(self.name.clone());
        let change = Change::new(Effect::Create)
            .field("user", Shown::Absent, text(&self.name))
            .action(run(argv));
        let change = match self.password.as_ref().filter(|hash| hash.expose() != "!") {
            Some(hash) => change.action(password::set(&self.name, hash, self.lock)),
            None => change,
        };
        match self.lock {
            Some(true) => change.action(run(["usermod", "-L", &self.name])),
            _ => change,
        }
    }

    fn update(&self, user: &Seen, seen: &Observed) -> Change {
        let mut argv = vec!["usermod".to_owned()];
        let mut fields: Vec<Field> = Vec::new();
        if self.uid.is_some_and(|uid| uid != i64::from(user.uid)) {
            self.identity(&mut argv);
            let uid = self.uid.unwrap_or_default().to_string();
            fields.push(field("uid", &user.uid.to_string(), &uid));
        }
        if let Some(group) = &self.group
            && *group != user.group
            && *group != user.gid.to_string()
        {
            argv.extend(["-g".to_owned(), group.clone()]);
            fields.push(field("group", &user.group, group));
        }
        if let Some(groups) = self.other_groups(user, &seen.numbered) {
            if self.append {
                argv.push("-a".to_owned());
            }
            argv.extend(["-G".to_owned(), groups.join(",")]);
            let after = if self.append {
                user.groups
                    .iter()
                    .chain(&groups)
                    .cloned()
                    .collect::<Vec<_>>()
            } else {
                groups
            };
            fields.push(field("groups", &user.groups.join(","), &after.join(",")));
        }
        for (name, flag, wanted, is) in [
            ("comment", "-c", &self.comment, &user.comment),
            ("home", "-d", &self.home, &user.home),
            ("shell", "-s", &self.shell, &user.shell),
        ] {
            if let Some(wanted) = wanted.as_ref().filter(|wanted| *wanted != is) {
                argv.extend([flag.to_owned(), wanted.clone()]);
                if flag == "-d" && self.move_home {
                    argv.push("-m".to_owned());
                }
                fields.push(field(name, is, wanted));
            }
        }
        let password = self.other_password(seen);
        self.lock_change(user, &mut fields, password.is_none().then_some(&mut argv));
        let mut change = Change::new(Effect::Update);
        change.diff = fields;
        if argv.len() > 1 {
            argv.push(self.name.clone());
            change = change.action(run(argv));
        }
        if let Some(hash) = password {
            let old = seen.hash.as_ref().map_or(Shown::Absent, digest);
            change = change
                .field("password", old, digest(hash))
                .action(password::set(&self.name, hash, self.lock));
        }
        if self.create_home && seen.home.is_none() && !self.move_home {
            let home = self.home.as_ref().unwrap_or(&user.home);
            let skeleton = self.skeleton.as_deref().unwrap_or("/etc/skel");
            change = change
                .field("home", Shown::Absent, text(home))
                .action(home::make(&self.name, skeleton, home));
        }
        change
    }

    fn identity(&self, argv: &mut Vec<String>) {
        if let Some(uid) = self.uid {
            argv.extend(["-u".to_owned(), uid.to_string()]);
            if self.non_unique {
                argv.push("-o".to_owned());
            }
        }
    }

    /// The groups to hand to usermod, when the account's differ.
    fn other_groups(
        &self,
        user: &Seen,
        numbered: &BTreeMap<String, String>,
    ) -> Option<Vec<String>> {
        let wanted = self.groups.as_ref()?.iter();
        let wanted = wanted.map(|group| numbered.get(group).unwrap_or(group).clone());
        differing(user, wanted.collect(), self.append)
    }

    /// The password to set, when the account has another one.
    fn other_password(&self, seen: &Observed) -> Option<&Secret> {
        let wanted = self.password.as_ref().filter(|_| self.update_password)?;
        let same = |is: &Secret| password::same(wanted, is);
        (!seen.hash.as_ref().is_some_and(same)).then_some(wanted)
    }

    /// `argv` is none where a new password says already whether it is locked.
    fn lock_change(&self, user: &Seen, fields: &mut Vec<Field>, argv: Option<&mut Vec<String>>) {
        let (Some(wanted), Some(locked)) = (self.lock, user.locked) else {
            return;
        };
        if wanted != locked {
            if let Some(argv) = argv {
                argv.push(if wanted { "-L" } else { "-U" }.to_owned());
            }
            fields.push(field(
                "password_lock",
                &locked.to_string(),
                &wanted.to_string(),
            ));
        }
    }

    fn delete(&self, user: &Seen) -> Change {
        let mut argv = vec!["userdel"];
        if self.force {
            argv.push("-f");
        }
        if self.remove {
            argv.push("-r");
        }
        argv.push(&self.name);
        Change::new(Effect::Delete)
            .field("user", text(&user.name), Shown::Absent)
            .action(run(argv))
    }

    fn result(&self, user: Option<&Seen>) -> Value {
        let mut result = json!({
            "name": self.name,
            "state": if self.present { "present" } else { "absent" },
        });
        if !self.present {
            return result;
        }
        let given = |wanted: &Option<String>, seen: Option<&String>| {
            wanted.as_ref().or(seen).cloned().map(Value::from)
        };
        let home = given(&self.home, user.map(|user| &user.home))
            .unwrap_or_else(|| format!("/home/{}", self.name).into());
        result["home"] = home;
        let uid = self.uid.or(user.map(|user| i64::from(user.uid)));
        for (name, value) in [
            ("uid", uid.map(Value::from)),
            ("group", user.map(|user| Value::from(user.gid))),
            (
                "comment",
                given(&self.comment, user.map(|user| &user.comment)),
            ),
            ("shell", given(&self.shell, user.map(|user| &user.shell))),
            (
                "groups",
                self.groups.as_ref().map(|groups| groups.join(",").into()),
            ),
        ] {
            if let Some(value) = value {
                result[name] = value;
            }
        }
        result
    }
}

fn digest(hash: &Secret) -> Shown {
    Shown::Digest(Content::secret(hash.expose()).digest())
}

fn text(text: &str) -> Shown {
    Shown::Value(Value::from(text))
}
