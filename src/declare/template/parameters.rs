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
        // Of a list, whatever is said applies to each value (user guide, "Parameters section syntax").
        if self.r#type == "CommaDelimitedList" || self.r#type.starts_with("List<") {
            let one = Parameter {
                r#type: match self.r#type.as_str() {
                    "List<Number>" => "Number".to_owned(),
                    _ => String::new(),
                },
                ..self.clone()
            };
            let why = value.split(',').find_map(|item| one.refuses(item.trim()))?;
            return Some(format!("is a list of which each value {why}"));
        }
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_said_of_a_list_holds_for_each_of_its_values() {
        let zones = Parameter {
            r#type: "CommaDelimitedList".to_owned(),
            allowed_values: vec!["a".to_owned(), "b".to_owned()],
            allowed_pattern: Some("[a-z]".to_owned()),
            ..Parameter::default()
        };
        assert_eq!(zones.refuses("a, b,a"), None);
        assert_eq!(
            zones.refuses("a,c").as_deref(),
            Some("is a list of which each value may be a, b")
        );
        let ports = Parameter {
            r#type: "List<Number>".to_owned(),
            ..Parameter::default()
        };
        assert_eq!(ports.refuses("80,443"), None);
        assert_eq!(
            ports.refuses("80,https").as_deref(),
            Some("is a list of which each value is a number")
        );
        let subnets = Parameter {
            r#type: "List<AWS::EC2::Subnet::Id>".to_owned(),
            allowed_pattern: Some("subnet-[0-9a-f]+".to_owned()),
            ..Parameter::default()
        };
        assert_eq!(subnets.refuses("subnet-1,subnet-2"), None);
        assert!(subnets.refuses("subnet-1,vpc-2").is_some());
    }
}
