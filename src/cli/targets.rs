//! `landfall targets`: what is registered, shown and handed on.

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use clap::builder::{PossibleValuesParser, TypedValueParser};
use clap::{Args, Subcommand};

use crate::backend::Targets;
use crate::model::{Failure, Target, TargetKind, Value};
use crate::register::{Format, export, export_files};
use crate::view;

/// List, show, export or remove the deploy targets of an environment.
#[derive(Debug, Args)]
pub struct TargetsArgs {
    #[command(subcommand)]
    command: Command,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// List the targets, a line each
    List {
        /// The environment
        environment: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Show everything that is known of one target
    Show {
        /// The environment
        environment: String,
        /// The target
        name: String,
        /// Print JSON
        #[arg(long)]
        json: bool,
    },
    /// Print targets in a form that CI or ssh reads
    Export {
        /// The environment
        environment: String,
        /// The targets; all when none is named
        names: Vec<String>,
        /// The form
        #[arg(long, default_value = "dotenv", value_parser = formats())]
        format: Format,
        /// Write files into this folder instead of printing
        #[arg(long, value_name = "FOLDER")]
        out: Option<PathBuf>,
    },
    /// Take a target off the register; nothing on the target itself changes
    Remove {
        /// The environment
        environment: String,
        /// The target
        name: String,
    },
}

impl TargetsArgs {
    /// The environment whose backend is to be opened.
    pub fn environment(&self) -> &str {
        match &self.command {
            Command::List { environment, .. }
            | Command::Show { environment, .. }
            | Command::Export { environment, .. }
            | Command::Remove { environment, .. } => environment,
        }
    }

