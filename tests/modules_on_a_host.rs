//! Modules on a real host: what each decides and does holds afterwards, by its own judgement and by the host's.

use std::{collections::BTreeMap, process::Command, time::Duration};

use landfall::connect::ssh::{Host, Settings};
use landfall::model::{
    Address, Events, Goal, Kind, Map, Outcome, Probe, Query, Value, World, host::HostQuery,
};
use landfall::model::{Answer, host::HostAnswer};
use landfall::resource::host::{Context, realize};
use serde_json::json;

use crate::support::lab::TestHost;

pub const KEY: &str = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMrOP4sdQEQ3hXQHrrHwqPcGuqVqpFJ0VyXO5mQpHPQy nobody@example.org";

pub async fn connect(host: &TestHost) -> Host {
    let settings = Settings {
        known_hosts: host.known_hosts.clone(),
        run: "modules".to_owned(),
        become_root: false,
        connect_timeout: Duration::from_secs(20),
        answer_timeout: Duration::from_secs(300),
        control_dir: None,
        round_trips: Default::default(),
        stop: Default::default(),
    };
    Host::connect(&host.login, "test", settings).await.unwrap()
}

pub async fn facts(host: &Host) -> Value {
    match host.ask(&Query::Host(HostQuery::Facts)).await.unwrap() {
        Answer::Host(HostAnswer::Facts(facts)) => facts,
        other => panic!("facts were answered with {other:?}"),
    }
}

/// Performs a task; gives what differed.
pub async fn perform(host: &Host, context: &Context, module: &str, args: &Value) -> Vec<String> {
    let (events, _reader) = Events::channel();
    let progress = events.progress(&Address::new(Kind::Host, "test"));
    let args: Map = args.as_object().unwrap().clone();
    let task = realize(module, &args, context).unwrap().unwrap();
    let change = task.decide(host, Goal::Present).await.unwrap().change;
    for action in &change.actions {
        if let Err(failure) = host.act(action, &progress).await {
            panic!("{module} {}: {failure}", json!(args));
        }
    }
    let paths = change.diff.iter().map(|field| field.path.clone());
    match change.is_none() {
        true => Vec::new(),
        false => paths.collect(),
    }
}

/// Performs tasks, each of which must have something to do the first time and nothing the second.
pub async fn converge(host: &Host, tasks: &[(&str, Value)]) {
    let context = Context {
        facts: facts(host).await,
        environment: BTreeMap::new(),
        ..Context::default()
    };
    for (module, args) in tasks {
        let first = perform(host, &context, module, args).await;
        assert!(!first.is_empty(), "{module} {args} had nothing to do");
        let second = perform(host, &context, module, args).await;
        assert!(
            second.is_empty(),
            "{module} {args} differs again in {second:?}"
        );
    }
    for (module, args) in tasks {
        let third = perform(host, &context, module, args).await;
        assert!(third.is_empty(), "{module} {args} was undone: {third:?}");
    }
}

