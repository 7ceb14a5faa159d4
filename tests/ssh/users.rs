//! Working as other users of a host.

use super::*;

async fn name(host: &dyn World) -> Result<String, Failure> {
    Ok(look(host, script("id -un; echo $HOME")).await?.out())
}

#[tokio::test]
async fn root_becomes_any_user_with_sudo_and_without_it() {
    let (lab, host) = connected("downwards", "root").await;
    lab.exec(&["useradd", "-m", "deploy"]);
    let deploy = host.as_user("deploy");
    assert_eq!(
        name(deploy.as_ref()).await.unwrap(),
        "deploy\n/home/deploy\n"
    );
    let wrote = run(deploy.as_ref(), script("echo hello >made; pwd"))
        .await
        .unwrap();
    assert_eq!(wrote.out(), "/home/deploy\n");
    assert_eq!(
        stat(&host, "/home/deploy/made")
            .await
            .unwrap()
            .unwrap()
            .owner,
        "deploy"
    );

    lab.exec(&["sh", "-c", "mv \"$(command -v sudo)\" /root/sudo-away"]);
    let fresh = Host::connect(&lab.login, "downwards", settings(&lab, "run-2"))
        .await
        .unwrap();
    assert_eq!(
        name(fresh.as_user("deploy").as_ref()).await.unwrap(),
        "deploy\n/home/deploy\n"
    );
    assert_eq!(
        name(fresh.as_user("root").as_ref()).await.unwrap(),
        "root\n/root\n"
    );
    let nobody = name(fresh.as_user("nobody-here").as_ref())
        .await
        .unwrap_err();
    assert_eq!(
        nobody.summary, "there is no such user on the host",
        "{nobody}"
    );
    assert!(name(fresh.as_user("-u root").as_ref()).await.is_err());
}

#[tokio::test]
async fn sudo_takes_a_password_from_a_file_and_says_when_it_is_wrong() {
    let lab = TestHost::boot("upwards", "cloud").await;
    let host = Host::connect(&lab.login, "upwards", settings(&lab, "run-1"))
        .await
        .unwrap();
    assert_eq!(name(&host).await.unwrap(), "cloud\n/home/cloud\n");
    assert_eq!(
        name(host.as_user("root").as_ref()).await.unwrap(),
        "root\n/root\n"
    );

    lab.exec(&["sh", "-c", "rm /etc/sudoers.d/90-cloud-user; echo 'cloud ALL=(ALL) ALL' >/etc/sudoers.d/x; echo 'cloud:s p\"w$1' | chpasswd; useradd -m other"]);
    let file = lab.folder.path().join("password");
    let mut login = lab.login.clone();
    let asked = &settings(&lab, "run-2");
    let fresh = |login: landfall::model::Login| async move {
        Host::connect(&login, "upwards", asked.clone())
            .await
            .unwrap()
    };
    let unasked = name(fresh(login.clone()).await.as_user("root").as_ref())
        .await
        .unwrap_err();
    assert_eq!(unasked.summary, "sudo asks for a password", "{unasked}");

    login.sudo_password_file = Some(file.display().to_string());
    std::fs::write(&file, "wrong\n").unwrap();
    let wrong = name(fresh(login.clone()).await.as_user("root").as_ref())
        .await
        .unwrap_err();
    assert_eq!(wrong.summary, "sudo does not take the password", "{wrong}");

    std::fs::write(&file, "s p\"w$1\n").unwrap();
    let host = fresh(login.clone()).await;
    assert_eq!(
        name(host.as_user("root").as_ref()).await.unwrap(),
        "root\n/root\n"
    );
    assert_eq!(
        name(host.as_user("other").as_ref()).await.unwrap(),
        "other\n/home/other\n"
    );
    // A password that nobody asks for is not taken for a command.
    lab.exec(&[
        "sh",
        "-c",
        "echo 'cloud ALL=(ALL) NOPASSWD:ALL' >/etc/sudoers.d/x",
    ]);
    let host = fresh(login).await;
    assert_eq!(
        name(host.as_user("root").as_ref()).await.unwrap(),
        "root\n/root\n"
    );
}

#[tokio::test]
async fn more_users_than_sshd_allows_sessions_take_turns() {
    let (lab, host) = connected("turns", "root").await;
    lab.exec(&["sh", "-c", "echo 'MaxSessions 2' >/etc/ssh/sshd_config.d/few.conf; systemctl restart ssh; for n in 1 2 3 4; do useradd -m u$n; done"]);
    drop(host);
    let host = Host::connect(&lab.login, "turns", settings(&lab, "run-2"))
        .await
        .unwrap();
    for _ in 0..2 {
        for number in 1..=4 {
            let user = format!("u{number}");
            let seen = name(host.as_user(&user).as_ref()).await.unwrap();
            assert_eq!(seen, format!("{user}\n/home/{user}\n"));
        }
    }
}
