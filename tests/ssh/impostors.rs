//! What listens where sshd should: the first contact with it ends soon, is told in a few lines, and leaves nothing here.

use std::{
    io::{Read, Write},
    net::{TcpListener, TcpStream},
    path::Path,
    process::Stdio,
    thread,
    time::Instant,
};

use nix::{
    sys::signal::{Signal, kill},
    unistd::Pid,
};

use super::*;

/// Listens on the loopback address, and does this to each who comes.
fn listen(greet: impl Fn(TcpStream) -> std::io::Result<()> + Copy + Send + 'static) -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            // They go away in the middle of it.
            thread::spawn(move || greet(stream));
        }
    });
    port
}

fn endless(mut stream: TcpStream) -> std::io::Result<()> {
    let lines = b"220 welcome, and welcome again\r\n".repeat(1000);
    loop {
        stream.write_all(&lines)?;
    }
}

fn drip(mut stream: TcpStream) -> std::io::Result<()> {
    loop {
        stream.write_all(b"w")?;
        // No divisor of the 20 s that ssh waits: OpenSSH 9 waits without end after a byte that comes in the very
        // millisecond in which its time is over, and is ended by us after two minutes.
        thread::sleep(Duration::from_millis(300));
    }
}

/// It greets as sshd does, and says nothing more.
fn mute(mut stream: TcpStream) -> std::io::Result<()> {
    stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n")?;
    thread::sleep(Duration::from_secs(600));
    Ok(())
}

/// It says this ahead of its greeting, and in its version.
fn beforehand(mut stream: TcpStream, words: &str) -> std::io::Result<()> {
    write!(stream, "{words}\r\nSSH-2.0-x {words}\r\n")?;
    // Without a look at what came, the end would be a reset.
    std::io::copy(&mut (&stream).take(500), &mut std::io::sink())?;
    Ok(())
}

/// It gives this, on a line of its own, as the reason for which it parts, before any key.
fn parting(mut stream: TcpStream, words: &str) -> std::io::Result<()> {
    let reason = format!("x\n{words}");
    let mut payload = vec![1, 0, 0, 0, 2];
    payload.extend(u32::try_from(reason.len()).unwrap().to_be_bytes());
    payload.extend(reason.as_bytes());
    payload.extend([0; 4]);
    let padding = 16 - (5 + payload.len()) % 8;
    let length = u32::try_from(1 + payload.len() + padding).unwrap();
    stream.write_all(b"SSH-2.0-x\r\n")?;
    stream.write_all(&length.to_be_bytes())?;
    stream.write_all(&[u8::try_from(padding).unwrap()])?;
    stream.write_all(&payload)?;
    stream.write_all(&vec![0; padding])?;
    std::io::copy(&mut (&stream).take(500), &mut std::io::sink())?;
    Ok(())
}

/// What ssh itself says when something is wrong with a key.
const WORDS: [&str; 5] = [
    "ssh_dispatch_run_fatal: Connection to 127.0.0.1 port 22: incorrect signature",
    "@    WARNING: REMOTE HOST IDENTIFICATION HAS CHANGED!     @",
    "@         WARNING: REVOKED HOST KEY DETECTED!             @",
    "Host key verification failed.",
    "root@127.0.0.1: Permission denied (publickey).",
];

/// A project folder, and a folder for what the program makes for a while.
struct Here {
    project: tempfile::TempDir,
    scratch: tempfile::TempDir,
}

impl Here {
    fn new() -> Self {
        let project = tempfile::tempdir().unwrap();
        std::fs::create_dir(project.path().join("environments")).unwrap();
        std::fs::write(project.path().join("password"), "pass\n").unwrap();
        let key = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIJkl me@example.org\n";
        std::fs::write(project.path().join("id.pub"), key).unwrap();
        Self {
            project,
            scratch: tempfile::tempdir().unwrap(),
        }
    }