#[tokio::test]
async fn what_modules_do_on_a_host_holds() {
    let test = TestHost::boot("modules", "root").await;
    let host = connect(&test).await;
    converge(
        &host,
        &[
            ("apt", json!({"update_cache": true, "cache_valid_time": 3600})),
            ("apt", json!({"name": ["hello", "sudo"]})),
            ("group", json!({"name": "app", "gid": 2000, "system": true})),
            ("user", json!({"name": "deploy", "uid": 1500, "shell": "/bin/bash", "comment": "Deployment User",
                "groups": "app", "append": true})),
            ("user", json!({"name": "deploy", "password": "$6$salt$0123456789012345678901", "password_lock": true})),
            ("authorized_key", json!({"user": "deploy", "key": KEY})),
            ("copy", json!({"dest": "/etc/sudoers.d/90-deploy", "mode": "0440",
                "content": "deploy ALL=(root) NOPASSWD: /usr/bin/true\n", "validate": "/usr/sbin/visudo -cf %s"})),
            ("file", json!({"path": "/srv/app/data", "state": "directory", "owner": "deploy", "group": "app",
                "mode": "0750"})),
            ("file", json!({"path": "/srv/app/fullchain.pem", "src": "/etc/letsencrypt/live/a/fullchain.pem",
                "state": "link", "force": true, "follow": false})),
            ("copy", json!({"dest": "/srv/app/a b", "content": "with a 'quote'\n$HOME \\n\n", "owner": "deploy"})),
            ("file", json!({"path": "/srv/app", "state": "directory", "recurse": true, "owner": "deploy"})),
            ("lineinfile", json!({"path": "/etc/ssh/sshd_config", "regexp": "^#?PermitRootLogin",
                "line": "PermitRootLogin prohibit-password", "validate": "/usr/sbin/sshd -t -f %s"})),
            ("blockinfile", json!({"path": "/etc/hosts.more", "block": "192.0.2.1 a\n192.0.2.2 b", "create": true})),
            ("copy", json!({"dest": "/etc/words", "content": "a\nb b\n", "force": false})),
            ("replace", json!({"path": "/etc/words", "regexp": "^(\\S+) b$", "replace": "\\1 c"})),
            ("copy", json!({"dest": "/opt", "src": "/etc/words", "remote_src": true})),
            ("sysctl", json!({"name": "net.ipv4.ip_unprivileged_port_start", "value": 1000, "sysctl_set": true,
                "sysctl_file": "/etc/sysctl.d/60-test.conf"})),
            ("file", json!({"path": "/etc/cron.d", "state": "directory"})),
            ("cron", json!({"name": "tidy", "special_time": "daily", "job": "/bin/true", "user": "root",
                "cron_file": "tidy"})),
            ("copy", json!({"dest": "/etc/systemd/system/nap.service", "mode": "0644",
                "content": "[Service]\nExecStart=/usr/bin/sleep infinity\n[Install]\nWantedBy=multi-user.target\n"})),
            ("systemd", json!({"name": "nap", "state": "started", "enabled": true, "daemon_reload": true})),
            ("apt_repository", json!({"repo": "deb http://repository.invalid/debian trixie main", "update_cache": false})),
        ],
    )
    .await;
    assert_eq!(test.exec(&["hello", "-g", "done"]), "done\n");
    assert_eq!(
        test.exec(&["stat", "-c", "%a %U %G", "/srv/app/data"]),
        "750 deploy app\n"
    );
    assert_eq!(
        test.exec(&[
            "stat",
            "-c",
            "%a %U %n",
            "/home/deploy/.ssh",
            "/home/deploy/.ssh/authorized_keys"
        ]),
        "700 deploy /home/deploy/.ssh\n600 deploy /home/deploy/.ssh/authorized_keys\n"
    );
    assert_eq!(
        test.exec(&["cat", "/srv/app/a b"]),
        "with a 'quote'\n$HOME \\n\n"
    );
    assert_eq!(
        test.exec(&["sh", "-c", "getent shadow deploy | cut -d: -f2"]),
        "!$6$salt$0123456789012345678901\n"
    );
    assert_eq!(test.exec(&["systemctl", "is-active", "nap"]), "active\n");
    assert_eq!(test.exec(&["cat", "/etc/words"]), "a\nb c\n");
    let refused = Command::new("docker")
        .args([
            "exec",
            &test.container,
            "runuser",
            "-u",
            "deploy",
            "--",
            "sudo",
            "-n",
            "cat",
            "/etc/shadow",
        ])
        .output();
    assert!(!refused.unwrap().status.success());
}

