//! What the parts of a template say about each other: `Ref`, `GetAtt`, `Sub`, conditions, mappings, `DependsOn`.

use std::collections::BTreeSet;

use super::functions::{call, substituted};
use super::tree::{head, names, resources, span_of};
use crate::model::{
    Diagnostic,
    meant::{is_slip, nearest},
};
use crate::vars::yaml::{self, Node};

/// CloudFormation user guide, "Pseudo parameters".
const PSEUDO: &[&str] = &[
    "AWS::AccountId",
    "AWS::NotificationARNs",
    "AWS::NoValue",
    "AWS::Partition",
    "AWS::Region",
    "AWS::StackId",
    "AWS::StackName",
    "AWS::URLSuffix",
];

/// Every reference to something that is not there.
pub fn check(root: &Node) -> Vec<Diagnostic> {
    let mut check = Check {
        resources: names(root, "Resources"),
        parameters: names(root, "Parameters"),
        conditions: names(root, "Conditions"),
        mappings: names(root, "Mappings"),
        modules: resources(root)
            .filter(|(_, r#type, _)| r#type.ends_with("::MODULE"))
            .map(|(name, ..)| name.to_owned())
            .collect(),
        deciding: false,
        found: Vec::new(),
    };
    for section in ["Conditions", "Rules", "Resources", "Outputs"] {
        let pairs = root.get(section).and_then(Node::pairs);
        check.deciding = matches!(section, "Conditions" | "Rules");
        for (_, thing) in pairs.unwrap_or_default() {
            if section != "Rules"
                && let Some(condition) = thing.get("Condition")
            {
                check.named(condition, "condition");
            }
            if section == "Resources"
                && let Some(needs) = thing.get("DependsOn")
            {
                for need in needs.items().unwrap_or(std::slice::from_ref(needs)) {
                    check.named(need, "resource");
                }
            }
            let Some(parts) = thing.pairs() else {
                check.node(thing);
                continue;
            };
            for (key, value) in parts {
                match key.text() {
                    Some("Metadata") if section == "Resources" => check.metadata(value),
                    Some("Metadata") => {}
                    _ => check.node(value),
                }
            }
            check.misspelt(thing);
            if let Some((function, argument)) = call(thing) {
                check.function(function, argument);
            }
        }
    }
    check.found
}

struct Check {
    resources: BTreeSet<String>,
    parameters: BTreeSet<String>,
    conditions: BTreeSet<String>,
    mappings: BTreeSet<String>,
    /// The names of what is made from modules (user guide, "Modules").
    modules: BTreeSet<String>,
    /// Whether it is in a section where `Condition: NAME` is a function; elsewhere it is a key like others.
    deciding: bool,
    found: Vec<Diagnostic>,
}

/// Metadata of tools, which CloudFormation hands on as it stands and of which each tool has its own idea.
const OF_TOOLS: &[&str] = &[
    "AWS::CloudFormation::Designer",
    "AWS::CloudFormation::Interface",
    "cfn-lint",
    "cfn_nag",
    "checkov",
    "guard",
];

impl Check {
    /// What a resource says about itself may refer to others, as `AWS::CloudFormation::Init` does.
    fn metadata(&mut self, metadata: &Node) {
        for (key, value) in metadata.pairs().unwrap_or_default() {
            if !OF_TOOLS.contains(&key.text().unwrap_or_default()) {
                self.node(value);
            }
        }
    }

    /// Notes a mapping that can only be meant as a function and is none.
    fn misspelt(&mut self, node: &Node) {
        let Some([(key, argument)]) = node.pairs() else {
            return;
        };
        let name = key.text().unwrap_or_default();
        let near = match name.strip_prefix("Fn::") {
            Some(short) if yaml::functions().any(|known| known == short) => return,
            Some(short) => nearest(short, yaml::functions(), self.found.len())
                .map(|near| format!("Fn::{near}")),
            // An ordinary key may be spelt like this; that it names something of the template as well is no accident.
            None if is_slip(&name.to_lowercase(), ["ref"]) && name != "Ref" => {
                let named = argument.text().unwrap_or_default();
                let pseudo = PSEUDO.contains(&named);
                if !pseudo && !self.resources.contains(named) && !self.parameters.contains(named) {
                    return;
                }
                Some("Ref".to_owned())
            }
            None => return,
        };
        let mistake = Diagnostic::error(
            "unknown function",
            format!("CloudFormation has no `{name}`"),
            key.span.clone(),
        );
        self.found.push(match near {
            Some(near) => mistake.help(format!("did you mean `{near}`?")),
            None => mistake,
        });
    }

    fn node(&mut self, node: &Node) {
        if let Some((name, argument)) = call(node) {
            self.function(name, argument);
        }
        self.misspelt(node);
        if self.deciding
            && let Some([(key, name)]) = node.pairs()
            && key.text() == Some("Condition")
        {
            self.named(name, "condition");
        }
        for item in node.items().unwrap_or_default() {
            self.node(item);
        }
        for (_, value) in node.pairs().unwrap_or_default() {
            self.node(value);
        }
    }

    fn function(&mut self, name: &str, argument: &Node) {
        let first = argument.items().and_then(<[Node]>::first);
        match name {
            "Ref" => self.named(argument, "resource or parameter"),
            "GetAtt" => match first {
                Some(resource) => self.named(resource, "resource"),
                None => self.attribute(argument),
            },
            "Condition" => self.named(argument, "condition"),
            "If" => {
                if let Some(condition) = first {
                    self.named(condition, "condition");
                }
            }
            "FindInMap" => {
                if let Some(mapping) = first.filter(|first| call(first).is_none()) {
                    self.named(mapping, "mapping");
                }
            }
            "Sub" => self.sub(argument),
            _ => {}
        }
    }

    fn attribute(&mut self, argument: &Node) {
        let Some((resource, _)) = argument.text().and_then(|text| text.split_once('.')) else {
            self.found.push(Diagnostic::error(
                "this names no attribute",
                "write `Resource.Attribute`",
                head(argument),
            ));
            return;
        };
        self.there(resource, argument, "resource");
    }

    /// `${Name}` and `${Name.Attribute}`.
    fn sub(&mut self, argument: &Node) {
        let (text, names) = substituted(argument);
        for name in names {
            match name.split_once('.') {
                Some((resource, _)) => self.there(resource, text, "resource"),
                None => self.there(name, text, "resource or parameter"),
            }
        }
    }

    fn named(&mut self, node: &Node, what: &str) {
        if let Some(name) = node.text() {
            self.there(name, node, what);
        }
    }

    /// Notes a mistake unless there is a thing of this sort and name.
    fn there(&mut self, name: &str, at: &Node, what: &str) {
        let about_resources = matches!(what, "resource" | "resource or parameter");
        let only_resource = self.resources.contains(name) && !self.parameters.contains(name);
        if self.deciding && about_resources && only_resource {
            let label = format!("`{name}` is a resource, and this is decided before any is made");
            let mistake = Diagnostic::error("a decision by a resource", label, span_of(name, at));
            self.found
                .push(mistake.help("decide by parameters and mappings"));
            return;
        }
        let sets: &[&BTreeSet<String>] = match what {
            "condition" => &[&self.conditions],
            "mapping" => &[&self.mappings],
            "resource" => &[&self.resources],
            _ => &[&self.resources, &self.parameters],
        };
        let pseudo = what == "resource or parameter" && PSEUDO.contains(&name);
        // A module's own resources have names that begin with its name.
        let of_module = || self.modules.iter().any(|module| name.starts_with(module));
        if pseudo || sets.iter().any(|set| set.contains(name)) || about_resources && of_module() {
            return;
        }
        let names = sets.iter().flat_map(|set| set.iter()).map(String::as_str);
        let told = self.found.len();
        let near = match what {
            "resource or parameter" => nearest(name, names.chain(PSEUDO.iter().copied()), told),
            _ => nearest(name, names, told),
        };
        let mut mistake = Diagnostic::error(
            "this refers to nothing in the template",
            format!("there is no {what} `{name}`"),
            span_of(name, at),
        );
        if let Some(near) = near {
            mistake = mistake.help(format!("did you mean `{near}`?"));
        }
        self.found.push(mistake);
    }
}