    /// Does what was asked with the targets of that environment. Fails when a record cannot be read or is not there.
    pub async fn run(self, targets: &Targets) -> Result<(), Failure> {
        match self.command {
            Command::List { environment, json } => list(targets, &environment, json).await,
            Command::Show { name, json, .. } => show(targets, &name, json).await,
            Command::Export {
                names, format, out, ..
            } => hand_on(targets, &names, format, out.as_deref()).await,
            Command::Remove { name, .. } => remove(targets, &name).await,
        }
    }
}

fn formats() -> impl TypedValueParser<Value = Format> {
    PossibleValuesParser::new(Format::ALL.map(Format::name))
        .try_map(|name| Format::named(&name).ok_or("this is no form of export"))
}

/// Prints a table, or JSON: a list.
async fn list(targets: &Targets, environment: &str, json: bool) -> Result<(), Failure> {
    let targets = targets.list().await?;
    if json {
        return view::print(&as_json(&targets)?);
    }
    if targets.is_empty() {
        view::say(&format!("No target of `{environment}` is registered."));
        return Ok(());
    }
    let rows: Vec<Vec<String>> = targets.iter().map(row).collect();
    view::print(&view::table(
        &["name", "kind", "where", "registered"],
        &rows,
    ))
}

fn row(target: &Target) -> Vec<String> {
    let (kind, place) = match &target.kind {
        TargetKind::Ecs(ecs) => (
            "ecs",
            format!(
                "{}/{} in {}, account {}",
                ecs.cluster, ecs.service, ecs.region, ecs.account
            ),
        ),
        TargetKind::Host(host) => (
            "host",
            format!("{}@{} port {}", host.user, host.address, host.port),
        ),
    };
    vec![
        target.name.clone(),
        kind.to_owned(),
        place,
        target.registered.clone(),
    ]
}

/// Prints one record, a field a line, or JSON.
async fn show(targets: &Targets, name: &str, json: bool) -> Result<(), Failure> {
    let target = find(targets, name).await?;
    if json {
        return view::print(&as_json(&target)?);
    }
    let fields = match serde_json::to_value(&target) {
        Ok(Value::Object(fields)) => fields,
        _ => return Err(Failure::bug("a target was not written as a mapping")),
    };
    let width = fields.keys().map(String::len).max().unwrap_or(0);
    let mut text = String::new();
    for (field, value) in &fields {
        for (number, line) in lines(value).iter().enumerate() {
            let field = if number == 0 { field.as_str() } else { "" };
            text.push_str(&format!("{field:<width$}  {}\n", view::one_line(line)));
        }
    }
    view::print(&text)
}

/// A value as a person reads it; nothing for what is not there.
fn lines(value: &Value) -> Vec<String> {
    match value {
        Value::Null => Vec::new(),
        Value::String(text) => vec![text.clone()],
        Value::Array(items) => items.iter().flat_map(lines).collect(),
        other => vec![other.to_string()],
    }
}

/// Prints or writes the targets of these names, or all.
async fn hand_on(
    targets: &Targets,
    names: &[String],
    format: Format,
    out: Option<&Path>,
) -> Result<(), Failure> {
    let mut chosen = Vec::new();
    for name in names {
        chosen.push(find(targets, name).await?);
    }
    if names.is_empty() {
        chosen = targets.list().await?;
    }
    let Some(folder) = out else {
        return view::print(&export(&chosen, format)?);
    };
    let failed = |error: std::io::Error| {
        Failure::new(
            "the export cannot be written",
            format!("Files were to be written into `{}`.", folder.display()),
        )
        .why(error)
    };
    let folder = std::path::absolute(folder).map_err(failed)?;
    let files = export_files(&chosen, format, &folder)?;
    fs::create_dir_all(&folder).map_err(failed)?;
    for file in files {
        let mut fresh = tempfile::NamedTempFile::new_in(&folder).map_err(failed)?;
        fresh.write_all(file.content.as_bytes()).map_err(failed)?;
        fresh.as_file().sync_all().map_err(failed)?;
        let path = folder.join(file.name);
        fresh.persist(&path).map_err(|error| failed(error.error))?;
        view::say(&format!("Written: {}", path.display()));
    }
    Ok(())
}

/// Takes the record away.
async fn remove(targets: &Targets, name: &str) -> Result<(), Failure> {
    find(targets, name).await?;
    targets.remove(name).await?;
    view::say(&format!(
        "`{name}` is no longer registered. Nothing on it was changed; while it is declared, apply registers it again."
    ));
    Ok(())
}

/// The target of this name; a failure that names the others when there is none.
async fn find(targets: &Targets, name: &str) -> Result<Target, Failure> {
    if let Some(target) = targets.get(name).await? {
        return Ok(target);
    }
    let others: Vec<String> = targets
        .list()
        .await?
        .into_iter()
        .map(|target| target.name)
        .collect();
    let failure = Failure::new("no such target", format!("`{name}` is not registered."));
    Err(if others.is_empty() {
        failure.help("None is registered yet; `landfall apply` registers what is declared.")
    } else {
        failure.help(format!("Registered are: {}.", others.join(", ")))
    })
}

fn as_json(value: &impl serde::Serialize) -> Result<String, Failure> {
    serde_json::to_string_pretty(value)
        .map(|text| text + "\n")
        .map_err(|error| Failure::bug(format!("targets cannot be written: {error}")))
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use clap::Parser;

    use super::*;
    use crate::backend::{Backend, Folder};
    use crate::model::HostTarget;

    #[derive(Parser)]
    struct Line {
        #[command(flatten)]
        targets: TargetsArgs,
    }

    fn line(words: &[&str]) -> Result<TargetsArgs, clap::Error> {
        let words = std::iter::once("targets").chain(words.iter().copied());
        Line::try_parse_from(words).map(|line| line.targets)
    }

    async fn registered(folder: &Path) -> Targets {
        let store = Arc::new(Folder::new(folder.join("kept")));
        let targets = Backend::new(store, "review").unwrap().targets();
        for name in ["web-1", "web-2"] {
            let host = HostTarget {
                address: "203.0.113.7".into(),
                port: 22,
                user: "deploy".into(),
                host_keys: vec!["ssh-ed25519 AAAA".into()],
                sudo: vec![],
                docker: None,
                compose: None,
                directories: vec![],
            };
            let target = Target {
                name: name.into(),
                project: "review".into(),
                environment: "review".into(),
                registered: "2026-02-03T10:11:12Z".into(),
                kind: TargetKind::Host(host),
            };
            targets.put(&target).await.unwrap();
        }
        targets
    }

    #[tokio::test]
    async fn an_export_into_a_folder_writes_whole_files_that_name_each_other() {
        let folder = tempfile::tempdir().unwrap();
        let targets = registered(folder.path()).await;
        let out = folder.path().join("made/for-ci");
        let words = [
            "export",
            "review",
            "web-2",
            "--format",
            "ssh_config",
            "--out",
        ];
        let args = line(&[&words[..], &[out.to_str().unwrap()]].concat()).unwrap();
        assert_eq!(args.environment(), "review");
        args.run(&targets).await.unwrap();
        let config = fs::read_to_string(out.join("ssh_config")).unwrap();
        assert!(config.starts_with("Host web-2\n"), "{config}");
        assert!(
            config.contains(&format!("\"{}\"", out.join("known_hosts").display())),
            "{config}"
        );
        let known = fs::read_to_string(out.join("known_hosts")).unwrap();
        assert_eq!(known, "203.0.113.7 ssh-ed25519 AAAA\n");
        assert_eq!(fs::read_dir(&out).unwrap().count(), 2);
    }

    #[tokio::test]
    async fn a_target_that_is_not_registered_is_answered_with_those_that_are() {
        let folder = tempfile::tempdir().unwrap();
        let targets = registered(folder.path()).await;
        for words in [
            &["show", "review", "web"][..],
            &["remove", "review", "web"],
            &["export", "review", "web"],
        ] {
            let failure = line(words).unwrap().run(&targets).await.unwrap_err();
            assert_eq!(failure.summary, "no such target");
            assert_eq!(failure.help, "Registered are: web-1, web-2.");
        }
        line(&["remove", "review", "web-1"])
            .unwrap()
            .run(&targets)
            .await
            .unwrap();
        assert_eq!(targets.list().await.unwrap().len(), 1);
    }

    #[test]
    fn an_unknown_form_is_answered_with_the_known_ones() {
        let error = line(&["export", "review", "--format", "yaml"])
            .unwrap_err()
            .to_string();
        assert!(
            error.contains("dotenv, json, ssh_config, known_hosts"),
            "{error}"
        );
    }
}