/// Units and an init script of which the state of the unit file does not say whether they start at boot.
const UNITS: &str = r#"cat > /etc/init.d/legacy <<'X'
#!/bin/sh
### BEGIN INIT INFO
# Provides:          legacy
# Required-Start:    $remote_fs
# Required-Stop:     $remote_fs
# Default-Start:     2 3 4 5
# Default-Stop:      0 1 6
# Short-Description: legacy
### END INIT INFO
exit 0
X
chmod 755 /etc/init.d/legacy
cd /etc/systemd/system
printf '[Socket]\nListenStream=/run/indir.sock\n[Install]\nWantedBy=sockets.target\n' > indir.socket
printf '[Service]\nExecStart=/bin/true\n[Install]\nAlso=indir.socket\n' > indir.service
printf '[Service]\nExecStart=/bin/true\n[Install]\nWantedBy=multi-user.target\n' > plain.service
systemctl daemon-reload
systemctl enable --runtime plain"#;

#[tokio::test]
async fn what_starts_at_boot_by_other_means_than_its_own_unit_file_settles() {
    let test = TestHost::boot("boots", "root").await;
    let host = connect(&test).await;
    let context = Context::default();
    test.exec(&["sh", "-c", UNITS]);
    let links = "ls /etc/rc2.d | grep legacy; systemctl is-enabled indir.socket plain || true";
    let links = || test.exec(&["sh", "-c", links]);
    // What is enabled until the next boot is not enabled, as in Ansible.
    let plain = json!({"name": "plain", "enabled": false});
    assert!(perform(&host, &context, "systemd", &plain).await.is_empty());
    for (enabled, wanted) in [
        (true, "S01legacy\nenabled\nenabled\n"),
        // What was enabled until the next boot stays so.
        (false, "K01legacy\ndisabled\nenabled-runtime\n"),
    ] {
        let named = |name: &str| json!({"name": name, "enabled": enabled});
        converge(
            &host,
            &[
                ("service", named("legacy")),
                ("systemd", named("indir")),
                ("systemd", named("plain")),
            ],
        )
        .await;
        assert_eq!(links(), wanted);
    }
    for args in [
        json!({"name": "nosuchunit", "state": "stopped"}),
        json!({"name": "nosuchunit", "enabled": false}),
    ] {
        let said = refused(&host, "systemd", &args).await;
        assert!(said.contains("nosuchunit.service"), "{said}");
    }
}

/// A package whose settings stay behind when it is removed.
const LEFTOVER: &str = r#"mkdir -p /tmp/p/DEBIAN /tmp/p/etc
printf 'Package: leftover\nVersion: 1\nArchitecture: all\nMaintainer: x\nDescription: x\n' > /tmp/p/DEBIAN/control
echo /etc/leftover.conf > /tmp/p/DEBIAN/conffiles
echo a > /tmp/p/etc/leftover.conf
dpkg-deb -b /tmp/p /tmp/p.deb && dpkg -i /tmp/p.deb && dpkg -r leftover && test -e /etc/leftover.conf"#;

#[tokio::test]
async fn accounts_and_packages_are_completed_as_ansible_completes_them() {
    let test = TestHost::boot("completed", "root").await;
    let host = connect(&test).await;
    test.exec(&["sh", "-c", LEFTOVER]);
    test.exec(&["groupadd", "-g", "5551", "crew"]);
    for user in ["nohome", "lax"] {
        let home = format!("/srv/homes/{user}");
        test.exec(&["useradd", "-M", "-d", &home, user]);
    }
    converge(
        &host,
        &[
            ("user", json!({"name": "nohome"})),
            (
                "user",
                json!({"name": "nohome", "groups": ["5551"], "append": true}),
            ),
            (
                "apt",
                json!({"name": "leftover", "state": "absent", "purge": true}),
            ),
        ],
    )
    .await;
    let lax =
        "sed -i '/^HOME_MODE/d; /^UMASK/d' /etc/login.defs; echo 'UMASK 027' >> /etc/login.defs";
    test.exec(&["sh", "-c", lax]);
    converge(&host, &[("user", json!({"name": "lax"}))]).await;
    assert_eq!(
        test.exec(&["stat", "-c", "%a %U", "/srv/homes/nohome", "/srv/homes/lax"]),
        "700 nohome\n750 lax\n"
    );
    let profile = "/srv/homes/nohome/.profile";
    assert_eq!(test.exec(&["stat", "-c", "%a %U", profile]), "644 nohome\n");
    assert_eq!(
        test.exec(&["sh", "-c", "test -e /etc/leftover.conf || echo gone"]),
        "gone\n"
    );
}

