//! The first key on a host that only a password opens, put there by the program itself.

use std::{path::Path, process::Output};

use super::*;

/// A host that takes a password, a key that it does not know, and a project that trusts the host.
struct Closed {
    lab: TestHost,
    project: std::path::PathBuf,
    /// Of this host alone, so that what one test hands to Docker is not seen by another.
    password: String,
}

impl Closed {
    async fn boot(name: &str) -> Self {
        let lab = TestHost::boot(name, "root").await;
        let password = format!("pass w'o\"r$d {name}");
        lab.exec(&["sh", "-c", "echo \"root:$1\" | chpasswd; echo 'PermitRootLogin yes' >/etc/ssh/sshd_config.d/00-open.conf; rm -r /root/.ssh; systemctl restart ssh", "sh", &password]);
        let project = lab.folder.path().join("project");
        std::fs::create_dir_all(project.join("environments")).unwrap();
        std::fs::copy(&lab.known_hosts, project.join("environments/known_hosts")).unwrap();
        Self {
            lab,
            project,
            password,
        }
    }

    /// The program, told to put the key there with the password in this file.
    fn landfall(&self, password_file: &Path) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_landfall"));
        command
            .args(["host", "key", &self.lab.login.address])
            .arg("--key")
            .arg(self.lab.folder.path().join("id.pub"))
            .arg("--password-file")
            .arg(password_file)
            .current_dir(&self.project)
            .env_remove("SSH_AUTH_SOCK")
            .kill_on_drop(true);
        command
    }

    async fn key(&self, password: &str) -> Output {
        let file = self.lab.folder.path().join("password");
        std::fs::write(&file, [password, "\nnot this\n"].concat()).unwrap();
        self.landfall(&file).output().await.unwrap()
    }
}

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr]
        .map(String::from_utf8_lossy)
        .concat()
}

#[tokio::test]
async fn the_first_key_comes_with_a_password_once_and_opens_the_host() {
    let closed = Closed::boot("first-key").await;
    let file = closed.lab.folder.path().join("no password");
    let absent = closed.landfall(&file).output().await.unwrap();
    assert_eq!(absent.status.code(), Some(1), "{absent:?}");
    let said_of_it = said(&absent);
    assert!(
        said_of_it.contains("the file with a password cannot be read"),
        "{absent:?}"
    );
    assert!(said_of_it.contains("no password"), "{absent:?}");
    let wrong = closed.key("wrong").await;
    assert!(!wrong.status.success());
    assert!(
        said(&wrong).contains("the host does not take the password"),
        "{wrong:?}"
    );
    assert!(!said(&wrong).contains("wrong\n"), "{wrong:?}");

    for words in ["now opens", "already opens"] {
        let right = closed.key(&closed.password).await;
        assert!(right.status.success(), "{right:?}");
        assert!(said(&right).contains(words), "{right:?}");
        assert!(!said(&right).contains(&closed.password), "{right:?}");
    }
    let keys = closed.lab.exec(&["cat", "/root/.ssh/authorized_keys"]);
    let public = std::fs::read_to_string(closed.lab.folder.path().join("id.pub")).unwrap();
    assert_eq!(keys, public);
    let modes = ["/root/.ssh", "/root/.ssh/authorized_keys"];
    let modes = closed.lab.exec(&["stat", "-c", "%a", modes[0], modes[1]]);
    assert_eq!(modes, "700\n600\n");
    let host = Host::connect(&closed.lab.login, "web", settings(&closed.lab, "run-1"))
        .await
        .unwrap();
    assert!(stat(&host, "/etc").await.unwrap().is_some());

    std::fs::write(closed.project.join("environments/known_hosts"), "").unwrap();
    let unknown = closed.key(&closed.password).await;
    assert!(!unknown.status.success());
    assert!(
        said(&unknown).contains("the host key is not known"),
        "{unknown:?}"
    );
}

