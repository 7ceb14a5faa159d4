//! Ledger, journal and targets over both stores.

use landfall::backend::{Backend, Condition, Entry, Key, Made};
use landfall::model::{
    Address, Change, Class, Effect, Event, HostTarget, Kind, Place, Printed, Target, TargetKind,
    Value, Verification,
};

use crate::support::stores::{Kept, folder, stores};

fn backend(kept: &Kept) -> Backend {
    Backend::new(kept.store.clone(), "", "review", "review").unwrap()
}

fn key(name: &str) -> Key {
    Key::new(&["review", name]).unwrap()
}

fn entry(name: &str) -> Entry {
    let values = serde_json::json!({ "service": "ec2.amazonaws.com" });
    Entry::new(
        Address::new(Kind::Role, name),
        Place::Aws,
        Made::Made,
        values,
        "run-1",
    )
}

#[tokio::test]
async fn the_ledger_remembers_what_was_made_and_forgets_what_was_taken_away() {
    for kept in stores("ledger").await {
        let ledger = backend(&kept).ledger().await.unwrap();
        ledger.record(entry("b")).await.unwrap();
        let mut first = entry("a");
        first.needs = vec![Address::bucket()];
        first.made = Made::Adopted;
        first.extra = Value::String("digest".into());
        ledger.record(first.clone()).await.unwrap();
        ledger.record(entry("c")).await.unwrap();
        ledger.forget(&Address::new(Kind::Role, "b")).await.unwrap();

        let again = backend(&kept).ledger().await.unwrap();
        assert_eq!(again.serial().await, 4);
        let names: Vec<String> = again
            .entries()
            .await
            .keys()
            .map(Address::to_string)
            .collect();
        assert_eq!(names, ["roles.a", "roles.c"], "{}", kept.name);
        assert_eq!(again.get(&first.address).await, Some(first));
    }
}

#[tokio::test]
async fn a_ledger_that_somebody_else_wrote_meanwhile_is_not_overwritten() {
    for kept in stores("ledger-race").await {
        let (one, other) = (
            backend(&kept).ledger().await.unwrap(),
            backend(&kept).ledger().await.unwrap(),
        );
        one.record(entry("a")).await.unwrap();
        let failure = other.record(entry("b")).await.unwrap_err();
        assert_eq!(failure.summary, "the ledger was changed by somebody else");
        assert_eq!(
            other.entries().await.len(),
            0,
            "what was not written is not remembered"
        );
        assert_eq!(
            backend(&kept).ledger().await.unwrap().entries().await.len(),
            1
        );
    }
}

#[tokio::test]
async fn a_ledger_that_is_cut_foreign_or_newer_is_refused() {
    for (text, why) in [
        ("{\"version\": 1, \"lin", "EOF while parsing"),
        ("", "EOF while parsing"),
        ("\u{0}\u{0}\u{0}", "expected value"),
        ("{\"version\": 2, \"shape\": []}", "It has version 2"),
        ("{\"terraform\": 1}", "It has no version"),
        (
            "{\"version\": 1, \"lineage\": \"l\", \"serial\": 1, \"entries\": [{}]}",
            "missing field `address`",
        ),
    ] {
        let kept = folder();
        kept.store
            .put(&key("ledger.json"), text.as_bytes(), &Condition::Any)
            .await
            .unwrap();
        let failure = backend(&kept).ledger().await.err().unwrap();
        assert_eq!(failure.summary, "the ledger cannot be read");
        assert!(failure.why.contains(why), "{failure}");
        assert!(failure.what.contains("review/ledger.json"), "{failure}");
    }
}

#[tokio::test]
async fn what_runs_made_is_known_by_their_journals_when_the_ledger_is_lost() {
    for kept in stores("traces").await {
        let backend = backend(&kept);
        let role = |name: &str| Address::new(Kind::Role, name);
        let made = |name: &str| Event::Acting {
            address: role(name),
            task: None,
            change: Change::new(Effect::Create).field(
                "name",
                landfall::model::Shown::Absent,
                landfall::model::Shown::Value(Value::from("worker")),
            ),
        };
        let journal = backend.journal("run-1", "apply").await.unwrap();
        for event in [
            made("a"),
            made("b"),
            acting(&Address::new(Kind::Host, "web"), Some("Install docker")),
        ] {
            journal.write(&event).await.unwrap();
        }
        journal.end("done").await.unwrap();
        // Cut, so that its log is open still.
        let journal = backend.journal("run-2", "apply").await.unwrap();
        let gone = Event::Acting {
            address: role("b"),
            task: None,
            change: Change::new(Effect::Delete),
        };
        journal.write(&gone).await.unwrap();
        drop(journal);
        backend.targets().put(&target("web")).await.unwrap();
        let _own = backend.journal("run-3", "destroy").await.unwrap();
        let traces = backend.traces("run-3").await.unwrap();
        let named = Some("worker".to_owned());
        assert_eq!(
            traces.made.into_iter().collect::<Vec<_>>(),
            [(role("a"), named)],
            "{}",
            kept.name
        );
        assert_eq!(traces.targets, ["web"]);
    }
}

