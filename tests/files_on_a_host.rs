//! Files of every sort on a real host: what is not edited stays what it is, what is large does not travel, and what sudo
//! or sshd would refuse does not come in.

use landfall::resource::host::Context;
use serde_json::{Value, json};

use crate::modules_on_a_host::{KEY, connect, converge, perform, refused};
use crate::support::lab::TestHost;

/// Runs a text for the host's shell as root.
fn shell(test: &TestHost, text: &str) -> String {
    test.exec(&["sh", "-c", &format!("umask 022; {text}")])
}

/// What `cat -A` shows of a file: `$` for a newline, `^M` for a carriage return, `M-` for what is not ASCII.
fn shown(test: &TestHost, path: &str) -> String {
    test.exec(&["cat", "-A", path])
}

#[tokio::test]
async fn bytes_that_are_not_utf_8_stay_what_they_are() {
    let test = TestHost::boot("bytes", "root").await;
    let host = connect(&test).await;
    shell(
        &test,
        r#"set -e; useradd -m kim; cat >/usr/bin/crontab <<'END'
#!/bin/sh
# crontab -u USER VERB, on a host without cron.
[ "$3" = - ] && exec cat >/srv/crontab; cat /srv/crontab
END
        chmod 755 /usr/bin/crontab; mkdir -p /etc/cron.d /etc/sysctl.d; mkdir -m 700 ~kim/.ssh
        printf '# t\344glich\nMAILTO=ops@example.org\n5 4 * * * root /usr/bin/true\n' >/etc/cron.d/old
        printf '# t\344glich\n1 2 * * * /usr/local/bin/own\n' >/srv/crontab
        printf '# f\374r\r\nvm.swappiness = 60\nkernel.pid_max=32768' >/etc/sysctl.d/50-own.conf
        printf '# Schl\374ssel\nssh-ed25519 AAAAold J\366rg@pc' >~kim/.ssh/authorized_keys
        printf '# \351\ndeb http://a.invalid/ x y\n' >/etc/apt/sources.list.d/own.list
        printf 'caf\351=1\nb=2\r\nend' | tee /srv/line /srv/block /srv/replace >/dev/null; chown -R kim: ~kim/.ssh"#,
    );
    converge(
        &host,
        &[
            ("cron", json!({"name": "n", "cron_file": "old", "user": "root", "minute": "7", "job": "/usr/bin/n"})),
            ("cron", json!({"name": "n", "user": "kim", "minute": "7", "job": "/usr/bin/n"})),
            ("sysctl", json!({"name": "kernel.pid_max", "value": "65536", "sysctl_file": "/etc/sysctl.d/50-own.conf",
                "reload": false})),
            ("authorized_key", json!({"user": "kim", "key": KEY})),
            ("apt_repository", json!({"repo": "deb http://b.invalid/ x y", "filename": "own", "update_cache": false})),
            ("lineinfile", json!({"path": "/srv/line", "regexp": "^b=", "line": "b=é"})),
            ("blockinfile", json!({"path": "/srv/block", "insertafter": "^caf.=", "block": "x"})),
            ("replace", json!({"path": "/srv/replace", "regexp": "^caf(.)=", "replace": "\\1:"})),
        ],
    )
    .await;
    for (path, wanted) in [
        (
            "/etc/cron.d/old",
            "# tM-dglich$\nMAILTO=ops@example.org$\n5 4 * * * root /usr/bin/true$\n#Ansible: n$\n7 * * * * root /usr/bin/n$\n",
        ),
        (
            "/srv/crontab",
            "# tM-dglich$\n1 2 * * * /usr/local/bin/own$\n#Ansible: n$\n7 * * * * /usr/bin/n$\n",
        ),
        (
            "/etc/sysctl.d/50-own.conf",
            "# fM-|r^M$\nvm.swappiness = 60$\nkernel.pid_max=65536$\n",
        ),
        (
            "/etc/apt/sources.list.d/own.list",
            "# M-i$\ndeb http://a.invalid/ x y$\ndeb http://b.invalid/ x y$\n",
        ),
        ("/srv/line", "cafM-i=1$\nb=M-CM-)$\nend"),
        (
            "/srv/block",
            "cafM-i=1$\n# BEGIN ANSIBLE MANAGED BLOCK$\nx$\n# END ANSIBLE MANAGED BLOCK$\nb=2^M$\nend",
        ),
        ("/srv/replace", "M-i:1$\nb=2^M$\nend"),
    ] {
        assert_eq!(shown(&test, path), wanted, "{path}");
    }
    let keys = shown(&test, "/home/kim/.ssh/authorized_keys");
    assert_eq!(
        keys,
        format!("# SchlM-|ssel$\nssh-ed25519 AAAAold JM-vrg@pc$\n{KEY}$\n")
    );
    shell(
        &test,
        r"mkdir /srv/names; : >/srv/names/$(printf 'caf\351')",
    );
    let recurse =
        json!({"path": "/srv/names", "state": "directory", "recurse": true, "mode": "0700"});
    let said = refused(&host, "file", &recurse).await;
    assert!(said.contains("caf\\xe9"), "{said}");
}