#[tokio::test]
async fn a_rule_that_does_not_hold_is_not_installed() {
    let test = TestHost::boot("validate", "root").await;
    let host = connect(&test).await;
    let (events, _reader) = Events::channel();
    let progress = events.progress(&Address::new(Kind::Host, "test"));
    let args = json!({"dest": "/etc/sudoers.d/90-broken", "content": "deploy ALL=(root\n",
        "validate": "/usr/sbin/visudo -cf %s"});
    let context = Context::default();
    let task = realize("copy", args.as_object().unwrap(), &context)
        .unwrap()
        .unwrap();
    let change = task.decide(&host, Goal::Present).await.unwrap().change;
    let failure = host.act(&change.actions[0], &progress).await.unwrap_err();
    assert!(
        failure.to_string().contains("/etc/sudoers.d/90-broken"),
        "{failure}"
    );
    assert_eq!(
        test.exec(&["find", "/etc/sudoers.d", "-name", "*broken*"]),
        ""
    );
}

/// Performs a task that must be refused, when it is decided or when it is done.
pub async fn refused(host: &Host, module: &str, args: &Value) -> String {
    let (events, _reader) = Events::channel();
    let progress = events.progress(&Address::new(Kind::Host, "test"));
    let context = Context::default();
    let task = realize(module, args.as_object().unwrap(), &context)
        .unwrap()
        .unwrap();
    let change = match task.decide(host, Goal::Present).await {
        Ok(decision) => decision.change,
        Err(failure) => return failure.to_string(),
    };
    for action in &change.actions {
        if let Err(failure) = host.act(action, &progress).await {
            return failure.to_string();
        }
    }
    panic!("{module} {args} was done");
}

#[tokio::test]
async fn root_does_not_write_where_a_users_links_lead() {
    let test = TestHost::boot("links", "root").await;
    let host = connect(&test).await;
    test.exec(&[
        "sh",
        "-c",
        "useradd -m -s /bin/sh app; echo kept >/etc/kept; echo new >/srv/new; mkdir /etc/inside; cd /home/app; \
         for l in copied templated fetched; do runuser -u app -- ln -s /etc/kept $l; done; \
         runuser -u app -- ln -s /etc/inside folder; runuser -u app -- ln -s /etc/inside .ssh",
    ]);
    converge(
        &host,
        &[
            ("copy", json!({"dest": "/home/app/copied", "content": "new\n", "owner": "app", "mode": "0644"})),
            ("copy", json!({"dest": "/home/app/templated", "content": "kept\n", "owner": "app"})),
            ("get_url", json!({"dest": "/home/app/fetched", "url": "file:///srv/new", "owner": "app",
                "checksum": "sha256:7aa7a5359173d05b63cfd682e3c38487f3cb4f7f1d60659fe59fab1505977d4c"})),
        ],
    )
    .await;
    for (module, args) in [
        (
            "file",
            json!({"path": "/home/app/folder", "state": "directory", "owner": "app", "follow": false}),
        ),
        ("authorized_key", json!({"user": "app", "key": KEY})),
    ] {
        let said = refused(&host, module, &args).await;
        assert!(said.contains("link"), "{said}");
    }
    assert_eq!(
        test.exec(&[
            "sh",
            "-c",
            "cat /etc/kept; stat -c '%U %a' /etc/kept /etc/inside; ls /etc/inside"
        ]),
        "kept\nroot 644\nroot 755\n"
    );
    assert_eq!(
        test.exec(&[
            "stat",
            "-c",
            "%F",
            "/home/app/copied",
            "/home/app/templated",
            "/home/app/fetched"
        ]),
        "regular file\n".repeat(3)
    );
}

