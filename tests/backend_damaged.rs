//! Records that something happened to: cut, emptied, merged, too large, or none of ours.

use landfall::backend::{Backend, Condition, Entry, Key, Made};
use landfall::backend::{Release, ReleaseState};
use landfall::model::{Address, HostTarget, Kind, Place, Target, TargetKind, Value};

use crate::support::stores::{Kept, folder, stores};

fn backend(kept: &Kept) -> Backend {
    Backend::new(kept.store.clone(), "", "review", "review").unwrap()
}

fn key(name: &str) -> Key {
    Key::new(&["review", name]).unwrap()
}

fn entry(name: &str) -> Entry {
    let values = serde_json::json!({ "service": "ec2.amazonaws.com" });
    let address = Address::new(Kind::Role, name);
    Entry::new(address, Place::Aws, Made::Made, values, "run-1")
}

#[tokio::test]
async fn what_happened_to_a_ledger_is_said_and_nothing_of_it_is_lost() {
    let kept = folder();
    let ledger = backend(&kept).ledger().await.unwrap();
    ledger.record(entry("a")).await.unwrap();
    let (whole, _) = kept.store.get(&key("ledger.json")).await.unwrap().unwrap();
    let text = String::from_utf8(whole.clone()).unwrap();
    let put = async |bytes: &[u8]| {
        let at = key("ledger.json");
        let put = kept.store.put(&at, bytes, &Condition::Any);
        put.await.unwrap();
    };
    // A byte order mark is passed over, also when it is written again.
    put(&[b"\xEF\xBB\xBF".as_slice(), &whole].concat()).await;
    let ledger = backend(&kept).ledger().await.unwrap();
    ledger.record(entry("b")).await.unwrap();
    assert_eq!(ledger.entries().await.len(), 2);

    let (start, end) = (
        text.find("    {").unwrap(),
        text.rfind("    }").unwrap() + 5,
    );
    let twice = format!("{},\n{}", &text[..end], &text[start..]);
    let wide: Vec<u8> = text.encode_utf16().flat_map(u16::to_le_bytes).collect();
    for (bytes, why) in [
        (twice.into_bytes(), "It has two entries of roles.a."),
        (
            [b"\xFF\xFE".as_slice(), &wide].concat(),
            "It is UTF-16 text",
        ),
        (vec![0; 700], "It holds nothing but NUL bytes"),
        (
            format!("<<<<<<< HEAD\n{text}").into_bytes(),
            "Line 1 is the mark of a merge",
        ),
        (
            text.replace("\"serial\"", "\"cereal\"").into_bytes(),
            "missing field `serial`",
        ),
    ] {
        put(&bytes).await;
        let failure = backend(&kept).ledger().await.err().unwrap();
        assert!(failure.why.contains(why), "{failure}");
        assert!(
            !failure.help.is_empty() && !failure.help.contains('('),
            "{failure}"
        );
        let (left, _) = kept.store.get(&key("ledger.json")).await.unwrap().unwrap();
        assert_eq!(left, bytes);
    }
}

