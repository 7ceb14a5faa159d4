//! `landfall targets export`: targets in the forms that CI, ssh and programs read.

use std::path::{Path, PathBuf};

use clap::Args;
use clap::builder::{PossibleValue, PossibleValuesParser, TypedValueParser};
use serde::Serialize;
use similar::TextDiff;
use zeroize::Zeroizing;

use crate::answer;
use crate::cli::{CommandError, Context, Exit, output, show};
use crate::connect::local::Local;
use crate::model::local::{LocalAnswer, LocalQuery};
use crate::model::{Answer, Failure, Probe, Query, Target, TargetKind, shell_word, visible};
use crate::register::{self, DOTENV, FORMATS, Format, JSON, Selection};
use crate::{reading, view};

/// What `targets export` takes.
#[derive(Debug, Args)]
pub struct ExportArgs {
    /// The environment
    pub environment: String,
    /// Only these targets
    pub targets: Vec<String>,
    /// The form: dotenv, or json with --json, when none is named
    #[arg(short, long, value_parser = formats())]
    pub format: Option<&'static Format>,
    /// Write files into this folder instead of printing
    #[arg(short, long, value_name = "FOLDER")]
    pub out: Option<PathBuf>,
    /// Write the private key that opens the one named target beside them, as id_TARGET
    #[arg(long, requires = "out")]
    pub private_key: bool,
    /// Say whether this file, which CI has, is still what would be exported: exit code 2 when not
    #[arg(long, value_name = "FILE", conflicts_with = "out")]
    pub check: Option<PathBuf>,
}

impl ExportArgs {
    /// Refuses, before anything is read, what could not be written.
    pub fn refuse(&self) -> Result<(), Failure> {
        if self.private_key && self.targets.len() != 1 {
            let given = |out: &PathBuf| shell_word(&out.to_string_lossy());
            return Err(unhanded("It takes exactly one target, by its name.").help(format!(
                "Name the one whose key is meant: `landfall targets export {} {} --private-key --out {}`",
                shell_word(&self.environment),
                self.targets.first().map_or("TARGET".to_owned(), |name| shell_word(name)),
                self.out.as_ref().map_or("FOLDER".to_owned(), given),
            )));
        }
        match &self.out {
            Some(folder) => output::EXPORT.folder(folder),
            None => Ok(()),
        }
    }
}

/// The forms, each with who reads it.
fn formats() -> impl TypedValueParser<Value = &'static Format> {
    let form = |format: &&Format| PossibleValue::new(format.name).help(format.about);
    PossibleValuesParser::new(FORMATS.iter().map(form))
        .try_map(|name| register::format(&name).ok_or("there is no such form"))
}

/// Prints these targets, writes them, or compares them with what CI has.
pub async fn run(
    args: &ExportArgs,
    context: &Context,
    targets: &[Target],
) -> Result<Exit, CommandError> {
    if targets.is_empty() {
        let why = "No target of this environment is registered.";
        return Err(Failure::new("nothing to export", why)
            .help(format!(
                "`landfall apply {}` registers what is declared.",
                shell_word(&args.environment)
            ))
            .into());
    }
    let root = context.root()?;
    let selection = Selection {
        targets,
        one_by_name: args.targets.len() == 1,
        root: &root,
        key_beside: args.private_key,
    };
    let usual = if context.json { &JSON } else { &DOTENV };
    let format = args.format.unwrap_or(usual);
    if let Some(file) = &args.check {
        return compare(context, selection, format, file);
    }
    match &args.out {
        None if context.json && format.name == JSON.name && !targets.is_empty() => {
            let records = selection.records();
            let mut each = records.iter();
            each.try_for_each(|target| record(context, target))?;
        }
        None => view::print(&register::export(&selection, format)?)?,
        Some(folder) => write(context, &selection, format, folder).await?,
    }
    Ok(Exit::Done)
}

/// Prints a target with all that is known of it: on one line for a program, indented for a person.
pub fn record(context: &Context, target: &impl Serialize) -> Result<(), Failure> {
    let written = if context.json {
        serde_json::to_string(target)
    } else {
        serde_json::to_string_pretty(target)
    };
    let text =
        written.map_err(|error| Failure::bug(format!("a target cannot be written: {error}")))?;
    view::print(&format!("{}\n", visible::json(&text)))
}

