//! CloudFormation templates, read as far as can be known without AWS.

mod cross_stack;
mod cycles;
mod forms;
mod functions;
mod hazards;
mod mappings;
mod parameters;
mod references;
mod refused;
mod sections;
mod shapes;
mod tree;

use std::collections::{BTreeMap, BTreeSet};

use super::secrecy;
use crate::model::{Diagnostic, Source};
use crate::vars::yaml;

pub use cross_stack::CrossStack;
pub use parameters::Parameter;

/// What an environment must know about a template.
#[derive(Debug, Clone)]
pub struct Template {
    /// Its text.
    pub source: Source,
    /// Its parameters.
    pub parameters: BTreeMap<String, Parameter>,
    /// The names of its outputs.
    pub outputs: BTreeSet<String>,
    /// Its resources that go with the stack, and their types.
    pub resources: BTreeMap<String, String>,
    /// The capability it cannot be used without: it makes IAM resources, with names of its own choice or without.
    pub capability: Option<&'static str>,
    /// What it exports to other stacks and imports from them.
    pub cross_stack: CrossStack,
    /// Whether macros rewrite it, so that what stands in it is not all there is.
    pub transformed: bool,
}

/// How long a template may be that is sent with its request (CloudFormation user guide, "Quotas").
const MAX_BYTES: usize = 51_200;

/// Reads a template in YAML or JSON.
///
/// Gives everything that is wrong with it, and the template as far as its sections are known: what an environment says of a
/// wrong one may be wrong as well.
pub fn read(source: &Source) -> (Option<Template>, Vec<Diagnostic>) {
    let root = match yaml::read(source) {
        Ok(root) => root,
        Err(mistakes) => return (None, mistakes),
    };
    let mut found = Vec::new();
    if let Err(mut mistakes) = root.to_value(yaml::Dialect::CloudFormation) {
        found.append(&mut mistakes);
    }
    let has_values = found.is_empty();
    let too_large = source.text.len() > MAX_BYTES;
    if too_large {
        found.push(
            Diagnostic::error(
                "the template is too large",
                format!("it has {} bytes", source.text.len()),
                source.span(0..0),
            )
            .help(format!(
                "CloudFormation takes {MAX_BYTES} bytes with a request; a larger one must lie in S3: split it into nested stacks"
            )),
        );
    }
    if root.pairs().is_none() {
        found.push(Diagnostic::error(
            "this is not a template",
            format!("a template is a mapping, and this is {}", root.noun()),
            source.span(0..0),
        ));
        return (None, found);
    }
    found.extend(aliases(source));
    let written_by_macros = functions::has_macros(&root);
    let missing = sections::missing_macro(&root).filter(|_| !written_by_macros);
    let macros = written_by_macros || missing.is_some();
    found.extend(missing);
    found.extend(sections::check(&root, source, macros));
    let template = Template {
        source: source.clone(),
        parameters: parameters::read(&root),
        outputs: tree::names(&root, "Outputs"),
        resources: sections::deleted_with_stack(&root),
        capability: sections::capability(&root),
        cross_stack: cross_stack::read(&root),
        transformed: root.get("Transform").is_some(),
    };
    if !macros {
        found.extend(references::check(&root));
    }
    // What goes from each thing to each other takes the square of their number.
    if !macros && !too_large {
        found.extend(shapes::check(&root));
        found.extend(forms::check(&root));
        found.extend(functions::check(&root));
        found.extend(mappings::check(&root));
        found.extend(cycles::check(&root));
        found.extend(refused::check(&root));
    }
    found.extend(hazards::check(&root));
    let exposed: Vec<_> = found
        .iter()
        .filter(|one| one.summary == hazards::CLEAR_TEXT)
        .map(|one| one.span.range.clone())
        .collect();
    secrecy::hide(&mut found, source, &exposed);
    // Under another name a section may be there all the same.
    let known = found.iter().all(|one| one.summary != sections::UNKNOWN);
    ((has_values && known).then_some(template), found)
}

/// CloudFormation refuses aliases, though not anchors (user guide, "Template format"); one message leads to all of them.
fn aliases(source: &Source) -> Option<Diagnostic> {
    let aliases = yaml::aliases(source);
    let first = aliases.first()?;
    let label = match aliases.len() {
        1 => "CloudFormation takes no aliases of YAML".to_owned(),
        all => format!("CloudFormation takes no aliases of YAML; this is the first of {all}"),
    };
    let mistake = Diagnostic::error("an alias", label, first.clone());
    Some(mistake.help("write out what stands at the anchor"))
}
