//! The way in stays: what would close it is taken back by the host itself.

use std::{
    process::{Child, Stdio},
    time::{Duration, Instant},
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::{hardening::KERNEL, *};
use crate::support::project::Project;

/// A playbook of the project's own that has sshd say these words, in the way that comes with Landfall; `then` stands where
/// a new login is seen.
fn sshd_says(words: &str, then: &str) -> String {
    format!(
        r#"- hosts: all
  vars: {{keep_access_seconds: 30}}
  tasks:
    - import_tasks: keep-access/recover.yml
    - copy: {{dest: /etc/ssh/sshd_config.d/00-own.conf, content: "{words}\n"}}
      check_mode: true
      register: own
    - when: own is changed
      vars:
        keep_access_paths: [/etc/ssh/sshd_config.d/00-own.conf]
        keep_access_command: systemctl reload ssh
      block:
        - import_tasks: keep-access/arm.yml
        - block:
            - copy: {{dest: /etc/ssh/sshd_config.d/00-own.conf, content: "{words}\n"}}
            - command: systemctl reload ssh
            - copy: {{dest: /root/reloaded, content: ""}}
{then}
          rescue:
            - import_tasks: keep-access/undo.yml
"#
    )
}

const CONFIRM: &str = "            - import_tasks: keep-access/confirm.yml";
const WAIT: &str = "            - pause: {seconds: 300}";
const NO_LOGIN: &str = "            - command: /usr/local/sbin/landfall-keep-access confirm";

/// What sshd was told, and whether something waits to be taken back.
fn told(test: &TestHost) -> String {
    let script = "cat /etc/ssh/sshd_config.d/00-own.conf 2>/dev/null; [ ! -e /var/lib/landfall-keep-access/armed ] || echo armed; \
                  systemctl is-active landfall-keep-access.timer 2>/dev/null || true";
    test.exec(&["sh", "-c", script])
}

/// Waits until the host lets somebody in, and gives how long that took.
fn until_let_in(test: &TestHost) -> Duration {
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(90) {
        let said = ssh(test, "root", "true");
        if said.0 {
            return began.elapsed();
        }
        std::thread::sleep(Duration::from_millis(500));
    }
    panic!("the host lets nobody in");
}

/// Begins a run of this playbook that waits after the change, and comes back when it waits.
fn waiting(test: &TestHost, project: &Project, words: &str) -> Child {
    test.exec(&["rm", "-f", "/root/reloaded"]);
    project.write("playbooks/own.yml", &sshd_says(words, WAIT));
    let run = project
        .command(&["apply", "review", "--yes"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    let script = "for n in $(seq 600); do [ -e /root/reloaded ] && exit; sleep 0.1; done; exit 1";
    test.exec(&["sh", "-c", script]);
    std::thread::sleep(Duration::from_millis(500));
    run
}

/// Ends a run that waits after the change by Ctrl-C, and gives what it said.
fn interrupted(run: Child) -> String {
    let pid = Pid::from_raw(run.id().try_into().unwrap());
    kill(pid, Signal::SIGINT).unwrap();
    let output = run.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(130), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_close_the_way_in_is_taken_back_by_the_host_itself() {
    let test = TestHost::boot("way-in", "root").await;
    let project = Project::new(&test, "own", "", "");
    let apply = ["apply", "review", "--yes"];

    // Somebody is at work, so the change is taken back over the connection of before.
    project.write(
        "playbooks/own.yml",
        &sshd_says("AllowUsers nobody", CONFIRM),
    );
    let said = project.landfall(&apply).said;
    assert!(
        said.contains(
            "A new login comes in, else the host takes the change back within 30 seconds"
        ),
        "{said}"
    );
    assert!(said.contains("a new login does not come in"), "{said}");
    assert!(
        said.contains("it was taken back and the host is entered as before"),
        "{said}"
    );
    assert_eq!(told(&test), "inactive\n");
    assert!(ssh(&test, "root", "true").0);

    // A port behind which nobody listens for us.
    project.write("playbooks/own.yml", &sshd_says("Port 2222", CONFIRM));
    let said = project.landfall(&apply).said;
    assert!(said.contains("a new login does not come in"), "{said}");
    assert_eq!(told(&test), "inactive\n");

    // Nobody is at work any more: the host does it.
    project.kill(waiting(&test, &project, "AllowUsers nobody"));
    assert!(!ssh(&test, "root", "true").0);
    assert_eq!(told(&test), "AllowUsers nobody\narmed\nactive\n");
    let waited = until_let_in(&test);
    assert!(waited < Duration::from_secs(70), "{waited:?}");
    assert_eq!(told(&test), "inactive\n");

    // Who ends the run is told what waits. A run that comes before the host did takes it back itself, and nothing that it
    // does is taken back later.
    let said = interrupted(waiting(&test, &project, "AllowUsers root nobody"));
    assert!(
        said.contains(
            "It was cut within a block, of which these are done: \"The host takes the change back in 30 seconds, unless a \
             new login is seen\", "
        ),
        "{said}"
    );
    assert_eq!(told(&test), "AllowUsers root nobody\narmed\nactive\n");
    project.write("playbooks/own.yml", &sshd_says("AllowUsers root", CONFIRM));
    let said = project.landfall(&apply).with(0);
    assert!(
        said.contains("A change that nobody confirmed is taken back"),
        "{said}"
    );
    assert_eq!(told(&test), "AllowUsers root\ninactive\n");
    project
        .landfall(&["plan", "review", "--detailed-exitcode"])
        .with(0);
    std::thread::sleep(Duration::from_secs(31));
    assert_eq!(told(&test), "AllowUsers root\ninactive\n");

    // The login of before shows nothing, however often it is asked.
    project.write(
        "playbooks/own.yml",
        &sshd_says("AllowUsers root sync", NO_LOGIN),
    );
    let said = project.landfall(&apply).said;
    assert!(
        said.contains("this login began before the change"),
        "{said}"
    );
    assert_eq!(told(&test), "AllowUsers root\ninactive\n");

    // There are never two: the second takes the first back before it begins.
    let twice = "k=/usr/local/sbin/landfall-keep-access; f=/etc/ssh/sshd_config.d/00-own.conf; \
                 $k arm 60 true $f >/dev/null; echo one >$f; $k arm 60 true $f >/dev/null; cat $f; echo two >$f; $k undo >/dev/null; cat $f";
    assert_eq!(
        test.exec(&["sh", "-c", twice]),
        "AllowUsers root\nAllowUsers root\n"
    );

    // A confirmation that was cut before the timer ended has confirmed: the timer takes nothing back, and the next change
    // is armed as ever.
    let cut = "k=/usr/local/sbin/landfall-keep-access; f=/etc/ssh/sshd_config.d/00-own.conf; s=/var/lib/landfall-keep-access; \
               $k arm 60 true $f >/dev/null; echo kept >$f; mv $s/armed $s/done; \
               systemctl start landfall-keep-access.service; cat $f; \
               $k arm 60 true $f >/dev/null; echo three >$f; $k undo >/dev/null; cat $f";
    assert_eq!(test.exec(&["sh", "-c", cut]), "kept\nkept\n");

    // A run that stood still until the host had taken the change back writes it all the same: it does not count, and is
    // taken back, once.
    let late = "k=/usr/local/sbin/landfall-keep-access; f=/etc/ssh/sshd_config.d/00-own.conf; \
                $k arm 10 true $f >/dev/null; sleep 13; echo late >$f; $k count 2>&1; $k undo; cat $f; $k undo 2>&1; \
                ls /var/lib/landfall-keep-access";
    assert_eq!(
        test.exec(&["sh", "-c", late]),
        "landfall-keep-access: the host has taken the change back already: what was written since does not count\n\
         the change was taken back\nkept\nlandfall-keep-access: nothing waits to be taken back\nlock\n"
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_firewall_that_would_close_the_way_in_is_taken_back() {
    let test = TestHost::boot("walled", "cloud").await;
    let project = Project::empty(&test);
    let vars = |more: &str| {
        format!(
            "{KERNEL}\nharden_sshd = false\nsecurity_updates = \"none\"\ntime_sync = false\n{more}"
        )
    };
    project.environment(&test, "hardening", "", &vars(""));
    project.landfall(&["apply", "review", "--yes"]).with(0);
    let rules = || test.exec(&["nft", "list", "chain", "inet", "landfall", "ssh"]);
    let before = rules();

    // Nobody but somebody else may come in: connections that stand go on, new ones do not come up.
    let walled = "firewall_ssh_from = [\"192.0.2.1\"]\nkeep_access_seconds = 60";
    project.environment(&test, "hardening", "", &vars(walled));
    let said = project.landfall(&["apply", "review", "--yes"]).said;
    assert!(said.contains("a new login does not come in"), "{said}");
    assert!(
        said.contains("it was taken back and the host is entered as before")
            && said.contains("a `rescue` took"),
        "{said}"
    );
    assert_eq!(rules(), before);
    assert!(ssh(&test, "cloud", "true").0);

    what_others_do_to_the_firewall_is_seen(&test, &project, &vars(""));
    assert_eq!(rules(), before);
    an_sshd_that_ends_of_its_configuration_is_started_again(&test, &project);

    // Nothing passes at all, so it is the host that does it.
    let own = r#"- hosts: all
  become: true
  vars: {keep_access_seconds: 20}
  tasks:
    - import_tasks: keep-access/recover.yml
    - import_tasks: keep-access/arm.yml
      vars: {keep_access_paths: [/root/own], keep_access_command: nft destroy table inet own}
    - shell: (sleep 1; nft 'table inet own { chain input { type filter hook input priority -200; policy drop; }; }') >/dev/null 2>&1 &
    - pause: {seconds: 2}
    - import_tasks: keep-access/confirm.yml
"#;
    project.write("playbooks/own.yml", own);
    project.environment(&test, "own", "", "");
    let ended = project.landfall(&["apply", "review", "--yes"]);
    assert!(!matches!(ended.code, Some(0)), "{}", ended.said);
    assert!(
        ended
            .said
            .contains("else the host takes the change back within 20 seconds"),
        "{}",
        ended.said
    );
    let began = Instant::now();
    while !ssh(&test, "cloud", "true").0 {
        assert!(began.elapsed() < Duration::from_secs(60));
    }
    assert_eq!(rules(), before);
}

/// All tables flushed, as the distribution's own service does, and another port of sshd's.
fn what_others_do_to_the_firewall_is_seen(test: &TestHost, project: &Project, vars: &str) {
    project.environment(test, "hardening", "", vars);
    test.exec(&["nft", "flush", "ruleset"]);
    let plan = ["plan", "review", "--detailed-exitcode"];
    let planned = project.landfall(&plan).with(2);
    assert!(planned.contains("The rules are put back"), "{planned}");
    project.landfall(&["apply", "review", "--yes"]).with(0);
    project.landfall(&plan).with(0);

    let listen = "printf 'ListenAddress 0.0.0.0:22\\nListenAddress 0.0.0.0:2222\\n' >/etc/ssh/sshd_config.d/50-own.conf; systemctl reload ssh";
    test.exec(&["sh", "-c", listen]);
    project.landfall(&["apply", "review", "--yes"]).with(0);
    let input = test.exec(&["nft", "list", "chain", "inet", "landfall", "input"]);
    assert!(input.contains("tcp dport { 22, 2222 } jump ssh"), "{input}");
    test.exec(&[
        "sh",
        "-c",
        "rm /etc/ssh/sshd_config.d/50-own.conf; systemctl reload ssh",
    ]);
    project.landfall(&["apply", "review", "--yes"]).with(0);
}

/// `sshd -t` finds no fault in an address that the host has not; sshd ends of it, and systemd does not start it again.
fn an_sshd_that_ends_of_its_configuration_is_started_again(test: &TestHost, project: &Project) {
    let vars = format!(
        "{KERNEL}\nsecurity_updates = \"none\"\ntime_sync = false\nsshd_lines = [\"ListenAddress 192.0.2.9\"]"
    );
    project.environment(test, "hardening", "", &vars);
    let said = project.landfall(&["apply", "review", "--yes"]).said;
    assert!(
        said.contains("it was taken back and the host is entered as before"),
        "{said}"
    );
    assert_eq!(test.exec(&["systemctl", "is-active", "ssh"]), "active\n");
    assert!(ssh(test, "cloud", "true").0);
}
