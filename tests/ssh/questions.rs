//! Every question, against what is really there.

use landfall::model::host::{Algorithm, FileType};

use super::*;

async fn ask(host: &Host, query: HostQuery) -> HostAnswer {
    match host.ask(&Query::Host(query)).await.unwrap() {
        Answer::Host(answer) => answer,
        other => panic!("{other:?}"),
    }
}

#[tokio::test]
async fn every_question_is_answered_and_what_is_not_there_is_an_answer() {
    let (lab, host) = connected("asked", "root").await;
    lab.exec(&["sh", "-c", "mkdir -p '/srv/a b'\"'\"'é/'; cd /srv; echo -n hello >'a b'\"'\"'é/f'; chmod 4751 'a b'\"'\"'é/f'; ln -s nowhere l"]);
    let folder = "/srv/a b'é".to_owned();
    let file = format!("{folder}/f");

    let found = stat(&host, &file).await.unwrap().unwrap();
    assert_eq!(
        (found.kind, found.mode, found.size),
        (FileType::File, 0o4751, 5)
    );
    assert_eq!(
        (found.owner.as_str(), found.group.as_str()),
        ("root", "root")
    );
    let link = stat(&host, "/srv/l").await.unwrap().unwrap();
    assert_eq!(
        (link.kind, link.target.as_deref()),
        (FileType::Link, Some("nowhere"))
    );
    for gone in ["/srv/none", "/srv/none/deeper", "/etc/passwd/below"] {
        assert_eq!(stat(&host, gone).await.unwrap(), None, "{gone}");
        assert_eq!(read(&host, gone).await.unwrap(), None, "{gone}");
    }
    assert_eq!(read(&host, &file).await.unwrap().unwrap().bytes(), b"hello");
    assert!(read(&host, &folder).await.is_err());
    assert!(stat(&host, "relative").await.is_err());

    let sum = ask(&host, HostQuery::Sha256 { path: file.clone() }).await;
    let expected = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";
    assert_eq!(sum, HostAnswer::Sha256(Some(expected.to_owned())));

    let HostAnswer::List(Some(entries)) = ask(
        &host,
        HostQuery::List {
            path: "/srv/".to_owned(),
            depth: 2,
        },
    )
    .await
    else {
        panic!()
    };
    let paths: Vec<&str> = entries.iter().map(|entry| entry.path.as_str()).collect();
    assert_eq!(paths, [folder.as_str(), &file, "/srv/l"]);
    assert_eq!(entries[2].stat.target.as_deref(), Some("nowhere"));
    assert_eq!(entries[1].stat.mode, 0o4751);
    assert_eq!(
        ask(
            &host,
            HostQuery::List {
                path: "/none".to_owned(),
                depth: 1
            }
        )
        .await,
        HostAnswer::List(None)
    );

    let HostAnswer::Packages(packages) = ask(&host, HostQuery::Packages).await else {
        panic!()
    };
    assert!(packages.contains_key("openssh-server") && packages.contains_key("libc6"));
    assert!(!packages.contains_key("python3"));
    let HostAnswer::AptLists { updated, now } = ask(&host, HostQuery::AptLists).await else {
        panic!()
    };
    assert!(now > 1_700_000_000 && updated <= now);

    let HostAnswer::User(Some(user)) = ask(
        &host,
        HostQuery::User {
            name: "sync".to_owned(),
        },
    )
    .await
    else {
        panic!()
    };
    assert_eq!(
        (user.uid, user.gid, user.group.as_str(), user.home.as_str()),
        (4, 65534, "nogroup", "/bin")
    );
    assert_eq!(user.locked, Some(false));
    for name in ["nobody-here", "0", "-x"] {
        assert_eq!(
            ask(
                &host,
                HostQuery::User {
                    name: name.to_owned()
                }
            )
            .await,
            HostAnswer::User(None),
            "{name}"
        );
    }
    for name in ["nobody-here", "-x"] {
        assert_eq!(
            ask(
                &host,
                HostQuery::Group {
                    name: name.to_owned()
                }
            )
            .await,
            HostAnswer::Group(None),
            "{name}"
        );
    }
    // A group may be named by its number.
    let name = "0".to_owned();
    let HostAnswer::Group(Some(root)) = ask(&host, HostQuery::Group { name }).await else {
        panic!()
    };
    assert_eq!((root.name.as_str(), root.gid), ("root", 0));
    let HostAnswer::Group(Some(group)) = ask(
        &host,
        HostQuery::Group {
            name: "adm".to_owned(),
        },
    )
    .await
    else {
        panic!()
    };
    assert_eq!(group.gid, 4);

    let HostAnswer::Unit(Some(unit)) = ask(
        &host,
        HostQuery::Unit {
            name: "ssh".to_owned(),
        },
    )
    .await
    else {
        panic!()
    };
    assert_eq!(
        (unit.load.as_str(), unit.active.as_str(), unit.stale),
        ("loaded", "active", false)
    );
    let HostAnswer::Unit(Some(unit)) = ask(
        &host,
        HostQuery::Unit {
            name: "none".to_owned(),
        },
    )
    .await
    else {
        panic!()
    };
    assert_eq!((unit.load.as_str(), unit.file.as_str()), ("not-found", ""));

    let key = |key: &str| HostQuery::Sysctl {
        key: key.to_owned(),
    };
    assert_eq!(
        ask(&host, key("kernel.ostype")).await,
        HostAnswer::Sysctl(Some("Linux".to_owned()))
    );
    assert_eq!(
        ask(&host, key("kernel.none")).await,
        HostAnswer::Sysctl(None)
    );
    assert_eq!(
        ask(
            &host,
            HostQuery::Notified {
                playbook: "p".to_owned()
            }
        )
        .await,
        HostAnswer::Notified(Vec::new())
    );
}