#[tokio::test]
async fn a_password_that_must_be_changed_at_the_first_login_is_changed_and_the_key_comes_after_it()
{
    let closed = Closed::boot("must-change").await;
    // A host that counts failures would hold off a machine that fails as often as this test does.
    let counts = "echo 'PerSourcePenalties no' >/etc/ssh/sshd_config.d/00-counts.conf; systemctl restart ssh";
    closed.lab.exec(&["sh", "-c", counts]);
    let old = closed.lab.folder.path().join("old");
    let new = closed.lab.folder.path().join("new");
    std::fs::write(&old, &closed.password).unwrap();
    for user in ["root", "cloud"] {
        let script = "id \"$1\" >/dev/null 2>&1 || useradd -m \"$1\"; echo \"$1:$2\" | chpasswd; chage -d 0 \"$1\"";
        closed
            .lab
            .exec(&["sh", "-c", script, "sh", user, &closed.password]);
        let run = async |more: &[&Path]| {
            let mut command = closed.landfall(&old);
            command.args(["--user", user]);
            for file in more {
                command.arg("--new-password-file").arg(file);
            }
            let output = command.output().await.unwrap();
            (output.status.code(), said(&output))
        };
        let (code, told) = run(&[]).await;
        assert_eq!(code, Some(4), "{told}");
        assert!(
            told.contains("the host demands a new password first"),
            "{told}"
        );
        assert!(told.contains("--new-password-file FILE"), "{told}");

        // The same again is no new one; root may have any.
        if user != "root" {
            let (code, told) = run(&[&old]).await;
            assert_eq!(code, Some(4), "{told}");
            assert!(
                told.contains("the host does not take the new password"),
                "{told}"
            );
        }
        let fresh = format!("another w'o\"r$d of {user} 7");
        std::fs::write(&new, &fresh).unwrap();
        // A run that was cut after the password was set is repaired by the same command.
        for words in ["now opens", "already opens"] {
            let (code, told) = run(&[&new]).await;
            assert_eq!(code, Some(0), "{told}");
            assert!(told.contains(words), "{told}");
            assert!(
                !told.contains(&fresh) && !told.contains(&closed.password),
                "{told}"
            );
        }
        let expires = closed
            .lab
            .exec(&["sh", "-c", "chage -l \"$1\" | head -n 1", "sh", user]);
        assert!(!expires.contains("must be changed"), "{expires}");
    }
}

/// What becomes of the first key on a host whose login shell first does this.
async fn behind(closed: &Closed, first: &str) -> (Output, Duration) {
    closed.lab.exec(&[
        "sh",
        "-c",
        "printf '%s\\n' \"$1\" >/root/.bashrc",
        "sh",
        first,
    ]);
    let began = std::time::Instant::now();
    let ended = tokio::time::timeout(Duration::from_secs(90), closed.key(&closed.password));
    (ended.await.unwrap(), began.elapsed())
}

#[tokio::test]
async fn a_host_that_prints_or_drips_without_end_is_given_up_while_the_key_is_put_there() {
    let closed = Closed::boot("endless").await;
    let (noisy, took) = behind(&closed, "while :; do echo noise; done").await;
    assert!(
        said(&noisy).contains("the host prints without end"),
        "{noisy:?}"
    );
    assert!(took < Duration::from_secs(20), "{took:?}");
    let (late, took) = behind(&closed, "while sleep 1; do echo drip; done").await;
    assert!(
        said(&late).contains("the host does not come to the point") && said(&late).contains("drip"),
        "{late:?}"
    );
    assert!(took < Duration::from_secs(75), "{took:?}");
    for given_up in [noisy, late] {
        assert_eq!(given_up.status.code(), Some(4), "{given_up:?}");
        assert!(
            said(&given_up).contains("may have been put there"),
            "{given_up:?}"
        );
        assert!(said(&given_up).len() < 4000, "{given_up:?}");
    }
    // What was printed before, and ends, is in nobody's way.
    let (entered, _) = behind(&closed, "echo Welcome; seq 10000 >&2").await;
    assert!(entered.status.success(), "{entered:?}");
}

/// The arguments and the environment of every process that can be looked into.
fn processes() -> Vec<Vec<u8>> {
    let mut seen = Vec::new();
    for entry in std::fs::read_dir("/proc").unwrap().flatten() {
        for file in ["cmdline", "environ"] {
            seen.extend(std::fs::read(entry.path().join(file)));
        }
    }
    seen
}

fn shows(processes: &[Vec<u8>], words: &str) -> bool {
    let holds = |one: &Vec<u8>| {
        one.windows(words.len())
            .any(|window| window == words.as_bytes())
    };
    processes.iter().any(holds)
}

#[tokio::test]
async fn no_process_shows_the_password_while_the_key_is_put_there() {
    let closed = Closed::boot("unseen").await;
    // The login waits on the host, after the password was taken and before the key is there.
    lab_waits(&closed.lab);
    let file = closed.lab.folder.path().join("the-password-file");
    std::fs::write(&file, &closed.password).unwrap();
    let running = closed
        .landfall(&file)
        .stdout(std::process::Stdio::piped())
        .stderr(std::process::Stdio::piped())
        .spawn()
        .unwrap();
    closed.lab.exec(&[
        "timeout",
        "60",
        "sh",
        "-c",
        "until [ -e /srv/in ]; do sleep 0.05; done",
    ]);
    let processes = processes();
    assert!(
        shows(&processes, "the-password-file"),
        "the processes were seen"
    );
    assert!(!shows(&processes, &closed.password));
    closed.lab.exec(&["touch", "/srv/go"]);
    let output = running.wait_with_output().await.unwrap();
    assert!(output.status.success(), "{output:?}");
}

fn lab_waits(lab: &TestHost) {
    lab.exec(&[
        "sh",
        "-c",
        "echo 'touch /srv/in; until [ -e /srv/go ]; do sleep 0.05; done' >/root/.bashrc",
    ]);
}
