//! `rehearse`: the whole road with nothing of the user's, and nothing left at its end.

use std::fs;
use std::os::unix::fs::symlink;
use std::path::Path;
use std::process::Command;

use nix::sys::signal::Signal;

use super::project::{Project, Ran, Running};

/// A copy of what comes with the project.
async fn copy(account: &str) -> Project {
    let project = Project::new(account).await;
    for folder in ["environments", "playbooks", "stacks"] {
        let from = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        copy_folder(&from, &project.root().join(folder));
    }
    project
}

fn copy_folder(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let to = to.join(entry.file_name());
        if entry.path().is_dir() {
            copy_folder(&entry.path(), &to);
        } else {
            fs::copy(entry.path(), to).unwrap();
        }
    }
}

/// The containers of the rehearsal with this process id.
fn containers(pid: u32) -> String {
    let listed = Command::new("docker")
        .args(["ps", "--all", "--filter", "label=landfall.rehearsal"])
        .args(["--format", "{{.Label \"landfall.rehearsal\"}} {{.Names}}"])
        .output()
        .unwrap();
    assert!(listed.status.success());
    let listed = String::from_utf8(listed.stdout).unwrap();
    let own = format!("{pid}/");
    listed
        .lines()
        .filter(|line| line.starts_with(&own))
        .collect()
}

/// The processes on this machine whose environment has the rehearsal's mark.
fn processes(mark: &str) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").unwrap().flatten() {
        let path = entry.path();
        let environment = fs::read(path.join("environ")).unwrap_or_default();
        if String::from_utf8_lossy(&environment).contains(mark) {
            let line = fs::read(path.join("cmdline")).unwrap_or_default();
            found.push(String::from_utf8_lossy(&line).replace('\0', " "));
        }
    }
    found
}

/// A rehearsal of the quickstart under way: everything it starts inherits a mark by which it is found.
fn rehearsal(project: &Project, path: Option<&Path>) -> (Running, String) {
    rehearsal_of("quickstart", project, path)
}

fn rehearsal_of(environment: &str, project: &Project, path: Option<&Path>) -> (Running, String) {
    let mark = format!("REHEARSED_BY={}", project.root().display());
    let mut command = project.command(&["rehearse", environment]);
    // Nothing of the user's own account is used: these would be refused.
    command
        .env("AWS_ENDPOINT_URL", "http://127.0.0.1:1")
        .env("AWS_ACCESS_KEY_ID", "000000000000")
        .env("REHEARSED_BY", project.root());
    if let Some(path) = path {
        command.env("PATH", path);
    }
    (Running::of(&mut command), mark)
}

#[track_caller]
fn nothing_is_left(pid: u32, mark: &str) {
    assert_eq!(containers(pid), "");
    assert_eq!(processes(mark), Vec::<String>::new());
}

#[tokio::test]
async fn the_quickstart_is_rehearsed_whole_and_leaves_nothing() {
    let project = copy("600000000101").await;
    let before = project.listing();
    let (running, mark) = rehearsal(&project, None);
    let pid = running.pid();
    let ran = running.end();
    nothing_is_left(pid, &mark);
    assert_eq!(project.listing(), before);
    let ran = ran.ends(0);
    let (_, second) = ran
        .out
        .split_once("Nothing to do: everything is as declared.")
        .unwrap();
    assert!(second.contains("to delete"), "{second}");
    ran.says("Second: a plan, which must be empty")
        .prints("passed   login        logs in\n")
        .prints("sudo -n docker compose version --short\n")
        .prints("passed   refused      2 commands were refused\n")
        .prints("passed   directories  4 can be written\n")
        .prints("passed   ports        none answers that is not intended\n")
        .says("Last: destroy, which must leave nothing");
}

#[tokio::test]
async fn a_rehearsal_that_is_interrupted_takes_everything_away() {
    let project = copy("600000000102").await;
    let before = project.listing();
    // While the hosts are booted, and while things are made.
    for moment in ["Booting 1 throwaway host", "First: apply"] {
        let (mut running, mark) = rehearsal(&project, None);
        running.wait_for(moment);
        let pid = running.pid();
        running.signal(Signal::SIGINT);
        let ran = running.end();
        nothing_is_left(pid, &mark);
        ran.ends(130)
            .says("Taking the emulator and the throwaway hosts away");
    }
    assert_eq!(project.listing(), before);
}

#[tokio::test]
async fn what_a_rehearsal_that_was_killed_has_left_goes_with_the_next() {
    let project = copy("600000000104").await;
    let scratch = tempfile::tempdir().unwrap();
    let start = || {
        let mut command = project.command(&["rehearse", "quickstart"]);
        Running::of(command.env("TMPDIR", scratch.path()))
    };
    let left = || fs::read_dir(scratch.path()).unwrap().count();
    let mut killed = start();
    killed.wait_for("First: apply");
    let pid = killed.pid();
    killed.signal(Signal::SIGKILL);
    assert_eq!(killed.end().code, None);
    assert_ne!(containers(pid), "");
    assert!(left() > 0);
    let mut next = start();
    next.wait_for("Booting 1 throwaway host");
    assert_eq!(containers(pid), "");
    next.signal(Signal::SIGINT);
    let pid = next.pid();
    next.end().ends(130);
    assert_eq!(containers(pid), "");
    assert_eq!(left(), 0);
}

#[tokio::test]
async fn without_a_container_engine_the_aws_half_is_rehearsed_alone() {
    let project = copy("600000000103").await;
    let programs = project.beside("programs");
    fs::create_dir(&programs).unwrap();
    for folder in ["/usr/bin", "/bin"] {
        for entry in fs::read_dir(folder).unwrap().flatten() {
            if !entry.file_name().to_string_lossy().contains("docker") {
                // The second folder may be the first by another name.
                let _ = symlink(entry.path(), programs.join(entry.file_name()));
            }
        }
    }
    let (running, mark) = rehearsal(&project, Some(&programs));
    let pid = running.pid();
    let ran: Ran = running.end();
    nothing_is_left(pid, &mark);
    ran.ends(7)
        .says("The hosts are not rehearsed, because there is no container engine")
        .says("There is no `docker` command on the path.")
        .prints("passed   service  active, with ")
        .prints("Nothing to do: everything is as declared.");
}

#[tokio::test]
async fn an_environment_without_a_target_is_rehearsed_as_well() {
    let project = Project::new("600000000109").await;
    let role = "project = \"review\"\n[aws]\nregion = \"eu-west-1\"\n[roles.worker]\nservice = \"ec2.amazonaws.com\"\n";
    project.write("environments/role.toml", role);
    let (running, mark) = rehearsal_of("role", &project, None);
    let pid = running.pid();
    let ran = running.end();
    nothing_is_left(pid, &mark);
    ran.ends(0)
        .says("No target is declared, so that there is none to verify.")
        .says("Last: destroy, which must leave nothing");
}
