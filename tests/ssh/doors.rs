//! First contact: trusting a host's keys, and the first key where only a password works.

use landfall::{
    connect::ssh::{accept, trust},
    model::Class,
};

use super::*;

#[tokio::test]
async fn a_host_is_trusted_once_its_fingerprints_were_seen_and_never_silently_again() {
    let lab = TestHost::boot("trusted", "root").await;
    let address = lab.login.address.as_str();
    let file = lab.folder.path().join("environments of ours/known_hosts");
    let offered = trust(address, 22, &file).await.unwrap();
    assert!(!offered.known && !file.exists());
    let printed = lab.exec(&[
        "sh",
        "-c",
        "for k in /etc/ssh/ssh_host_*_key.pub; do ssh-keygen -lf $k; done",
    ]);
    for key in &offered.keys {
        assert!(
            printed.contains(&key.fingerprint),
            "{key:?} is none of\n{printed}"
        );
    }
    accept(address, 22, &offered, &file).unwrap();
    assert!(trust(address, 22, &file).await.unwrap().known);
    let mut with = settings(&lab, "run-1");
    with.known_hosts = file.clone();
    let host = Host::connect(&lab.login, "trusted", with).await.unwrap();
    assert!(stat(&host, "/etc").await.unwrap().is_some());

    lab.exec(&[
        "sh",
        "-c",
        "rm /etc/ssh/ssh_host_*; ssh-keygen -q -A; systemctl restart ssh",
    ]);
    let before = std::fs::read(&file).unwrap();
    let other = trust(address, 22, &file).await.unwrap_err();
    assert_eq!(other.class, Class::Refused, "{other}");
    assert_eq!(std::fs::read(&file).unwrap(), before);
}
