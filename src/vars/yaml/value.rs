//! From the tree to a value, as one dialect reads it.

use super::{
    cloudformation,
    node::{Kind, Node, Style},
    scalar,
};
use crate::model::{Diagnostic, Map, Value};

/// Whose tags are understood. Bare words are YAML 1.1 in all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// Playbooks and files of variables: `!unsafe`, `!vault`.
    Ansible,
    /// Templates: `!Ref`, `!Sub`, `!GetAtt`, …
    CloudFormation,
}

impl Node {
    /// The value of this tree. Keys are texts as written.
    ///
    /// A text under `!unsafe` becomes a template that yields it letter for letter. Everything that has no value is
    /// said at once: unknown tags, encrypted values, numbers without a JSON form.
    pub fn to_value(&self, dialect: Dialect) -> Result<Value, Vec<Diagnostic>> {
        let mut wrong = Vec::new();
        let value = convert(self, dialect, false, &mut wrong);
        if wrong.is_empty() {
            Ok(value)
        } else {
            Err(wrong)
        }
    }
}

fn convert(node: &Node, dialect: Dialect, raw: bool, wrong: &mut Vec<Diagnostic>) -> Value {
    let tag = node.tag.as_deref().unwrap_or("");
    if dialect == Dialect::Ansible && matches!(tag, "!vault" | "!vault-encrypted") {
        wrong.push(
            Diagnostic::error(
                "an encrypted value",
                "values under `!vault` are not read here yet",
                node.span.clone(),
            )
            .help("keep the secret in a dotenv file of the environment and use `lookup('env', …)`"),
        );
        return Value::Null;
    }
    let raw = raw || (dialect == Dialect::Ansible && tag == "!unsafe");
    let value = match &node.kind {
        Kind::Scalar(text) => return scalar_value(node, text, dialect, raw, wrong),
        Kind::Sequence(items) => items
            .iter()
            .map(|item| convert(item, dialect, raw, wrong))
            .collect(),
        Kind::Mapping(pairs) => Value::Object(
            pairs
                .iter()
                .map(|(key, value)| {
                    let name = key.text().unwrap_or_default().to_owned();
                    (name, convert(value, dialect, raw, wrong))
                })
                .collect::<Map>(),
        ),
    };
    match tag {
        "" | "!" | "!unsafe" => value,
        _ if tag.starts_with("tag:yaml.org,2002:") => value,
        _ => tagged(node, tag, value, dialect, wrong),
    }
}

fn scalar_value(
    node: &Node,
    text: &str,
    dialect: Dialect,
    raw: bool,
    wrong: &mut Vec<Diagnostic>,
) -> Value {
    let string = || Value::String(if raw { literal(text) } else { text.to_owned() });
    let plain = |wrong: &mut Vec<Diagnostic>| {
        if node.style != Style::Plain || raw {
            return string();
        }
        scalar::resolve(text).unwrap_or_else(|why| {
            wrong.push(Diagnostic::error(
                "a number without a value",
                why,
                node.span.clone(),
            ));
            Value::Null
        })
    };
    match node.tag.as_deref() {
        None => plain(wrong),
        Some("!" | "!unsafe" | "tag:yaml.org,2002:str") => string(),
        Some(tag) if tag.starts_with("tag:yaml.org,2002:") => {
            scalar::resolve(text).unwrap_or_else(|_| string())
        }
        Some(tag) => {
            let value = plain(wrong);
            tagged(node, tag, value, dialect, wrong)
        }
    }
}

fn tagged(
    node: &Node,
    tag: &str,
    value: Value,
    dialect: Dialect,
    wrong: &mut Vec<Diagnostic>,
) -> Value {
    let near = match dialect {
        Dialect::CloudFormation => match cloudformation::expand(tag, value, wrong.len()) {
            Ok(value) => return value,
            Err(near) => near,
        },
        Dialect::Ansible => None,
    };
    let mut diagnostic = Diagnostic::error(
        "unknown tag",
        format!("`{tag}` means nothing here"),
        node.span.clone(),
    );
    if let Some(near) = near {
        diagnostic = diagnostic.help(format!("did you mean `!{near}`?"));
    }
    wrong.push(diagnostic);
    Value::Null
}

/// A template that yields this text letter for letter.
fn literal(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('{') {
        let opener = rest[at..]
            .get(..2)
            .filter(|two| ["{{", "{%", "{#"].contains(two));
        out.push_str(&rest[..at]);
        match opener {
            Some(two) => {
                out.push_str("{{ '");
                out.push_str(two);
                out.push_str("' }}");
                rest = &rest[at + 2..];
            }
            None => {
                out.push('{');
                rest = &rest[at + 1..];
            }
        }
    }
    out.push_str(rest);
    out
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::{model::Source, vars::yaml};

    fn value(text: &str, dialect: Dialect) -> Result<Value, Vec<Diagnostic>> {
        yaml::read(&Source::new("t.yml", text))?.to_value(dialect)
    }

    #[test]
    fn short_tags_become_functions() {
        let text = "a: !Ref X\nb: !GetAtt r.Endpoint.Port\nc: !Join ['-', [a, !Ref B]]\nd: !Sub\n  - '${x}'\n  - x: !ImportValue y\n";
        assert_eq!(
            value(text, Dialect::CloudFormation).unwrap(),
            json!({
                "a": {"Ref": "X"},
                "b": {"Fn::GetAtt": ["r", "Endpoint.Port"]},
                "c": {"Fn::Join": ["-", ["a", {"Ref": "B"}]]},
                "d": {"Fn::Sub": ["${x}", {"x": {"Fn::ImportValue": "y"}}]},
            })
        );
        let wrong = value("a: !Reff X\n", Dialect::CloudFormation).unwrap_err();
        assert_eq!(wrong[0].help.as_deref(), Some("did you mean `!Ref`?"));
    }

    #[test]
    fn an_unsafe_text_is_never_a_template_and_a_vault_is_refused() {
        assert_eq!(
            value("a: !unsafe 'x {{ y }}'\n", Dialect::Ansible).unwrap(),
            json!({"a": "x {{ '{{' }} y }}"})
        );
        assert!(value("a: !vault |\n  abc\n", Dialect::Ansible).is_err());
    }

    #[test]
    fn json_templates_are_yaml() {
        assert_eq!(
            value(
                "{\"a\": [1, true, null, \"0644\"]}",
                Dialect::CloudFormation
            )
            .unwrap(),
            json!({"a": [1, true, null, "0644"]})
        );
    }
}
