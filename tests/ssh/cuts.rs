//! Connections that are cut, and what the next one finds.

use landfall::model::Class;

use super::*;

/// Ends the sshd processes that serve sessions, not the one that listens.
fn cut(lab: &TestHost) {
    lab.exec(&["sh", "-c", "kill -9 $(pgrep -f '^sshd-session: ')"]);
}

fn wait_for(lab: &TestHost, path: &str) {
    lab.exec(&[
        "timeout",
        "60",
        "sh",
        "-c",
        "until [ -e \"$1\" ]; do sleep 0.05; done",
        "sh",
        path,
    ]);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_whose_connection_was_cut_runs_on_and_the_next_run_waits_for_it() {
    let (lab, host) = connected("cut", "root").await;
    let worker = host.clone();
    let step = tokio::spawn(async move {
        let text = "touch /tmp/begun; until [ -e /tmp/go ]; do sleep 0.1; done; echo much output; echo done >/srv/outcome";
        run(&worker, script(text)).await
    });
    wait_for(&lab, "/tmp/begun");
    cut(&lab);
    let failure = step.await.unwrap().unwrap_err();
    assert_eq!(
        (failure.class, failure.summary),
        (Class::Unreachable, "the connection was lost during a step")
    );
    assert!(
        failure.left_behind.contains("may still be running"),
        "{failure}"
    );
    assert!(
        lab.exec(&["cat", "/run/landfall/step"])
            .starts_with("run-1 ")
    );

    let next = Host::connect(&lab.login, "cut", settings(&lab, "run-2"))
        .await
        .unwrap();
    let question = tokio::spawn(async move { read(&next, "/srv/outcome").await });
    // The question is on the host and waits when a shell of the second run sleeps there.
    lab.exec(&["sh", "-c", "until pgrep -x sleep >/dev/null && [ $(pgrep -c -f 'landfall ') -ge 2 ]; do sleep 0.05; done"]);
    assert!(!question.is_finished());
    lab.exec(&["touch", "/tmp/go"]);
    let answer = question.await.unwrap().unwrap().unwrap();
    assert_eq!(answer.bytes(), b"done\n");
    assert_eq!(lab.exec(&["ls", "-A", "/run/landfall"]), "");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_step_that_died_leaves_a_mark_that_is_cleared() {
    let (lab, host) = connected("died", "root").await;
    run(&host, script("true")).await.unwrap();
    lab.exec(&[
        "sh",
        "-c",
        "echo 'run-0 99999 1 1700000000' >/run/landfall/step",
    ]);
    run(&host, script("true")).await.unwrap();
    lab.exec(&[
        "sh",
        "-c",
        "echo 'run-0 99999 1 1700000000' >/run/landfall/step",
    ]);
    let next = Host::connect(&lab.login, "died", settings(&lab, "run-2"))
        .await
        .unwrap();
    stat(&next, "/etc").await.unwrap();
    assert_eq!(lab.exec(&["ls", "-A", "/run/landfall"]), "");
}

/// What any program of a user can put where the mark of a step stands.
const PLANTED: [&str; 6] = [
    "mkfifo step",
    "mkfifo other; ln -s other step",
    "ln -s /dev/zero step",
    "echo \"x 1 $(cut -d' ' -f22 /proc/1/stat) 1700000000\" >step",
    "setsid sleep 600 >/dev/null 2>&1 & echo \"x $! $(cut -d' ' -f22 /proc/$!/stat) 1700000000\" >step",
    "head -c 200000000 /dev/zero | tr '\\0' x >step",
];

#[tokio::test(flavor = "multi_thread")]
async fn what_a_user_plants_as_the_mark_of_a_step_holds_nobody_up() {
    let (lab, host) = connected("planted-marks", "root").await;
    lab.exec(&["useradd", "-m", "app"]);
    run(&host.user("app"), script("true")).await.unwrap();
    let plant = |what: &str| {
        let there = "cd ~/.local/state/landfall/at-work-*; rm -rf step other; ";
        lab.exec(&["su", "app", "-c", &[there, what].concat()]);
    };
    for what in PLANTED {
        let work = async {
            let next = Host::connect(&lab.login, "planted-marks", settings(&lab, "run-2"));
            let next = next.await.unwrap().user("app");
            plant(what);
            assert!(stat(&next, "/etc").await.unwrap().is_some());
            plant(what);
            run(&next, script("true")).await.unwrap();
            assert!(stat(&host, "/etc").await.unwrap().is_some());
        };
        let ended = tokio::time::timeout(Duration::from_secs(20), work).await;
        assert!(ended.is_ok(), "{what}");
    }
    plant("mkdir step");
    let failure = run(&host.user("app"), script("true")).await.unwrap_err();
    assert!(failure.why.contains("File exists"), "{failure}");
}

#[tokio::test(flavor = "multi_thread")]
async fn questions_are_asked_again_over_a_new_connection() {
    let (lab, host) = connected("again", "root").await;
    assert!(stat(&host, "/etc").await.unwrap().is_some());
    cut(&lab);
    assert!(stat(&host, "/etc").await.unwrap().is_some());
    cut(&lab);
    run(&host, script("echo")).await.unwrap_err();
    run(&host, script("echo")).await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_command_leaves_in_the_background_holds_nobody_up_and_says_nothing_into_later_answers()
 {
    let (lab, host) = connected("behind", "root").await;
    run(&host, script("(until [ -e /tmp/go ]; do sleep 0.1; done; echo noise; touch /tmp/said) & echo at once")).await.unwrap();
    lab.exec(&["touch", "/tmp/go"]);
    wait_for(&lab, "/tmp/said");
    let ran = look(&host, Command::new(["echo", "clean"])).await.unwrap();
    assert_eq!((ran.out().as_str(), ran.err().as_str()), ("clean\n", ""));
}
