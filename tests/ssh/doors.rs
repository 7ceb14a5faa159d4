//! First contact: which key of a host is trusted, and which is not.

use std::{
    fs::File,
    io::{Read, Write},
    path::{Path, PathBuf},
    process::{Command, Output, Stdio},
};

use nix::pty::openpty;

use super::*;

/// A project without anything in it.
struct Door {
    project: PathBuf,
    address: String,
}

impl Door {
    fn of(lab: &TestHost) -> Self {
        let project = lab.folder.path().join("project");
        std::fs::create_dir_all(project.join("environments")).unwrap();
        Self {
            project,
            address: lab.login.address.clone(),
        }
    }

    fn file(&self) -> PathBuf {
        self.project.join("environments/known_hosts")
    }

    fn known(&self) -> String {
        std::fs::read_to_string(self.file()).unwrap_or_default()
    }

    fn command(&self, more: &[&str]) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_landfall"));
        command
            .args(["host", "trust", &self.address])
            .args(more)
            .current_dir(&self.project)
            .stdin(Stdio::null());
        command
    }

    #[track_caller]
    fn trust(&self, more: &[&str], ends: i32, says: &str) {
        let output = self.command(more).output().unwrap();
        assert_eq!(output.status.code(), Some(ends), "{}", said(&output));
        assert!(said(&output).contains(says), "{}", said(&output));
    }
}

fn said(output: &Output) -> String {
    [&output.stdout[..], &output.stderr]
        .map(String::from_utf8_lossy)
        .concat()
}

/// The public half and the fingerprint of a host's key, as its console shows them.
pub fn shown(lab: &TestHost, kind: &str) -> (String, String) {
    let file = format!("/etc/ssh/ssh_host_{kind}_key.pub");
    let public = lab.exec(&["cat", &file]);
    let words: Vec<&str> = public.split(' ').collect();
    let line = lab.exec(&["ssh-keygen", "-lf", &file]);
    let fingerprint = line.split(' ').nth(1).unwrap().to_owned();
    (format!("{} {}", words[0], words[1].trim()), fingerprint)
}

fn reinstall(lab: &TestHost) {
    lab.exec(&[
        "sh",
        "-c",
        "rm /etc/ssh/ssh_host_*; ssh-keygen -q -A; systemctl restart ssh",
    ]);
}

#[tokio::test]
async fn only_the_key_that_was_compared_is_trusted() {
    let lab = TestHost::boot("compared", "root").await;
    let door = Door::of(&lab);
    let (public, fingerprint) = shown(&lab, "ecdsa");
    let nobody = "SHA256:knK9tm1ADXcLmzLBsW4te9kAUqu2RjnM3GeTJ0x3qBk";
    door.trust(&[], 6, "Nobody can answer here");
    door.trust(&["--fingerprint", nobody], 6, "the host has another key");
    door.trust(&["--fingerprint", "16:27:ac"], 1, "this is no fingerprint");
    assert!(!door.file().exists());
    let line = format!("{} {public}\n", door.address);
    for _ in 0..2 {
        door.trust(&["--fingerprint", &fingerprint], 0, "It is trusted");
        assert_eq!(door.known(), line);
    }
    door.trust(&[], 0, "This key is trusted already.");
    let mut with = settings(&lab, "run-1");
    with.known_hosts = door.file();
    let host = Host::connect(&lab.login, "compared", with).await.unwrap();
    assert!(stat(&host, "/etc").await.unwrap().is_some());
}

#[tokio::test]
async fn a_host_that_was_reinstalled_is_trusted_anew_when_that_is_said() {
    let lab = TestHost::boot("anew", "root").await;
    let door = Door::of(&lab);
    let others =
        "# ours\n|1|c2FsdHNhbHRzYWx0c2FsdHNhbHQ=|aGFzaGhhc2hoYXNoaGFzaGhhc2g= ssh-ed25519 AAAA\n";
    let (old, fingerprint) = shown(&lab, "ed25519");
    std::fs::write(
        door.file(),
        format!("{others}{},db {old} mine\n# last", door.address),
    )
    .unwrap();
    door.trust(&["--fingerprint", &fingerprint], 0, "It is trusted");
    reinstall(&lab);
    let before = door.known();
    let advice = format!("`landfall host trust {} --replace`", door.address);
    door.trust(&[], 6, &advice);
    for kind in ["ed25519", "ecdsa"] {
        door.trust(&["--fingerprint", &shown(&lab, kind).1], 6, &advice);
    }
    assert_eq!(door.known(), before);
    let refused = Host::connect(&lab.login, "anew", {
        let mut with = settings(&lab, "run-1");
        with.known_hosts = door.file();
        with
    })
    .await
    .unwrap_err();
    assert_eq!(refused.summary, "the host key has changed");
    assert!(refused.help.contains(&advice), "{refused}");
    assert!(!refused.why.contains('@') && !refused.why.contains('\r'));

    let (new, fingerprint) = shown(&lab, "ed25519");
    door.trust(&["--replace"], 6, "Nobody can answer here");
    door.trust(
        &["--replace", "--fingerprint", &fingerprint],
        0,
        "It is trusted",
    );
    assert_eq!(
        door.known(),
        format!("{others}{} {new}\ndb {old} mine\n# last\n", door.address)
    );

    let revoked = format!("@revoked {} {new}\n", door.address);
    std::fs::write(door.file(), &revoked).unwrap();
    door.trust(
        &["--replace", "--fingerprint", &fingerprint],
        6,
        "the host's key is revoked",
    );
    assert_eq!(door.known(), revoked);
}

