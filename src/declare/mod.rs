//! Reads what the user declared, and says everything that is wrong with it at once.
//!
//! ```text
//!   environments/NAME.toml ─▶ document ─▶ schema ─▶ environment ─▶ nodes ─▶ Declaration
//!                              (spans)   (mistakes)   (types)    (templates inside)
//! ```
//!
//! What `{{ … }}` may refer to:
//!
//! | reference | is |
//! |---|---|
//! | `project`, `environment` | the names of both |
//! | `aws.region`, `aws.account` | as declared in `[aws]` |
//! | `vars.NAME` | a variable of `[vars]` |
//! | `env.NAME` | a value of the dotenv files in `secrets.env` |
//! | `keys.NAME.public`, `.file` | a key pair's public half as one line, the private half's path |
//! | `roles.NAME.arn`, `.name`, `.instance_profile` | a role; the last only when it has an instance profile |
//! | `secrets.bucket` | the bucket's name |
//! | `stacks.NAME.outputs.OUTPUT`, `.id` | a stack |
//! | `tasks.NAME.arn`, `.family` | a task definition |
//! | `services.NAME.name`, `.arn` | an ECS service |
//! | `hosts.NAME.address`, `.port`, `.user` | a host's login |
//!
//! A name with a dot is written `hosts['db.example.org'].address`. In a host's `vars` every other name belongs to the playbook.

mod declaration;
mod document;
mod dotenv;
pub mod environment;
pub mod init;
mod nodes;
pub mod playbook;
mod schema;
mod secrecy;
mod siblings;
pub mod template;

use std::{
    collections::BTreeMap,
    fs,
    path::{Path, PathBuf},
    sync::Arc,
};

use crate::model::{Diagnostic, Login, Source, playbook::Playbook};
use crate::reading;

pub use declaration::{AwsSettings, BackendSettings, Declaration};
pub use environment::Environment;
pub use siblings::clashes;

/// The folder of environment files; the folder it stands in is the project's root.
pub const FOLDER: &str = "environments";

/// What a rehearsal puts in the place of what the file says.
#[derive(Debug, Clone, Default)]
pub struct Overrides {
    /// Another folder as backend.
    pub backend: Option<PathBuf>,
    /// Other logins, by the host's name.
    pub hosts: BTreeMap<String, Login>,
    /// Another folder for key pairs; each pair's file is its name in there.
    pub keys: Option<PathBuf>,
}

/// Reads `environments/NAME.toml` of the project at `root`.
///
/// Asks the file system only. Gives every mistake that can be known without the network.
pub fn load(
    root: &Path,
    name: &str,
    overrides: &Overrides,
) -> Result<Declaration, Vec<Diagnostic>> {
    read(root, name, overrides, nodes::declare)
}

/// Reads of the same file only what says where the environment's memory is kept.
///
/// The register is read where what the environment is made from need not be: CI has no dotenv files and no keys. The
/// declaration has no nodes and no secrets. Gives every mistake in the file's own shape.
pub fn load_memory(root: &Path, name: &str) -> Result<Declaration, Vec<Diagnostic>> {
    read(root, name, &Overrides::default(), nodes::memory)
}

/// What a check of an environment sees.
pub struct Examined {
    /// What it declares, or everything that is wrong with it, its templates and its playbooks.
    pub declared: Result<Declaration, Vec<Diagnostic>>,
    /// The hosts' playbooks as far as they can be read, each once.
    pub playbooks: Vec<Arc<Playbook>>,
}

/// Reads `environments/NAME.toml` as [`load`] does, and where it is wrong goes on with what can be read all the same.
pub fn examine(root: &Path, name: &str, overrides: &Overrides) -> Examined {
    let nothing = |mistakes| Examined {
        declared: Err(mistakes),
        playbooks: Vec::new(),
    };
    let (source, tree) = match open(root, name) {
        Ok(opened) => opened,
        Err(mistakes) => return nothing(mistakes),
    };
    let given = nodes::Given {
        root,
        name,
        overrides,
        source: &source,
        tree: &tree,
    };
    match typed(&source, &tree) {
        Ok(environment) => {
            let (declared, playbooks) = nodes::examine(given, &environment);
            Examined {
                declared,
                playbooks,
            }
        }
        Err(mut mistakes) => match environment::readable(&tree.value()) {
            Some(environment) => {
                let (found, playbooks) = nodes::files(given, &environment);
                mistakes.extend(found);
                Examined {
                    declared: Err(mistakes),
                    playbooks,
                }
            }
            None => nothing(mistakes),
        },
    }
}

