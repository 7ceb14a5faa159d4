//! A handshake with a host, by ssh itself, to see which key it holds. Nobody logs in.

use std::{path::Path, process::Stdio, time::Duration};

use tokio::{io::AsyncReadExt, net::UnixListener, time};

use super::workspace::{USER, Workspace, no_room, no_ssh};
use crate::connect::ssh::{
    advice::section_of,
    login::connect_failure::{self, Attempt},
    login::heard::{Heard, NOISE},
    login::options::known_hosts_word,
    login::readable::clean,
    login::ssh_output::SshOutput,
};
use crate::{
    backoff::Backoff,
    connect::leftovers,
    model::{Class, Failure},
};

/// How long a handshake may take: jump hosts and a person who enters a password for them take their time.
const PATIENCE: Duration = Duration::from_secs(120);

/// How long after its end there may still be something of ssh's in a pipe, or a knock at the agent's door.
const AFTERMATH: Duration = Duration::from_millis(50);

/// How often a host is asked again that drops connections because too many come at once. The pauses come to one and a half
/// seconds: sshd holds off who connects often without logging in.
const CROWDED: u32 = 3;

/// Where a host is reached, as the person's own configuration of ssh has it.
#[derive(Debug, Clone)]
pub struct Destination {
    pub address: String,
    pub port: u16,
    /// What ssh looks the host up by in files of host keys.
    pub name: String,
    /// The algorithms of host keys that ssh takes, the best first, without those of certificates.
    pub algorithms: Vec<String>,
}

impl Destination {
    /// Asks ssh what it would do. Nothing is sent.
    pub async fn find(address: &str, port: u16) -> Result<Self, Failure> {
        leftovers::remove(&std::env::temp_dir()).await;
        let workspace = Workspace::new()?;
        let output = workspace
            .ssh(address, port)?
            .arg("-G")
            .args(["--", address])
            .stdin(Stdio::null())
            .output()
            .await
            .map_err(no_ssh)?;
        let text = String::from_utf8_lossy(&output.stdout);
        let value = |key: &str| {
            text.lines()
                .filter_map(|line| line.split_once(' '))
                .find(|(name, _)| *name == key)
                .map(|(_, value)| value.trim().to_owned())
        };
        let (Some(host), Some(algorithms)) = (value("hostname"), value("hostkeyalgorithms")) else {
            return Err(Failure::new(
                "ssh does not take its configuration",
                format!("Asking ssh how it would reach {address}."),
            )
            .quoting(clean(&String::from_utf8_lossy(&output.stderr)))
            .help(format!("See what `ssh -G {address}` says.")));
        };
        Ok(Self {
            address: address.to_owned(),
            port,
            name: match (value("hostkeyalias"), port) {
                (Some(alias), _) => alias,
                (None, 22) => host,
                (None, port) => format!("[{host}]:{port}"),
            },
            algorithms: algorithms
                .split(',')
                .filter(|algorithm| !algorithm.contains("-cert-"))
                .map(str::to_owned)
                .collect(),
        })
    }

    /// The line that ssh would write for the key that the host holds, with which it has signed this handshake. None when
    /// it has no key of these algorithms.
    ///
    /// Refuses when the host shows a key that it cannot sign with.
    pub async fn key(&self, algorithms: &[String]) -> Result<Option<String>, Failure> {
        let mut backoff = Backoff::doubling(Duration::from_millis(200), CROWDED);
        loop {
            let workspace = Workspace::new()?;
            let file = workspace.path("known_hosts");
            let handshake = self
                .shake(
                    &workspace,
                    &file,
                    &[
                        "StrictHostKeyChecking=accept-new",
                        &format!("HostKeyAlgorithms={}", algorithms.join(",")),
                    ],
                )
                .await?;
            let line = std::fs::read_to_string(&file).unwrap_or_default();
            let line = line.lines().next().map(str::to_owned);
            let words = SshOutput::of(&handshake.said);
            return match (line, &handshake) {
                (Some(line), Handshake { signed: true, .. }) => Ok(Some(line)),
                (Some(line), _)
                    if words.says_of("ssh_dispatch_run_fatal", "incorrect signature") =>
                {
                    Err(self.borrowed(&line))
                }
                (None, _) if words.says("no matching host key type found") => Ok(None),
                (line, _) => {
                    let crowded = line.is_none() && connect_failure::crowds(&handshake.said);
                    if crowded && backoff.pause().await {
                        continue;
                    }
                    Err(connect_failure::of(&handshake.said, &self.attempt(None)))
                }
            };
        }
    }

    /// Whether ssh is content with this file of host keys, so that there is nothing to learn.
    pub async fn vouched(&self, known_hosts: &Path) -> Result<bool, Failure> {
        let workspace = Workspace::new()?;
        let strict = ["StrictHostKeyChecking=yes"];
        let handshake = self.shake(&workspace, known_hosts, &strict).await?;
        let words = SshOutput::of(&handshake.said);
        let unknown = words.says("host key is known") || words.says("IDENTIFICATION HAS CHANGED");
        if handshake.signed {
            Ok(true)
        } else if unknown {
            Ok(false)
        } else {
            let attempt = self.attempt(Some(known_hosts));
            Err(connect_failure::of(&handshake.said, &attempt))
        }
    }

