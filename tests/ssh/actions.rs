//! Every action, twice where that matters, and what is left when one fails.

use landfall::model::{
    Digest,
    host_action::{Access, WriteFile},
};

use super::*;

fn file(path: &str, content: impl Into<Vec<u8>>) -> WriteFile {
    WriteFile {
        path: path.to_owned(),
        content: Content::secret(content),
        access: Access::default(),
        validate: None,
        backup: false,
        follow: true,
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
        failure.why.contains("syntax error") && failure.left_behind == "The file is as it was.",
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
async fn an_owner_whom_the_host_does_not_know_leaves_nothing_behind() {
    let (lab, host) = connected("strangers", "root").await;
    lab.exec(&[
        "sh",
        "-c",
        "mkdir /srv/there && touch -d @1000000000 /srv/there /srv/old",
    ]);
    let access = || access("nobodyhere", 0o750);
    let folder = |path: &str| HostAction::MakeDirectory {
        path: path.to_owned(),
        access: access(),
    };
    let touch = |path: &str| HostAction::Touch {
        path: path.to_owned(),
        access: access(),
        follow: true,
    };
    let before = names(&lab, "/srv");
    for action in [
        folder("/srv/x"),
        folder("/srv/a b/c/d"),
        folder("/srv/there/e"),
        folder("/srv/there"),
        touch("/srv/t"),
        touch("/srv/old"),
        touch("/srv/there"),
        HostAction::Write(WriteFile {
            access: access(),
            ..file("/srv/w", "text")
        }),
    ] {
        let said = format!("{action:?}");
        let failure = format!("{:?}", act(&host, action).await.unwrap_err());
        assert!(failure.contains("invalid user"), "{said}: {failure}");
        assert_eq!(names(&lab, "/srv"), before, "{said}");
    }
    assert!(names(&lab, "/srv/there").is_empty());
    for path in ["/srv/old", "/srv/there"] {
        let seen = stat(&host, path).await.unwrap().unwrap();
        assert_eq!(seen.owner, "root", "{path}");
    }
    let old = stat(&host, "/srv/old").await.unwrap().unwrap();
    assert_eq!(old.mtime, 1_000_000_000);
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
                access: Access::default(),
                follow: true,
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

    for path in ["/srv/a", "/srv/a/b c"] {
        let one = HostAction::Access {
            path: path.to_owned(),
            access: access("games", 0o700),
            follow: false,
        };
        act(&host, one).await.unwrap();
    }
    let found = stat(&host, "/srv/a/b c").await.unwrap().unwrap();
    assert_eq!((found.owner.as_str(), found.mode), ("games", 0o700));
    let one = HostAction::Access {
        path: "/srv/a/l".to_owned(),
        access: access("root", 0o2711),
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
            Answer::Host(HostAnswer::Notified(noted)) => {
                assert!(noted.iter().all(|noted| noted.user == "root"));
                noted
                    .into_iter()
                    .map(|noted| noted.handler)
                    .collect::<Vec<_>>()
            }
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

#[tokio::test]
async fn an_update_that_brings_nothing_new_counts_as_one_all_the_same() {
    let (lab, host) = connected("updated", "root").await;
    // A repository with nothing in it, and none of apt's stamps, which only some hosts have.
    lab.exec(&["sh", "-c", "rm -f /etc/apt/sources.list.d/* /etc/apt/sources.list; mkdir /srv/repository; : >/srv/repository/Packages; cd /srv/repository; printf 'Suite: ours\\nSHA256:\\n %s 0 Packages\\n' $(sha256sum </srv/repository/Packages | cut -d' ' -f1) >Release; echo 'deb [trusted=yes] file:/srv/repository ./' >/etc/apt/sources.list; rm -f /etc/apt/apt.conf.d/*stamp* /etc/apt/apt.conf.d/*update*"]);
    let updated = || async {
        match host.ask(&Query::Host(HostQuery::AptLists)).await.unwrap() {
            Answer::Host(HostAnswer::AptLists { updated, .. }) => updated,
            other => panic!("{other:?}"),
        }
    };
    let update = || HostAction::Apt {
        command: Command::new(["apt-get", "update"]),
    };
    act(&host, update()).await.unwrap();
    lab.exec(&["touch", "-d", "@1000000000", "/var/lib/apt/lists"]);
    assert_eq!(updated().await, 1_000_000_000);
    lab.exec(&["apt-get", "update"]);
    assert_eq!(
        updated().await,
        1_000_000_000,
        "apt does not do it by itself"
    );
    act(&host, update()).await.unwrap();
    assert!(updated().await > 1_700_000_000);
}

#[tokio::test]
async fn a_file_that_something_is_mounted_on_is_refused_and_stays_as_it_was() {
    let (lab, host) = connected("mounted", "root").await;
    lab.exec(&[
        "sh",
        "-c",
        "echo old >/srv/f; echo below >/srv/below; mount --bind /srv/f /srv/below",
    ]);
    let mut over = file("/srv/below", "new\n");
    over.backup = true;
    let failure = act(&host, HostAction::Write(over)).await.unwrap_err();
    assert!(
        failure.why.contains("something is mounted on /srv/below"),
        "{failure}"
    );
    assert_eq!(failure.left_behind, "The file is as it was.");
    assert_eq!(names(&lab, "/srv"), ["below", "f"]);
    assert_eq!(lab.exec(&["cat", "/srv/below"]), "old\n");
    lab.exec(&["umount", "/srv/below"]);
    act(&host, HostAction::Write(file("/srv/below", "new\n")))
        .await
        .unwrap();
    assert_eq!(lab.exec(&["cat", "/srv/below"]), "new\n");
}
