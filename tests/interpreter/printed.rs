//! What failed commands printed: the end in the message, the whole in the journal of the run, and of what is secret
//! nothing.

use landfall::apply;
use landfall::backend::{Backend, Journal};
use landfall::model::{Redactor, Secret};

use super::*;
use crate::support::stores::{Kept, folder};

const PLAYBOOK: &str = "\
- hosts: all
  tasks:
    - { name: tolerated, command: cat /etc/short, failed_when: true, ignore_errors: true }
    - { name: silent, command: cat /etc/long, failed_when: true, ignore_errors: true, no_log: true }
    - { name: refused, copy: { dest: /etc/refused, content: a }, ignore_errors: true, no_log: true }
    - { name: never, command: cat /etc/short, until: false, retries: 1, delay: 0, ignore_errors: true, register: r }
    - { name: each, command: \"cat {{ item }}\", loop: [/etc/short, /etc/long], failed_when: true }
";

/// Walks it on a host with a long file and a short one; gives how it ended, and the lines of its journal.
async fn walked(
    kept: &Kept,
    executor: impl Fn(Arc<Journal>) -> Arc<dyn Executor>,
) -> (Failure, String) {
    let backend = Backend::new(kept.store.clone(), "", "review", "review").unwrap();
    let mut known = host(PLAYBOOK);
    let long: String = (1..=5000)
        .map(|number| format!("line {number} of hunter-22\n"))
        .collect();
    for (path, text) in [("/etc/long", long.as_str()), ("/etc/short", "one\ntwo\n")] {
        known
            .files
            .insert(path.into(), (Content::public(text), 0o644));
    }
    known.fails = Some("/etc/refused".into());
    let world = Fake::new(known);
    let (events, _) = Events::channel();
    let journal = Arc::new(backend.journal("run-1", "apply").await.unwrap());
    let failure = walk(
        "printed.yml",
        PLAYBOOK,
        &world,
        executor(journal.clone()),
        events,
    )
    .run()
    .await
    .unwrap_err();
    Arc::into_inner(journal)
        .unwrap()
        .end("failed")
        .await
        .unwrap();
    let path = kept.folder.as_ref().unwrap().path();
    let path = path.join("kept/review/journal/run-1.jsonl");
    (failure, fs::read_to_string(path).unwrap())
}

#[tokio::test]
async fn all_that_a_failed_command_printed_stands_in_the_journal_and_the_message_says_so() {
    let kept = folder();
    let backend = Backend::new(kept.store.clone(), "", "review", "review").unwrap();
    let ledger = backend.ledger().await.unwrap();
    let redactor = Redactor::new(vec![Secret::new("hunter-22".into())]);
    let (failure, journal) = walked(&kept, |journal| {
        let (ledger, redactor) = (ledger.clone(), redactor.clone());
        Arc::new(apply::Perform::new(ledger, journal, redactor, "run-1"))
    })
    .await;
    // The first item's few lines; those of the second one come after them.
    assert_eq!(failure.why, "one\ntwo");
    assert!(!journal.contains("hunter-22"), "{journal}");
    assert!(!journal.contains("No space left"), "{journal}");
    let lines: Vec<Value> = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["event"] == "printed")
        .collect();
    let of = |line: &Value, key: &str| line[key].as_str().unwrap().to_owned();
    let tasks: Vec<String> = lines.iter().map(|line| of(line, "task")).collect();
    let last = "each (item=/etc/long)";
    assert_eq!(
        tasks,
        ["tolerated", "never", "each (item=/etc/short)", last]
    );
    assert_eq!(lines[0]["stdout"], "one\ntwo");
    assert_eq!(
        (&lines[0]["rc"], &lines[0]["stderr"]),
        (&Value::from(0), &Value::from(""))
    );
    let whole = of(&lines[3], "stdout");
    assert_eq!(lines[3]["whole"], true);
    assert_eq!(whole.lines().count(), 5000);
    assert!(whole.starts_with("line 1 of (secret)\n"), "{whole}");
}

#[tokio::test]
async fn a_message_that_shows_a_part_says_where_the_whole_stands_or_how_long_it_is() {
    let text = PLAYBOOK.replace("[/etc/short, /etc/long]", "[/etc/long]");
    let kept = folder();
    let backend = Backend::new(kept.store.clone(), "", "review", "review").unwrap();
    let ledger = backend.ledger().await.unwrap();
    let journal = Arc::new(backend.journal("run-1", "apply").await.unwrap());
    let perform = apply::Perform::new(ledger, journal, Redactor::default(), "run-1");
    for (executor, said) in [
        (
            Arc::new(perform) as Arc<dyn Executor>,
            "journal/run-1.jsonl.",
        ),
        (Arc::new(Perform), "line 5000 of many"),
    ] {
        let mut known = host(&text);
        let long: String = (1..=5000)
            .map(|number| format!("line {number} of many\n"))
            .collect();
        known
            .files
            .insert("/etc/long".into(), (Content::public(long), 0o644));
        let (events, _) = Events::channel();
        let ended = walk("printed.yml", &text, &Fake::new(known), executor, events)
            .run()
            .await;
        let why = ended.unwrap_err().why.clone();
        assert!(
            why.starts_with("(the last 20 of 5000 lines)\nline 4981 of many\n"),
            "{why}"
        );
        assert!(why.contains("line 5000 of many"), "{why}");
        assert!(why.ends_with(said), "{why}");
    }
}