    fn landfall(&self, verb: &str, port: u16, more: &[&str]) -> tokio::process::Command {
        let mut command = tokio::process::Command::new(env!("CARGO_BIN_EXE_landfall"));
        command
            .args(["host", verb, "127.0.0.1", "--port", &port.to_string()])
            .args(more)
            .current_dir(self.project.path())
            .env("TMPDIR", self.scratch.path())
            .env_remove("SSH_AUTH_SOCK")
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .kill_on_drop(true);
        command
    }

    fn left(&self) -> Vec<String> {
        names(self.scratch.path())
    }

    /// A contact that has begun its handshake, and the name of its folder.
    async fn begun(&self, port: u16) -> (tokio::process::Child, String) {
        let before = self.left();
        let child = self.landfall("trust", port, &[]).spawn().unwrap();
        let began = Instant::now();
        loop {
            let shakes = |name: &String| {
                !before.contains(name) && self.scratch.path().join(name).join("agent").exists()
            };
            if let Some(name) = self.left().into_iter().find(shakes) {
                return (child, name);
            }
            assert!(began.elapsed() < Duration::from_secs(20));
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect()
}

#[tokio::test]
async fn what_greets_without_end_or_never_is_told_in_a_few_lines() {
    let here = Here::new();
    let key = ["--key", "id.pub", "--password-file", "password"];
    let mut met = Vec::new();
    for port in [listen(endless), listen(drip)] {
        met.push(here.landfall("key", port, &key).output());
        met.push(here.landfall("trust", port, &[]).output());
    }
    let began = Instant::now();
    for output in futures::future::join_all(met).await {
        let output = output.unwrap();
        let said = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(4), "{said}");
        assert!(said.len() < 3000, "{said}");
    }
    assert!(
        began.elapsed() < Duration::from_secs(60),
        "{:?}",
        began.elapsed()
    );
    assert_eq!(here.left(), Vec::<String>::new());
}

#[tokio::test]
async fn a_first_contact_that_is_interrupted_leaves_nothing_and_one_that_is_killed_until_the_next()
{
    let here = Here::new();
    let port = listen(mute);
    let (child, _) = here.begun(port).await;
    let pid = Pid::from_raw(i32::try_from(child.id().unwrap()).unwrap());
    kill(pid, Signal::SIGINT).unwrap();
    let ended = child.wait_with_output().await.unwrap();
    assert_eq!(ended.status.code(), Some(130), "{ended:?}");
    assert!(String::from_utf8_lossy(&ended.stderr).contains("No key was trusted."));
    assert_eq!(here.left(), Vec::<String>::new());

    let (mut killed, left) = here.begun(port).await;
    killed.kill().await.unwrap();
    assert_eq!(here.left(), [left]);
    let (mut at_work, its_own) = here.begun(port).await;
    assert_eq!(here.left(), std::slice::from_ref(&its_own));
    // One that is at work is not disturbed by who comes after it.
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = nobody.local_addr().unwrap().port();
    drop(nobody);
    let refused = here.landfall("trust", port, &[]).output().await.unwrap();
    assert_eq!(refused.status.code(), Some(4), "{refused:?}");
    assert_eq!(here.left(), [its_own]);
    assert!(at_work.try_wait().unwrap().is_none());
}

#[tokio::test]
async fn words_of_ssh_that_a_host_says_before_it_shows_a_key_are_not_taken_for_its_own() {
    let here = Here::new();
    let key = ["--key", "id.pub", "--password-file", "password"];
    let ways: [fn(TcpStream, &str) -> std::io::Result<()>; 2] = [beforehand, parting];
    for way in ways {
        for (verb, more) in [("trust", &[][..]), ("key", &key)] {
            let mut summaries = Vec::new();
            for words in ["hello"].into_iter().chain(WORDS) {
                let port = listen(move |stream| way(stream, words));
                let output = here.landfall(verb, port, more).output().await.unwrap();
                let said = String::from_utf8_lossy(&output.stderr).into_owned();
                assert_eq!(output.status.code(), Some(4), "{said}");
                summaries.push(said.lines().next().unwrap_or_default().to_owned());
            }
            summaries.dedup();
            assert_eq!(summaries.len(), 1, "{verb}: {summaries:#?}");
        }
    }
}
