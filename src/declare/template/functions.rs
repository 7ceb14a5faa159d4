//! The functions that a template calls: where each is called, and with how many values.

use super::tree::{head, things};
use crate::model::Diagnostic;
use crate::vars::yaml::Node;

/// The sections in which CloudFormation evaluates functions.
const EVALUATED: [&str; 4] = ["Conditions", "Rules", "Resources", "Outputs"];

/// The function that a node calls, by its short name, and its argument.
pub fn call(node: &Node) -> Option<(&str, &Node)> {
    if let Some(tag) = node.tag.as_deref().and_then(|tag| tag.strip_prefix('!'))
        && !tag.is_empty()
    {
        return Some((tag, node));
    }
    let [(key, argument)] = node.pairs()? else {
        return None;
    };
    let name = key.text()?;
    match name.strip_prefix("Fn::") {
        Some(short) => Some((short, argument)),
        None => (name == "Ref").then_some((name, argument)),
    }
}

/// Shows every call in a tree, the outer ones first; what is in one is passed over where `see` says no.
pub fn walk<'a>(node: &'a Node, see: &mut dyn FnMut(&'a str, &'a Node) -> bool) {
    if let Some((name, argument)) = call(node)
        && !see(name, argument)
    {
        return;
    }
    for item in node.items().unwrap_or_default() {
        walk(item, see);
    }
    for (_, value) in node.pairs().unwrap_or_default() {
        walk(value, see);
    }
}

/// Shows every call in what CloudFormation evaluates: `Metadata` it hands on as it stands.
pub fn each<'a>(root: &'a Node, see: &mut dyn FnMut(&'a str, &'a Node)) {
    let mut see = |name, argument| {
        see(name, argument);
        true
    };
    for (_, thing) in EVALUATED.iter().flat_map(|section| things(root, section)) {
        match thing.pairs() {
            Some(parts) if call(thing).is_none() => {
                let evaluated = parts
                    .iter()
                    .filter(|(key, _)| key.text() != Some("Metadata"));
                evaluated.for_each(|(_, value)| walk(value, &mut see));
            }
            _ => walk(thing, &mut see),
        }
    }
}

/// Whether macros write parts of the template, so that what stands in it may mean something else.
pub fn has_macros(root: &Node) -> bool {
    root.get("Transform").is_some() || transforms(root)
}

/// Whether a tree calls a macro, which stands beside what it adds to.
fn transforms(node: &Node) -> bool {
    let pairs = node.pairs().unwrap_or_default();
    node.tag.as_deref() == Some("!Transform")
        || node.items().unwrap_or_default().iter().any(transforms)
        || pairs
            .iter()
            .any(|(key, value)| key.text() == Some("Fn::Transform") || transforms(value))
}

/// A piece of a text that `Sub` fills in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Piece<'a> {
    /// What stands there as it is.
    Text(&'a str),
    /// `${!Literal}`, which becomes `${Literal}`.
    Literal(&'a str),
    /// `${Name}`.
    Name(&'a str),
}

/// The pieces of such a text. What is not closed stands there as it is.
pub fn pieces(text: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = text;
    while let Some((before, (name, after))) = rest
        .split_once("${")
        .and_then(|(before, behind)| Some((before, behind.split_once('}')?)))
    {
        pieces.push(Piece::Text(before));
        pieces.push(match name.strip_prefix('!') {
            Some(literal) => Piece::Literal(literal),
            None => Piece::Name(name.trim()),
        });
        rest = after;
    }
    pieces.push(Piece::Text(rest));
    pieces
}

/// The names between `${` and `}` in the argument of `Sub`, apart from `${!Literal}` and those that its second argument
/// has; and the node in which they stand.
pub fn substituted(argument: &Node) -> (&Node, Vec<&str>) {
    let (text, own) = match argument.items() {
        Some([text, own, ..]) => (text, own.pairs().unwrap_or_default()),
        Some([text]) => (text, Default::default()),
        _ => (argument, Default::default()),
    };
    let names = pieces(text.text().unwrap_or_default())
        .into_iter()
        .filter_map(|piece| match piece {
            Piece::Name(name) => Some(name),
            Piece::Text(_) | Piece::Literal(_) => None,
        })
        .filter(|name| {
            let first = name.split('.').next();
            let given = |key: Option<&str>| key == Some(name) || key == first;
            !own.iter().any(|(key, _)| given(key.text()))
        });
    (text, names.collect())
}

/// How many values a function takes, the least and the most (user guide, "Intrinsic function reference" and "Condition
/// functions").
const TAKES: &[(&str, usize, usize)] = &[
    ("And", 2, 10),
    ("Cidr", 2, 3),
    ("Equals", 2, 2),
    ("FindInMap", 3, 3),
    ("If", 3, 3),
    ("Join", 2, 2),
    ("Not", 1, 1),
    ("Or", 2, 10),
    ("Select", 2, 2),
    ("Split", 2, 2),
    ("Sub", 1, 2),
];

/// Every call with too few or too many values.
pub fn check(root: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    each(root, &mut |name, argument| {
        found.extend(miscounted(name, argument));
    });
    found
}

fn miscounted(name: &str, argument: &Node) -> Option<Diagnostic> {
    let (_, least, most) = TAKES.iter().find(|(takes, ..)| *takes == name)?;
    let given = argument.items()?.len();
    if (*least..=*most).contains(&given) {
        return None;
    }
    let takes = match (least, most) {
        (1, 1) => "one value".to_owned(),
        (1, most) => format!("one to {most} values"),
        _ if least == most => format!("{least} values"),
        _ => format!("{least} to {most} values"),
    };
    let label = format!("`Fn::{name}` takes {takes}, and this has {given}");
    let mistake = Diagnostic::error(
        "a function with too few or too many values",
        label,
        head(argument),
    );
    Some(match name {
        "If" => mistake.help("a condition, the value when it holds, and the value when it does not: perhaps `!Ref AWS::NoValue`"),
        _ => mistake,
    })
}
