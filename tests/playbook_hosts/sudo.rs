//! A login that is not root and has to give sudo its password.

use std::{
    fs,
    sync::atomic::{AtomicBool, Ordering},
    thread,
    time::Duration,
};

use super::*;
use crate::support::project::Project;

const PASSWORD: &str = "s3cret-of 'sudo' $HOME \\n";

/// Looks into the words and the environment of every process of this machine, which are those of the host as well,
/// until it is told to stop. Gives how often it looked and what it saw the password in.
fn watch(stop: &AtomicBool) -> (usize, Vec<String>) {
    let (mut looks, mut seen) = (0, Vec::new());
    while !stop.load(Ordering::Relaxed) {
        for process in fs::read_dir("/proc").unwrap().flatten() {
            for what in ["cmdline", "environ"] {
                let path = process.path().join(what);
                let Ok(bytes) = fs::read(&path) else { continue };
                let text = String::from_utf8_lossy(&bytes);
                if text.contains("s3cret-of 'sudo'") {
                    seen.push(format!("{}: {text}", path.display()));
                }
            }
        }
        looks += 1;
        // The shells that sudo starts live as long as the run.
        thread::sleep(Duration::from_millis(20));
    }
    (looks, seen)
}

#[tokio::test]
async fn a_password_for_sudo_is_taken_from_a_file_and_seen_nowhere_else() {
    let test = TestHost::boot("sudo", "cloud").await;
    let file = test.folder.path().join("password");
    fs::write(&file, format!("{PASSWORD}\n")).unwrap();
    let pair = test.folder.path().join("pair");
    fs::write(&pair, format!("cloud:{PASSWORD}\n")).unwrap();
    let copied = Command::new("docker")
        .arg("cp")
        .arg(&pair)
        .arg(format!("{}:/root/pair", test.container))
        .status();
    assert!(copied.unwrap().success());
    let script = "rm /etc/sudoers.d/90-cloud-user; echo 'cloud ALL=(ALL) ALL' >/etc/sudoers.d/cloud; \
                  chpasswd </root/pair; rm /root/pair";
    test.exec(&["sh", "-c", script]);
    let key = fs::read_to_string(test.folder.path().join("id.pub")).unwrap();
    let project = Project::new(
        &test,
        "docker-host",
        &format!("sudo_password_file = \"{}\"", file.display()),
        &format!(
            "docker_source = \"distribution\"\ndeploy_keys = [\"{}\"]",
            key.trim()
        ),
    );
    let stop = AtomicBool::new(false);
    let (said, (looks, seen)) = thread::scope(|scope| {
        let watcher = scope.spawn(|| watch(&stop));
        let first = project.landfall(&["apply", "review", "--yes"]);
        let second = project.landfall(&["plan", "review", "--detailed-exitcode"]);
        stop.store(true, Ordering::Relaxed);
        let said = first.with(0) + &second.with(0);
        (said, watcher.join().unwrap())
    });
    assert!(looks > 10, "{looks} looks");
    assert!(seen.is_empty(), "{seen:#?}");
    assert!(!said.contains("s3cret-of"), "{said}");
    let kept = Command::new("grep")
        .args(["-rlF", "s3cret-of"])
        .arg(project.path())
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&kept.stdout), "");
    let script = "journalctl --no-pager --all | grep -c -F s3cret-of; journalctl --no-pager --all | grep -c COMMAND; \
                  grep -rlF s3cret-of /etc /home /root /run /srv /tmp /var 2>/dev/null; true";
    let (found, rest) = {
        let text = test.exec(&["sh", "-c", script]);
        let (found, rest) = text.split_once('\n').unwrap();
        (found.to_owned(), rest.to_owned())
    };
    assert_eq!(found, "0");
    // The journal does hold what sudo was asked to run.
    let mut rest = rest.lines();
    assert_ne!(rest.next(), Some("0"));
    assert_eq!(rest.next(), None);
}
