//! Runs beside each other, runs that are killed, and runs that are asked to end: each is held at one request of its
//! own, so that nothing here depends on time.

use std::fs::File;
use std::io::Read;
use std::net::TcpListener;
use std::os::unix::process::CommandExt;
use std::process::{Command, Stdio};

use nix::pty::openpty;
use nix::sys::signal::{Signal, kill, killpg};
use nix::unistd::Pid;

use super::project::{LOG, Project, Running};
use super::proxy::Proxy;

/// A stack, and another that needs it.
const STACK: &str = r#"
[stacks.log]
template = "log"

[stacks.next]
template = "next"
parameters.Group = "{{ stacks.log.outputs.Name }}"
"#;

const NEXT: &str = "\
Parameters:
  Group: { Type: String }
Resources:
  Log:
    Type: AWS::Logs::LogGroup
    Properties: { LogGroupName: !Sub \"${Group}-next\", RetentionInDays: 7 }
";

/// A project whose requests pass a proxy, and an apply of it that stands still at this request.
async fn held_at(account: &str, text: &str) -> (Project, Proxy, Running) {
    let mut project = Project::small(account, STACK).await;
    project.write("stacks/log.yaml", LOG);
    project.write("stacks/next.yaml", NEXT);
    let proxy = Proxy::before(&project.endpoint);
    project.endpoint.clone_from(&proxy.endpoint);
    proxy.hold_back(text);
    let running = project.start(&["apply", "test", "--yes"]);
    proxy.wait_for_one();
    (project, proxy, running)
}

#[tokio::test]
async fn a_second_run_is_told_who_holds_the_lock() {
    let (project, proxy, first) = held_at("600000000041", "Action=CreateRole").await;
    let holder = format!("(process {})", first.pid());
    project
        .run(&["apply", "test", "--yes"])
        .ends(3)
        .says("another run holds the lock")
        .says(&holder)
        .says("has been running `apply` since")
        .says("Nothing was changed.");
    project
        .run(&["destroy", "test", "--yes"])
        .ends(3)
        .says(&holder);
    // A plan changes nothing, so it needs no lock.
    project.run(&["plan", "test"]).ends(0);
    proxy.let_go();
    first.end().ends(0);
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .says("Done: no changes.");
}

#[tokio::test]
async fn a_run_that_was_killed_is_taken_up_by_the_next() {
    let (project, proxy, first) = held_at("600000000042", "Action=CreateRole").await;
    let holder = format!("(process {})", first.pid());
    first.signal(Signal::SIGKILL);
    assert_eq!(first.end().code, None);
    // The request had left: it is carried out though nobody waits for its answer.
    proxy.let_go();
    while project.roles().await.is_empty() {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
    }
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .says(&holder)
        .says("has died; its lock was taken over")
        .says("was cut in")
        .says("roles.worker");
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .says("Done: no changes.");
    // What the killed run made is known to be ours.
    let bucket = project.bucket();
    project
        .run(&["destroy", "test", "--yes", "--yes-delete", &bucket])
        .ends(0);
    assert_eq!(project.roles().await, Vec::<String>::new());
}

#[tokio::test]
async fn a_run_that_was_killed_while_a_stack_is_made_is_taken_up_by_the_next() {
    let project = Project::small("600000000043", STACK).await;
    project.write("stacks/log.yaml", SLOW);
    project.write("stacks/next.yaml", NEXT);
    let mut first = project.start(&["apply", "test", "--yes"]);
    first.wait_for("Wait CREATE_IN_PROGRESS");
    first.signal(Signal::SIGKILL);
    assert_eq!(first.end().code, None);
    project.write("stacks/log.yaml", LOG);
    project
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .says("has died; its lock was taken over")
        // On a slow machine it was within others as well.
        .says("was cut in")
        .says("stacks.log; this run repairs what it left.");
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
}

/// A stack that is under way for four seconds and then rolls back.
const SLOW: &str = "\
Resources:
  Log:
    Type: AWS::Logs::LogGroup
    Properties: { RetentionInDays: 7 }
  Handle:
    Type: AWS::CloudFormation::WaitConditionHandle
  Wait:
    Type: AWS::CloudFormation::WaitCondition
    Properties: { Handle: !Ref Handle, Timeout: \"4\", Count: 1 }
Outputs:
  Name: { Value: !Ref Log }
";

#[tokio::test]
async fn a_run_that_is_asked_to_end_finishes_its_step_and_begins_no_other() {
    let (project, proxy, mut first) = held_at("600000000044", "Action=ExecuteChangeSet").await;
    first.signal(Signal::SIGINT);
    first.wait_for("Stopping: what was begun is finished, nothing new is begun.");
    proxy.let_go();
    first.end().ends(130).says("Ended on request");
    assert_eq!(stacks(&project).await, ["review-test-log"]);
    let ledger = project.read(".landfall/test/ledger.json");
    let lock = project.root().join(".landfall/test/lock.json");
    assert!(!lock.exists());
    // Each thing that stands is in the ledger.
    for role in project.roles().await {
        assert!(ledger.contains(&role), "{role} is not in {ledger}");
    }
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert_eq!(
        stacks(&project).await,
        ["review-test-log", "review-test-next"]
    );
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
}

/// A host that takes the connection and says nothing.
const SILENT: &str = r#"
project = "review"

[hosts.silent]
address = "127.0.0.1"
port = PORT
user = "root"
"#;

#[tokio::test]
async fn whoever_ends_an_apply_while_it_looks_is_shown_no_plan_and_asked_nothing() {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port().to_string();
    let project = Project::new("600000000049").await;
    project.write("environments/test.toml", &SILENT.replace("PORT", &port));
    project.trust(&format!("[127.0.0.1]:{port} ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJqLz8M4yMaeOlDe7p2jP9ZyrsX0ZXgQ3n0lLFlZqk9v\n"));
    // As Ctrl-C does: all that the terminal has in its foreground is told, ssh among it.
    let mut command = project.command(&["apply", "test"]);
    let running = Running::of(command.process_group(0));
    let (_connection, _) = listener.accept().unwrap();
    killpg(
        Pid::from_raw(i32::try_from(running.pid()).unwrap()),
        Signal::SIGINT,
    )
    .unwrap();
    let ended = running
        .end()
        .ends(130)
        .says("interrupted")
        .says("Nothing was changed.");
    assert_eq!(ended.out, "");
    assert!(!ended.err.contains("did not come up"), "{}", ended.err);
    assert!(
        !ended.err.contains("nothing was confirmed"),
        "{}",
        ended.err
    );
}

/// The same command with the signals that end it as a shell leaves them: `nohup` and background jobs ignore some, and
/// the program keeps to that.
fn heeding_signals(command: &Command) -> Command {
    let mut heeding = Command::new("env");
    heeding
        .arg("--default-signal=HUP,INT,TERM")
        .arg(command.get_program())
        .args(command.get_args())
        .current_dir(command.get_current_dir().unwrap());
    for (name, value) in command.get_envs() {
        match value {
            Some(value) => heeding.env(name, value),
            None => heeding.env_remove(name),
        };
    }
    heeding
}

#[tokio::test]
async fn a_question_that_waits_for_a_person_is_called_off() {
    let project = Project::small("600000000045", "").await;
    for signal in [Signal::SIGINT, Signal::SIGTERM, Signal::SIGHUP] {
        // A terminal of its own, at which nobody types.
        let terminal = openpty(None, None).unwrap();
        let mut command = heeding_signals(&project.command(&["apply", "test"]));
        let errors = terminal.slave.try_clone().unwrap();
        command.stdin(terminal.slave).stderr(errors);
        let mut child = command.stdout(Stdio::null()).spawn().unwrap();
        // Only the child has the terminal's other end from here on, so that reading ends with it.
        drop(command);
        let mut terminal = File::from(terminal.master);
        let (mut said, mut asked) = (String::new(), false);
        let mut bytes = [0; 4096];
        while let Ok(count @ 1..) = terminal.read(&mut bytes) {
            said += &String::from_utf8_lossy(&bytes[..count]);
            if !asked && said.contains("Only `yes` is taken for a yes:") {
                asked = true;
                let pid = Pid::from_raw(i32::try_from(child.id()).unwrap());
                kill(pid, signal).unwrap();
            }
        }
        assert_eq!(child.wait().unwrap().code(), Some(130), "{said}");
        assert!(asked && said.contains("Nothing was changed."), "{said}");
    }
    assert_eq!(project.roles().await, Vec::<String>::new());
    let memory = project.root().join(".landfall/test");
    assert!(!memory.join("lock.json").exists());
    // Nothing is left half done either: the next run has nothing to take up.
    let run = project.run(&["apply", "test", "--yes"]).ends(0);
    assert!(!run.err.contains("was cut"), "{}", run.err);
}

/// The names of the account's stacks.
async fn stacks(project: &Project) -> Vec<String> {
    let client = aws_sdk_cloudformation::Client::new(&project.sdk().await);
    let listed = client.describe_stacks().send().await.unwrap();
    let mut names: Vec<String> = listed
        .stacks()
        .iter()
        .filter_map(|stack| stack.stack_name().map(str::to_owned))
        .collect();
    names.sort();
    names
}
