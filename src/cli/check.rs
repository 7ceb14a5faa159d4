//! `landfall check`: everything that can be known to be wrong without the network.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use clap::Args;

use super::{Context, Exit, Trouble, library::Lenient, show};
use crate::declare::{self, Declaration, Overrides};
use crate::model::{Failure, Severity};
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
        .help("`landfall init --host ADDRESS` or `landfall init --aws --account DIGITS` writes a first one.")
        .into());
    }
    let files = Arc::new(Lenient::default());
    let library: Arc<dyn plan::playbook::Library> = files.clone();
    let mut mistakes = Vec::new();
    let mut complaints = Vec::new();
    let mut beside = siblings(context, &root, &names);
    // Each playbook is told of once, however many environments have it, and is wrong for all of them.
    let mut judged: BTreeMap<String, bool> = BTreeMap::new();
    for name in &names {
        let examined = declare::examine(&root, name, &Overrides::default());
        let mut well = true;
        for playbook in examined.playbooks {
            let is_wrong = match judged.get(&playbook.name) {
                Some(known) => *known,
                None => {
                    let found = plan::playbook::examine(&playbook, &library);
                    let in_files = files.taken();
                    let is_wrong = !found.is_empty() || !in_files.is_empty();
                    complaints.extend(found);
                    mistakes.extend(in_files);
                    judged.insert(playbook.name.clone(), is_wrong);
                    is_wrong
                }
            };
            well &= !is_wrong;
        }
        match examined.declared {
            Ok(declaration) => {
                let clashes = beside
                    .iter()
                    .flat_map(|other| declare::clashes(&declaration, other));
                let (wrong, odd): (Vec<_>, Vec<_>) =
                    clashes.partition(|clash| clash.severity == Severity::Error);
                show::warnings(context, &declaration.warnings);
                show::warnings(context, &odd);
                if !context.json && well && wrong.is_empty() {
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
