//! A template's parameters.

use std::collections::BTreeMap;

use fancy_regex::{Regex, RegexBuilder};

use super::tree::head;
use crate::model::{Diagnostic, Value, meant::nearest};
use crate::vars::yaml::{self, Node, Style};

/// One parameter.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Parameter {
    /// Its type, for example `String` or `CommaDelimitedList`.
    pub r#type: String,
    /// What it is when nothing is given.
    pub default: Option<String>,
    /// Whether CloudFormation may write its default in another way than the template: `no` without quotes is `false`.
    pub respelt: bool,
    /// Whether CloudFormation masks it.
    pub no_echo: bool,
    /// The only values it may have; empty when any.
    pub allowed_values: Vec<String>,
    /// What those without quotes may be to CloudFormation, where that is another text.
    pub respelt_values: Vec<String>,
    /// The pattern that the whole of its value matches.
    pub allowed_pattern: Option<String>,
    /// What is said of a value that does not match.
    pub constraint: Option<String>,
    /// The least number it may be.
    pub min_value: Option<f64>,
    /// The greatest number it may be.
    pub max_value: Option<f64>,
    /// The least number of characters it has.
    pub min_length: Option<usize>,
    /// The greatest number of characters it has.
    pub max_length: Option<usize>,
}

/// The types that are not AWS's own (user guide, "Parameters"). `List<String>` stands nowhere there and is taken.
const TYPES: &[&str] = &[
    "CommaDelimitedList",
    "List<Number>",
    "List<String>",
    "Number",
    "String",
];

/// Notes a type that there is not, and a default that the parameter itself refuses.
pub fn wrong(name: &str, node: &Node, told: usize) -> Option<Diagnostic> {
    let kind = node.get("Type")?;
    let text = kind.text()?;
    if !TYPES.contains(&text) && !text.contains("AWS::") {
        let label = format!("there is no type `{text}`");
        let mistake = Diagnostic::error("unknown type of a parameter", label, head(kind));
        return Some(mistake.help(match nearest(text, TYPES.iter().copied(), told) {
            Some(near) => format!("did you mean `{near}`?"),
            None => "possible here: String, Number, CommaDelimitedList, List<Number>, and types of AWS's own".to_owned(),
        }));
    }
    // The default of one that AWS looks up is the name under which it is looked up.
    if text.starts_with("AWS::SSM::") {
        return None;
    }
    let default = node.get("Default")?;
    let parameter = parameter(node);
    let why = parameter.refuses(default.text()?)?;
    if respelt(default).is_some_and(|other| parameter.refuses(&other).is_none()) {
        return None;
    }
    let label = format!("`{name}` {why}");
    let mistake = Diagnostic::error(
        "a default that its own parameter refuses",
        label,
        head(default),
    );
    Some(mistake.help("CloudFormation refuses it as soon as nothing else is given"))
}

/// What a word without quotes may be to CloudFormation, which reads YAML 1.1 and then writes what it read: `yes` is `true`,
/// `010` is `8`. None where that is the same text.
fn respelt(node: &Node) -> Option<String> {
    let text = node.text().filter(|_| node.style == Style::Plain)?;
    let read = yaml::resolve(text).ok()?;
    let other = match &read {
        Value::Bool(_) | Value::Number(_) => read.to_string(),
        _ => return None,
    };
    (other != text).then_some(other)
}

/// Whether two texts are the same value of a parameter of this type.
fn is_same(r#type: &str, one: &str, other: &str) -> bool {
    let number = |text: &str| text.parse::<f64>().ok();
    one == other || r#type == "Number" && number(one).is_some() && number(one) == number(other)
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
    let length = |key: &str| text(key).and_then(|text| text.parse().ok());
    let allowed = node.get("AllowedValues").and_then(Node::items);
    let allowed = allowed.unwrap_or_default();
    Parameter {
        r#type: text("Type").unwrap_or_default(),
        default: text("Default"),
        no_echo: text("NoEcho").is_some_and(|text| text.eq_ignore_ascii_case("true")),
        respelt: node
            .get("Default")
            .is_some_and(|node| respelt(node).is_some()),
        allowed_values: allowed
            .iter()
            .filter_map(|item| item.text().map(str::to_owned))
            .collect(),
        respelt_values: allowed.iter().filter_map(respelt).collect(),
        allowed_pattern: text("AllowedPattern"),
        constraint: text("ConstraintDescription"),
        min_value: number("MinValue"),
        max_value: number("MaxValue"),
        min_length: length("MinLength"),
        max_length: length("MaxLength"),
    }
}

