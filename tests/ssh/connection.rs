//! Coming in, and being kept out.

use landfall::model::Class;

use super::*;

async fn refused(
    lab: &TestHost,
    change: impl FnOnce(&mut landfall::model::Login, &mut Settings),
) -> Failure {
    let mut login = lab.login.clone();
    let mut settings = settings(lab, "run-1");
    change(&mut login, &mut settings);
    Host::connect(&login, "web", settings).await.unwrap_err()
}

#[tokio::test]
async fn whoever_is_kept_out_is_told_why_and_what_to_do() {
    let lab = TestHost::boot("kept-out", "root").await;
    let empty = lab.folder.path().join("empty");
    std::fs::write(&empty, "").unwrap();
    let unknown = refused(&lab, |_, settings| settings.known_hosts = empty).await;
    assert_eq!(
        (unknown.class, unknown.summary),
        (Class::Unreachable, "the host key is not known")
    );
    let advice = format!("landfall host trust {}", lab.login.address);
    assert!(unknown.help.contains(&advice), "{unknown}");

    let changed = lab.folder.path().join("changed");
    let key = "AAAAC3NzaC1lZDI1NTE5AAAAIDDpdbmVM7DhEQP+yFYfgPadH5maqqYLWqrYbCgUGcl0";
    std::fs::write(
        &changed,
        format!("{} ssh-ed25519 {key}\n", lab.login.address),
    )
    .unwrap();
    let changed = refused(&lab, |_, settings| settings.known_hosts = changed).await;
    assert_eq!(
        (changed.class, changed.summary),
        (Class::Refused, "the host key has changed")
    );

    let nobody = refused(&lab, |login, _| login.user = "nobody".to_owned()).await;
    assert_eq!(
        (nobody.class, nobody.summary),
        (Class::Unreachable, "the host does not let this user in")
    );
    assert!(nobody.help.contains("landfall host key"), "{nobody}");

    let closed = refused(&lab, |login, _| login.port = 1).await;
    assert_eq!(
        (closed.class, closed.summary),
        (Class::Unreachable, "the host refuses connections")
    );
    let option = refused(&lab, |login, _| {
        login.address = "-oProxyCommand=touch".to_owned()
    })
    .await;
    assert_eq!(option.summary, "a name that ssh could misread");
}
