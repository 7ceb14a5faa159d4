//! What every store promises, kept by both.

use std::os::unix::fs::PermissionsExt;
use std::sync::Arc;

use aws_smithy_mocks::{RuleMode, mock, mock_client};
use landfall::backend::{Condition, Folder, Key, S3, Store, WriteError};
use landfall::model::Class;
use tokio::sync::Barrier;

use crate::support::stores::{folder, stores};

fn key(name: &str) -> Key {
    Key::new(&["review", name]).unwrap()
}

#[tokio::test]
async fn a_record_is_written_only_when_its_condition_holds() {
    for kept in stores("conditions").await {
        let (store, key) = (&kept.store, key("a.json"));
        assert_eq!(store.get(&key).await.unwrap(), None, "{}", kept.name);
        let first = store.put(&key, b"1", &Condition::Absent).await.unwrap();
        assert_eq!(
            store.put(&key, b"2", &Condition::Absent).await,
            Err(WriteError::Lost),
            "{}",
            kept.name
        );
        let second = store
            .put(&key, b"2", &Condition::Is(first.clone()))
            .await
            .unwrap();
        assert_eq!(
            store.put(&key, b"3", &Condition::Is(first.clone())).await,
            Err(WriteError::Lost)
        );
        assert_eq!(
            store.delete(&key, &Condition::Is(first.clone())).await,
            Err(WriteError::Lost),
            "{}",
            kept.name
        );
        assert_eq!(
            store.get(&key).await.unwrap(),
            Some((b"2".to_vec(), second.clone()))
        );
        store
            .delete(&key, &Condition::Is(second.clone()))
            .await
            .unwrap();
        assert_eq!(store.get(&key).await.unwrap(), None);
        for condition in [Condition::Is(second.clone()), Condition::Is(first)] {
            assert_eq!(
                store.delete(&key, &condition).await,
                Err(WriteError::Lost),
                "{}",
                kept.name
            );
            assert_eq!(
                store.put(&key, b"4", &condition).await,
                Err(WriteError::Lost),
                "{}",
                kept.name
            );
        }
        store.delete(&key, &Condition::Any).await.unwrap();
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn of_sixteen_who_create_one_wins() {
    for kept in stores("creators").await {
        let start = Arc::new(Barrier::new(16));
        let tasks: Vec<_> = (0..16)
            .map(|number| {
                let (store, start) = (kept.store.clone(), start.clone());
                tokio::spawn(async move {
                    start.wait().await;
                    let bytes = format!("writer {number}");
                    store
                        .put(&key("a.json"), bytes.as_bytes(), &Condition::Absent)
                        .await
                })
            })
            .collect();
        let mut won = Vec::new();
        for (number, task) in tasks.into_iter().enumerate() {
            match task.await.unwrap() {
                Ok(version) => won.push((format!("writer {number}").into_bytes(), version)),
                Err(error) => assert_eq!(error, WriteError::Lost, "{}", kept.name),
            }
        }
        assert_eq!(won.len(), 1, "{}", kept.name);
        assert_eq!(kept.store.get(&key("a.json")).await.unwrap(), won.pop());
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn sixteen_who_count_lose_no_count() {
    for kept in stores("counters").await {
        kept.store
            .put(&key("n"), b"0", &Condition::Absent)
            .await
            .unwrap();
        let tasks: Vec<_> = (0..16)
            .map(|_| tokio::spawn(count(kept.store.clone())))
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
        let (bytes, _) = kept.store.get(&key("n")).await.unwrap().unwrap();
        assert_eq!(bytes, b"16", "{}", kept.name);
    }
}

/// Adds one, as often as it takes. Two who write the same number write equal bytes: only one of them may have won.
async fn count(store: Arc<dyn Store>) {
    loop {
        let (bytes, version) = store.get(&key("n")).await.unwrap().unwrap();
        let number: u32 = String::from_utf8(bytes).unwrap().parse().unwrap();
        let next = (number + 1).to_string();
        match store
            .put(&key("n"), next.as_bytes(), &Condition::Is(version))
            .await
        {
            Ok(_) => return,
            Err(error) => assert_eq!(error, WriteError::Lost),
        }
    }
}

#[tokio::test]
async fn keys_are_listed_below_their_folder_only() {
    for kept in stores("listing").await {
        let store = &kept.store;
        let targets = Key::new(&["review", "targets"]).unwrap();
        assert_eq!(store.list(&targets).await.unwrap(), []);
        for names in [
            ["review", "targets", "b.json"],
            ["review", "targets", "a.json"],
            ["review", "targets-old", "c"],
        ] {
            store
                .put(&Key::new(&names).unwrap(), b"{}", &Condition::Any)
                .await
                .unwrap();
        }
        let listed: Vec<String> = store
            .list(&targets)
            .await
            .unwrap()
            .iter()
            .map(Key::to_string)
            .collect();
        assert_eq!(
            listed,
            ["review/targets/a.json", "review/targets/b.json"],
            "{}",
            kept.name
        );
    }
}

#[tokio::test]
async fn a_log_keeps_the_order_of_its_pieces() {
    for kept in stores("logs").await {
        let (store, log) = (&kept.store, key("run.open.jsonl"));
        assert_eq!(store.read_log(&log).await.unwrap(), None);
        for index in 0..12 {
            store
                .append(&log, index, format!("{index}\n").as_bytes())
                .await
                .unwrap();
        }
        let whole = store.read_log(&log).await.unwrap().unwrap();
        let expected: String = (0..12).map(|index| format!("{index}\n")).collect();
        assert_eq!(String::from_utf8(whole).unwrap(), expected, "{}", kept.name);
        store.delete_log(&log).await.unwrap();
        store.delete_log(&log).await.unwrap();
        assert_eq!(store.read_log(&log).await.unwrap(), None);
    }
}

#[tokio::test]
async fn a_folder_is_private_and_a_half_written_file_is_not_a_record() {
    let kept = folder();
    let key = Key::new(&["review", "targets", "a.json"]).unwrap();
    kept.store
        .put(&key, b"{}", &Condition::Absent)
        .await
        .unwrap();
    let root = kept.folder.as_ref().unwrap().path().join("kept");
    let mode = |path: &str| root.join(path).metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(""), 0o700);
    assert_eq!(mode("review/targets"), 0o700);
    assert_eq!(mode("review/targets/a.json"), 0o600);
    assert_eq!(mode(".writing"), 0o600);

    // A writer that died before its rename.
    std::fs::write(root.join("review/targets/.a.json.new"), b"{\"half").unwrap();
    let targets = Key::new(&["review", "targets"]).unwrap();
    assert_eq!(
        kept.store.list(&targets).await.unwrap(),
        std::slice::from_ref(&key)
    );
    kept.store
        .put(&key, b"{\"whole\":1}", &Condition::Any)
        .await
        .unwrap();
    assert_eq!(
        std::fs::read(root.join("review/targets/a.json")).unwrap(),
        b"{\"whole\":1}"
    );
    assert!(!root.join("review/targets/.a.json.new").exists());
}

#[tokio::test]
async fn a_folder_that_cannot_be_used_says_which_and_why() {
    let file = tempfile::NamedTempFile::new().unwrap();
    let store = Folder::new(file.path());
    let Err(WriteError::Failed(failure)) = store.put(&key("a.json"), b"{}", &Condition::Any).await
    else {
        panic!("a file was taken for a folder");
    };
    assert!(
        failure.what.contains(&file.path().display().to_string()),
        "{failure}"
    );
    assert!(
        failure.why.contains("ot a directory") || failure.why.contains("exists"),
        "{failure}"
    );
}

fn mocked(rules: &[&aws_smithy_mocks::Rule]) -> S3 {
    S3::new(
        mock_client!(aws_sdk_s3, RuleMode::Sequential, rules),
        "kept",
    )
}

fn refusal(status: u16, code: &str) -> (u16, String) {
    (
        status,
        format!("<Error><Code>{code}</Code><Message>said</Message></Error>"),
    )
}

#[tokio::test]
async fn a_conflict_of_writers_is_tried_again() {
    let (status, body) = refusal(409, "ConditionalRequestConflict");
    let put = mock!(aws_sdk_s3::Client::put_object)
        .sequence()
        .http_status(status, Some(body))
        .times(2)
        .output(|| {
            aws_sdk_s3::operation::put_object::PutObjectOutput::builder()
                .e_tag("\"e\"")
                .build()
        })
        .build();
    let store = mocked(&[&put]);
    store
        .put(&key("a.json"), b"1", &Condition::Absent)
        .await
        .unwrap();
    assert_eq!(put.num_calls(), 3);
}

#[tokio::test]
async fn a_bucket_that_refuses_says_what_it_needs() {
    for (status, code, help) in [
        (403, "AccessDenied", "s3:PutObject"),
        (404, "NoSuchBucket", "Create the bucket"),
    ] {
        let (status, body) = refusal(status, code);
        let put = mock!(aws_sdk_s3::Client::put_object)
            .sequence()
            .http_status(status, Some(body))
            .times(8)
            .build();
        let store = mocked(&[&put]);
        let Err(WriteError::Failed(failure)) =
            store.put(&key("a.json"), b"1", &Condition::Absent).await
        else {
            panic!("{code} was taken for a lost race");
        };
        assert!(failure.why.starts_with(code), "{failure}");
        assert!(failure.help.contains(help), "{failure}");
        assert_eq!(failure.class, Class::Error);
    }
}

#[tokio::test]
async fn a_write_whose_answer_was_lost_is_known_as_our_own() {
    let mark = Arc::new(std::sync::Mutex::new(String::new()));
    let seen = mark.clone();
    let (status, body) = refusal(412, "PreconditionFailed");
    let put = mock!(aws_sdk_s3::Client::put_object)
        .match_requests(move |request| {
            let sent = request.metadata().and_then(|all| all.get("landfall-write"));
            *seen.lock().unwrap() = sent.cloned().unwrap();
            true
        })
        .sequence()
        .http_status(status, Some(body))
        .times(2)
        .build();
    let head = |mark: Arc<std::sync::Mutex<String>>| {
        mock!(aws_sdk_s3::Client::head_object).then_output(move || {
            aws_sdk_s3::operation::head_object::HeadObjectOutput::builder()
                .e_tag("\"e\"")
                .metadata("landfall-write", mark.lock().unwrap().clone())
                .build()
        })
    };
    let ours = head(mark.clone());
    let store = S3::new(
        mock_client!(aws_sdk_s3, RuleMode::MatchAny, &[&put, &ours]),
        "kept",
    );
    store
        .put(&key("a.json"), b"1", &Condition::Absent)
        .await
        .unwrap();

    let theirs = head(Arc::new(std::sync::Mutex::new("another".to_owned())));
    let store = S3::new(
        mock_client!(aws_sdk_s3, RuleMode::MatchAny, &[&put, &theirs]),
        "kept",
    );
    let lost = store.put(&key("a.json"), b"1", &Condition::Absent).await;
    assert_eq!(lost, Err(WriteError::Lost));
}