#[tokio::test]
async fn an_update_that_failed_is_done_again() {
    let test = TestHost::boot("lists", "root").await;
    let host = connect(&test).await;
    // Nobody listens there.
    let args = json!({"repo": "deb [trusted=yes] http://127.0.0.1:9/debian trixie main", "filename": "none"});
    for _ in 0..2 {
        let said = refused(&host, "apt_repository", &args).await;
        assert!(said.contains("127.0.0.1"), "{said}");
    }
    let context = Context::default();
    let fresh = json!({"update_cache": true, "cache_valid_time": 3600});
    assert!(refused(&host, "apt", &fresh).await.contains("127.0.0.1"));
    let absent = json!({"repo": args["repo"], "filename": "none", "state": "absent"});
    perform(&host, &context, "apt_repository", &absent).await;
    let differs = perform(&host, &context, "apt", &fresh).await;
    assert_eq!(
        differs,
        Vec::<String>::new(),
        "the removal updated the lists"
    );
}

#[tokio::test]
async fn an_update_says_whether_anything_new_came() {
    let test = TestHost::boot("news", "root").await;
    let host = connect(&test).await;
    // Two updates by hand before, so that the mirror has nothing new; this is the way without apt's hook.
    test.exec(&["sh", "-c", "rm -f /var/lib/apt/periodic/update-success-stamp; for i in 1 2; do apt-get -qq update; done"]);
    let (events, _reader) = Events::channel();
    let progress = events.progress(&Address::new(Kind::Host, "test"));
    let args = json!({"update_cache": true});
    let task = realize("apt", args.as_object().unwrap(), &Context::default());
    let task = task.unwrap().unwrap();
    let change = task.decide(&host, Goal::Present).await.unwrap().change;
    let update = || host.act(&change.actions[0], &progress);
    let nothing = json!({"cache_updated": false});
    for _ in 0..2 {
        let outcome = update().await.unwrap();
        assert!(
            matches!(&outcome, Outcome::Gave(gave) if *gave == nothing),
            "{outcome:?}"
        );
    }
    // What an update that failed brought was told nobody.
    test.exec(&["touch", "-d", "@1", "/var/lib/apt/lists"]);
    let outcome = update().await.unwrap();
    assert!(matches!(outcome, Outcome::Ran(_)), "{outcome:?}");
    test.exec(&["sh", "-c", "rm -rf /var/lib/apt/lists/*_*"]);
    let outcome = update().await.unwrap();
    assert!(matches!(outcome, Outcome::Ran(_)), "{outcome:?}");
}

#[tokio::test]
async fn a_lock_is_waited_for_on_a_host_of_any_language() {
    let test = TestHost::boot("locked", "root").await;
    test.exec(&[
        "sh",
        "-c",
        "set -e; (apt-get -qq update; apt-get -qq install -y locales) >/dev/null 2>&1; \
         localedef -i de_DE -f UTF-8 de_DE.UTF-8; echo LANG=de_DE.UTF-8 >>/etc/environment; \
         (perl -MFcntl -e '$| = 1; open F, \">>\", \"/var/lib/apt/lists/lock\"; \
         my $lock = pack(\"ssx4qqlx4\", F_WRLCK, 0, 0, 0, 0); \
         fcntl(F, F_SETLK, $lock) && print \"held\\n\"; sleep 5' >/srv/held; echo ended >/srv/ended) & \
         sleep 1; grep held /srv/held",
    ]);
    let host = connect(&test).await;
    let context = Context::default();
    perform(&host, &context, "apt", &json!({"update_cache": true})).await;
    assert_eq!(test.exec(&["cat", "/srv/ended"]), "ended\n");
}
