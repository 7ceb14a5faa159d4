//! CloudFormation's short tags and the functions they stand for.

use serde_json::json;

use crate::model::{Value, meant::nearest};

/// The tags whose function is the tag's name after `Fn::`.
const FUNCTIONS: &[&str] = &[
    "And",
    "Base64",
    "Cidr",
    "Equals",
    "FindInMap",
    "GetAZs",
    "GetAtt",
    "GetStackOutput",
    "If",
    "ImportValue",
    "Join",
    "Length",
    "Not",
    "Or",
    "Select",
    "Split",
    "Sub",
    "ToJsonString",
    "Transform",
];

/// The functions of the section `Rules` (user guide, "Rule-specific intrinsic functions").
const OF_RULES: &[&str] = &[
    "Contains",
    "EachMemberEquals",
    "EachMemberIn",
    "RefAll",
    "ValueOf",
    "ValueOfAll",
];

/// Every function by the name behind its `Fn::`.
pub fn functions() -> impl Iterator<Item = &'static str> {
    FUNCTIONS.iter().chain(OF_RULES).copied()
}

/// The long form of `!Tag value`; refuses tags that CloudFormation does not have, with the one that was probably meant;
/// so many mistakes were told before.
pub(super) fn expand(tag: &str, value: Value, told: usize) -> Result<Value, Option<&'static str>> {
    let name = tag.strip_prefix('!').unwrap_or(tag);
    match name {
        "Ref" | "Condition" => Ok(json!({ name: value })),
        "GetAtt" => {
            // `!GetAtt a.b.c` names the attribute `b.c` of `a`.
            let value = match value.as_str().and_then(|text| text.split_once('.')) {
                Some((resource, attribute)) => json!([resource, attribute]),
                None => value,
            };
            Ok(json!({ "Fn::GetAtt": value }))
        }
        _ if functions().any(|known| known == name) => {
            let mut map = serde_json::Map::new();
            map.insert(format!("Fn::{name}"), value);
            Ok(Value::Object(map))
        }
        _ => Err(nearest(name, functions().chain(["Ref", "Condition"]), told)),
    }
}