#[tokio::test]
async fn the_ledger_of_another_project_is_refused_also_behind_one_prefix() {
    for kept in stores("ledger-projects").await {
        let ledger = backend(&kept).ledger().await.unwrap();
        ledger.record(entry("a")).await.unwrap();
        let other = Backend::new(kept.store.clone(), "", "shop", "review").unwrap();
        let failure = other.ledger().await.err().unwrap();
        assert_eq!(failure.summary, "the ledger belongs to another project");
        assert_eq!(failure.class, Class::Refused);
        assert!(failure.why.contains("`review`"), "{failure}");
    }
    // One that was written before ledgers named their project is taken for ours, and says so from then on.
    let kept = folder();
    let text = "{\"version\": 1, \"lineage\": \"l\", \"serial\": 1, \"entries\": []}";
    let at = key("ledger.json");
    let put = kept.store.put(&at, text.as_bytes(), &Condition::Any);
    put.await.unwrap();
    let ledger = backend(&kept).ledger().await.unwrap();
    ledger.record(entry("a")).await.unwrap();
    let other = Backend::new(kept.store.clone(), "", "shop", "review").unwrap();
    assert!(other.ledger().await.is_err());
}

fn acting(address: &Address, task: Option<&str>) -> Event {
    Event::Acting {
        address: address.clone(),
        task: task.map(str::to_owned),
        change: Change::new(Effect::Create),
    }
}

fn acted(address: &Address, task: Option<&str>) -> Event {
    Event::Acted {
        address: address.clone(),
        task: task.map(str::to_owned),
    }
}

#[tokio::test]
async fn a_run_that_was_cut_is_found_with_what_it_was_in_the_middle_of() {
    for kept in stores("journal").await {
        let backend = backend(&kept);
        let (role, host) = (
            Address::new(Kind::Role, "a"),
            Address::new(Kind::Host, "web"),
        );
        let journal = backend.journal("run-1", "apply").await.unwrap();
        for event in [
            acting(&role, None),
            acted(&role, None),
            acting(&host, Some("Install docker")),
            acted(&host, Some("Install docker")),
            acting(&host, Some("Add the user")),
        ] {
            journal.write(&event).await.unwrap();
        }
        drop(journal);
        // The line it was writing when the power went.
        let log = Key::new(&["review", "journal", "run-1.open.jsonl"]).unwrap();
        kept.store.append(&log, 6, b"{\"at\":\"2026").await.unwrap();

        let cuts = backend.unfinished().await.unwrap();
        assert_eq!(cuts.len(), 1, "{}", kept.name);
        assert_eq!(
            (cuts[0].run.as_str(), cuts[0].purpose.as_str()),
            ("run-1", "apply")
        );
        assert_eq!(cuts[0].intents.len(), 1, "{cuts:?}");
        assert_eq!(cuts[0].intents[0].address, "hosts.web");
        assert_eq!(cuts[0].intents[0].task.as_deref(), Some("Add the user"));

        backend.settle(&cuts[0], "resumed by run-2").await.unwrap();
        assert_eq!(backend.unfinished().await.unwrap(), []);
        let sealed = Key::new(&["review", "journal", "run-1.jsonl"]).unwrap();
        let (bytes, _) = kept.store.get(&sealed).await.unwrap().unwrap();
        let text = String::from_utf8(bytes).unwrap();
        assert_eq!(text.lines().count(), 8, "{text}");
        assert!(
            text.ends_with("\"event\":\"settled\",\"note\":\"resumed by run-2\"}\n"),
            "{text}"
        );
    }
}

#[tokio::test]
async fn a_run_that_ended_or_is_at_work_is_not_cut() {
    for kept in stores("journal-end").await {
        let backend = backend(&kept);
        let journal = backend.journal("run-1", "apply").await.unwrap();
        journal
            .write(&acting(&Address::bucket(), None))
            .await
            .unwrap();
        journal.end("failed").await.unwrap();
        let guard = backend.lock().acquire("apply", "run-2").await.unwrap();
        let journal = backend.journal("run-2", "apply").await.unwrap();
        assert_eq!(backend.unfinished().await.unwrap(), [], "{}", kept.name);
        guard.release().await.unwrap();
        assert_eq!(backend.unfinished().await.unwrap().len(), 1);
        drop(journal);
    }
}

