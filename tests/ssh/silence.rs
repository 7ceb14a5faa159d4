//! Hosts that say nothing, never stop, or have no room.

use landfall::model::{Class, Event};

use super::*;

/// What every login shell of root's runs first.
fn first(lab: &TestHost, text: &str) {
    lab.exec(&[
        "sh",
        "-c",
        "printf '%s\\n' \"$1\" >/root/.bashrc",
        "sh",
        text,
    ]);
}

/// A question is still waited for after so many seconds, and no longer when the end is asked for.
async fn waits_until_called_off(lab: &TestHost, query: HostQuery, seconds: u64) {
    let settings = settings(lab, "run-1");
    let stop = settings.stop.clone();
    let host = Host::connect(&lab.login, "waits", settings).await.unwrap();
    let asked = tokio::spawn(async move { host.ask(&Query::Host(query)).await });
    tokio::time::sleep(Duration::from_secs(seconds)).await;
    assert!(!asked.is_finished());
    stop.cancel();
    let ended = tokio::time::timeout(Duration::from_secs(10), asked).await;
    let failure = ended.unwrap().unwrap().unwrap_err();
    assert_eq!(failure.class, Class::Interrupted, "{failure}");
}

#[tokio::test]
async fn waiting_for_a_login_shell_that_sleeps_ends_when_the_end_is_asked_for() {
    let lab = TestHost::boot("sleeps", "root").await;
    first(&lab, "sleep 1000");
    let etc = HostQuery::Stat {
        path: "/etc".to_owned(),
        follow: false,
    };
    waits_until_called_off(&lab, etc, 1).await;
}

#[tokio::test]
async fn a_login_shell_that_drips_or_prints_without_end_is_given_up() {
    let lab = TestHost::boot("prints", "root").await;
    let connect = async || {
        Host::connect(&lab.login, "prints", settings(&lab, "run-1"))
            .await
            .unwrap()
    };
    first(&lab, "while :; do echo noise; done");
    let noisy = stat(&connect().await, "/etc").await.unwrap_err();
    assert_eq!(
        (noisy.class, noisy.summary),
        (Class::Unreachable, "the host prints without end")
    );
    first(&lab, "while sleep 1; do echo drip; done");
    let began = std::time::Instant::now();
    let silent = stat(&connect().await, "/etc").await.unwrap_err();
    assert_eq!(
        (silent.class, silent.summary),
        (Class::Unreachable, "the host does not come to the point")
    );
    assert!(silent.why.contains("drip"), "{silent}");
    assert!(began.elapsed() < Duration::from_secs(75));
}

/// A host on which this program, which our own questions use, drips for ever.
async fn drips(name: &str) -> TestHost {
    let lab = TestHost::boot(name, "root").await;
    lab.exec(&["sh", "-c", "mkdir /srv/bin; printf '%s\\n' '#!/bin/sh' 'while sleep 0.3; do printf .; done' >/srv/bin/uname; chmod 755 /srv/bin/uname"]);
    first(&lab, "PATH=/srv/bin:$PATH; export PATH");
    lab
}

