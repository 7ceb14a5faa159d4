//! `[stacks.NAME]`.

use std::collections::BTreeMap;

use schemars::{JsonSchema, Schema, SchemaGenerator, json_schema};
use serde::Deserialize;

use super::shape;

/// A CloudFormation stack.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Stack {
    /// `NAME` for `stacks/NAME.yaml`, `.yml` or `.json` of the project, else the template of that name that comes
    /// with Landfall; or a path inside the project.
    #[schemars(schema_with = "shape::file_name")]
    pub template: String,
    /// Its name in CloudFormation; `PROJECT-ENVIRONMENT-NAME` when absent.
    #[serde(default)]
    #[schemars(schema_with = "shape::stack")]
    pub stack_name: Option<String>,
    /// Values of the template's parameters. One that is absent has the template's default; but a secret one (`NoEcho`)
    /// of a stack that stands keeps its value.
    #[serde(default)]
    pub parameters: BTreeMap<String, ParameterValue>,
    /// A JSON file with a list of `ParameterKey` and `ParameterValue`, as the AWS command line takes it. `parameters`
    /// wins over it.
    #[serde(default)]
    #[schemars(schema_with = "shape::early")]
    pub parameters_file: Option<String>,
    /// `CAPABILITY_IAM` and the like.
    #[serde(default)]
    #[schemars(schema_with = "capabilities")]
    pub capabilities: Vec<String>,
    /// Tags of the stack and of what it makes.
    #[serde(default)]
    pub tags: BTreeMap<String, String>,
    /// Whether a stack that somebody else made is taken over.
    #[serde(default)]
    pub adopt: bool,
    /// What must stand before it, where nothing in it shows that: `roles.NAME`, `stacks.NAME`. What it refers to, and what
    /// it imports from another stack of the environment, comes before it anyway.
    #[serde(default)]
    pub needs: Vec<String>,
}

/// A parameter's value. CloudFormation knows text only; a list becomes text with commas.
#[derive(Debug, Clone, PartialEq, Deserialize, JsonSchema)]
#[serde(untagged)]
pub enum ParameterValue {
    /// Text.
    Text(String),
    /// A truth value: `true` or `false`.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
    /// Any other number.
    Number(f64),
    /// A list of texts.
    List(Vec<String>),
}

impl ParameterValue {
    /// The text that CloudFormation gets.
    pub fn text(&self) -> String {
        match self {
            ParameterValue::Text(text) => text.clone(),
            ParameterValue::Boolean(on) => on.to_string(),
            ParameterValue::Integer(number) => number.to_string(),
            ParameterValue::Number(number) => number.to_string(),
            ParameterValue::List(items) => items.join(","),
        }
    }
}

fn capabilities(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "array", "items": {
        "enum": ["CAPABILITY_IAM", "CAPABILITY_NAMED_IAM", "CAPABILITY_AUTO_EXPAND"],
    } })
}