/// An agent that lists no key and signs anything with nothing, so that a server can show a key that it does not hold.
const LIAR: &str = r#"use IO::Socket::UNIX;
my $s = IO::Socket::UNIX->new(Local => $ARGV[0], Listen => 5) or die;
while (my $c = $s->accept) {
    if (fork) { close $c; next }
    while (read($c, my $h, 4) == 4) {
        read($c, my $b, unpack("N", $h));
        my $answer = chr(5);
        if (ord $b == 13) {
            my $key = unpack("N/a", substr($b, 1));
            $answer = chr(14) . pack("N/a", pack("N/a N/a", unpack("N/a", $key), "x" x 64));
        }
        print $c pack("N/a", $answer);
        $c->flush;
    }
    exit;
}
"#;

#[tokio::test]
async fn a_host_that_shows_a_key_of_somebody_else_is_refused() {
    let lab = TestHost::boot("liar", "root").await;
    let door = Door::of(&lab);
    let begin = "printf '%s' \"$1\" >/srv/liar.pl; cp /etc/ssh/ssh_host_ed25519_key.pub /srv/shown; chmod 600 /srv/shown
        ssh-keygen -q -t ecdsa -N '' -f /srv/own
        setsid perl /srv/liar.pl /srv/agent >/dev/null 2>&1 </dev/null &
        until [ -S /srv/agent ]; do sleep 0.05; done
        /usr/sbin/sshd -f /dev/null -o Port=2222 -o HostKey=/srv/shown -o HostKeyAgent=/srv/agent -o HostKey=/srv/own -o PidFile=none";
    lab.exec(&["sh", "-c", begin, "sh", LIAR]);
    let (_, real) = shown(&lab, "ed25519");
    let seen = Command::new("ssh-keyscan")
        .args(["-t", "ed25519", "-p", "2222", &door.address])
        .output()
        .unwrap();
    assert!(said(&seen).contains("ssh-ed25519 AAAA"), "{}", said(&seen));
    for more in [
        &["--fingerprint", &real][..],
        &[],
        &["--replace", "--fingerprint", &real],
    ] {
        let more = [&["--port", "2222"], more].concat();
        door.trust(&more, 6, "the host shows a key that is not its own");
    }
    assert!(!door.file().exists());
    door.trust(&["--fingerprint", &real], 0, "It is trusted");
}

/// Runs a command at a terminal and answers its question. Gives how it ended and what it said.
fn at_a_terminal(mut command: Command, question: &str, answer: &str) -> (Option<i32>, String) {
    let terminal = openpty(None, None).unwrap();
    let errors = terminal.slave.try_clone().unwrap();
    command.stdin(terminal.slave).stderr(errors);
    let mut child = command.stdout(Stdio::null()).spawn().unwrap();
    drop(command);
    let mut terminal = File::from(terminal.master);
    let (mut said, mut bytes, mut asked) = (String::new(), [0; 4096], false);
    while let Ok(count @ 1..) = terminal.read(&mut bytes) {
        said += &String::from_utf8_lossy(&bytes[..count]);
        if !asked && said.contains(question) {
            asked = true;
            writeln!(terminal, "{answer}").unwrap();
        }
    }
    (child.wait().unwrap().code(), said)
}