#[tokio::test]
async fn what_is_large_is_worked_on_where_it_is() {
    let test = TestHost::boot("large", "root").await;
    let host = connect(&test).await;
    shell(
        &test,
        "cd /srv; truncate -s 300M huge; truncate -s 3M big; head -c 20000000 /dev/urandom >big20; \
         yes 'a line of a long list' | head -c 24000000 >list",
    );
    let context = Context::default();
    let tasks = [
        (
            "copy",
            json!({"src": "/srv/huge", "dest": "/srv/huge2", "remote_src": true, "mode": "0640"}),
        ),
        (
            "copy",
            json!({"src": "/srv/big", "dest": "/srv/big2", "remote_src": true}),
        ),
        ("copy", json!({"content": "small\n", "dest": "/srv/big20"})),
        ("lineinfile", json!({"path": "/srv/list", "line": "last"})),
        (
            "replace",
            json!({"path": "/srv/list", "regexp": "^last$", "replace": "at last"}),
        ),
    ];
    for (module, args) in &tasks {
        assert!(!perform(&host, &context, module, args).await.is_empty());
    }
    let again = [&tasks[..3], &tasks[4..]].concat();
    for (module, args) in &again {
        assert_eq!(
            perform(&host, &context, module, args).await,
            [""; 0],
            "{module} {args}"
        );
    }
    assert_eq!(
        shell(
            &test,
            "cd /srv; cmp huge huge2 && cmp big big2 && cat big20; tail -n 2 list; stat -c '%s %a' list huge2"
        ),
        "small\na \nat last\n24000009 644\n314572800 640\n"
    );
}

#[tokio::test]
async fn what_sudo_or_sshd_refuses_does_not_come_in_by_any_module() {
    let test = TestHost::boot("judged", "root").await;
    let host = connect(&test).await;
    let good = "kim ALL=(root) NOPASSWD: /bin/true\n";
    shell(
        &test,
        &format!(
            "cd /srv; printf 'kim ALL=(root\\n' >bad; printf '%s' '{good}' >/etc/sudoers.d/there; \
             echo 'User_Alias OPS = kim' >/etc/sudoers.d/ops; ln -s /etc/sudoers.d elsewhere; printf '%s' '{good}' >rule; \
             ln -s /srv/rule /etc/sudoers.d/linked; chmod 440 /etc/sudoers.d/*; ls -A /etc/sudoers.d >before"
        ),
    );
    let bad = "kim ALL=(root\n";
    for (module, args) in [
        (
            "copy",
            json!({"dest": "/etc/sudoers.d/new", "content": bad}),
        ),
        (
            "copy",
            json!({"dest": "/srv/elsewhere/new", "content": bad}),
        ),
        (
            "copy",
            json!({"dest": "/etc/sudoers.d/", "src": "/srv/bad", "remote_src": true}),
        ),
        ("copy", json!({"dest": "/etc/sudoers", "content": bad})),
        // Each is good without the other.
        (
            "copy",
            json!({"dest": "/etc/sudoers.d/ops2", "content": "User_Alias OPS = joe\n"}),
        ),
        (
            "lineinfile",
            json!({"path": "/etc/sudoers.d/there", "line": "kim ALL=(root"}),
        ),
        (
            "lineinfile",
            json!({"path": "/etc/sudoers.d/linked", "line": "kim ALL=(root"}),
        ),
        (
            "lineinfile",
            json!({"path": "/etc/sudoers", "line": "kim ALL=(root"}),
        ),
        (
            "blockinfile",
            json!({"path": "/etc/sudoers.d/there", "block": "kim ALL=(root"}),
        ),
        (
            "replace",
            json!({"path": "/etc/sudoers.d/there", "regexp": "NOPASSWD:", "replace": "NOWORD:"}),
        ),
        (
            "get_url",
            json!({"dest": "/etc/sudoers.d/new", "url": "file:///srv/bad"}),
        ),
        (
            "file",
            json!({"path": "/etc/sudoers.d/new", "state": "link", "src": "/srv/bad"}),
        ),
        (
            "file",
            json!({"path": "/etc/sudoers.d/new", "state": "hard", "src": "/srv/bad"}),
        ),
        (
            "copy",
            json!({"dest": "/etc/ssh/sshd_config.d/new.conf", "content": "PermitRootLogin perhaps\n"}),
        ),
        (
            "lineinfile",
            json!({"path": "/etc/ssh/sshd_config", "line": "PermitRootLogin perhaps"}),
        ),
    ] {
        let said = refused(&host, module, &args).await;
        assert!(
            said.contains("refused by visudo: /etc/sudoers")
                || said.contains("refused by sshd: /etc/ssh"),
            "{said}"
        );
    }
    assert_eq!(
        shell(
            &test,
            "ls -A /etc/sudoers.d | diff - /srv/before; ls -A /etc/ssh/sshd_config.d /run/landfall"
        ),
        "/etc/ssh/sshd_config.d:\n\n/run/landfall:\n"
    );
    converge(
        &host,
        &[
            ("copy", json!({"dest": "/etc/sudoers.d/new", "content": good})),
            ("lineinfile", json!({"path": "/etc/ssh/sshd_config", "line": "PermitRootLogin prohibit-password", "insertbefore": "BOF"})),
        ],
    )
    .await;
    assert_eq!(
        shell(&test, "visudo -cq && stat -c %a /etc/sudoers.d/new"),
        "440\n"
    );
}

