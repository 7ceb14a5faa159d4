//! What failed commands printed: the end in the message, the whole in the journal of the run, and of what is secret
//! nothing.

use landfall::model::{Redactor, Secret};

use super::*;

const PLAYBOOK: &str = "\
- hosts: all
  tasks:
    - { name: tolerated, command: cat /etc/short, failed_when: true, ignore_errors: true }
    - { name: silent, command: cat /etc/long, failed_when: true, ignore_errors: true, no_log: true }
    - { name: refused, copy: { dest: /etc/refused, content: a }, ignore_errors: true, no_log: true }
    - { name: never, command: cat /etc/short, until: false, retries: 1, delay: 0, ignore_errors: true, register: r }
    - { name: each, command: \"cat {{ item }}\", loop: [/etc/short, /etc/long], failed_when: true }
";

/// A host with a long file and a short one.
fn with_files(playbook: &str, long: impl Fn(usize) -> String) -> Fake {
    let mut known = host(playbook);
    let long: String = (1..=5000).map(long).collect();
    for (path, text) in [("/etc/long", long.as_str()), ("/etc/short", "one\ntwo\n")] {
        known
            .files
            .insert(path.into(), (Content::public(text), 0o644));
    }
    known.fails = Some("/etc/refused".into());
    Fake::new(known)
}

#[tokio::test]
async fn all_that_a_failed_command_printed_stands_in_the_journal_and_the_message_says_so() {
    let world = with_files(PLAYBOOK, |number| format!("line {number} of hunter-22\n"));
    let run = Run::hiding(Redactor::new(vec![Secret::new("hunter-22".into())])).await;
    let (events, _) = Events::channel();
    let walk = walk("printed.yml", PLAYBOOK, &world, run.executor(), events);
    let failure = walk.run().await.unwrap_err();
    let journal = run.end().await;
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

/// What is done is kept; what a plan asks is not.
#[tokio::test]
async fn a_message_that_shows_a_part_says_where_the_whole_stands_or_how_long_it_is() {
    let text = "- hosts: all\n  tasks:\n    - { command: cat /etc/long, failed_when: true, changed_when: false, check_mode: false }\n";
    let run = Run::begin().await;
    for (executor, said) in [
        (run.executor(), "journal/run-1.jsonl."),
        (Arc::new(DryRun), "line 5000 of many"),
    ] {
        let world = with_files(text, |number| format!("line {number} of many\n"));
        let (events, _) = Events::channel();
        let ended = walk("printed.yml", text, &world, executor, events)
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
