//! `landfall check`: everything that can be known to be wrong without the network.

use std::path::Path;
use std::sync::Arc;

use clap::Args;

use super::{Context, Exit, Trouble, library::Library, show};
use crate::declare::{self, Declaration, Overrides};
use crate::model::{Failure, Severity, Spec, playbook::Playbook};
use crate::plan;
use crate::view;

/// What `check` takes.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The environments; all of the project when none is named
    pub environments: Vec<String>,
}

/// Checks the environments and says for each what it declares. Gives every mistake of all of them, and refuses to call
/// it well where there is no environment at all.
pub fn run(args: &CheckArgs, context: &Context) -> Result<Exit, Trouble> {
    let root = context.root()?;
    let names = match args.environments.as_slice() {
        [] => declare::environments(&root),
        named => named.to_vec(),
    };
    if names.is_empty() {
        return Err(Failure::new(
            "there is no environment",
            format!("looking into {}", root.join(declare::FOLDER).display()),
        )
        .help("`landfall init` writes a first one.")
        .into());
    }
    let library: Arc<dyn plan::playbook::Library> = Arc::new(Library);
    let mut mistakes = Vec::new();
    let mut complaints = Vec::new();
    let mut beside = siblings(context, &root, &names);
    for name in &names {
        match declare::load(&root, name, &Overrides::default()) {
            Ok(declaration) => {
                let clashes = beside
                    .iter()
                    .flat_map(|other| declare::clashes(&declaration, other));
                let (wrong, odd): (Vec<_>, Vec<_>) =
                    clashes.partition(|clash| clash.severity == Severity::Error);
                show::warnings(context, &declaration.warnings);
                show::warnings(context, &odd);
                let before = complaints.len();
                for playbook in playbooks(&declaration) {
                    complaints.extend(plan::playbook::check(playbook, &library));
                }
                if !context.json && complaints.len() == before && wrong.is_empty() {
                    view::print(&format!(
                        "{name}: {} things declared, no mistakes\n",
                        declaration.nodes.len()
                    ))?;
                }
                mistakes.extend(wrong);
                beside.push(declaration);
            }
            Err(found) => mistakes.extend(found),
        }
    }
    let mut troubles: Vec<Trouble> = complaints.into_iter().map(Trouble::Failure).collect();
    if !mistakes.is_empty() {
        troubles.push(mistakes.into());
    }
    let last = troubles.pop();
    for trouble in &troubles {
        show::trouble(context, trouble);
    }
    last.map_or(Ok(Exit::Done), Err)
}

/// The project's other environments, with which names are compared. One that cannot be read has its mistakes told when
/// it is checked itself.
fn siblings(context: &Context, root: &Path, names: &[String]) -> Vec<Declaration> {
    let others = declare::environments(root);
    let others = others.into_iter().filter(|other| !names.contains(other));
    let load = |other: String| match declare::load(root, &other, &Overrides::default()) {
        Ok(declaration) => Some(declaration),
        Err(_) => {
            show::line(
                context,
                &format!(
                    "{other} cannot be read as it is here, so no names were compared with it."
                ),
            );
            None
        }
    };
    others.filter_map(load).collect()
}

/// The playbooks of an environment's hosts, each once.
fn playbooks(declaration: &Declaration) -> Vec<&Playbook> {
    let mut found: Vec<&Playbook> = Vec::new();
    for node in &declaration.nodes {
        if let Spec::Host {
            playbook: Some(playbook),
            ..
        } = &node.spec
            && !found.iter().any(|known| known.name == playbook.name)
        {
            found.push(playbook);
        }
    }
    found
}
