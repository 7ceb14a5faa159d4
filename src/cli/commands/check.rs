//! `landfall check`: everything that can be known to be wrong without the network.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use clap::Args;

use crate::cli::{CommandError, Context, Exit, library::Lenient, opening, preflight, show};
use crate::declare::{self, Declaration, Overrides};
use crate::model::{Diagnostic, Failure, Severity, Spec, playbook::Playbook};
use crate::play;
use crate::view;

/// What `check` takes.
#[derive(Debug, Args)]
pub struct CheckArgs {
    /// The environments; all of the project when none is named
    pub environments: Vec<String>,
}

/// Checks the environments and says for each what it declares. Gives every mistake of all of them, and what a run would
/// meet on this machine; refuses to call it well where there is no environment at all.
pub async fn run(args: &CheckArgs, context: &Context) -> Result<Exit, CommandError> {
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
    let mut mistakes = Vec::new();
    let mut failures = Vec::new();
    let mut others = siblings(context, &root, &names);
    let mut playbooks = Playbooks::default();
    for name in &names {
        let examined = declare::examine(&root, name, &Overrides::default());
        let (mut wrong, mut met) = (examined.mistakes, Vec::new());
        let mut well = true;
        for playbook in &examined.playbooks {
            well &= playbooks.is_well(context, playbook, &mut failures, &mut mistakes);
        }
        if let Some(declaration) = examined.declared {
            let clashes = others
                .iter()
                .flat_map(|other| declare::clashes(&declaration, other));
            let (same, odd): (Vec<_>, Vec<_>) =
                clashes.partition(|clash| clash.severity == Severity::Error);
            wrong.extend(same);
            show::warnings(context, &declaration.warnings);
            show::warnings(context, &odd);
            if let Some(line) = opening::linked_folder(&declaration.backend) {
                show::note(context, &line);
            }
            met = preflight::failures(&declaration).await;
            met.extend(playbooks.refusals(&declaration));
            match preflight::notes(&declaration) {
                Ok(lines) => lines.iter().for_each(|line| show::note(context, line)),
                Err(failure) => met.push(failure),
            }
            if !context.json && well && wrong.is_empty() && met.is_empty() {
                let count = declaration.nodes.len();
                let plural = if count == 1 { "" } else { "s" };
                let result = format!("{name}: {count} thing{plural} declared, no mistakes");
                view::print(&format!("{}\n", context.style.out.sentence("", &result)))?;
            }
            others.push(declaration);
        }
        mistakes.extend(wrong);
        failures.extend(met);
    }
    show::failures(context, &failures);
    let well = failures.is_empty() && mistakes.is_empty();
    if !mistakes.is_empty() {
        show::error(context, &mistakes.into());
    }
    // Whatever a run would end with: a check that finds anything finds something wrong.
    Ok(if well { Exit::Done } else { Exit::Error })
}

/// The playbooks that were looked into: each is told of once, however many environments have it, and is wrong for all of
/// them.
#[derive(Default)]
struct Playbooks {
    files: Arc<Lenient>,
    well: BTreeMap<String, bool>,
}

impl Playbooks {
    /// What the hosts' playbooks surely refuse of their variables.
    fn refusals(&self, declaration: &Declaration) -> Vec<Failure> {
        let library: Arc<dyn play::Library> = self.files.clone();
        let mut found = Vec::new();
        for node in &declaration.nodes {
            let Spec::Host {
                playbooks,
                login,
                vars,
                ..
            } = &node.spec
            else {
                continue;
            };
            let host = play::DeclaredHost {
                address: &node.address,
                login,
                vars,
            };
            for playbook in playbooks {
                for refusal in play::refusals(playbook, &library, &host) {
                    let key = |variable| (node.address.name.clone(), variable);
                    let mut variables = refusal.variables.into_iter();
                    let at = variables.find_map(|one| declaration.vars_at.get(&key(one)));
                    found.push(refusal.failure.at(at.unwrap_or(&refusal.at)));
                }
            }
        }
        // What is wrong with the files themselves is told with the playbook.
        self.files.take_mistakes();
        found
    }

    fn is_well(
        &mut self,
        context: &Context,
        playbook: &Playbook,
        failures: &mut Vec<Failure>,
        mistakes: &mut Vec<Diagnostic>,
    ) -> bool {
        if let Some(known) = self.well.get(&playbook.name) {
            return *known;
        }
        let library: Arc<dyn play::Library> = self.files.clone();
        let found = play::examine(playbook, &library);
        let in_files = self.files.take_mistakes();
        let is_well = found.wrong.is_empty() && in_files.is_empty();
        show::conditional_failures(context, &found.perhaps);
        failures.extend(found.wrong);
        mistakes.extend(in_files);
        self.well.insert(playbook.name.clone(), is_well);
        is_well
    }
}

/// The project's other environments, with which names are compared. One that cannot be read has its mistakes told when
/// it is checked itself.
fn siblings(context: &Context, root: &Path, names: &[String]) -> Vec<Declaration> {
    let others = declare::environments(root);
    let others = others.into_iter().filter(|other| !names.contains(other));
    let read = |other: String| {
        let examined = declare::examine(root, &other, &Overrides::default());
        if !examined.mistakes.is_empty() {
            show::note(
                context,
                &format!(
                    "{other} cannot be read as it is here, so that not all of its names were compared."
                ),
            );
        }
        examined.declared
    };
    others.filter_map(read).collect()
}