#[tokio::test]
async fn a_command_gets_its_words_its_folder_its_environment_and_its_input_and_gives_everything_back()
 {
    let (_lab, host) = connected("commands", "root").await;
    let words = ["-n", "a b", "'", "\"$HOME\"", "\\", "é\n", "", "*"];
    let mut argv = vec!["printf", "%s|"];
    argv.extend(words);
    let ran = look(&host, Command::new(argv)).await.unwrap();
    assert_eq!(ran.out(), words.map(|word| format!("{word}|")).concat());

    let binary: Vec<u8> = (0..=255).cycle().take(70_000).collect();
    let ran = look(
        &host,
        Command::new(["cat"]).stdin(Content::public(binary.clone())),
    )
    .await
    .unwrap();
    assert_eq!(ran.stdout.bytes(), binary);

    let mut command =
        script("pwd; echo \"$ONE\"; printf '%s' \"$LC_ALL\"; echo to stderr >&2; exit 3");
    command.chdir = Some("/usr/bin".to_owned());
    command
        .environment
        .insert("ONE".to_owned(), "it's $x\nand more".to_owned());
    for ran in [
        look(&host, command.clone()).await.unwrap(),
        run(&host, command).await.unwrap(),
    ] {
        assert_eq!(
            (ran.rc, ran.out().as_str(), ran.err().as_str()),
            (3, "/usr/bin\nit's $x\nand more\n", "to stderr\n")
        );
    }
    let ran = look(&host, script("cat; kill -TERM $$")).await.unwrap();
    assert_eq!((ran.rc, ran.out()), (143, String::new()));
    let ran = look(&host, Command::new(["no-such-program"]))
        .await
        .unwrap();
    assert_eq!(ran.rc, 127);
    assert!(
        look(&host, Command::new(Vec::<String>::new()))
            .await
            .is_err()
    );
    let mut nowhere = Command::new(["true"]);
    nowhere.chdir = Some("/none".to_owned());
    assert!(
        look(&host, nowhere)
            .await
            .unwrap_err()
            .why
            .contains("cannot be entered")
    );
    assert!(look(&host, Command::new(["echo", "a\0b"])).await.is_err());

    let endless = look(&host, Command::new(["yes"])).await.unwrap_err();
    assert_eq!(endless.summary, "the host's answer is too long");
    assert_eq!(endless.class, landfall::model::Class::Error);
    assert!(endless.help.contains("print less"), "{endless}");
    assert_eq!(
        look(&host, Command::new(["echo", "on"]))
            .await
            .unwrap()
            .out(),
        "on\n"
    );
}

