//! A sudo that asks for a password: it is given one answer, once a run, and nothing else.

use landfall::model::Login;

use super::*;

const PASSWORD: &str = "landfall 5 p\"w$1";

/// A host whose user `cloud` has to give sudo its password, and how it is entered with this one.
async fn asking(name: &str, password: &str) -> (TestHost, Login) {
    let lab = TestHost::boot(name, "cloud").await;
    let pair = format!("cloud:{PASSWORD}\n");
    std::fs::write(lab.folder.path().join("pair"), pair).unwrap();
    let copied = std::process::Command::new("docker")
        .arg("cp")
        .arg(lab.folder.path().join("pair"))
        .arg(format!("{}:/root/pair", lab.container))
        .status();
    assert!(copied.unwrap().success());
    lab.exec(&[
        "sh",
        "-c",
        "rm /etc/sudoers.d/90-cloud-user; chpasswd </root/pair; useradd -m other
         printf '%s\\n' 'Defaults lecture=always, passprompt=\"Kennwort: \"' 'cloud ALL=(ALL) ALL' >/etc/sudoers.d/x",
    ]);
    let file = lab.folder.path().join("password");
    std::fs::write(&file, format!("{password}\n")).unwrap();
    let mut login = lab.login.clone();
    login.sudo_password_file = Some(file.display().to_string());
    (lab, login)
}

async fn enter(lab: &TestHost, login: &Login) -> Host {
    Host::connect(login, "sudo", settings(lab, "run-1"))
        .await
        .unwrap()
}

async fn who(host: &dyn World) -> Result<String, Failure> {
    Ok(look(host, script("id -un; cat; echo \"${LC_ALL-none}\""))
        .await?
        .out())
}

#[tokio::test]
async fn a_wrong_password_is_tried_once_in_a_run_by_whatever_shell() {
    let (lab, login) = asking("wrong-password", "wrong").await;
    lab.exec(&[
        "sh",
        "-c",
        "printf '%s\\n' 'auth requisite pam_faillock.so preauth deny=30' 'auth [success=1 default=ignore] pam_unix.so' \
         'auth [default=die] pam_faillock.so authfail deny=30' 'auth sufficient pam_faillock.so authsucc' >/etc/pam.d/common-auth",
    ]);
    let host = enter(&lab, &login).await;
    let (root, other) = (host.as_user("root"), host.as_user("other"));
    let (first, second) = tokio::join!(who(root.as_ref()), who(other.as_ref()));
    let mut failures = vec![first.unwrap_err(), second.unwrap_err()];
    for _ in 0..3 {
        failures.push(run(root.as_ref(), script("id")).await.unwrap_err());
        failures.push(who(other.as_ref()).await.unwrap_err());
    }
    for failure in failures {
        assert_eq!(
            failure.summary, "sudo does not take the password",
            "{failure}"
        );
        assert!(failure.left_behind.contains("not tried again"), "{failure}");
    }
    // A sudo that were still trying would take two seconds for it.
    tokio::time::sleep(Duration::from_secs(5)).await;
    let script = "journalctl --no-pager -o cat | grep -c 'pam_unix(sudo:auth): authentication failure'; \
                  faillock --user cloud | grep -c ' V$'; true";
    let counted = lab.exec(&["sh", "-c", script]);
    let counted: Vec<usize> = counted.lines().map(|line| line.parse().unwrap()).collect();
    // sudo takes the end of its input for a second answer, which pam_faillock counts; three would lock the account.
    assert!(counted[0] == 1 && counted[1] <= 2, "{counted:?}");
}

#[tokio::test]
async fn a_sudo_that_asks_in_words_of_its_own_gets_the_password_and_the_shell_the_rest() {
    let (lab, login) = asking("own-words", PASSWORD).await;
    let host = enter(&lab, &login).await;
    for user in ["root", "other"] {
        let seen = who(host.as_user(user).as_ref()).await.unwrap();
        assert_eq!(seen, format!("{user}\nnone\n"));
    }
    lab.exec(&["sh", "-c", "echo 'games ALL=(ALL) ALL' >/etc/sudoers.d/x"]);
    let host = enter(&lab, &login).await;
    for _ in 0..3 {
        let refused = who(host.as_user("root").as_ref()).await.unwrap_err();
        assert_eq!(refused.summary, "the user may not use sudo", "{refused}");
    }
    let script = "journalctl --no-pager -o cat | grep -c 'user NOT in sudoers'";
    assert_eq!(lab.exec(&["sh", "-c", script]), "1\n");
}

#[tokio::test]
async fn the_sudo_that_is_written_in_rust_works_with_a_password() {
    let (lab, login) = asking("sudo-rs", PASSWORD).await;
    lab.exec(&[
        "sh",
        "-c",
        "apt-get -q update && apt-get -q -y install sudo-rs && ln -sf sudo-rs /usr/bin/sudo && echo 'cloud ALL=(ALL) ALL' >/etc/sudoers.d/x",
    ]);
    let host = enter(&lab, &login).await;
    for user in ["root", "other"] {
        let world = host.as_user(user);
        let seen = tokio::time::timeout(Duration::from_secs(30), who(world.as_ref())).await;
        assert_eq!(seen.unwrap().unwrap(), format!("{user}\nnone\n"));
    }
    std::fs::write(login.sudo_password_file.as_deref().unwrap(), "wrong\n").unwrap();
    let host = enter(&lab, &login).await;
    for user in ["root", "other"] {
        let refused = who(host.as_user(user).as_ref()).await.unwrap_err();
        assert_eq!(
            refused.summary, "sudo does not take the password",
            "{refused}"
        );
    }
}