#[tokio::test]
async fn an_entry_of_a_kind_that_is_never_at_its_place_is_damage() {
    let kept = folder();
    let ledger = backend(&kept).ledger().await.unwrap();
    ledger.record(entry("a")).await.unwrap();
    let (whole, _) = kept.store.get(&key("ledger.json")).await.unwrap().unwrap();
    let text = String::from_utf8(whole).unwrap();
    let host = r#"{ "host": "zz" }"#;
    for (address, place, right) in [
        ("hosts.zz", host, false),
        ("hosts.zz", r#""aws""#, false),
        ("hosts.zz", r#""registry""#, false),
        ("roles.zz", host, false),
        ("roles.zz", r#""local""#, false),
        ("secrets.bucket", r#""registry""#, false),
        ("secrets.objects.zz", host, false),
        ("stacks.zz", r#""local""#, false),
        ("tasks.zz", host, false),
        ("services.zz", r#""registry""#, false),
        ("jobs.zz", host, false),
        ("keys.zz", r#""aws""#, false),
        ("keys.zz", host, false),
        ("targets.zz", r#""local""#, false),
        ("targets.zz", host, true),
        ("targets.zz", r#""aws""#, true),
        ("targets.zz", r#""registry""#, true),
        ("keys.zz", r#""local""#, true),
        ("roles.zz", r#""aws""#, true),
    ] {
        let odd = text
            .replace(r#""roles.a""#, &format!("\"{address}\""))
            .replace(r#""aws""#, place);
        let at = key("ledger.json");
        let put = kept.store.put(&at, odd.as_bytes(), &Condition::Any);
        put.await.unwrap();
        match backend(&kept).ledger().await {
            Ok(_) => assert!(right, "{address} at {place}"),
            Err(failure) => {
                assert!(!right, "{failure}");
                assert_eq!(failure.summary, "the ledger cannot be read");
                let why = format!("Its entry of {address} is at a place where no ");
                assert!(failure.why.starts_with(&why), "{failure}");
                assert!(failure.help.contains("Bring it back"), "{failure}");
            }
        }
    }
}

#[tokio::test]
async fn what_is_too_large_is_named_and_not_read() {
    for kept in stores("too-large").await {
        let large = vec![b' '; (4 << 20) + 1];
        let target = Key::new(&["review", "targets", "web.json"]).unwrap();
        for at in [key("ledger.json"), key("lock.json"), target] {
            let put = kept.store.put(&at, &large, &Condition::Any);
            put.await.unwrap();
        }
        let backend = backend(&kept);
        for failure in [
            backend.ledger().await.err().unwrap(),
            backend
                .lock()
                .acquire("apply", "run-1")
                .await
                .err()
                .unwrap(),
            backend.targets().list().await.unwrap_err(),
        ] {
            assert!(failure.why.contains("It has 4194305 bytes"), "{failure}");
            assert!(failure.help.contains("Move it away."), "{failure}");
        }
    }
    // Nor is anything written that could not be read again.
    let kept = folder();
    let ledger = backend(&kept).ledger().await.unwrap();
    let mut large = entry("a");
    large.values = Value::String("a".repeat(4 << 20));
    let failure = ledger.record(large).await.unwrap_err();
    assert_eq!(failure.summary, "the ledger has become too large");
    assert!(ledger.is_absent().await);
    // What is no file may never end.
    let kept = folder();
    let path = kept.folder.as_ref().unwrap().path().join("kept/review");
    std::fs::create_dir_all(&path).unwrap();
    let made = std::process::Command::new("mkfifo")
        .arg(path.join("ledger.json"))
        .status();
    assert!(made.unwrap().success());
    let failure = backend(&kept).ledger().await.err().unwrap();
    assert_eq!(failure.why, "It is no file.");
}

/// Its name is part of commands, variables and files; the run is where the record would be written again.
#[tokio::test]
async fn a_record_under_the_name_of_another_is_damage() {
    let kept = folder();
    let targets = backend(&kept).targets();
    let web = Target {
        name: "web".into(),
        project: "review".into(),
        environment: "review".into(),
        registered: String::new(),
        version: 0,
        images: Default::default(),
        verified: None,
        kind: TargetKind::Host(HostTarget::default()),
    };
    targets.put(&web).await.unwrap();
    let releases = backend(&kept).releases();
    let release = Release::begin("run-1", "web", Default::default());
    releases
        .put(&release.end(ReleaseState::Done))
        .await
        .unwrap();
    let change = async |path: &[&str], from: &str, to: &str| {
        let at = Key::new(path).unwrap();
        let (bytes, _) = kept.store.get(&at).await.unwrap().unwrap();
        let text = String::from_utf8(bytes).unwrap().replace(from, to);
        let put = kept.store.put(&at, text.as_bytes(), &Condition::Any);
        put.await.unwrap();
    };
    let target = &["review", "targets", "web.json"];
    let release = &["review", "releases", "web", "run-1.json"];
    for name in ["../../../x", "web-2", "-oProxyCommand=x", "a\\nb"] {
        let other = format!("\"{name}\"");
        change(target, "\"web\"", &other).await;
        for failure in [
            targets.list().await.err().unwrap(),
            targets.get("web").await.err().unwrap(),
            targets.put(&web).await.err().unwrap(),
        ] {
            assert!(
                failure.why.contains("It is the record of a target"),
                "{failure}"
            );
        }
        change(target, &other, "\"web\"").await;
        for own in ["\"web\"", "\"run-1\""] {
            change(release, own, &other).await;
            let failure = releases.list("web").await.err().unwrap();
            assert!(
                failure.why.contains("It is the record of a release"),
                "{failure}"
            );
            change(release, &other, own).await;
        }
    }
    assert_eq!(targets.list().await.unwrap().len(), 1);
    assert_eq!(releases.list("web").await.unwrap().len(), 1);
}
