//! A throwaway host: systemd and sshd in a container, reached like any other host.

use std::{
    path::{Path, PathBuf},
    time::Duration,
};

use tokio::time::{Instant, sleep};

use super::{Say, base, engine::Engine, label, program};
use crate::connect::process::Process;
use crate::model::{Failure, Login};

/// A host boots in under a second; a machine that builds at the same time needs more.
const BOOT: Duration = Duration::from_secs(60);

/// A running throwaway host. It must be removed: dropping it does nothing.
#[derive(Debug)]
pub struct Host {
    container: String,
    login: Login,
    keys: Vec<String>,
}

impl Host {
    /// Boots a host that lets this user in with this key, and waits until its sshd answers.
    ///
    /// `name` is what the environment calls it, `public_key` a line of `authorized_keys`, `identity` the private
    /// key's path. Any user but root may use sudo without a password, as on a cloud's image. Fails with the end of
    /// the host's log when it does not boot; nothing is left behind then.
    pub async fn boot(
        engine: &Engine,
        name: &str,
        user: &str,
        public_key: &str,
        identity: &Path,
        say: Say<'_>,
    ) -> Result<Self, Failure> {
        let image = base::image(engine, say).await?;
        let container = format!("landfall-{name}-{}-{}", std::process::id(), serial());
        if let Err(failure) = create(engine, &image, &container, name).await {
            // A container that was made and could not be started is there all the same.
            remove(engine, &container).await;
            return Err(failure);
        }
        match enter(engine, &container, user, public_key, identity).await {
            Ok((login, keys)) => Ok(Self {
                container,
                login,
                keys,
            }),
            Err(failure) => {
                remove(engine, &container).await;
                Err(failure)
            }
        }
    }

    /// How it is entered.
    pub fn login(&self) -> &Login {
        &self.login
    }

    /// Its container's name, to cut, pause or look into it.
    pub fn container(&self) -> &str {
        &self.container
    }

    /// The lines that make its keys known, taken from the host itself and not over the network.
    pub fn known_hosts(&self) -> String {
        let name = match self.login.port {
            22 => self.login.address.clone(),
            port => format!("[{}]:{port}", self.login.address),
        };
        self.keys
            .iter()
            .map(|key| format!("{name} {key}\n"))
            .collect()
    }

    /// Takes it away with everything in it.
    pub async fn remove(self, engine: &Engine) {
        remove(engine, &self.container).await;
    }
}

/// Takes away the hosts of rehearsals of this machine whose process is gone.
pub async fn remove_leftovers(engine: &Engine) {
    let Ok(listed) = engine.labelled().await else {
        return;
    };
    for (container, maker) in listed.lines().filter_map(|line| line.split_once(' ')) {
        if Process::read(maker).is_some_and(|maker| maker.is_gone()) {
            remove(engine, container).await;
        }
    }
}

/// Distinguishes the hosts of one process.
fn serial() -> usize {
    use std::sync::atomic::{AtomicUsize, Ordering};
    static NEXT: AtomicUsize = AtomicUsize::new(1);
    NEXT.fetch_add(1, Ordering::Relaxed)
}

/// Where the second version of control groups is mounted beside the first, if it is.
fn unified() -> Option<PathBuf> {
    let path = PathBuf::from("/sys/fs/cgroup/unified");
    path.join("cgroup.controllers").exists().then_some(path)
}

async fn create(engine: &Engine, image: &str, container: &str, name: &str) -> Result<(), Failure> {
    let label = label::of_this_process();
    let mut args = vec![
        "run",
        "--detach",
        "--name",
        container,
        "--hostname",
        name,
        "--label",
        &label,
        // A host that restarts itself ends its container; it is to come back like a machine.
        "--restart",
        "unless-stopped",
        // What systemd needs to run its services as on a machine; nothing of this machine is handed in.
        "--cap-add",
        "SYS_ADMIN",
        "--cap-add",
        "NET_ADMIN",
        "--security-opt",
        "seccomp=unconfined",
        "--security-opt",
        "apparmor=unconfined",
        "--security-opt",
        "systempaths=unconfined",
        "--tmpfs",
        "/run",
        "--tmpfs",
        "/tmp",
        "--stop-signal",
        "SIGRTMIN+3",
    ];
    let volume = unified().map(|path| format!("{}:/cg", path.display()));
    match &volume {
        Some(volume) => args.extend(["--cgroupns=host", "--volume", volume]),
        None => args.push("--cgroupns=private"),
    }
    args.extend([image, "/usr/sbin/landfall-boot", container]);
    engine
        .docker("starting a throwaway host", &args)
        .await
        .map(|_| ())
}

