//! Hosts that restart.

use landfall::model::{
    Class,
    host_action::{Access, WriteFile},
};

use super::*;

/// A network with one host alone in it, where its address stays the same when it restarts.
struct Network {
    name: String,
    container: String,
}

impl Network {
    fn of(lab: &TestHost) -> Self {
        let network = Self {
            name: format!("{}-alone", lab.container),
            container: lab.container.clone(),
        };
        docker(&["network", "create", &network.name]);
        docker(&["network", "connect", &network.name, &network.container]);
        network
    }

    fn address(&self) -> String {
        let format = format!(
            "{{{{(index .NetworkSettings.Networks \"{}\").IPAddress}}}}",
            self.name
        );
        docker(&["inspect", "--format", &format, &self.container])
            .trim()
            .to_owned()
    }
}

impl Drop for Network {
    fn drop(&mut self) {
        docker(&[
            "network",
            "disconnect",
            "--force",
            &self.name,
            &self.container,
        ]);
        docker(&["network", "rm", &self.name]);
    }
}

fn docker(words: &[&str]) -> String {
    let output = std::process::Command::new("docker")
        .args(words)
        .output()
        .unwrap();
    assert!(
        output.status.success() || std::thread::panicking(),
        "{words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap()
}

/// A host in a network of its own, entered there.
async fn alone(name: &str, user: &str) -> (TestHost, Network, Host) {
    let mut lab = TestHost::boot(name, user).await;
    let network = Network::of(&lab);
    let known = std::fs::read_to_string(&lab.known_hosts).unwrap();
    let before = std::mem::replace(&mut lab.login.address, network.address());
    std::fs::write(&lab.known_hosts, known.replace(&before, &lab.login.address)).unwrap();
    let host = Host::connect(&lab.login, name, settings(&lab, "run-1"))
        .await
        .unwrap();
    (lab, network, host)
}

#[tokio::test]
async fn a_host_is_met_again_after_its_restart_however_often() {
    let (lab, _network, host) = alone("restarted", "cloud").await;
    let (host, daemon) = (host.user("root"), host.user("daemon"));
    // A container's engine lays files of its own over these; a machine's can be replaced, and stay so.
    for path in ["/etc/hosts", "/etc/hostname"] {
        act(
            &host,
            HostAction::Write(WriteFile {
                path: path.to_owned(),
                content: Content::public("127.0.0.1\n"),
                access: Access::default(),
                validate: None,
                backup: false,
                follow: true,
            }),
        )
        .await
        .unwrap();
    }
    for times in 1..=2 {
        lab.exec(&["touch", "/run/of-this-boot", &format!("/srv/{times}")]);
        assert!(stat(&daemon, "/run/of-this-boot").await.unwrap().is_some());
        act(&host, HostAction::Reboot { timeout: 300 })
            .await
            .unwrap();
        let restarts = docker(&["inspect", "--format", "{{.RestartCount}}", &lab.container]);
        assert_eq!(restarts, format!("{times}\n"));
        for world in [&host, &daemon] {
            assert_eq!(stat(world, "/run/of-this-boot").await.unwrap(), None);
            let kept = stat(world, &format!("/srv/{times}")).await.unwrap();
            assert!(kept.is_some());
        }
    }
    for path in ["/etc/hosts", "/etc/hostname"] {
        let kept = read(&host, path).await.unwrap().unwrap();
        assert_eq!(kept.bytes(), b"127.0.0.1\n", "{path}");
    }
    let state = look(&host, Command::new(["systemctl", "is-active", "ssh"]));
    assert_eq!(state.await.unwrap().out(), "active\n");
}

#[tokio::test]
async fn a_host_that_does_not_come_back_is_a_failure_that_says_so() {
    let (lab, _network, host) = alone("gone", "root").await;
    docker(&["update", "--restart", "no", &lab.container]);
    let failure = act(&host, HostAction::Reboot { timeout: 3 })
        .await
        .unwrap_err();
    assert_eq!(
        (failure.class, failure.summary),
        (Class::Unreachable, "the host did not come back"),
    );
    assert!(failure.what.contains("3 seconds"), "{failure}");
    assert_eq!(failure.left_behind, "The host is down or still coming up.");
    // It was restarted, and not only out of reach.
    let state = docker(&["wait", &lab.container]);
    assert_eq!(state, "0\n");
}
