//! The throwaway parts themselves: what they are, and that nothing of them is left.

use std::process::Command;

use landfall::connect::aws::{Aws, Settings};

use crate::support::lab::{TestHost, emulator};

#[tokio::test]
async fn a_throwaway_host_is_a_bare_host_with_systemd_and_sshd_and_without_python() {
    let host = TestHost::boot("bare", "root").await;
    let ssh = Command::new("ssh")
        .args(["-F", "none", "-o", "BatchMode=yes", "-o"])
        .arg(format!("UserKnownHostsFile={}", host.known_hosts.display()))
        .arg("-i")
        .arg(host.folder.path().join("id"))
        .arg(format!("root@{}", host.login.address))
        .arg("systemctl is-system-running --wait; command -v python3 || echo no python")
        .output()
        .unwrap();
    assert_eq!(
        String::from_utf8_lossy(&ssh.stdout),
        "running\nno python\n",
        "{ssh:?}"
    );
    assert_eq!(host.exec(&["cat", "/etc/hostname"]), "bare\n");
    let container = host.container.clone();
    drop(host);
    let listed = Command::new("docker")
        .args(["ps", "--all", "--quiet", "--filter"])
        .arg(format!("name={container}"))
        .output();
    assert_eq!(listed.unwrap().stdout, b"");
}

#[tokio::test]
async fn the_emulator_answers_on_the_loopback_address() {
    let endpoint = emulator().await;
    assert!(endpoint.starts_with("http://127.0.0.1:"), "{endpoint}");
    let aws = Aws::connect(Settings {
        region: "eu-west-1".to_owned(),
        account: Some("200000000021".to_owned()),
        endpoint: Some(endpoint),
        credentials: Some(("200000000021".to_owned(), "test".to_owned())),
        alone: true,
        ..Settings::default()
    });
    aws.await
        .expect("whose key of twelve digits is that account's");
}
