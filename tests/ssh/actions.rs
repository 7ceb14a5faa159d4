//! Every action, twice where that matters, and what is left when one fails.

use landfall::model::{
    Digest,
    host_action::{Access, Download, WriteFile},
};

use super::*;

fn file(path: &str, content: impl Into<Vec<u8>>) -> WriteFile {
    WriteFile {
        path: path.to_owned(),
        content: Content::secret(content),
        access: Access::default(),
        validate: None,
        backup: false,
    }
}

fn access(owner: &str, mode: u32) -> Access {
    Access {
        owner: Some(owner.to_owned()),
        group: None,
        mode: Some(mode),
    }
}

/// The names in a folder, to see that no stage was left.
fn names(lab: &TestHost, folder: &str) -> Vec<String> {
    lab.exec(&["ls", "-A", folder])
        .lines()
        .map(str::to_owned)
        .collect()
}

#[tokio::test]
async fn files_are_written_whole_with_their_access_and_nothing_beside_them() {
    let (lab, host) = connected("writes", "root").await;
    lab.exec(&["sh", "-c", "mkdir -p '/srv/it is \"$here\"'; cd /srv; echo old >'it is \"$here\"/f'; chown daemon:daemon it*/f; chmod 0640 it*/f; ln -s 'it is \"$here\"/f' link"]);
    let folder = "/srv/it is \"$here\"";
    let binary: Vec<u8> = (0..=255).cycle().take(2 << 20).collect();
    let big = format!("{folder}/-big'\n");
    for _ in 0..2 {
        act(&host, HostAction::Write(file(&big, binary.clone())))
            .await
            .unwrap();
    }
    let query = HostQuery::Sha256 { path: big.clone() };
    let sum = answer_sum(&host, query).await;
    assert_eq!(sum, Digest::of(&binary).sha256);
    assert_eq!(read(&host, &big).await.unwrap().unwrap().bytes(), binary);
    assert_eq!(stat(&host, &big).await.unwrap().unwrap().mode, 0o644);

    let mut kept = file("/srv/link", "new\n");
    kept.backup = true;
    let outcome = act(&host, HostAction::Write(kept)).await.unwrap();
    let Outcome::Gave(saved) = outcome else {
        panic!("{outcome:?}")
    };
    let saved = saved["backup_file"].as_str().unwrap().to_owned();
    assert_eq!(
        read(&host, &saved).await.unwrap().unwrap().bytes(),
        b"old\n"
    );
    assert_eq!(
        stat(&host, "/srv/link")
            .await
            .unwrap()
            .unwrap()
            .target
            .as_deref(),
        Some("it is \"$here\"/f")
    );
    let found = stat(&host, &format!("{folder}/f")).await.unwrap().unwrap();
    assert_eq!(
        (
            found.owner.as_str(),
            found.group.as_str(),
            found.mode,
            found.size
        ),
        ("daemon", "daemon", 0o640, 4)
    );

    let mut wrong = file("/etc/sudoers.d/it-s", "this is no rule");
    wrong.validate = Some(["visudo", "-cf", "%s"].map(str::to_owned).to_vec());
    wrong.access = access("root", 0o440);
    let failure = act(&host, HostAction::Write(wrong.clone()))
        .await
        .unwrap_err();
    assert!(
        failure.why.contains("syntax error") && failure.left == "The file is as it was.",
        "{failure}"
    );
    assert!(
        !names(&lab, "/etc/sudoers.d")
            .iter()
            .any(|name| name.contains("it-s") || name.contains("landfall"))
    );
    wrong.content = Content::public("daemon ALL=(root) NOPASSWD: /bin/true\n");
    act(&host, HostAction::Write(wrong)).await.unwrap();
    assert_eq!(
        stat(&host, "/etc/sudoers.d/it-s")
            .await
            .unwrap()
            .unwrap()
            .mode,
        0o440
    );

    for (path, owner) in [
        ("/none/f", "root"),
        ("/srv", "root"),
        ("/srv/f", "nobody-here"),
    ] {
        let mut bad = file(path, "x");
        bad.access = access(owner, 0o600);
        assert!(act(&host, HostAction::Write(bad)).await.is_err(), "{path}");
    }
    act(&host, HostAction::Write(file("/srv/empty", "")))
        .await
        .unwrap();
    assert_eq!(stat(&host, "/srv/empty").await.unwrap().unwrap().size, 0);
    assert!(
        !names(&lab, "/srv")
            .iter()
            .any(|name| name.contains("landfall"))
    );
}

