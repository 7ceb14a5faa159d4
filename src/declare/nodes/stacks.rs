//! Stacks.

use std::collections::BTreeMap;

use serde_json::json;

use super::{
    cross_stack, draft::Draft, filled, given::path_of, literal::literal, parameters_file, sources,
};
use crate::declare::{
    environment::{ParameterValue, Stack, shape},
    template::{self, Template},
};
use crate::model::{Address, Diagnostic, Kind, Source, meant};
use crate::resource::aws::holding;

/// A node for each stack whose template can be read.
pub fn stacks(draft: &mut Draft<'_>) {
    let environment = draft.environment;
    for (name, stack) in &environment.stacks {
        let Some((source, template)) = template_of(draft, name, stack) else {
            continue;
        };
        let values = values(draft, name, stack, &template);
        capabilities(draft, name, stack, &template);
        tags(draft, name, stack);
        let mut needs = named_by(draft, &values);
        needs.extend(told(draft, name, stack));
        let stack_name = stack.stack_name.clone().unwrap_or_else(|| {
            let made = draft.default_name(name);
            draft.check_default_name(&made, &shape::STACK, ["stacks", name], "stack_name");
            made
        });
        let secret: Vec<&String> = template
            .parameters
            .iter()
            .filter(|(_, parameter)| parameter.no_echo)
            .map(|(name, _)| name)
            .collect();
        let defaults: BTreeMap<&String, String> = template
            .parameters
            .iter()
            // How AWS writes a default that is respelt is not known, and would differ for ever.
            .filter(|(_, parameter)| !parameter.no_echo && !parameter.respelt)
            .filter_map(|(name, parameter)| Some((name, literal(parameter.default.as_ref()?))))
            .collect();
        let types = template.resources.iter();
        let types = types.map(|(name, kind)| (name.as_str(), kind.as_str()));
        let values = json!({
            "name": stack_name,
            "template": stack.template,
            "body": literal(&source.text),
            "parameters": values,
            "secret_parameters": secret,
            "defaults": defaults,
            "outputs": template.outputs,
            "holds": holding(types),
            "capabilities": stack.capabilities,
            "tags": stack.tags,
            "adopt": stack.adopt,
            "owner": draft.owner(),
        });
        draft.resource(Address::new(Kind::Stack, name), values, needs);
        draft.templates.insert(name.clone(), template);
    }
    cross_stack::needs(draft);
}

/// What must come first because it is said so.
fn told(draft: &mut Draft<'_>, name: &str, stack: &Stack) -> Vec<Address> {
    let own = Address::new(Kind::Stack, name);
    let mut needs = Vec::new();
    for (index, text) in stack.needs.iter().enumerate() {
        let declared = text.parse::<Address>().ok();
        match declared
            .filter(|address| *address != own && draft.given.tree.at(&path_of(address)).is_some())
        {
            Some(address) => needs.push(address),
            None => draft.error(
                "this refers to nothing that is declared",
                format!("there is no other `{text}`"),
                &["stacks", name, "needs", &index.to_string()],
                "name a section of this file, such as `stacks.network` or `roles.worker`",
            ),
        }
    }
    needs
}

/// The template, read.
fn template_of(draft: &mut Draft<'_>, name: &str, stack: &Stack) -> Option<(Source, Template)> {
    let path = ["stacks", name, "template"];
    let source = sources::stack(draft, &stack.template, &path)?;
    let (template, mut found) = template::read(&source);
    draft.found.append(&mut found);
    Some((source, template?))
}

/// The values of all parameters, those of the file under those of the table, checked against the template.
fn values(
    draft: &mut Draft<'_>,
    name: &str,
    stack: &Stack,
    template: &Template,
) -> BTreeMap<String, String> {
    let mut values = BTreeMap::new();
    let faults = draft.given.faults;
    let mut unread = faults.cover(&["stacks", name, "parameters_file"]);
    if let Some(file) = &stack.parameters_file {
        let path = ["stacks", name, "parameters_file"];
        let read = parameters_file::read(draft, file, &path);
        unread |= read.is_none();
        for (parameter, value) in read.unwrap_or_default() {
            check(draft, template, &parameter, Some(&value), &path);
            values.insert(parameter, literal(&value));
        }
    }
    for (parameter, value) in &stack.parameters {
        let text = value.text();
        let path = ["stacks", name, "parameters", parameter];
        let known = filled::filled_in(draft, &text).map(|filled| filled.text);
        check(draft, template, parameter, known.as_deref(), &path);
        clear_text(draft, template, parameter, value, &path);
        values.insert(parameter.clone(), text);
    }
    let missing: Vec<String> = template
        .parameters
        .iter()
        .filter(|(name, parameter)| parameter.default.is_none() && !values.contains_key(*name))
        .filter(|(parameter, _)| !faults.cover(&["stacks", name, "parameters", parameter]))
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    // What a file gives that cannot be read is not known.
    if !missing.is_empty() && !unread {
        let span = draft.key(&["stacks", name]);
        let one = if missing.len() == 1 {
            "a value"
        } else {
            "values"
        };
        let label = format!(
            "`{}` needs {one} for {}",
            stack.template,
            missing.join(", ")
        );
        let header = Address::new(Kind::Stack, name).header();
        let help = format!("give them in {}.parameters]", header.trim_end_matches(']'));
        let mistake = Diagnostic::error("a parameter is missing", label, span);
        draft.found.push(mistake.help(help));
    }
    values
}