/// Puts the key in place and waits for sshd; gives the login and the host's keys.
async fn enter(
    engine: &Engine,
    container: &str,
    user: &str,
    public_key: &str,
    identity: &Path,
) -> Result<(Login, Vec<String>), Failure> {
    let begun = Instant::now();
    loop {
        let state = engine
            .docker(
                "waiting for the host",
                &["exec", container, "systemctl", "is-active", "ssh"],
            )
            .await;
        if state.is_ok() {
            break;
        }
        if begun.elapsed() > BOOT {
            let log = engine
                .docker(
                    "reading the host's log",
                    &["logs", "--tail", "15", container],
                )
                .await
                .unwrap_or_default();
            return Err(Failure::new(
                "a throwaway host does not boot",
                format!("waiting for sshd in {container}"),
            )
            .quoting(program::last_lines(&log, 15))
            .help(
                "More than about ten hosts need a higher fs.inotify.max_user_instances (1024).",
            ));
        }
        sleep(Duration::from_millis(100)).await;
    }
    let what = "letting us into a throwaway host";
    let line = format!("{}\n", public_key.trim());
    engine
        .docker_with(
            what,
            &[
                "exec",
                "--interactive",
                container,
                "/bin/sh",
                "-c",
                ENTER,
                "sh",
                user,
            ],
            line.as_bytes(),
        )
        .await?;
    let keys = engine
        .docker(
            what,
            &[
                "exec",
                container,
                "sh",
                "-c",
                "cat /etc/ssh/ssh_host_*_key.pub",
            ],
        )
        .await?
        .lines()
        .filter_map(|line| line.rsplit_once(' ').map(|(key, _)| key.to_owned()))
        .collect();
    let format = "{{range .NetworkSettings.Networks}}{{.IPAddress}}{{end}}";
    let address = engine
        .docker(what, &["inspect", "--format", format, container])
        .await?
        .trim()
        .to_owned();
    let login = Login {
        address,
        port: 22,
        user: user.to_owned(),
        identity: Some(identity.display().to_string()),
        sudo_password_file: None,
    };
    Ok((login, keys))
}

/// Lets a user in: the key comes on standard input.
const ENTER: &str = r#"set -eu
home=/root
if [ "$1" != root ]; then
    home=/home/$1
    id "$1" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$1"
    printf '%s ALL=(ALL) NOPASSWD:ALL\n' "$1" >/etc/sudoers.d/90-cloud-user
    chmod 440 /etc/sudoers.d/90-cloud-user
fi
mkdir -p -m 700 "$home/.ssh"
cat >"$home/.ssh/authorized_keys"
chmod 600 "$home/.ssh/authorized_keys"
chown -R "$1:" "$home/.ssh"
"#;

/// Removal never fails a rehearsal: what is left is found by its label next time.
async fn remove(engine: &Engine, container: &str) {
    let what = "removing a throwaway host";
    let image = engine
        .docker(
            what,
            &["inspect", "--format", "{{.Config.Image}}", container],
        )
        .await;
    let _ = engine
        .docker(what, &["rm", "--force", "--volumes", container])
        .await;
    // The control group that the host made outlives it, and only a process with the same view can take it away.
    if let (Some(path), Ok(image)) = (unified(), image) {
        let volume = format!("{}:/cg", path.display());
        let script = "find \"/cg/$1\" -depth -type d -exec rmdir {} +";
        let args = [
            "run",
            "--rm",
            "--volume",
            &volume,
            image.trim(),
            "/bin/sh",
            "-c",
            script,
            "sh",
            container,
        ];
        let _ = engine.docker(what, &args).await;
    }
}
