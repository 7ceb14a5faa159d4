//! Modules, decided from files: `tests/modules/MODULE/SENTENCE.json` holds a task's arguments, what every question is
//! answered with, and the exact change or refusal that must follow.
//!
//! With `LANDFALL_WRITE_EXPECTED=1` the change of a file without `change` and `refusal` is written into it, to be read
//! by a person.

use std::{collections::BTreeMap, fs, path::Path, sync::Mutex};

use async_trait::async_trait;
use landfall::model::host::{HostAnswer, HostQuery};
use landfall::model::{Answer, Content, Failure, Goal, Map, Probe, Query, Value};
use landfall::resource::host::{Context, realize};
use serde::{Deserialize, Serialize};
use serde_json::json;

/// One file.
#[derive(Deserialize, Serialize)]
#[serde(deny_unknown_fields)]
struct Case {
    args: Map,
    /// What the file on the operator's side holds, for `copy` with `src` and `template`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    content: Option<String>,
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

#[derive(Deserialize, Serialize)]
struct Seen {
    ask: HostQuery,
    answer: HostAnswer,
}

/// Answers what the file answers, and nothing else.
struct Script<'a> {
    seen: &'a [Seen],
    asked: Mutex<Vec<bool>>,
}

#[async_trait]
impl Probe for Script<'_> {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        let found = self
            .seen
            .iter()
            .position(|seen| Query::Host(seen.ask.clone()) == *query);
        let index = found.ok_or_else(|| Failure::bug(format!("{} was asked", json!(query))))?;
        self.asked.lock().unwrap()[index] = true;
        Ok(Answer::Host(self.seen[index].answer.clone()))
    }
}

#[test]
fn every_module_decides_as_its_files_say() {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/modules");
    let (mut wrong, mut count) = (Vec::new(), 0);
    for module in folder(&root) {
        for file in folder(&root.join(&module)) {
            let path = root.join(&module).join(&file);
            count += 1;
            if let Err(why) = runtime.block_on(check(&module, &path)) {
                wrong.push(format!("{module}/{file}: {why}"));
            }
        }
    }
    assert!(count >= 60, "only {count} files were found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

async fn check(module: &str, path: &Path) -> Result<(), String> {
    let text = fs::read_to_string(path).unwrap();
    let mut case: Case = serde_json::from_str(&text).map_err(|error| error.to_string())?;
    let script = Script {
        seen: &case.observed,
        asked: Mutex::new(vec![false; case.observed.len()]),
    };
    let decided = decide(module, &case, &script).await;
    let asked = script.asked.into_inner().unwrap();
    if let Some(index) = asked.iter().position(|asked| !asked) {
        let query = json!(case.observed[index].ask);
        return Err(format!("never asked {query}"));
    }
    if let Err(failure) = &decided
        && failure.summary.contains("fault in landfall")
    {
        return Err(failure.to_string());
    }
    if std::env::var_os("LANDFALL_WRITE_EXPECTED").is_some()
        && case.change.is_none()
        && case.refusal.is_none()
    {
        match decided {
            Ok(change) => case.change = Some(change),
            Err(failure) => case.refusal = Some(failure.to_string()),
        }
        fs::write(path, format!("{:#}\n", json!(case))).unwrap();
        return Ok(());
    }
    match (decided, &case.change, &case.refusal) {
        (Ok(change), Some(wanted), None) => same("change", &change, wanted),
        (Err(failure), None, Some(refusal)) => {
            same("refusal", &json!(failure.to_string()), &json!(refusal))
        }
        (Ok(change), ..) => Err(format!("decided {change:#}")),
        (Err(failure), ..) => Err(format!("refused: {failure}")),
    }
}

async fn decide(module: &str, case: &Case, script: &Script<'_>) -> Result<Value, Failure> {
    let content = case.content.as_ref().map(|text| match case.secret {
        true => Content::secret(text.as_str()),
        false => Content::public(text.as_str()),
    });
    let context = Context {
        content,
        source_mode: None,
        environment: case.environment.clone(),
        facts: case.facts.clone(),
        secret: case.secret,
    };
    let module = realize(module, &case.args, &context)?.expect("the folder's name is a module");
    let decision = module.decide(script, Goal::Present).await?;
    Ok(json!(decision.change))
}

fn same(what: &str, got: &Value, wanted: &Value) -> Result<(), String> {
    if got == wanted {
        Ok(())
    } else {
        Err(format!("{what}\n got    {got:#}\n wanted {wanted:#}"))
    }
}

fn folder(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