/// Whether the file is what would be exported; what differs is shown.
fn compare(
    context: &Context,
    selection: Selection<'_>,
    format: &Format,
    file: &Path,
) -> Result<Exit, CommandError> {
    let has = reading::text(file, reading::WRITTEN).map_err(|error| {
        Failure::new(
            "the exported file cannot be read",
            format!("comparing {} with what is registered", file.display()),
        )
        .why(error)
    })?;
    // What `--out` wrote may name what lies beside it, which a printed text does not.
    let folder = absolute(file.parent().unwrap_or(Path::new("")))?;
    let copy = selection.targets.first().map(register::key_copy);
    let selection = Selection {
        key_beside: selection.one_by_name && copy.is_some_and(|copy| folder.join(copy).is_file()),
        ..selection
    };
    let mut written = register::export_files(&selection, format, &folder)?.into_iter();
    let is_it = |one: &register::File| file.file_name().is_some_and(|name| name == one.name);
    let now = match written.find(is_it) {
        Some(one) => one.content,
        None => register::export(&selection, format)?,
    };
    let name = file.display().to_string();
    if has == now {
        show::note(context, &format!("{name} is up to date."));
        return Ok(Exit::Done);
    }
    let difference = TextDiff::from_lines(&has, &now);
    let mut difference = difference.unified_diff();
    let difference = difference.header(&name, "what is registered").to_string();
    if !context.json {
        view::print(&visible::visible(&difference))?;
    }
    show::note(context, &format!("{name} is not up to date."));
    Ok(Exit::Changes)
}

async fn write(
    context: &Context,
    selection: &Selection<'_>,
    format: &Format,
    folder: &Path,
) -> Result<(), Failure> {
    // Whoever reads them stands elsewhere.
    let whole = absolute(folder)?;
    let key = match selection.targets {
        [target] if selection.key_beside => Some((target, private_key(selection, target).await?)),
        _ => None,
    };
    for file in register::export_files(selection, format, &whole)? {
        let path = folder.join(file.name);
        let mode = if file.program { 0o700 } else { 0o600 };
        output::EXPORT.write_as(&path, file.content.as_bytes(), mode)?;
        show::note(context, &format!("Written: {}", path.display()));
    }
    if let Some((target, key)) = key {
        let path = folder.join(register::key_copy(target));
        output::EXPORT.write_as(&path, &key, 0o600)?;
        show::note(context, &format!("Written, and secret: {}", path.display()));
    }
    Ok(())
}

/// The private key that opens this target, as its file has it. Refuses one that is not the half of the registered key.
async fn private_key(
    selection: &Selection<'_>,
    target: &Target,
) -> Result<Zeroizing<Vec<u8>>, Failure> {
    let TargetKind::Host(host) = &target.kind else {
        let why = format!("`{}` is a service on ECS, which no key opens.", target.name);
        return Err(unhanded(why).help("Leave --private-key out."));
    };
    let (Some(key), Some(file)) = (&host.key, selection.original_key(host)) else {
        let why = format!("The record of `{}` names no key pair.", target.name);
        return Err(unhanded(why).help(
            "Let the environment say which opens it, `key` in its section of [targets], and apply that.",
        ));
    };
    let path = file.display().to_string();
    let query = Query::Local(LocalQuery::KeyPair { path: path.clone() });
    let pair = answer!(Local, query, Answer::Local(LocalAnswer::KeyPair(pair)) => pair);
    let Some(pair) = pair.filter(|pair| pair.mode.is_some()) else {
        let why = format!("{path} is not on this machine.");
        return Err(
            unhanded(why).help("Do it where the pair was made, or copy the file from there.")
        );
    };
    let mut registered = key.public.split_whitespace().take(2);
    if !pair.public.split_whitespace().take(2).eq(&mut registered) {
        let why = format!(
            "{path} is not the key that is registered with `{}`.",
            target.name
        );
        return Err(unhanded(why).help(
            "Apply the environment, so that the host takes this key, or bring the other one back.",
        ));
    }
    let read =
        reading::bytes(&file, reading::WRITTEN).map_err(|error| unhanded(error.to_string()))?;
    Ok(Zeroizing::new(read))
}

fn absolute(folder: &Path) -> Result<PathBuf, Failure> {
    let folder = match folder.as_os_str().is_empty() {
        true => Path::new("."),
        false => folder,
    };
    std::path::absolute(folder).map_err(|error| {
        let what = format!("finding out where {} is", folder.display());
        Failure::new("the folder cannot be used", what).why(error)
    })
}

fn unhanded(why: impl std::fmt::Display) -> Failure {
    Failure::new(
        "the private key cannot be handed on",
        "exporting a target with its private key",
    )
    .why(why)
    .left_behind("Nothing was written.")
}