async fn answer_sum(host: &Host, query: HostQuery) -> String {
    match host.ask(&Query::Host(query)).await.unwrap() {
        Answer::Host(HostAnswer::Sha256(Some(sum))) => sum,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn folders_links_and_access_end_where_they_should_however_often() {
    let (lab, host) = connected("places", "root").await;
    let folder = |path: &str| HostAction::MakeDirectory {
        path: path.to_owned(),
        access: access("daemon", 0o750),
    };
    for _ in 0..2 {
        act(&host, folder("/srv/a/b c/")).await.unwrap();
        for (path, target) in [("/srv/a/l", "nowhere"), ("/srv/a/l", "b c")] {
            act(
                &host,
                HostAction::Link {
                    path: path.to_owned(),
                    target: target.to_owned(),
                },
            )
            .await
            .unwrap();
        }
        act(
            &host,
            HostAction::Touch {
                path: "/srv/a/t".to_owned(),
            },
        )
        .await
        .unwrap();
        act(
            &host,
            HostAction::HardLink {
                path: "/srv/a/h".to_owned(),
                target: "/srv/a/t".to_owned(),
            },
        )
        .await
        .unwrap();
    }
    for path in ["/srv/a", "/srv/a/b c"] {
        let made = stat(&host, path).await.unwrap().unwrap();
        assert_eq!(
            (made.owner.as_str(), made.mode),
            ("daemon", 0o750),
            "{path}"
        );
    }
    assert_eq!(stat(&host, "/srv").await.unwrap().unwrap().owner, "root");
    assert_eq!(
        stat(&host, "/srv/a/l")
            .await
            .unwrap()
            .unwrap()
            .target
            .as_deref(),
        Some("b c")
    );
    assert_eq!(stat(&host, "/srv/a/t").await.unwrap().unwrap().links, 2);
    assert_eq!(names(&lab, "/srv/a"), ["b c", "h", "l", "t"]);
    assert!(
        act(
            &host,
            HostAction::Link {
                path: "/srv/a/t".to_owned(),
                target: "x".to_owned()
            }
        )
        .await
        .is_err()
    );

    let all = HostAction::Access {
        path: "/srv/a".to_owned(),
        access: access("games", 0o700),
        recurse: true,
        follow: false,
    };
    act(&host, all).await.unwrap();
    let found = stat(&host, "/srv/a/b c").await.unwrap().unwrap();
    assert_eq!((found.owner.as_str(), found.mode), ("games", 0o700));
    let one = HostAction::Access {
        path: "/srv/a/l".to_owned(),
        access: access("root", 0o2711),
        recurse: false,
        follow: true,
    };
    act(&host, one).await.unwrap();
    assert_eq!(
        stat(&host, "/srv/a/b c").await.unwrap().unwrap().mode,
        0o2711
    );
    for _ in 0..2 {
        act(
            &host,
            HostAction::Remove {
                path: "/srv/a".to_owned(),
            },
        )
        .await
        .unwrap();
    }
    assert_eq!(stat(&host, "/srv/a").await.unwrap(), None);
    assert!(
        act(
            &host,
            HostAction::Remove {
                path: "/srv/..".to_owned()
            }
        )
        .await
        .is_err()
    );
}

#[tokio::test]
async fn handlers_are_remembered_in_order_until_they_ran() {
    let (_lab, host) = connected("handlers", "root").await;
    let playbook = "../a b/é".to_owned();
    let notify = |handler: &str| HostAction::Notify {
        playbook: playbook.clone(),
        handler: handler.to_owned(),
    };
    for handler in ["reload nginx", "zweitens\n", "reload nginx", "-x"] {
        act(&host, notify(handler)).await.unwrap();
    }
    let remembered = || async {
        let query = HostQuery::Notified {
            playbook: playbook.clone(),
        };
        match host.ask(&Query::Host(query)).await.unwrap() {
            Answer::Host(HostAnswer::Notified(names)) => names,
            other => panic!("{other:?}"),
        }
    };
    assert_eq!(remembered().await, ["reload nginx", "zweitens\n", "-x"]);
    for handler in ["reload nginx", "reload nginx", "-x", "zweitens\n"] {
        let ran = HostAction::Notified {
            playbook: playbook.clone(),
            handler: handler.to_owned(),
        };
        act(&host, ran).await.unwrap();
    }
    assert_eq!(remembered().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_download_is_checked_before_it_gets_its_name() {
    let (lab, host) = connected("fetches", "root").await;
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    let keyring = std::fs::read("/usr/share/keyrings/debian-archive-trixie-stable.gpg").unwrap();
    let served = keyring.clone();
    let server = tokio::spawn(async move {
        use tokio::io::{AsyncReadExt, AsyncWriteExt};
        while let Ok((mut stream, _)) = listener.accept().await {
            let served = served.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let (status, body) = match request[..read].starts_with(b"GET /none") {
                    true => ("404 Not Found", Vec::new()),
                    false => ("200 OK", served),
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&body).await;
            });
        }
    });
    let gateway = lab.login.address.rsplit_once('.').unwrap().0.to_owned() + ".1";
    let url = |path: &str| format!("http://{gateway}:{port}/{path}");
    let download = |from: &str| Download {
        url: url(from),
        path: "/srv/key".to_owned(),
        sha256: None,
        fingerprints: Vec::new(),
        dearmor: false,
        access: access("root", 0o600),
    };
    let missing = act(&host, HostAction::Download(download("none")))
        .await
        .unwrap_err();
    assert_eq!(missing.left, "The file is as it was.");
    let mut other = download("key");
    other.sha256 = Some("0".repeat(64));
    let failure = act(&host, HostAction::Download(other)).await.unwrap_err();
    assert!(
        failure.why.contains(&Digest::of(&keyring).sha256),
        "{failure}"
    );
    let mut foreign = download("key");
    foreign.fingerprints = vec!["0".repeat(40)];
    let failure = act(&host, HostAction::Download(foreign)).await.unwrap_err();
    assert_eq!(failure.summary, "the signing key is not the expected one");
    assert_eq!(names(&lab, "/srv"), Vec::<String>::new());

    let mut right = download("key");
    right.sha256 = Some(Digest::of(&keyring).sha256);
    act(&host, HostAction::Download(right)).await.unwrap();
    assert_eq!(
        read(&host, "/srv/key").await.unwrap().unwrap().bytes(),
        keyring
    );
    assert_eq!(stat(&host, "/srv/key").await.unwrap().unwrap().mode, 0o600);
    server.abort();
}

#[tokio::test]
async fn apt_waits_for_the_lock_that_another_one_holds() {
    let (lab, host) = connected("locked", "root").await;
    // dpkg's own lock, held as dpkg holds it until a file says otherwise.
    lab.exec(&["sh", "-c", "perl -e 'use Fcntl; open F, \">>\", \"/var/lib/dpkg/lock\"; open G, \">>\", \"/var/lib/dpkg/lock-frontend\"; $l = pack(\"s s x4 l! l! i\", F_WRLCK, 0, 0, 0, 0); fcntl(F, F_SETLK, $l) or die; fcntl(G, F_SETLK, $l) or die; open H, \">\", \"/tmp/held\"; close H; select(undef, undef, undef, 0.1) until -e \"/tmp/go\"' >/dev/null 2>&1 & timeout 60 sh -c \"until [ -e /tmp/held ]; do sleep 0.1; done\""]);
    let (events, mut said) = Events::channel();
    let progress = events.progress(&Address::new(Kind::Host, "test"));
    let action = Action::Host(HostAction::Apt {
        command: Command::new(["dpkg", "--configure", "-a"]),
    });
    let mut acting = std::pin::pin!(host.act(&action, &progress));
    let told = tokio::select! {
        early = &mut acting => panic!("it did not wait: {early:?}"),
        told = said.recv() => told,
    };
    lab.exec(&["touch", "/tmp/go"]);
    let outcome = acting.await;
    assert!(format!("{told:?}").contains("waiting for another package manager"));
    assert!(matches!(outcome.unwrap(), Outcome::Ran(ran) if ran.ok()));
}
