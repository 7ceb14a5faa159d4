//! The first key on a host behind another one: the password is for that host alone.

use std::path::Path;

use super::{
    doors::{copy, shown},
    *,
};

/// What the password opens; `jumper` has another one. Each password that anybody tries is written down, as a host on
/// the way could. An sshd that counts failures would hold off a machine that fails as often as this test does.
const LISTENS: &str = "\
useradd -m jumper; echo jumper:another | chpasswd
echo \"root:$1\" | chpasswd; printf 'PermitRootLogin yes\\nPerSourcePenalties no\\n' >/etc/ssh/sshd_config.d/00-open.conf; rm -r /root/.ssh
printf '#!/bin/sh\\n{ echo \"$PAM_USER\"; cat; echo; } >>/srv/heard\\n' >/srv/hear
chmod 755 /srv/hear; : >/srv/heard
sed -i '1i auth optional pam_exec.so expose_authtok quiet /srv/hear' /etc/pam.d/sshd
systemctl restart ssh
";

/// The operator's machine is a container, because ssh reads the configuration of the home that the system names.
const OPERATES: &str = "\
umask 077; mkdir -p ~/.ssh /srv/p/environments; cd /srv/p
printf 'Host web\\n  HostName 127.0.0.1\\n  ProxyJump jumper@%s\\n' \"$1\" >~/.ssh/config
printf '127.0.0.1 %s\\n' \"$2\" >environments/known_hosts
printf '%s %s\\n' \"$1\" \"$2\" >~/.ssh/known_hosts
printf '%s\\n' \"$3\" >password
rm -f ~/.ssh/id_ed25519; ssh-keygen -q -t ed25519 -N '' -f ~/.ssh/id_ed25519
";

/// How `host key` ended on the operator's machine, and what it said.
fn key(near: &TestHost, before: &str, words: &str) -> String {
    let text = format!(
        "{before}; timeout 40 landfall -C /srv/p host key web --key ~/.ssh/id_ed25519.pub {words} </dev/null 2>&1; echo ended $?"
    );
    near.exec(&["sh", "-c", &text])
}

/// Users and the passwords that were tried for them.
fn heard(far: &TestHost) -> String {
    far.exec(&["sh", "-c", "tr -d '\\0' </srv/heard"])
}

#[tokio::test]
async fn a_jump_host_is_told_neither_the_password_nor_that_its_key_is_trusted() {
    let near = TestHost::boot("near-first-key", "root").await;
    let far = TestHost::boot("far-first-key", "root").await;
    let landfall = Path::new(env!("CARGO_BIN_EXE_landfall"));
    copy(&near, landfall, "/usr/local/bin/landfall");
    let password = "the password of the host alone";
    let (public, _) = shown(&far, "ed25519");
    far.exec(&["sh", "-c", LISTENS, "sh", password]);
    let address = far.login.address.as_str();
    near.exec(&["sh", "-c", OPERATES, "sh", address, &public, password]);

    let file = "--password-file /srv/p/password";
    let unknown = "mv ~/.ssh/known_hosts ~/.ssh/seen";
    let known = "mv -f ~/.ssh/seen ~/.ssh/known_hosts";
    for (before, words) in [("true", file), (unknown, file), (known, "")] {
        let said = key(&near, before, words);
        assert!(!heard(&far).contains(password), "{}", heard(&far));
        assert!(said.contains("ended 4"), "{said}");
        assert!(
            said.contains("a host on the way asks for something"),
            "{said}"
        );
    }
    let learnt = near.exec(&["cat", "/root/.ssh/known_hosts"]);
    assert_eq!(learnt, format!("{address} {public}\n"));
    // There is a terminal, but it is not where the answers come from.
    let terminal = "script -qec 'timeout 40 landfall -C /srv/p host key web --key ~/.ssh/id_ed25519.pub </dev/null; echo ended $?' /dev/null";
    let said = near.exec(&["sh", "-c", terminal]);
    assert!(said.contains("ended 4"), "{said}");

    let own = near.exec(&["cat", "/root/.ssh/id_ed25519.pub"]);
    let open = "install -d -o jumper -m 700 /home/jumper/.ssh; echo \"$1\" >/home/jumper/.ssh/authorized_keys; chown jumper /home/jumper/.ssh/authorized_keys";
    far.exec(&["sh", "-c", open, "sh", own.trim()]);
    let said = key(&near, "true", "");
    assert!(said.contains("ended 4"), "{said}");
    assert!(said.contains("`--password-file FILE`"), "{said}");
    let said = key(&near, "true", file);
    assert!(said.contains("ended 0"), "{said}");
    let heard = heard(&far);
    assert!(
        heard.ends_with(&format!("root\n{password}\n")),
        "the passwords were seen: {heard}"
    );
    assert_eq!(far.exec(&["cat", "/root/.ssh/authorized_keys"]), own);
}