fn target(name: &str) -> Target {
    Target {
        name: name.into(),
        project: "review".into(),
        environment: "review".into(),
        registered: "2026-02-03T10:11:12Z".into(),
        version: 1,
        images: Default::default(),
        verified: None,
        kind: TargetKind::Host(HostTarget {
            address: "203.0.113.7".into(),
            port: 22,
            user: "deploy".into(),
            host_keys: vec!["ssh-ed25519 AAAA".into()],
            sudo: vec![],
            ..HostTarget::default()
        }),
    }
}

#[tokio::test]
async fn targets_are_kept_by_name() {
    for kept in stores("targets").await {
        let targets = backend(&kept).targets();
        assert_eq!(targets.list().await.unwrap(), []);
        assert_eq!(targets.get("web").await.unwrap(), None);
        for name in ["web", "api"] {
            targets.put(&target(name)).await.unwrap();
        }
        targets.put(&target("web")).await.unwrap();
        let second = Target {
            version: 2,
            ..target("web")
        };
        assert_eq!(
            targets.list().await.unwrap(),
            [target("api"), second.clone()],
            "{}",
            kept.name
        );
        assert_eq!(targets.history("web").await.unwrap(), [target("web")]);
        // A stamp says something of the edition that was tried, and of no other.
        let stamp = Verification {
            at: "2026-02-04T10:11:12Z".into(),
            record: String::new(),
            checks: vec![],
        };
        assert!(!targets.stamp(&target("web"), &stamp).await.unwrap());
        assert!(targets.stamp(&second, &stamp).await.unwrap());
        let stamped = targets.get("web").await.unwrap().unwrap();
        assert_eq!((stamped.version, &stamped.verified), (2, &Some(stamp)));
        assert!(targets.remove("api").await.unwrap());
        assert!(!targets.remove("api").await.unwrap());
        assert_eq!(targets.list().await.unwrap(), [stamped]);
        assert_eq!(targets.history("api").await.unwrap(), [target("api")]);
        for name in ["../ledger", "a/b", "", ".x"] {
            assert!(targets.get(name).await.is_err(), "{name}");
        }
    }
    assert!(Backend::new(folder().store, "", "review", "../review").is_err());
}

#[tokio::test]
async fn a_target_whose_record_is_cut_is_named() {
    let kept = folder();
    let key = Key::new(&["review", "targets", "web.json"]).unwrap();
    kept.store
        .put(&key, b"{\"name\": \"web\"", &Condition::Any)
        .await
        .unwrap();
    let failure = backend(&kept).targets().list().await.unwrap_err();
    assert_eq!(failure.summary, "a target's record cannot be read");
    assert!(failure.what.contains("targets/web.json"), "{failure}");
}

#[tokio::test]
async fn a_journal_keeps_what_programs_printed_within_bounds_and_says_what_it_leaves_out() {
    for kept in stores("printed").await {
        let backend = backend(&kept);
        let web = Address::new(Kind::Host, "web");
        let journal = backend.journal("run-1", "apply").await.unwrap();
        let short = Printed::new(3, b"out", "\u{1b}[31merr".as_bytes());
        assert!(journal.keep(&web, "short", &short).await.unwrap());
        // Control characters take six times their room.
        let long = Printed::new(1, &[0; 3 << 20], b"the end");
        let mut whole = Vec::new();
        for _ in 0..4 {
            whole.push(journal.keep(&web, "long", &long).await.unwrap());
        }
        assert_eq!(whole, [false; 4]);
        assert!(
            journal
                .location()
                .unwrap()
                .ends_with("review/journal/run-1.jsonl")
        );
        assert!(backend.unfinished().await.unwrap()[0].intents.is_empty());
        journal.end("failed").await.unwrap();

        let sealed = Key::new(&["review", "journal", "run-1.jsonl"]).unwrap();
        let text = kept.store.read_whole(&sealed).await.unwrap().unwrap();
        assert!(text.len() < 18 << 20, "{} bytes", text.len());
        let lines: Vec<Value> = text
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| serde_json::from_slice(line).unwrap())
            .filter(|line: &Value| line["event"] == "printed")
            .collect();
        assert_eq!(lines.len(), 5);
        assert_eq!(lines[0]["rc"], 3);
        assert_eq!(lines[0]["stderr"], "\u{1b}[31merr");
        assert_eq!(lines[0]["whole"], true);
        let out = lines[1]["stdout"].as_str().unwrap();
        assert!(out.contains("\n… 2097152 bytes were left out here …\n"));
        assert_eq!(lines[1]["stderr"], "the end");
        assert!(
            lines[4]["stdout"]
                .as_str()
                .unwrap()
                .starts_with("… left out")
        );
        assert_eq!(lines[4]["whole"], false);
    }
}