fn read(
    root: &Path,
    name: &str,
    overrides: &Overrides,
    declare: fn(nodes::Given<'_>, &Environment) -> Result<Declaration, Vec<Diagnostic>>,
) -> Result<Declaration, Vec<Diagnostic>> {
    let (source, tree) = open(root, name)?;
    let environment = typed(&source, &tree)?;
    let given = nodes::Given {
        root,
        name,
        overrides,
        source: &source,
        tree: &tree,
    };
    declare(given, &environment)
}

/// The file as a tree with places.
fn open(root: &Path, name: &str) -> Result<(Source, document::Tree), Vec<Diagnostic>> {
    let shown = format!("{FOLDER}/{name}.toml");
    if name.contains(['/', '\\']) || name.starts_with('.') {
        let source = Source::new(name, "");
        return Err(vec![
            Diagnostic::error("this is no environment's name", name, source.span(0..0))
                .help(available(root, name)),
        ]);
    }
    let text = reading::text(&root.join(&shown), reading::WRITTEN).map_err(|error| {
        let source = Source::new(shown.as_str(), "");
        vec![
            Diagnostic::error(
                "the environment cannot be read",
                error.to_string(),
                source.span(0..0),
            )
            .help(available(root, name)),
        ]
    })?;
    let source = Source::new(shown, text);
    let (tree, mut mistakes) = document::parse(&source);
    if !mistakes.is_empty() {
        secrecy::hide(&mut mistakes, &source, &secrecy::lines(&source));
        return Err(mistakes);
    }
    Ok((source, tree))
}

/// The environment, where the tree has its shape.
fn typed(source: &Source, tree: &document::Tree) -> Result<Environment, Vec<Diagnostic>> {
    let mut mistakes = schema::check(tree, source, &environment::schema());
    if !mistakes.is_empty() {
        secrecy::hide(&mut mistakes, source, &secrecy::literals(tree));
        return Err(mistakes);
    }
    serde_json::from_value(tree.value()).map_err(|error| {
        vec![Diagnostic::error(
            "the environment cannot be read",
            error.to_string(),
            source.span(0..0),
        )]
    })
}

/// The environments there are, as advice.
fn available(root: &Path, name: &str) -> String {
    let names = environments(root);
    match nearest(name, names.iter().map(String::as_str)) {
        Some(near) => format!("did you mean `{near}`?"),
        None if names.is_empty() => "`landfall init --host ADDRESS` or `landfall init --aws --account DIGITS` writes a first environment".to_owned(),
        None => format!("there are: {}", names.join(", ")),
    }
}

/// The names of the project's environments, sorted.
pub fn environments(root: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(root.join(FOLDER))
        .into_iter()
        .flatten()
        .flatten()
        .filter_map(|entry| {
            let name = entry.file_name().into_string().ok()?;
            name.strip_suffix(".toml").map(str::to_owned)
        })
        .collect();
    names.sort();
    names
}

/// The nearest folder at or above `start` that has `environments/` in it, so that commands work anywhere in a project.
pub fn find_root(start: &Path) -> Option<PathBuf> {
    start
        .ancestors()
        .find(|folder| folder.join(FOLDER).is_dir())
        .map(Path::to_owned)
}

/// Bytes of a name that may be a misspelt one: how like two are costs the product of their lengths.
const LIKE: usize = 200;

/// The name that was probably meant.
fn nearest<'a>(given: &str, names: impl Iterator<Item = &'a str>) -> Option<&'a str> {
    names
        .filter(|_| given.len() <= LIKE)
        .filter(|name| {
            // One slip of the fingers in a short name, or a long common beginning.
            strsim::damerau_levenshtein(given, name) <= given.len().div_ceil(4)
                || strsim::jaro_winkler(given, name) > 0.85
        })
        .max_by(|a, b| {
            let likeness = |name| strsim::jaro_winkler(given, name);
            likeness(a).total_cmp(&likeness(b))
        })
}