#[tokio::test]
async fn what_a_url_gives_is_compared_before_it_counts_as_a_change() {
    let test = TestHost::boot("given", "root").await;
    let host = connect(&test).await;
    shell(&test, "mkdir /srv/g; echo one >/srv/given");
    let context = Context::default();
    let url = "file:///srv/given";
    let into = json!({"url": url, "dest": "/srv/g"});
    let forced = json!({"url": url, "dest": "/srv/g/forced", "force": true, "mode": "0600"});
    let kept = json!({"url": url, "dest": "/srv/g/kept"});
    let differs = async |args: &Value| !perform(&host, &context, "get_url", args).await.is_empty();
    for (turn, wanted) in [
        ("one", [true, true, true]),
        ("one", [false; 3]),
        ("two", [true, true, false]),
        ("two", [false; 3]),
    ] {
        shell(&test, &format!("echo {turn} >/srv/given"));
        let found = [
            differs(&into).await,
            differs(&forced).await,
            differs(&kept).await,
        ];
        assert_eq!(found, wanted, "{turn}");
    }
    assert_eq!(
        shell(&test, "cd /srv/g; cat given forced kept; stat -c %a forced"),
        "two\ntwo\none\n600\n"
    );
    assert_eq!(shell(&test, "ls -A /var/tmp | grep landfall || true"), "");
}

#[tokio::test]
async fn recursion_goes_where_links_lead_when_they_may_be_trusted() {
    let test = TestHost::boot("recursion", "root").await;
    let host = connect(&test).await;
    shell(
        &test,
        "useradd -m app; cd /srv; mkdir -p tree/sub other; echo x >tree/sub/f; echo x >linked; echo x >other/g; \
         ln -s ../linked tree/l; ln -s ../other tree/d; ln -s .. tree/sub/up; chmod 777 linked other/g",
    );
    let all = json!({"path": "/srv/tree", "state": "directory", "recurse": true, "follow": true, "mode": "a-x"});
    let context = Context::default();
    assert!(!perform(&host, &context, "file", &json!({"path": "/srv/tree", "state": "directory", "recurse": true, "follow": false, "mode": "a-x"})).await.is_empty());
    assert_eq!(
        shell(&test, "stat -c %a /srv/linked /srv/other/g"),
        "777\n777\n"
    );
    perform(&host, &context, "file", &all).await;
    assert_eq!(
        shell(&test, "stat -c %a /srv/linked /srv/other/g"),
        "666\n666\n"
    );
    shell(
        &test,
        "echo x >/etc/kept; chown -R app /srv/tree; chmod 755 /srv/tree; runuser -u app -- ln -s /etc/kept /srv/tree/mine",
    );
    let owned = json!({"path": "/srv/tree", "state": "directory", "recurse": true, "follow": true, "owner": "app"});
    let said = refused(&host, "file", &owned).await;
    assert!(said.contains("leads over a link of user"), "{said}");
    assert_eq!(shell(&test, "stat -c %U /etc/kept"), "root\n");
    let touch = json!({"path": "/srv/touched", "state": "touch", "owner": "nosuchuser"});
    assert!(refused(&host, "file", &touch).await.contains("nosuchuser"));
    assert_eq!(shell(&test, "ls -A /srv | grep touched || true"), "");
}
