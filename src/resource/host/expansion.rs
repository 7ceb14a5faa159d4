//! `~`, `~user` and `$VARIABLE` in arguments, as the user that a task runs as has them on the host.
//!
//! Ansible's modules are programs on the host, so that a path among their arguments means what it means to their user
//! there. Here a task is read on this side, and the host is asked first where something is to be written out.

use std::collections::BTreeSet;

use futures::future::try_join_all;

use super::context::{Context, TaskUser};
use super::{ask, shell_words};
use crate::model::{Failure, Map, Probe, Value};

/// Whether these arguments hold a `~` or `$NAME` that only the host can write out. `known` are the names of those that are
/// paths, as the table of modules has them.
pub fn is_short(module: &str, known: &[&'static str], args: &Map) -> bool {
    written(module, known, args)
        .iter()
        .any(|text| text.starts_with('~') || has_variable(text))
}

/// The users whose home folders these arguments name.
pub fn named(module: &str, known: &[&'static str], args: &Map) -> BTreeSet<String> {
    written(module, known, args)
        .iter()
        .filter_map(|text| tilde(text))
        .map(|(user, _)| user.to_owned())
        .filter(|user| !user.is_empty())
        .collect()
}

/// Asks the host what is to be known of the user that a task runs as, and of these users whose home folders it names.
pub async fn ask_task_user(
    world: &dyn Probe,
    users: &BTreeSet<String>,
) -> Result<TaskUser, Failure> {
    let homes = try_join_all(users.iter().map(async |name| {
        let user = ask::user(world, name).await?;
        Ok::<_, Failure>(user.map(|user| (name.clone(), user.home)))
    }));
    let (facts, homes) = futures::try_join!(ask::facts(world), homes)?;
    Ok(TaskUser {
        facts,
        homes: homes.into_iter().flatten().collect(),
    })
}

/// The same arguments with their paths written out.
pub fn written_out(module: &str, known: &[&'static str], args: &Map, context: &Context) -> Map {
    let mut args = args.clone();
    for name in paths(module, known, &args) {
        if let Some(Value::String(text)) = args.get_mut(name) {
            *text = path(text, context);
        }
    }
    args
}

/// A path as Ansible reads it: the home folder first, then the variables.
fn path(text: &str, context: &Context) -> String {
    with_variables(&with_home(text, context), context)
}

/// A word of a command as Ansible reads it: the variables first, then the home folder.
pub fn word(text: &str, context: &Context) -> String {
    with_home(&with_variables(text, context), context)
}

/// The arguments of a task that are paths on the host. What `copy` brings from this side is none.
fn paths(module: &str, known: &[&'static str], args: &Map) -> Vec<&'static str> {
    let mut names = known.to_vec();
    let remote = |value: &Value| match value {
        Value::Bool(on) => *on,
        Value::String(text) => ["yes", "true", "on", "1", "y", "t"]
            .contains(&text.trim().to_ascii_lowercase().as_str()),
        Value::Number(number) => number.as_i64() == Some(1),
        Value::Null | Value::Array(_) | Value::Object(_) => false,
    };
    if module == "copy" && args.get("remote_src").is_some_and(remote) {
        names.push("src");
    }
    names
}

/// Every text among the arguments in which a short form is written out.
fn written(module: &str, known: &[&'static str], args: &Map) -> Vec<String> {
    let text = |name: &&str| args.get(*name).and_then(Value::as_str);
    let mut texts: Vec<String> = paths(module, known, args)
        .iter()
        .filter_map(text)
        .map(str::to_owned)
        .collect();
    if module == "command" {
        let line = ["_raw_params", "cmd"].iter().find_map(text);
        // A line that cannot be cut is refused when the task is read.
        texts.extend(
            line.and_then(|line| shell_words::split(line).ok())
                .unwrap_or_default(),
        );
        if let Some(Value::Array(argv)) = args.get("argv") {
            texts.extend(argv.iter().filter_map(Value::as_str).map(str::to_owned));
        }
    }
    texts
}

/// The user behind a `~` at the beginning, which may be empty, and what follows.
fn tilde(text: &str) -> Option<(&str, &str)> {
    let rest = text.strip_prefix('~')?;
    Some(rest.split_at(rest.find('/').unwrap_or(rest.len())))
}

/// A user that is not there stays as it is written.
fn with_home(text: &str, context: &Context) -> String {
    let Some((user, rest)) = tilde(text) else {
        return text.to_owned();
    };
    let account = &context.task_user;
    let home = match user {
        "" => variable("HOME", context)
            .or_else(|| account.facts.get("user_dir").and_then(Value::as_str)),
        user => account.homes.get(user).map(String::as_str),
    };
    match home.map(|home| [home.trim_end_matches('/'), rest].concat()) {
        None => text.to_owned(),
        Some(path) if path.is_empty() => "/".to_owned(),
        Some(path) => path,
    }
}

/// A `$` with the name behind it, and how long the name is written; the name is none where it is no variable.
fn name_after(after: &str) -> Option<(&str, usize)> {
    if let Some(inner) = after.strip_prefix('{') {
        let end = inner.find('}')?;
        return Some((&inner[..end], end + 2));
    }
    let end = after
        .find(|c: char| !c.is_ascii_alphanumeric() && c != '_')
        .unwrap_or(after.len());
    (end > 0).then(|| (&after[..end], end))
}

fn has_variable(text: &str) -> bool {
    text.match_indices('$')
        .any(|(at, _)| name_after(&text[at + 1..]).is_some())
}

/// `$NAME` and `${NAME}` come from the task's environment, then the host's. What is in neither stays as it is.
fn with_variables(text: &str, context: &Context) -> String {
    let mut result = String::new();
    let mut rest = text;
    while let Some(start) = rest.find('$') {
        result.push_str(&rest[..start]);
        let after = &rest[start + 1..];
        let (name, length) = name_after(after).unwrap_or_default();
        match variable(name, context) {
            Some(value) => result.push_str(value),
            None => result.push_str(&rest[start..=start + length]),
        }
        rest = &after[length..];
    }
    result + rest
}

fn variable<'a>(name: &str, context: &'a Context) -> Option<&'a str> {
    context
        .environment
        .get(name)
        .map(String::as_str)
        .or_else(|| context.task_user.facts.get("env")?.get(name)?.as_str())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use serde_json::json;

    use super::*;

    fn context() -> Context {
        Context {
            task_user: TaskUser {
                facts: json!({"env": {"HOME": "/root", "USER": "root", "A_1": "$USER"}, "user_dir": "/passwd"}),
                homes: BTreeMap::from([("kim".to_owned(), "/srv/kim/".to_owned())]),
            },
            environment: BTreeMap::from([("TASK".to_owned(), "t".to_owned())]),
            ..Context::default()
        }
    }

    /// Each as Python's `os.path.expandvars(os.path.expanduser(…))` gives it.
    #[test]
    fn paths_are_written_out_as_python_does() {
        for (text, wanted) in [
            ("~", "/root"),
            ("~/x", "/root/x"),
            ("~kim", "/srv/kim"),
            ("~kim/x/~", "/srv/kim/x/~"),
            ("~nosuch/x", "~nosuch/x"),
            ("/a/~/x", "/a/~/x"),
            ("/srv/$USER-x", "/srv/root-x"),
            ("/srv/${USER}x$TASK", "/srv/rootxt"),
            ("$HOME/x", "/root/x"),
            ("~$USER/x", "~root/x"),
            ("/srv/$A_1", "/srv/$USER"),
            ("/srv/$NOSUCH/${NOSUCH}", "/srv/$NOSUCH/${NOSUCH}"),
            ("/srv/${}/${USER/$/$-", "/srv/${}/${USER/$/$-"),
            ("/srv/$USERé", "/srv/rooté"),
        ] {
            assert_eq!(path(text, &context()), wanted, "{text}");
        }
    }

    #[test]
    fn the_home_of_a_task_is_its_environments_then_the_hosts_then_the_accounts() {
        let mut context = context();
        context.environment.insert("HOME".into(), "/task".into());
        assert_eq!(path("~/x", &context), "/task/x");
        context.environment.clear();
        context.task_user.facts = json!({"user_dir": "/passwd"});
        assert_eq!(path("~/x", &context), "/passwd/x");
        context.task_user.facts = json!({"user_dir": "/"});
        assert_eq!(path("~", &context), "/");
    }
}