#[tokio::test]
async fn only_a_regular_file_has_a_checksum_and_nothing_else_is_opened() {
    let (lab, host) = connected("sums", "root").await;
    lab.exec(&[
        "sh",
        "-c",
        "cd /srv; printf hello >file; ln -s file link; mkfifo fifo; mkdir folder; cp file '\\odd'; ln -s fifo to-fifo",
    ]);
    let sums = async |path: &str, follow| {
        let query = HostQuery::Checksum {
            path: path.to_owned(),
            follow,
            algorithm: Algorithm::Sha1,
        };
        let answer = tokio::time::timeout(Duration::from_secs(20), ask(&host, query)).await;
        answer.unwrap_or_else(|_| panic!("{path} is waited for"))
    };
    let sum = HostAnswer::Checksum(Some("aaf4c61ddcc5e8a2dabede0f3b482cd9aea9434d".to_owned()));
    for (path, follow, wanted) in [
        ("/srv/file", false, true),
        ("/srv/\\odd", false, true),
        ("/srv/link", true, true),
        ("/srv/link", false, false),
        ("/srv/fifo", false, false),
        ("/srv/to-fifo", true, false),
        ("/srv/folder", false, false),
        ("/srv/none", false, false),
        ("/dev/zero", true, false),
    ] {
        let wanted = match wanted {
            true => sum.clone(),
            false => HostAnswer::Checksum(None),
        };
        assert_eq!(sums(path, follow).await, wanted, "{path} {follow}");
    }
}

#[tokio::test]
async fn what_a_host_tells_of_itself_does_not_wait_for_a_pipe() {
    let (lab, host) = connected("pipes", "root").await;
    lab.exec(&[
        "sh",
        "-c",
        "cd /etc; rm -f debian_version machine-id; mkfifo debian_version machine-id ssh/ssh_host_x_key.pub",
    ]);
    let facts = tokio::time::timeout(Duration::from_secs(30), ask(&host, HostQuery::Facts)).await;
    assert!(matches!(facts.unwrap(), HostAnswer::Facts(_)));
}

#[tokio::test]
async fn fifty_questions_at_once_are_one_round_trip_and_the_shell_comes_with_the_first() {
    let (_lab, host) = connected("together", "root").await;
    assert_eq!(host.round_trips(), 0);
    let names: Vec<String> = (0..50).map(|number| format!("/etc/{number}")).collect();
    let asked = futures::future::join_all(names.iter().map(|path| stat(&host, path))).await;
    assert!(
        asked
            .iter()
            .all(|answer| answer.as_ref().unwrap().is_none())
    );
    assert_eq!(host.round_trips(), 1);
    let mixed = futures::join!(
        stat(&host, "/etc/passwd"),
        stat(&host, "relative"),
        read(&host, "/etc"),
        read(&host, "/etc/hostname")
    );
    assert!(mixed.0.is_ok() && mixed.1.is_err() && mixed.2.is_err() && mixed.3.is_ok());
    assert_eq!(host.round_trips(), 2);
}

#[tokio::test]
async fn facts_have_the_names_and_values_that_ansible_gives_them() {
    let (lab, host) = connected("facts", "root").await;
    lab.exec(&["mount", "-t", "tmpfs", "/dev/a-disk", "/mnt"]);
    let HostAnswer::Facts(facts) = ask(&host, HostQuery::Facts).await else {
        panic!()
    };
    for (name, value) in [
        ("os_family", "Debian"),
        ("distribution", "Debian"),
        ("distribution_major_version", "13"),
        ("distribution_release", "trixie"),
        ("system", "Linux"),
        ("hostname", "facts"),
        ("nodename", "facts"),
        ("service_mgr", "systemd"),
        ("pkg_mgr", "apt"),
        ("virtualization_type", "docker"),
        ("user_id", "root"),
        ("user_dir", "/root"),
        ("user_shell", "/bin/bash"),
    ] {
        assert_eq!(facts[name], value, "{name}");
    }
    assert_eq!(facts["user_uid"], 0);
    assert_eq!(facts["selinux"]["status"], "disabled");
    assert_eq!(facts["env"]["HOME"], "/root");
    assert!(facts["env"].get("LC_ALL").is_none());
    assert!(facts["memtotal_mb"].as_u64().unwrap() > 100);
    assert!(facts["processor_vcpus"].as_u64().unwrap() > 0);
    assert_eq!(facts["default_ipv4"]["interface"], "eth0");
    assert_eq!(
        facts["all_ipv4_addresses"][0],
        facts["default_ipv4"]["address"]
    );
    assert!(
        facts["mounts"]
            .as_array()
            .unwrap()
            .iter()
            .any(|mount| mount["mount"] == "/mnt" && mount["device"] == "/dev/a-disk")
    );
    assert!(
        facts["date_time"]["iso8601"]
            .as_str()
            .unwrap()
            .ends_with('Z')
    );
    assert_eq!(facts["reboot_required"], false);
}
