//! Real parts for tests: one emulator for the whole run, and throwaway hosts that are removed when dropped.

use std::{path::PathBuf, process::Command, sync::Arc};

use landfall::model::Login;
use landfall::rehearse::{emulator::Emulator, engine::Engine, host::Host};
use tokio::sync::OnceCell;

fn say(line: &str) {
    eprintln!("{line}");
}

/// The endpoint of an emulator that all tests share; it ends with the test binary.
///
/// An access key of twelve digits is an account of its own there, so a test takes one that no other has.
pub async fn emulator() -> String {
    static EMULATOR: OnceCell<Emulator> = OnceCell::const_new();
    let emulator = EMULATOR
        .get_or_init(|| async { Emulator::start(&say).await.unwrap() })
        .await;
    emulator.endpoint().to_owned()
}

/// The engine that all tests share; `tests/run` has started one.
pub async fn engine() -> Arc<Engine> {
    static ENGINE: OnceCell<Arc<Engine>> = OnceCell::const_new();
    ENGINE
        .get_or_init(|| async { Arc::new(Engine::find(&say).await.unwrap()) })
        .await
        .clone()
}

/// A throwaway host with the key that opens it; both are gone when this is dropped.
pub struct TestHost {
    /// How it is entered.
    pub login: Login,
    /// Its container.
    pub container: String,
    /// A file that makes its host keys known.
    pub known_hosts: PathBuf,
    /// A folder of the test's own, with the key pair `id` in it.
    pub folder: tempfile::TempDir,
    host: Option<Host>,
}

impl TestHost {
    /// Boots a host that is entered as this user.
    pub async fn boot(name: &str, user: &str) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let identity = folder.path().join("id");
        let made = Command::new("ssh-keygen")
            .args(["-q", "-t", "ed25519", "-N", "", "-f"])
            .arg(&identity)
            .status();
        assert!(made.unwrap().success());
        let public = std::fs::read_to_string(identity.with_extension("pub")).unwrap();
        let engine = engine().await;
        let host = Host::boot(&engine, name, user, &public, &identity, &say)
            .await
            .unwrap();
        let known_hosts = folder.path().join("known_hosts");
        std::fs::write(&known_hosts, host.known_hosts()).unwrap();
        let (login, container) = (host.login().clone(), host.container().to_owned());
        Self {
            login,
            container,
            known_hosts,
            folder,
            host: Some(host),
        }
    }

    /// Runs a command in the host as root, beside ssh, to look at it or to disturb it.
    pub fn exec(&self, command: &[&str]) -> String {
        let output = Command::new("docker")
            .args(["exec", &self.container])
            .args(command)
            .output()
            .unwrap();
        assert!(
            output.status.success(),
            "{command:?}: {}",
            String::from_utf8_lossy(&output.stderr)
        );
        String::from_utf8(output.stdout).unwrap()
    }
}

impl Drop for TestHost {
    fn drop(&mut self) {
        let Some(host) = self.host.take() else { return };
        // A test's own runtime cannot be waited on from here, so the removal has one of its own.
        std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread()
                .enable_all()
                .build()
                .unwrap();
            runtime.block_on(async { host.remove(engine().await.as_ref()).await });
        })
        .join()
        .unwrap();
    }
}
