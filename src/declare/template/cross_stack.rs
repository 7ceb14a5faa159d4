//! What stacks of one region give each other: the names under which a template exports its outputs, and those that it
//! imports.

use super::functions::{self, call, each};
use super::tree::things;
use crate::vars::yaml::Node;

/// The names that a template exports and imports, as far as they can be worked out here.
#[derive(Debug, Clone, Default)]
pub struct CrossStack {
    /// The names of what it exports.
    pub exports: Vec<Name>,
    /// The names of what it imports.
    pub imports: Vec<Name>,
}

/// A name, in pieces: AWS knows it once the stack has its name and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Name(Vec<Piece>);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    /// A parameter, or `AWS::StackName` and the like.
    Reference(String),
}

impl Name {
    /// The name where these are the values of parameters and of AWS's own names; none where one is not known.
    pub fn with(&self, value: impl Fn(&str) -> Option<String>) -> Option<String> {
        let pieces = self.0.iter().map(|piece| match piece {
            Piece::Text(text) => Some(text.clone()),
            Piece::Reference(name) => value(name),
        });
        pieces.collect()
    }

    fn of(node: &Node) -> Option<Self> {
        pieces(node).map(Self)
    }
}

/// What a template exports and imports.
pub fn read(root: &Node) -> CrossStack {
    let exports = things(root, "Outputs")
        .filter_map(|(_, output)| Name::of(output.get("Export")?.get("Name")?))
        .collect();
    let mut imports = Vec::new();
    each(root, &mut |name, argument| {
        if name == "ImportValue" {
            // Behind a tag, the argument bears that tag itself.
            let behind_tag = argument.tag.as_deref() == Some("!ImportValue");
            let name = match behind_tag {
                true => Name::of(&Node {
                    tag: None,
                    ..argument.clone()
                }),
                false => Name::of(argument),
            };
            imports.extend(name);
        }
    });
    CrossStack { exports, imports }
}

/// The pieces of a text that is written out, or put together of parameters by `Ref`, `Sub` and `Join`.
fn pieces(node: &Node) -> Option<Vec<Piece>> {
    let Some((function, argument)) = call(node) else {
        return Some(vec![Piece::Text(node.text()?.to_owned())]);
    };
    match function {
        "Ref" => Some(vec![Piece::Reference(argument.text()?.to_owned())]),
        "Sub" => substituted(argument.text()?),
        "Join" => {
            let [between, list] = argument.items()? else {
                return None;
            };
            let between = Piece::Text(between.text()?.to_owned());
            let mut all = Vec::new();
            for (number, item) in list.items()?.iter().enumerate() {
                if number > 0 {
                    all.push(between.clone());
                }
                all.extend(pieces(item)?);
            }
            Some(all)
        }
        _ => None,
    }
}

/// The pieces of a `Sub` without values of its own. What a resource gives is not known here.
fn substituted(text: &str) -> Option<Vec<Piece>> {
    let pieces = functions::pieces(text)
        .into_iter()
        .map(|piece| match piece {
            functions::Piece::Text(text) => Some(Piece::Text(text.to_owned())),
            functions::Piece::Literal(text) => Some(Piece::Text(format!("${{{text}}}"))),
            functions::Piece::Name(name) if name.contains('.') => None,
            functions::Piece::Name(name) => Some(Piece::Reference(name.to_owned())),
        });
    pieces.collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Source;
    use crate::vars::yaml;

    /// What a template exports and imports where `Net` is `base` and the stack is called `s`.
    fn names(text: &str) -> [Vec<Option<String>>; 2] {
        let root = yaml::read(&Source::new("t.yaml", text)).unwrap();
        let CrossStack { exports, imports } = read(&root);
        let known = |name: &str| match name {
            "Net" => Some("base".to_owned()),
            "AWS::StackName" => Some("s".to_owned()),
            _ => None,
        };
        [exports, imports].map(|all| all.iter().map(|name| name.with(known)).collect())
    }

    #[test]
    fn names_are_put_together_of_parameters_and_the_stacks_own() {
        let text = r"
Resources:
  A:
    Type: T
    Properties:
      A: !ImportValue shared:Vpc
      B: {'Fn::ImportValue': !Sub '${Net}-Subnet'}
      C: !ImportValue
        'Fn::Sub': '${Net}-${!X}'
      F: !ImportValue
        'Fn::Sub': '${Net}-${Unknown}'
      D: {'Fn::ImportValue': {'Fn::Join': ['-', [{Ref: Net}, Vpc]]}}
      E: !ImportValue {'Fn::GetAtt': [A, B]}
Outputs:
  One: {Value: 1, Export: {Name: !Sub '${AWS::StackName}-One'}}
  Two: {Value: 1, Export: {Name: !Sub '${A.Arn}'}}
  Three: {Value: 1}
";
        let some = |text: &str| Some(text.to_owned());
        assert_eq!(
            names(text),
            [
                vec![some("s-One")],
                vec![
                    some("shared:Vpc"),
                    some("base-Subnet"),
                    some("base-${X}"),
                    None,
                    some("base-Vpc")
                ],
            ]
        );
    }
}