#[tokio::test]
async fn at_a_terminal_a_pasted_fingerprint_is_compared_as_ssh_does() {
    let lab = TestHost::boot("pasted", "root").await;
    let door = Door::of(&lab);
    let question = "Trust this key (yes, no, or the fingerprint that it must have)?";
    let (public, fingerprint) = shown(&lab, "rsa");
    let nobody = "SHA256:knK9tm1ADXcLmzLBsW4te9kAUqu2RjnM3GeTJ0x3qBk";
    for (answer, why) in [
        ("no", "The answer was not `yes`."),
        ("n", "The answer was not `yes`."),
        ("", "The answer was not `yes`."),
        (nobody, "None of the keys above has this fingerprint"),
    ] {
        let (code, said) = at_a_terminal(door.command(&[]), question, answer);
        assert_eq!(code, Some(6), "{said}");
        assert!(
            said.contains(why) && said.contains("No key was trusted."),
            "{said}"
        );
        assert!(!door.file().exists());
    }
    let (code, said) = at_a_terminal(door.command(&[]), question, &fingerprint);
    assert_eq!(code, Some(0), "{said}");
    assert_eq!(door.known(), format!("{} {public}\n", door.address));

    std::fs::remove_file(door.file()).unwrap();
    let (code, said) = at_a_terminal(door.command(&[]), question, "yes");
    assert_eq!(code, Some(0), "{said}");
    let (public, _) = shown(&lab, "ed25519");
    assert_eq!(door.known(), format!("{} {public}\n", door.address));
}

#[tokio::test]
async fn looking_at_every_key_does_not_make_sshd_hold_us_off_and_when_it_does_that_is_said() {
    let lab = TestHost::boot("penalty", "root").await;
    let door = Door::of(&lab);
    let nobody = "SHA256:knK9tm1ADXcLmzLBsW4te9kAUqu2RjnM3GeTJ0x3qBk";
    door.trust(&["--fingerprint", nobody], 6, "the host has another key");
    let host = Host::connect(&lab.login, "penalty", settings(&lab, "run-1"));
    assert!(stat(&host.await.unwrap(), "/etc").await.unwrap().is_some());

    lab.exec(&[
        "sh",
        "-c",
        "echo 'PerSourcePenalties noauth:60s min:1s' >/etc/ssh/sshd_config.d/00-penalty.conf; systemctl restart ssh",
    ]);
    door.trust(&[], 6, "Nobody can answer here");
    door.trust(&[], 4, "the host holds this machine off");
    let held = Host::connect(&lab.login, "penalty", settings(&lab, "run-2"));
    let held = held.await.unwrap_err();
    assert_eq!(
        held.summary,
        "the host ends the connection before it greets"
    );
    assert!(held.help.contains("PerSourcePenalties"), "{held}");
}

/// Puts a file into a container.
pub fn copy(lab: &TestHost, from: &Path, to: &str) {
    let copied = Command::new("docker")
        .arg("cp")
        .arg(from)
        .arg(format!("{}:{to}", lab.container))
        .output()
        .unwrap();
    assert!(copied.status.success(), "{}", said(&copied));
}

#[tokio::test]
async fn a_host_behind_a_jump_host_of_ssh_config_shows_its_own_key() {
    // The operator's machine is a container, because ssh reads the configuration of the home that the system names.
    let near = TestHost::boot("near", "root").await;
    let far = TestHost::boot("far", "root").await;
    copy(
        &near,
        Path::new(env!("CARGO_BIN_EXE_landfall")),
        "/usr/local/bin/landfall",
    );
    let identity = std::fs::read_to_string(far.folder.path().join("id")).unwrap();
    let known = std::fs::read_to_string(&far.known_hosts).unwrap();
    let config = format!(
        "Host web\n  HostName 127.0.0.1\n  ProxyJump root@{}\nHost aliased\n  HostName 127.0.0.1\n  HostKeyAlias the-web\n  ProxyCommand ssh -W %h:%p root@{}\n",
        far.login.address, far.login.address
    );
    near.exec(&[
        "sh",
        "-c",
        "umask 077; mkdir -p ~/.ssh /srv/p/environments; printf '%s' \"$1\" >~/.ssh/id_ed25519; printf '%s' \"$2\" >~/.ssh/known_hosts; printf '%s' \"$3\" >~/.ssh/config",
        "sh",
        &identity,
        &known,
        &config,
    ]);
    let (public, fingerprint) = shown(&far, "ed25519");
    for (address, name) in [("web", "127.0.0.1"), ("aliased", "the-web")] {
        let trust = [
            "landfall",
            "-C",
            "/srv/p",
            "host",
            "trust",
            address,
            "--fingerprint",
        ];
        near.exec(&[&trust[..], &[&fingerprint]].concat());
        let known = near.exec(&["cat", "/srv/p/environments/known_hosts"]);
        assert!(known.ends_with(&format!("{name} {public}\n")), "{known}");
    }
}
