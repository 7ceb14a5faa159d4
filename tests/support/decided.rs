//! Decisions told by files: what is declared, what every question is answered with, and what must follow.

use std::{fs, path::Path, sync::Mutex};

use async_trait::async_trait;
use landfall::model::{Answer, Failure, Probe, Query, Value};
use serde_json::json;

/// Answers what a file answers, and nothing else.
pub struct Script {
    seen: Vec<(Query, Answer)>,
    asked: Mutex<Vec<bool>>,
}

impl Script {
    /// Answers these questions.
    pub fn new(seen: Vec<(Query, Answer)>) -> Self {
        let asked = Mutex::new(vec![false; seen.len()]);
        Self { seen, asked }
    }

    /// Refuses answers that nobody asked for.
    pub fn all_asked(self) -> Result<(), String> {
        let asked = self.asked.into_inner().unwrap();
        match asked.iter().position(|asked| !asked) {
            None => Ok(()),
            Some(index) => Err(format!("never asked {}", json!(self.seen[index].0))),
        }
    }
}

#[async_trait]
impl Probe for Script {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        let found = self.seen.iter().position(|(ask, _)| ask == query);
        let index = found.ok_or_else(|| Failure::bug(format!("{} was asked", json!(query))))?;
        self.asked.lock().unwrap()[index] = true;
        Ok(self.seen[index].1.clone())
    }
}

/// Checks every file `tests/FOLDER/GROUP/SENTENCE.json`; the check gets the group and the path.
pub fn every_file(folder: &str, check: impl AsyncFn(&str, &Path) -> Result<(), String>) {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let root = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(folder);
    let (mut wrong, mut count) = (Vec::new(), 0);
    for group in names(&root) {
        for file in names(&root.join(&group)) {
            let path = root.join(&group).join(&file);
            count += 1;
            if let Err(why) = runtime.block_on(check(&group, &path)) {
                wrong.push(format!("{group}/{file}: {why}"));
            }
        }
    }
    assert!(count >= 60, "only {count} files were found");
    assert!(wrong.is_empty(), "\n{}", wrong.join("\n\n"));
}

/// Whether a file without an expectation gets the present one written into it.
pub fn writes_expected() -> bool {
    std::env::var_os("LANDFALL_WRITE_EXPECTED").is_some()
}

/// Both, where they differ.
pub fn same(what: &str, got: &Value, wanted: &Value) -> Result<(), String> {
    if got == wanted {
        Ok(())
    } else {
        Err(format!("{what}\n got    {got:#}\n wanted {wanted:#}"))
    }
}

fn names(path: &Path) -> Vec<String> {
    let mut names: Vec<String> = fs::read_dir(path)
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    names
}