#[tokio::test]
async fn an_answer_that_drips_is_given_up_and_a_command_of_the_users_is_not() {
    let lab = drips("drips").await;
    let mut settings = settings(&lab, "run-1");
    settings.answer_timeout = Duration::from_secs(1);
    let host = Host::connect(&lab.login, "drips", settings).await.unwrap();
    // It is asked beside a question that takes nothing of the others' time.
    let facts = Query::Host(HostQuery::Facts);
    let began = std::time::Instant::now();
    let (long, facts) = tokio::join!(look(&host, script("sleep 20; echo ran")), host.ask(&facts));
    let failure = facts.unwrap_err();
    assert_eq!(
        (failure.class, failure.summary),
        (
            Class::Unreachable,
            "the host does not come to the end of its answer"
        )
    );
    assert!(
        failure.what.contains("drips") && failure.what.contains("`facts`"),
        "{failure}"
    );
    assert!(failure.why.contains(" seconds"), "{failure}");
    assert!(
        began.elapsed() < Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
    drop(long);
    // Other questions are answered, and a command has as long as it lives.
    assert!(stat(&host, "/etc").await.unwrap().is_some());
    let ran = look(&host, script("sleep 20; echo ran")).await.unwrap();
    assert_eq!(ran.out(), "ran\n");
}

#[tokio::test]
async fn waiting_for_an_answer_that_drips_ends_when_the_end_is_asked_for() {
    let lab = drips("asked").await;
    waits_until_called_off(&lab, HostQuery::Facts, 8).await;
}

#[tokio::test]
async fn what_is_no_shell_is_named_in_a_line_and_what_was_sent_is_not_shown() {
    let lab = TestHost::boot("foreign", "root").await;
    let asked = async || {
        let host = Host::connect(&lab.login, "foreign", settings(&lab, "run-1"))
            .await
            .unwrap();
        let asked = tokio::time::timeout(Duration::from_secs(20), stat(&host, "/etc")).await;
        let failure = asked.unwrap().unwrap_err();
        assert_eq!(
            (failure.class, failure.summary),
            (Class::Unreachable, "what answers is not a POSIX shell")
        );
        assert_eq!(failure.why.lines().count(), 1, "{failure}");
        assert!(!failure.to_string().contains("lf_"), "{failure}");
    };
    first(&lab, "exec cat");
    asked().await;
    first(&lab, "");
    lab.exec(&["usermod", "-s", "/usr/bin/perl", "root"]);
    asked().await;
}

#[tokio::test]
async fn a_long_step_is_waited_for_and_its_latest_whole_line_is_told() {
    let (lab, host) = connected("long", "root").await;
    let (events, mut said) = Events::channel();
    let progress = events.progress(&Address::new(Kind::Host, "test"));
    let command = script("echo 'Setting up x'; printf 'half a li'; sleep 7; echo ne; sleep 6");
    let action = Action::Host(HostAction::Run {
        command,
        judge: true,
    });
    host.act(&action, &progress).await.unwrap();
    host.act(&action, &progress.hidden(true)).await.unwrap();
    drop(events);
    let mut lines = Vec::new();
    while let Some(Event::Said { line, .. }) = said.recv().await {
        lines.push(line);
    }
    assert_eq!(lines, ["Setting up x", "half a line"]);
    drop(lab);
}

#[tokio::test]
async fn a_full_run_folder_is_named() {
    let (lab, host) = connected("full", "root").await;
    lab.exec(&[
        "sh",
        "-c",
        "mount -o remount,size=64m /run; cat /dev/zero >/run/fill 2>/dev/null; true",
    ]);
    let failure = stat(&host, "/etc").await.unwrap_err();
    assert!(failure.why.contains("/run/landfall"), "{failure}");
    assert!(failure.why.contains("No space left on device"), "{failure}");
    assert!(failure.help.contains("df -h"), "{failure}");
}

#[tokio::test]
async fn nobody_can_take_the_place_where_a_users_steps_are_noted() {
    let (lab, host) = connected("taken", "root").await;
    lab.exec(&["sh", "-c", "useradd -m deploy; useradd -d /nonexistent bare; useradd mallory
        for u in deploy bare; do setpriv --reuid mallory --clear-groups mkdir -m 0777 /tmp/landfall-$(id -u $u); done"]);
    for user in ["deploy", "bare", "bare"] {
        let ran = run(host.as_user(user).as_ref(), script("id -un"))
            .await
            .unwrap();
        assert_eq!(ran.out(), format!("{user}\n"));
    }
    let made = lab.exec(&[
        "sh",
        "-c",
        "ls -d /tmp/landfall-*.* | wc -l; ls -A /home/deploy/.local/state/landfall",
    ]);
    assert!(made.starts_with("1\nat-work-"), "{made}");
}
