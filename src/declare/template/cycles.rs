//! Resources that wait for each other, so that none of them can be made first, and conditions that ask each other.

use std::collections::{BTreeMap, BTreeSet, HashMap, VecDeque};

use super::functions::{substituted, walk};
use super::tree::{head, names, resources, span_of, things};
use crate::model::{Diagnostic, Span};
use crate::vars::yaml::Node;

/// That one resource needs another, and where it says so.
struct Need<'a> {
    of: &'a str,
    at: Span,
}

type Needs<'a> = BTreeMap<&'a str, Vec<Need<'a>>>;

/// The shortest circle through each resource that is in one; each resource is told of once.
pub fn check(root: &Node) -> Vec<Diagnostic> {
    let parameters = names(root, "Parameters");
    let all: BTreeMap<&str, &Node> = resources(root)
        .filter(|(name, ..)| !parameters.contains(*name))
        .map(|(name, _, body)| (name, body))
        .collect();
    let needs: Needs<'_> = resources(root)
        .map(|(name, _, body)| (name, needs(body, &all)))
        .collect();
    let order = resources(root).map(|(name, ..)| name);
    let mut found = circles(order, &needs, mistake);
    let conditions =
        || things(root, "Conditions").filter_map(|(name, body)| Some((name.text()?, body)));
    let needs: Needs<'_> = conditions()
        .map(|(name, body)| (name, asked(body)))
        .collect();
    found.extend(circles(
        conditions().map(|(name, _)| name),
        &needs,
        undecided,
    ));
    found
}

/// The shortest circle through each thing that is in one, each thing told of once.
fn circles<'a>(
    order: impl Iterator<Item = &'a str>,
    needs: &Needs<'a>,
    mistake: fn(&str, &[&Need<'_>]) -> Diagnostic,
) -> Vec<Diagnostic> {
    let mut told = BTreeSet::new();
    let mut found = Vec::new();
    for name in order {
        if told.contains(name) {
            continue;
        }
        if let Some(circle) = circle(name, needs) {
            told.extend(circle.iter().map(|need| need.of));
            found.push(mistake(name, &circle));
        }
    }
    found
}

/// The conditions that a condition asks.
fn asked(body: &Node) -> Vec<Need<'_>> {
    let mut needs = Vec::new();
    let mut open = vec![body];
    while let Some(node) = open.pop() {
        let named = match node.pairs() {
            Some([(key, name)]) if key.text() == Some("Condition") => Some(name),
            _ if node.tag.as_deref() == Some("!Condition") => Some(node),
            _ => None,
        };
        if let Some((node, of)) = named.and_then(|node| Some((node, node.text()?))) {
            needs.push(Need { of, at: head(node) });
        }
        open.extend(node.items().unwrap_or_default());
        open.extend(
            node.pairs()
                .unwrap_or_default()
                .iter()
                .map(|(_, value)| value),
        );
    }
    needs
}

fn undecided(name: &str, circle: &[&Need<'_>]) -> Diagnostic {
    let label = match circle {
        [_] => "it asks itself".to_owned(),
        _ => format!("each asks the next: `{name}`{}", way(circle)),
    };
    Diagnostic::error(
        "a condition that is never decided",
        label,
        circle[0].at.clone(),
    )
}

fn way(circle: &[&Need<'_>]) -> String {
    circle
        .iter()
        .map(|need| format!(" → `{}`", need.of))
        .collect()
}

/// What a resource surely waits for. A branch of `If` may not be taken, and one that is to follow another need not where
/// a condition leaves that other out.
fn needs<'a>(body: &'a Node, all: &BTreeMap<&'a str, &'a Node>) -> Vec<Need<'a>> {
    let mut needs = Vec::new();
    let mut note = |name: &'a str, at: Span| {
        if let Some((of, _)) = all.get_key_value(name)
            && needs.iter().all(|need: &Need<'_>| need.of != *of)
        {
            needs.push(Need { of, at });
        }
    };
    if let Some(after) = body.get("DependsOn") {
        for one in after.items().unwrap_or(std::slice::from_ref(after)) {
            let name = one.text().unwrap_or_default();
            let condition = |body: &'a Node| body.get("Condition").and_then(Node::text);
            let other = all.get(name).and_then(|other| condition(other));
            if other.is_none() || other == condition(body) {
                note(name, head(one));
            }
        }
    }
    let Some(properties) = body.get("Properties") else {
        return needs;
    };
    walk(properties, &mut |function, argument| {
        match function {
            "Ref" => {
                if let Some(name) = argument.text() {
                    note(name, head(argument));
                }
            }
            "GetAtt" => {
                let first = argument.items().and_then(<[Node]>::first);
                let named = first.unwrap_or(argument);
                let name = named.text().and_then(|text| text.split('.').next());
                if let Some(name) = name {
                    note(name, span_of(name, named));
                }
            }
            "Sub" => {
                let (text, names) = substituted(argument);
                for name in names.iter().filter_map(|name| name.split('.').next()) {
                    note(name, span_of(name, text));
                }
            }
            _ => {}
        }
        function != "If"
    });
    needs
}

/// The shortest way from a resource back to itself.
fn circle<'a, 'n>(from: &'a str, needs: &'n Needs<'a>) -> Option<Vec<&'n Need<'a>>> {
    let mut reached: HashMap<&str, (&str, &Need<'_>)> = HashMap::new();
    let mut next = VecDeque::from([from]);
    while let Some(name) = next.pop_front() {
        for need in needs.get(name).into_iter().flatten() {
            if need.of == from {
                let mut circle = vec![need];
                let mut at = name;
                while at != from {
                    let (before, need) = reached[at];
                    circle.push(need);
                    at = before;
                }
                circle.reverse();
                return Some(circle);
            }
            reached.entry(need.of).or_insert_with(|| {
                next.push_back(need.of);
                (name, need)
            });
        }
    }
    None
}

fn mistake(name: &str, circle: &[&Need<'_>]) -> Diagnostic {
    let at = circle[0].at.clone();
    if circle.len() == 1 {
        return Diagnostic::error("a resource waits for itself", "it can never be made", at);
    }
    let label = format!("none of them can be made first: `{name}`{}", way(circle));
    Diagnostic::error("resources wait for each other", label, at).help(
        "take one of these references out; often it can be a resource of its own, such as AWS::EC2::SecurityGroupIngress or AWS::IAM::Policy",
    )
}
