//! A template's parameters.

use std::collections::BTreeMap;

use crate::vars::yaml::Node;

/// One parameter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parameter {
    /// Its type, for example `String` or `CommaDelimitedList`.
    pub r#type: String,
    /// What it is when nothing is given.
    pub default: Option<String>,
    /// Whether CloudFormation masks it.
    pub no_echo: bool,
    /// The only values it may have; empty when any.
    pub allowed_values: Vec<String>,
    /// The pattern that the whole of its value matches.
    pub allowed_pattern: Option<String>,
    /// What is said of a value that does not match.
    pub constraint: Option<String>,
    /// The least number it may be.
    pub min_value: Option<f64>,
    /// The greatest number it may be.
    pub max_value: Option<f64>,
}

/// The parameters by name. What is of another shape than a parameter is passed over here.
pub fn read(root: &Node) -> BTreeMap<String, Parameter> {
    let pairs = root.get("Parameters").and_then(Node::pairs);
    pairs
        .unwrap_or_default()
        .iter()
        .filter_map(|(key, value)| Some((key.text()?.to_owned(), parameter(value))))
        .collect()
}

fn parameter(node: &Node) -> Parameter {
    let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let number = |key: &str| text(key).and_then(|text| text.parse().ok());
    Parameter {
        r#type: text("Type").unwrap_or_default(),
        default: text("Default"),
        no_echo: text("NoEcho").is_some_and(|text| text.eq_ignore_ascii_case("true")),
        allowed_values: node
            .get("AllowedValues")
            .and_then(Node::items)
            .unwrap_or_default()
            .iter()
            .filter_map(|item| item.text().map(str::to_owned))
            .collect(),
        allowed_pattern: text("AllowedPattern"),
        constraint: text("ConstraintDescription"),
        min_value: number("MinValue"),
        max_value: number("MaxValue"),
    }
}

impl Parameter {
    /// What the parameter must be and this value is not, as the end of a sentence; none when nothing is known against it.
    pub fn refuses(&self, value: &str) -> Option<String> {
        if !self.allowed_values.is_empty() && !self.allowed_values.iter().any(|one| one == value) {
            return Some(format!("may be {}", self.allowed_values.join(", ")));
        }
        if self.r#type == "Number" {
            let Ok(number) = value.parse::<f64>() else {
                return Some("is a number".to_owned());
            };
            if self.min_value.is_some_and(|least| number < least) {
                return Some(format!("is {} at the least", self.min_value?));
            }
            if self.max_value.is_some_and(|most| number > most) {
                return Some(format!("is {} at the most", self.max_value?));
            }
        }
        let pattern = self.allowed_pattern.as_ref()?;
        // A pattern of AWS's Java that ours cannot read is left to CloudFormation.
        let regex = fancy_regex::Regex::new(&format!("^(?:{pattern})$")).ok()?;
        if regex.is_match(value).unwrap_or(true) {
            return None;
        }
        Some(match &self.constraint {
            Some(constraint) => constraint.clone(),
            None => format!("must match {pattern}"),
        })
    }
}