/// What Java reads in another way than we, or what we cannot read: its own classes, sets within sets, quoted parts.
const JAVAS_OWN: &[&str] = &[
    r"\p", r"\P", r"\h", r"\H", r"\v", r"\V", r"\R", r"\X", r"\N", r"\Q", r"\c", "[[", "[^[", "&&",
    "--", "~~",
];

/// Whether a value fits a pattern as AWS's Java reads it: `\w`, `\d` and `\s` are ASCII, which also makes it small. What may
/// take a part of a character then, such as `.`, needs the large form. None where only AWS can tell.
fn fits(pattern: &str, value: &str) -> Option<bool> {
    if JAVAS_OWN.iter().any(|own| pattern.contains(own)) {
        return None;
    }
    let whole = format!("^(?:{pattern})$");
    let ascii = RegexBuilder::new(&whole).unicode_mode(false).build();
    let regex = match ascii {
        Ok(regex) => regex,
        // In the large form their meaning is Unicode's.
        Err(_) if !value.is_ascii() && pattern.contains('\\') => return None,
        Err(_) => Regex::new(&whole).ok()?,
    };
    regex.is_match(value).ok()
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
                min_length: None,
                max_length: None,
                ..self.clone()
            };
            let why = value.split(',').find_map(|item| one.refuses(item.trim()))?;
            return Some(format!("is a list of which each value {why}"));
        }
        let mut allowed = self.allowed_values.iter().chain(&self.respelt_values);
        if !self.allowed_values.is_empty() && !allowed.any(|one| is_same(&self.r#type, one, value))
        {
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
        if self.r#type == "String" {
            let length = value.chars().count();
            if let Some(least) = self.min_length.filter(|least| length < *least) {
                return Some(format!("has {least} characters at the least"));
            }
            if let Some(most) = self.max_length.filter(|most| length > *most) {
                return Some(format!("has {most} characters at the most"));
            }
        }
        let pattern = self.allowed_pattern.as_ref()?;
        if fits(pattern, value).unwrap_or(true) {
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
    use crate::model::Source;

    #[test]
    fn a_text_is_as_long_as_the_template_says() {
        let password = Parameter {
            r#type: "String".to_owned(),
            min_length: Some(3),
            max_length: Some(4),
            ..Parameter::default()
        };
        assert_eq!(password.refuses("äöü"), None);
        assert_eq!(
            password.refuses("ab").as_deref(),
            Some("has 3 characters at the least")
        );
        assert_eq!(
            password.refuses("abcde").as_deref(),
            Some("has 4 characters at the most")
        );
    }

    #[test]
    fn a_pattern_means_what_it_means_to_java() {
        for (pattern, fits, not) in [
            (r"\w+", "ab_1", "äb"),
            (r"\d{1,3}", "12", "١٢"),
            (r"[^a]", "ä", "a"),
            (r"a.c", "aéc", "ac"),
        ] {
            let parameter = Parameter {
                allowed_pattern: Some(pattern.to_owned()),
                ..Parameter::default()
            };
            assert_eq!(parameter.refuses(fits), None, "{pattern}");
            assert!(parameter.refuses(not).is_some(), "{pattern}");
        }
    }

    #[test]
    fn a_pattern_that_java_reads_in_its_own_way_is_left_to_aws() {
        for (pattern, value) in [
            (r"[\p{Punct}a-z]+", "a+b"),
            (r"[^\w]+", "é"),
            (r"\h", " "),
            (r"[a~~]+", "~"),
            (r"[[:alnum:]_-]+", ":a"),
        ] {
            let parameter = Parameter {
                allowed_pattern: Some(pattern.to_owned()),
                ..Parameter::default()
            };
            assert_eq!(parameter.refuses(value), None, "{pattern}");
        }
    }

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

    #[test]
    fn a_word_without_quotes_may_be_another_to_cloudformation() {
        let text = "Parameters:\n  A: { Type: String, AllowedValues: [yes, no], Default: no }\n  B: { Type: String, Default: 'no' }\n  C: { Type: Number, Default: 010 }\n  D: { Type: Number, Default: 10 }\n";
        let root = yaml::read(&Source::new("stacks/a.yaml", text)).unwrap();
        let parameters = read(&root);
        let respelt = |name: &str| parameters[name].respelt;
        assert_eq!(
            ["A", "B", "C", "D"].map(respelt),
            [true, false, true, false]
        );
        // Both of what is written and of what may be read are taken.
        for value in ["no", "false", "yes", "true"] {
            assert_eq!(parameters["A"].refuses(value), None, "{value}");
        }
        assert_eq!(
            parameters["A"].refuses("off").as_deref(),
            Some("may be yes, no")
        );
    }
}