/// Notes a parameter that the template does not have, and a value that it refuses, where it is known.
fn check(
    draft: &mut Draft<'_>,
    template: &Template,
    parameter: &str,
    value: Option<&str>,
    path: &[&str],
) {
    let Some(declared) = template.parameters.get(parameter) else {
        let names = template.parameters.keys().map(String::as_str);
        let help = meant::advice(parameter, names, draft.found.len(), "its parameters");
        let span = draft.key(path);
        let label = format!("the template has no parameter `{parameter}`");
        let mistake = Diagnostic::error("unknown parameter", label, span);
        draft.found.push(mistake.help(help));
        return;
    };
    if let Some(why) = value.and_then(|value| declared.refuses(value)) {
        let label = format!("`{parameter}` {why}");
        let span = draft.value(path);
        let mistake = Diagnostic::error("the template refuses this value", label, span);
        draft.found.push(mistake);
    }
}

fn clear_text(
    draft: &mut Draft<'_>,
    template: &Template,
    parameter: &str,
    value: &ParameterValue,
    path: &[&str],
) {
    let secret = template
        .parameters
        .get(parameter)
        .is_some_and(|p| p.no_echo);
    let text = value.text();
    if secret && !text.contains("{{") && !text.is_empty() {
        draft.warn_of_clear_text(
            format!("the template keeps `{parameter}` secret, and here everybody reads it"),
            path,
        );
    }
}

/// Notes a capability that the template needs and the stack does not grant.
fn capabilities(draft: &mut Draft<'_>, name: &str, stack: &Stack, template: &Template) {
    if draft.given.faults.touch(&["stacks", name, "capabilities"]) {
        return;
    }
    let granted = |wanted: &str| stack.capabilities.iter().any(|given| given == wanted);
    let iam = template
        .capability
        .filter(|wanted| !granted(wanted) && !granted("CAPABILITY_NAMED_IAM"));
    let expand = (template.transformed && !granted("CAPABILITY_AUTO_EXPAND"))
        .then_some("CAPABILITY_AUTO_EXPAND");
    for (capability, why) in [(iam, "makes IAM resources"), (expand, "uses macros")] {
        if let Some(capability) = capability {
            let span = draft.value(&["stacks", name, "template"]);
            let label = format!("this template {why}");
            let mistake = Diagnostic::error("a capability is missing", label, span);
            let help = format!("once you have read it, add `capabilities = [\"{capability}\"]`");
            draft.found.push(mistake.help(help));
        }
    }
}

/// Notes tags whose names AWS keeps for itself.
fn tags(draft: &mut Draft<'_>, name: &str, stack: &Stack) {
    for tag in stack.tags.keys().filter(|tag| tag.starts_with("aws:")) {
        let span = draft.key(&["stacks", name, "tags", tag]);
        let label = "tags that begin with `aws:` are AWS's own";
        let mistake = Diagnostic::error("a tag that nobody may set", label, span);
        draft.found.push(mistake);
    }
}

/// The roles and the bucket that parameters name in plain text.
fn named_by(draft: &Draft<'_>, values: &BTreeMap<String, String>) -> Vec<Address> {
    let environment = draft.environment;
    let mut needs = Vec::new();
    for value in values.values() {
        for (section, role) in &environment.roles {
            if value == role.name.as_ref().unwrap_or(section) {
                needs.push(Address::new(Kind::Role, section));
            }
        }
        let bucket = environment.secrets.as_ref().and_then(|s| s.bucket.as_ref());
        if bucket == Some(value) {
            needs.push(Address::bucket());
        }
    }
    needs
}
