//! Releases over both stores.

use std::collections::BTreeMap;

use landfall::backend::{Backend, Condition, Key, Release, ReleaseState, ReleasedImage};

use crate::support::stores::stores;

fn release(run: &str, target: &str) -> Release {
    let image = ReleasedImage {
        reference: "example/app:1".to_owned(),
        digest: None,
        id: None,
        pinned: "example/app:1".to_owned(),
    };
    Release::begin(run, target, BTreeMap::from([("app".to_owned(), image)]))
}

#[tokio::test]
async fn releases_are_kept_in_the_order_of_their_runs_each_targets_its_own() {
    for kept in stores("releases").await {
        let backend = Backend::new(kept.store.clone(), "", "review", "review").unwrap();
        let releases = backend.releases();
        assert!(releases.list("web").await.unwrap().is_empty());
        for (run, target) in [
            ("20260203T101112Z-9f86d081", "web"),
            ("20260202T101112Z-ff86d081", "web"),
            ("20260204T101112Z-00000000", "web-1"),
        ] {
            releases.put(&release(run, target)).await.unwrap();
        }
        let ended = release("20260203T101112Z-9f86d081", "web").end(ReleaseState::Done);
        releases.put(&ended).await.unwrap();
        let listed = releases.list("web").await.unwrap();
        let runs: Vec<&str> = listed.iter().map(|one| &one.run[..8]).collect();
        assert_eq!(runs, ["20260202", "20260203"], "{}", kept.name);
        assert_eq!(listed[0].state, ReleaseState::Begun);
        assert_eq!(listed[1], ended);

        let path = [
            "review",
            "releases",
            "web",
            "20260203T101112Z-9f86d081.json",
        ];
        let key = Key::new(&path).unwrap();
        let cut = kept.store.put(&key, b"{\"run\": ", &Condition::Any);
        cut.await.unwrap();
        let failure = releases.list("web").await.unwrap_err();
        assert_eq!(failure.summary, "a release's record cannot be read");
        assert!(failure.why.contains("It is cut off"), "{failure}");
        assert!(releases.put(&release("1", "../web")).await.is_err());
    }
}
