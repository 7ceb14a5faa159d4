//! The kinds, decided from files: `tests/kinds/KIND/SENTENCE.json` holds what is declared, what every question is
//! answered with, and the exact change or refusal that must follow.
//!
//! With `ACCEPT=1` what follows now is written into it.

use std::fs;

use landfall::model::{Answer, Attribute, Content, Decision, Failure, Goal, Query, Value};
use landfall::resource::{
    Decide, aws,
    instance::{GoneInstance, Instance},
    key,
    swarm::Swarm,
};
use landfall::vars::yaml;
use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::cases::{self, accepts};
use crate::support::decided::{Script, same};

/// One file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Case {
    declared: Value,
    /// The content of an object, which no declaration holds.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    #[serde(default, skip_serializing_if = "is_false")]
    absent: bool,
    observed: Vec<Seen>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    change: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    attributes: Option<Value>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Seen {
    ask: Query,
    answer: Answer,
}

fn is_false(value: &bool) -> bool {
    !value
}

/// The thing of this kind that a file declares. A kind is added by one line.
fn declared(kind: &str, case: &Case) -> Box<dyn Decide> {
    match kind {
        "bucket" => read::<aws::Bucket>(case),
        "gone_instance" => read::<GoneInstance>(case),
        "instance" => read::<Instance>(case),
        "job" => read::<aws::Job>(case),
        "key" => read::<key::Key>(case),
        "object" => Box::new(aws::Object {
            content: case
                .content
                .as_ref()
                .map(|text| Content::public(text.as_str())),
            ..serde_json::from_value(case.declared.clone()).unwrap()
        }),
        "role" => read::<aws::Role>(case),
        "service" => read::<aws::Service>(case),
        "stack" => Box::new(aws::Stack {
            reader: aws::Reader(yaml::template),
            ..serde_json::from_value(case.declared.clone()).unwrap()
        }),
        "swarm" => read::<Swarm>(case),
        "task_definition" => read::<aws::TaskDefinition>(case),
        other => panic!("no kind `{other}`"),
    }
}

fn read<T: Decide + DeserializeOwned + 'static>(case: &Case) -> Box<dyn Decide> {
    Box::new(serde_json::from_value::<T>(case.declared.clone()).unwrap())
}

#[test]
fn every_kind_decides_as_its_files_say() {
    cases::each("kinds/*/*.json", check);
}

async fn check(file: &cases::Case) -> Result<(), String> {
    let (kind, _) = file.name.split_once('/').unwrap();
    let mut case: Case = serde_json::from_str(&file.text()).map_err(|error| error.to_string())?;
    let goal = if case.absent {
        Goal::Absent
    } else {
        Goal::Present
    };
    let seen = case.observed.iter().cloned();
    let script = Script::new(seen.map(|seen| (seen.ask, seen.answer)).collect());
    let decided = declared(kind, &case).decide(&script, goal).await;
    script.all_asked()?;
    let wrong = compare(&case, &decided);
    if accepts() && wrong.is_err() {
        case.accept(decided);
        fs::write(&file.path, format!("{:#}\n", json!(case))).unwrap();
        return Ok(());
    }
    wrong
}

fn compare(case: &Case, decided: &Result<Decision, Failure>) -> Result<(), String> {
    match (decided, &case.change, &case.refusal) {
        (Ok(decision), Some(change), None) => {
            same("change", &json!(decision.change), change)?;
            match &case.attributes {
                Some(wanted) => same("attributes", &attributes(decision), wanted),
                None => Ok(()),
            }
        }
        (Err(failure), None, Some(refusal)) => {
            same("refusal", &json!(failure.to_string()), &json!(refusal))
        }
        (Ok(decision), ..) => Err(format!("decided {:#}", json!(decision.change))),
        (Err(failure), ..) => Err(format!("refused: {failure}")),
    }
}

impl Case {
    /// Expects this from now on.
    fn accept(&mut self, decided: Result<Decision, Failure>) {
        (self.change, self.attributes, self.refusal) = match decided {
            Ok(decision) => (
                Some(json!(decision.change)),
                Some(attributes(&decision)).filter(|all| *all != json!({})),
                None,
            ),
            Err(failure) => (None, None, Some(failure.to_string())),
        };
    }
}

fn attributes(decision: &Decision) -> Value {
    let named = decision.attributes.iter().map(|(name, attribute)| {
        let value = match attribute {
            Attribute::Known(value) => value.clone(),
            Attribute::Secret(_) => json!("(secret)"),
            Attribute::AfterApply => json!("(after apply)"),
        };
        (name.clone(), value)
    });
    Value::Object(named.collect())
}
