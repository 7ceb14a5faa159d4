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
    assert!(failure.left.contains("may still be running"), "{failure}");
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