    /// Lets ssh greet the host, up to where it would log in.
    ///
    /// What ssh prints proves nothing, for a host may put words into it. But only after the host has signed does ssh ask
    /// its agent for keys to log in with, and the agent is us. A login that needs no key proves the same.
    async fn shake(
        &self,
        workspace: &Workspace,
        known_hosts: &Path,
        options: &[&str],
    ) -> Result<Handshake, Failure> {
        let agent = workspace.path("agent");
        let listener = UnixListener::bind(&agent).map_err(no_room)?;
        let mut command = workspace.ssh(&self.address, self.port)?;
        command.arg("-T");
        for (key, path) in [
            ("UserKnownHostsFile", known_hosts),
            ("IdentityAgent", &agent),
        ] {
            let word = known_hosts_word(path)?;
            command.arg("-o").arg([key, "=", &word].concat());
        }
        for option in options.iter().chain(&OPTIONS) {
            command.args(["-o", option]);
        }
        let mut child = command
            .args(["--", &self.address, "exit"])
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            // Not a file, which a host that makes ssh speak without end would fill.
            .stderr(Stdio::piped())
            .kill_on_drop(true)
            .spawn()
            .map_err(no_ssh)?;
        let mut stderr = child.stderr.take();
        let mut heard = Heard::default();
        let late = time::sleep(PATIENCE);
        tokio::pin!(late);
        let signed = loop {
            tokio::select! {
                biased;
                asked = listener.accept() => break asked.is_ok(),
                () = hear(&mut heard, &mut stderr), if !heard.ended => {
                    if heard.total > NOISE {
                        return Err(self.noisy());
                    }
                }
                ended = child.wait() => {
                    let entered = ended.is_ok_and(|status| status.code().is_some_and(|code| code != 255));
                    break entered || time::timeout(AFTERMATH, listener.accept()).await.is_ok();
                }
                () = &mut late => break false,
            }
        };
        // One that has ended cannot be ended.
        let _ = child.kill().await;
        // Not up to the pipe's end: what a jump host's connection leaves running would hold it open.
        while !heard.ended
            && heard.total <= NOISE
            && time::timeout(AFTERMATH, hear(&mut heard, &mut stderr))
                .await
                .is_ok()
        {}
        Ok(Handshake {
            signed,
            said: heard.text(),
        })
    }

    fn noisy(&self) -> Failure {
        Failure::new(
            "the host prints without end",
            format!("Asking {}, port {}, for its key.", self.address, self.port),
        )
        .class(Class::Unreachable)
        .why(format!(
            "ssh had printed {} MiB, and the handshake was not over.",
            NOISE >> 20
        ))
        .left_behind("No key was trusted.")
        .help("Is it sshd that listens there? `ssh -v` shows what it says.")
    }

    fn attempt<'a>(&'a self, known_hosts: Option<&'a Path>) -> Attempt<'a> {
        Attempt {
            address: &self.address,
            port: self.port,
            user: USER,
            known_hosts,
            identity: None,
            section: section_of("NAME"),
            what: format!("Asking {}, port {}, for its key.", self.address, self.port),
        }
    }

    fn borrowed(&self, line: &str) -> Failure {
        let kind = line.split_whitespace().nth(1);
        Failure::new(
            "the host shows a key that is not its own",
            format!("Asking {}, port {}, for its key.", self.address, self.port),
        )
        .class(Class::Refused)
        .why(format!(
            "It shows the public half of a key ({}), and what it signs is not signed with it.",
            kind.unwrap_or("of an unknown kind")
        ))
        .left_behind("No key was trusted.")
        .help(
            "Somebody may be between you and the host, and pass for it. Do not trust it from here.",
        )
    }
}

/// How a handshake went.
struct Handshake {
    /// Whether the host has shown that it holds its key.
    signed: bool,
    /// What ssh and what carries it said.
    said: String,
}

/// Waits for more of what ssh says.
async fn hear(heard: &mut Heard, stderr: &mut Option<impl AsyncReadExt + Unpin>) {
    match stderr {
        Some(stream) => heard.read(stream).await,
        None => heard.ended = true,
    }
}

/// What holds whatever the person's own configuration says. Nothing is written, forwarded, run or asked.
const OPTIONS: [&str; 20] = [
    "BatchMode=yes",
    "CheckHostIP=no",
    "ClearAllForwardings=yes",
    "ConnectTimeout=20",
    "ControlMaster=no",
    "ControlPath=none",
    "ForwardAgent=no",
    "HashKnownHosts=no",
    "IdentitiesOnly=no",
    "IdentityFile=none",
    "LogLevel=DEBUG1",
    "PKCS11Provider=none",
    "PermitLocalCommand=no",
    "PreferredAuthentications=publickey",
    "PubkeyAuthentication=yes",
    "RemoteCommand=none",
    "RequestTTY=no",
    // It ends by itself as well, should nobody be left to end it.
    "ServerAliveInterval=10",
    "SessionType=default",
    "Tunnel=no",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn ssh_is_heard_only_so_long() {
        let destination = Destination {
            address: "127.0.0.1".to_owned(),
            port: 22,
            name: "127.0.0.1".to_owned(),
            algorithms: Vec::new(),
        };
        let workspace = Workspace::new().unwrap();
        let file = workspace.path("known_hosts");
        // What carries the connection prints into what ssh says.
        let endless = ["ProxyCommand=sh -c 'exec 3>&1; yes noise >&2'"];
        let noisy = destination
            .shake(&workspace, &file, &endless)
            .await
            .err()
            .unwrap();
        assert_eq!(noisy.summary, "the host prints without end");
        // What it leaves running holds the pipe open, and is not waited for.
        let workspace = Workspace::new().unwrap();
        let began = std::time::Instant::now();
        let lasting = ["ProxyCommand=sleep 30 </dev/null >/dev/null & echo gone >&2"];
        let ended = destination
            .shake(&workspace, &file, &lasting)
            .await
            .unwrap();
        assert!(
            ended.said.contains("gone") && !ended.signed,
            "{}",
            ended.said
        );
        assert!(began.elapsed() < Duration::from_secs(20));
    }
}
