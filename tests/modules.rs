//! Modules, decided from files: `tests/modules/MODULE/SENTENCE.json` holds a task's arguments, what every question is
//! answered with, and the exact change or refusal that must follow.
//!
//! With `ACCEPT=1` what follows now is written into it.

use std::{collections::BTreeMap, fs};

use landfall::model::host::{HostAnswer, HostQuery};
use landfall::model::{Answer, Content, Failure, Goal, Map, Query, Value};
use landfall::resource::host::{Brought, Context, TaskUser, realize};
use serde::{Deserialize, Serialize};
use serde_json::json;

use crate::support::cases::{self, accepts};
use crate::support::decided::{Script, same};

/// One file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Case {
    args: Map,
    /// What the file on the operator's side holds, for `copy` with `src` and `template`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<String>,
    /// What a folder on the operator's side holds, for `copy` with one as `src`; null is a folder in it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    folder: Option<BTreeMap<String, Option<String>>>,
    #[serde(default, skip_serializing_if = "Value::is_null")]
    facts: Value,
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    environment: BTreeMap<String, String>,
    /// Whether the task is `no_log`.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    secret: bool,
    #[serde(default)]
    observed: Vec<Seen>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    change: Option<Value>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refusal: Option<String>,
}

#[derive(Clone, Deserialize, Serialize)]
struct Seen {
    ask: HostQuery,
    answer: HostAnswer,
}

#[test]
fn every_module_decides_as_its_files_say() {
    cases::each("modules/*/*.json", check);
}

async fn check(file: &cases::Case) -> Result<(), String> {
    let (module, _) = file.name.split_once('/').unwrap();
    let mut case: Case = serde_json::from_str(&file.text()).map_err(|error| error.to_string())?;
    let seen = case.observed.iter().cloned();
    let script = Script::new(
        seen.map(|seen| (Query::Host(seen.ask), Answer::Host(seen.answer)))
            .collect(),
    );
    let decided = decide(module, &case, &script).await;
    script.all_asked()?;
    if let Err(failure) = &decided
        && failure.summary.contains("fault in landfall")
    {
        return Err(failure.to_string());
    }
    let wrong = compare(&case, &decided);
    if accepts() && wrong.is_err() {
        (case.change, case.refusal) = match decided {
            Ok(change) => (Some(change), None),
            Err(failure) => (None, Some(failure.to_string())),
        };
        fs::write(&file.path, format!("{:#}\n", json!(case))).unwrap();
        return Ok(());
    }
    wrong
}

fn compare(case: &Case, decided: &Result<Value, Failure>) -> Result<(), String> {
    match (decided, &case.change, &case.refusal) {
        (Ok(change), Some(wanted), None) => same("change", change, wanted),
        (Err(failure), None, Some(refusal)) => {
            same("refusal", &json!(failure.to_string()), &json!(refusal))
        }
        (Ok(change), ..) => Err(format!("decided {change:#}")),
        (Err(failure), ..) => Err(format!("refused: {failure}")),
    }
}

async fn decide(module: &str, case: &Case, script: &Script) -> Result<Value, Failure> {
    let content = case.content.as_ref().map(|text| match case.secret {
        true => Content::secret(text.as_str()),
        false => Content::public(text.as_str()),
    });
    let brought = |(path, content): (&String, &Option<String>)| Brought {
        path: path.clone(),
        content: content.clone().map(Content::public),
        mode: 0o600,
    };
    let folder = case.folder.as_ref();
    let context = Context {
        content,
        folder: folder.map(|folder| folder.iter().map(brought).collect()),
        source_mode: None,
        environment: case.environment.clone(),
        facts: case.facts.clone(),
        task_user: TaskUser {
            facts: case.facts.clone(),
            ..TaskUser::default()
        },
        secret: case.secret,
    };
    let module = realize(module, &case.args, &context)?.expect("the folder's name is a module");
    let decision = module.decide(script, Goal::Present).await?;
    Ok(json!(decision.change))
}
