//! Policy documents, compared by what they mean and not by how they are written.

use serde_json::json;

use crate::model::{Map, Value};

/// Whether two documents mean the same: AWS writes one-element lists as single values, orders statements and actions
/// as it likes, and gives statements names.
///
/// <https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_policies_grammar.html>
pub(super) fn same(one: &Value, other: &Value) -> bool {
    meaning(one) == meaning(other)
}

/// The statements of a document, each by itself.
pub(super) fn statements(document: &Value) -> Vec<Value> {
    match document.get("Statement") {
        Some(Value::Array(statements)) => statements.clone(),
        Some(statement) => vec![statement.clone()],
        None => Vec::new(),
    }
}

/// A document of these statements.
pub(super) fn document(statements: Vec<Value>) -> Value {
    json!({ "Version": "2012-10-17", "Statement": statements })
}

/// Whether two statements mean the same.
pub(super) fn same_statement(one: &Value, other: &Value) -> bool {
    statement(one) == statement(other)
}

/// Text taken literally in a resource's name, where `*`, `?` and `$` have a meaning.
pub(super) fn literal(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '*' | '?' | '$' => format!("${{{c}}}"),
            c => c.to_string(),
        })
        .collect()
}

fn meaning(document: &Value) -> Value {
    let mut each: Vec<Value> = statements(document).iter().map(statement).collect();
    each.sort_by_key(Value::to_string);
    each.dedup();
    json!([document.get("Version").unwrap_or(&Value::Null), each])
}

fn statement(statement: &Value) -> Value {
    let Some(fields) = statement.as_object() else {
        return statement.clone();
    };
    sorted(fields.iter().filter_map(|(name, value)| {
        let value = match name.as_str() {
            "Sid" => return None,
            "Action" | "NotAction" => list(value, |text| text.to_lowercase()),
            "Resource" | "NotResource" => list(value, str::to_owned),
            "Principal" | "NotPrincipal" => principals(value),
            "Condition" => conditions(value),
            _ => value.clone(),
        };
        Some((name.clone(), value))
    }))
}

fn principals(value: &Value) -> Value {
    match value {
        Value::String(all) => json!({ "AWS": [all] }),
        Value::Object(kinds) => sorted(
            kinds
                .iter()
                .map(|(kind, names)| (kind.clone(), list(names, account))),
        ),
        other => other.clone(),
    }
}

/// An account's digits and its root's ARN are the same principal.
fn account(name: &str) -> String {
    match name.split(':').collect::<Vec<_>>().as_slice() {
        ["arn", _, "iam", "", digits, "root"] => (*digits).to_owned(),
        _ => name.to_owned(),
    }
}

fn conditions(value: &Value) -> Value {
    let Some(operators) = value.as_object() else {
        return value.clone();
    };
    sorted(operators.iter().map(|(operator, keys)| {
        let keys = keys.as_object().into_iter().flatten();
        let keys = keys.map(|(key, values)| (key.to_lowercase(), list(values, str::to_owned)));
        (operator.to_lowercase(), sorted(keys))
    }))
}

fn list(value: &Value, read: impl Fn(&str) -> String) -> Value {
    let items = match value {
        Value::Array(items) => items.iter().collect(),
        single => vec![single],
    };
    let mut texts: Vec<String> = items
        .into_iter()
        .map(|item| match item {
            Value::String(text) => read(text),
            other => other.to_string(),
        })
        .collect();
    texts.sort();
    texts.dedup();
    json!(texts)
}

fn sorted(fields: impl Iterator<Item = (String, Value)>) -> Value {
    let mut fields: Vec<_> = fields.collect();
    fields.sort_by(|one, other| one.0.cmp(&other.0));
    Value::Object(fields.into_iter().collect::<Map>())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(statement: Value) -> Value {
        document(vec![statement])
    }

    #[test]
    fn a_single_value_is_a_list_of_one_and_order_has_no_meaning() {
        let written = json!({ "Version": "2012-10-17", "Statement": {
            "Sid": "a", "Effect": "Allow", "Action": ["S3:PutObject", "s3:GetObject"], "Resource": "x",
            "Principal": { "AWS": "arn:aws:iam::123456789012:root" },
            "Condition": { "Bool": { "aws:SecureTransport": false } } } });
        let read = one(json!({
            "Condition": { "bool": { "AWS:SecureTransport": ["false"] } },
            "Principal": { "AWS": ["123456789012"] },
            "Resource": ["x"], "Action": ["s3:getobject", "s3:PutObject"], "Effect": "Allow" }));
        assert!(same(&written, &read));
    }

    #[test]
    fn what_is_allowed_and_to_whom_has_meaning() {
        let base = json!({ "Effect": "Allow", "Action": "s3:GetObject", "Resource": "x" });
        for (field, value) in [
            ("Effect", json!("Deny")),
            ("Action", json!(["s3:GetObject", "s3:PutObject"])),
            ("Resource", json!("X")),
            ("Principal", json!("*")),
            ("NotResource", json!("y")),
        ] {
            let mut other = base.clone();
            other[field] = value;
            assert!(!same(&one(base.clone()), &one(other)), "{field}");
        }
        let mut old = one(base.clone());
        old["Version"] = json!("2008-10-17");
        assert!(!same(&one(base), &old));
    }

    #[test]
    fn wildcards_in_a_name_are_taken_literally() {
        assert_eq!(literal("a*b?c$d"), "a${*}b${?}c${$}d");
    }
}
