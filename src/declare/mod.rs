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
//! | `certificates.NAME.chain`, `.key`, `.domains`, `.not_after` | a certificate: its two PEM texts, its names, its end |
//! | `certificates.NAME.domains`, `.preflight`, `.authorities` | one that a host orders: its names, what is in the way, the PEM text of `ca` |
//! | `roles.NAME.arn`, `.name`, `.instance_profile` | a role; the last only when it has an instance profile |
//! | `secrets.bucket` | the bucket's name |
//! | `stacks.NAME.outputs.OUTPUT`, `.id`, `.name` | a stack |
//! | `tasks.NAME.arn`, `.family` | a task definition |
//! | `services.NAME.name`, `.arn` | an ECS service |
//! | `hosts.NAME.address`, `.port`, `.user` | a host's login |
//!
//! A name with a dot is written `hosts['db.example.org'].address`. In a host's `vars` every other name belongs to the playbook.

mod brackets;
mod clashes;
mod declaration;
mod document;
mod dotenv;
pub mod environment;
mod examined;
pub mod init;
mod nodes;
mod overrides;
pub mod playbook;
mod repairs;
mod schema;
mod secrecy;
pub mod template;

use std::{
    fs,
    ops::Range,
    path::{Path, PathBuf},
};

use crate::model::{Diagnostic, Source, meant};
use crate::reading;

pub use clashes::clashes;
pub use declaration::{AwsSettings, BackendSettings, Declaration};
pub use environment::Environment;
pub use examined::Examined;
pub use overrides::Overrides;

/// The folder of environment files; the folder it stands in is the project's root.
pub const FOLDER: &str = "environments";

/// Reads `environments/NAME.toml` of the project at `root`.
///
/// Asks the file system only. Gives every mistake that can be known without the network.
pub fn load(
    root: &Path,
    name: &str,
    overrides: &Overrides,
) -> Result<Declaration, Vec<Diagnostic>> {
    let examined = examine(root, name, overrides);
    match examined.declared {
        Some(declaration) if examined.mistakes.is_empty() => Ok(declaration),
        _ => Err(examined.mistakes),
    }
}

/// Reads of the same file only what says where the environment's memory is kept.
///
/// The register is read where what the environment is made from need not be: CI has no dotenv files and no keys. The
/// declaration has no nodes and no secrets. Gives every mistake in the file's own shape.
pub fn load_memory(root: &Path, name: &str) -> Result<Declaration, Vec<Diagnostic>> {
    let file = open(root, name)?;
    if !file.mistakes.is_empty() {
        return Err(file.mistakes);
    }
    let environment = file.environment()?;
    nodes::memory(file.given(root, name, &Overrides::default()), &environment)
}

/// Reads `environments/NAME.toml` as [`load`] does, and where it is wrong goes on with what can be read all the same.
pub fn examine(root: &Path, name: &str, overrides: &Overrides) -> Examined {
    let read = open(root, name).and_then(|file| {
        let environment = file.environment()?;
        Ok((file, environment))
    });
    match read {
        Ok((file, environment)) => {
            let mut examined = nodes::examine(file.given(root, name, overrides), &environment);
            examined.mistakes.splice(0..0, file.mistakes);
            examined
        }
        Err(mistakes) => Examined {
            mistakes,
            ..Examined::default()
        },
    }
}

/// A file that can be read, repaired where it has not its shape.
struct File {
    source: Source,
    tree: document::Tree,
    /// Where it is not as it was written.
    faults: repairs::Faults,
    /// What is wrong with its shape.
    mistakes: Vec<Diagnostic>,
    /// Where it has secrets in clear text.
    secrets: Vec<Range<usize>>,
}

impl File {
    fn given<'a>(
        &'a self,
        root: &'a Path,
        name: &'a str,
        overrides: &'a Overrides,
    ) -> nodes::Given<'a> {
        nodes::Given {
            root,
            name,
            overrides,
            source: &self.source,
            tree: &self.tree,
            faults: &self.faults,
            secrets: &self.secrets,
        }
    }

    /// Its typed values. What does not fit is a mistake that was told already, or one of the schema's own.
    fn environment(&self) -> Result<Environment, Vec<Diagnostic>> {
        serde_json::from_value(self.tree.value()).map_err(|error| {
            if self.mistakes.is_empty() {
                vec![Diagnostic::error(
                    "the environment cannot be read",
                    error.to_string(),
                    self.source.span(0..0),
                )]
            } else {
                self.mistakes.clone()
            }
        })
    }
}

/// Whether the project has an environment of this name, sound or not.
pub fn exists(root: &Path, name: &str) -> bool {
    !name.contains(['/', '\\']) && root.join(file_of(name)).exists()
}

/// The file that declares the environment of this name, from the project's root.
fn file_of(name: &str) -> String {
    format!("{FOLDER}/{name}.toml")
}

/// The file, which must be TOML.
fn open(root: &Path, name: &str) -> Result<File, Vec<Diagnostic>> {
    let shown = file_of(name);
    if name.contains(['/', '\\']) || name.starts_with('.') {
        let source = Source::new(name, "");
        return Err(vec![
            Diagnostic::error("this is no environment's name", name, source.span(0..0))
                .help(available(root, name)),
        ]);
    }
    let text = reading::text(&root.join(&shown), reading::WRITTEN).map_err(|error| {
        let source = Source::new(shown.as_str(), "");
        let (summary, label) = if error.kind() == std::io::ErrorKind::NotFound {
            (
                "there is no such environment",
                format!("{shown} is not there"),
            )
        } else {
            ("the environment cannot be read", error.to_string())
        };
        vec![Diagnostic::error(summary, label, source.span(0..0)).help(available(root, name))]
    })?;
    let source = Source::new(shown, text);
    let (tree, wrong) = document::parse(&source);
    if !wrong.grammar.is_empty() {
        let mut mistakes = [wrong.grammar, wrong.numbers].concat();
        secrecy::hide(&mut mistakes, &source, &secrecy::lines(&source));
        return Err(mistakes);
    }
    let secrets = secrecy::literals(&tree);
    let (shape, repairs) = schema::check(&tree, &source, &environment::schema());
    let mut mistakes = wrong.numbers;
    mistakes.extend(shape);
    mistakes.sort_by_key(|mistake| mistake.span.range.start);
    secrecy::hide(&mut mistakes, &source, &secrets);
    let (tree, faults) = repairs.apply(&tree);
    Ok(File {
        source,
        tree,
        faults,
        mistakes,
        secrets,
    })
}

/// The environments there are, as advice.
fn available(root: &Path, name: &str) -> String {
    let names = environments(root);
    if names.is_empty() {
        return "`landfall init --host ADDRESS` or `landfall init --aws --account DIGITS` writes a first environment"
            .to_owned();
    }
    meant::advice(name, names.iter().map(String::as_str), 0, "there are")
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
