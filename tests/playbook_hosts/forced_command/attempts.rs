//! What was thought of to do more with a key of a forced command than to deploy: each is refused, and leaves no trace.

use super::requests::{NOT_CALLED, REQUESTS};
use super::*;

/// Options of ssh, a request that would be fine, what is said, and why it must be refused.
const CONNECTIONS: &[(&[&str], &str, &str, &str)] = &[
    // What a subsystem complains of is not passed on by sshd.
    (&["-s"], "sftp", "", "files both ways, by the subsystem"),
    (&["-s"], "netconf", "", "a subsystem that there is not"),
    (
        &["-W", "127.0.0.1:5000"],
        "",
        "administratively prohibited",
        "what listens on the host",
    ),
    (
        &[
            "-N",
            "-o",
            "ExitOnForwardFailure=yes",
            "-R",
            "0:127.0.0.1:22",
        ],
        "",
        "remote port forwarding failed",
        "the caller's network, opened from the host",
    ),
    (
        &[
            "-N",
            "-o",
            "ExitOnForwardFailure=yes",
            "-R",
            "/tmp/broken:127.0.0.1:22",
        ],
        "",
        "remote port forwarding failed",
        "a socket made on the host",
    ),
    (
        &[
            "-o",
            "SetEnv=SSH_ORIGINAL_COMMAND=version LC_ALL=C;id LANG=../../tmp",
        ],
        "id",
        NOT_CALLED,
        "another request by the environment",
    ),
];

/// A trace of anything that got further than it should.
fn traces(test: &TestHost) -> String {
    let look = "ls /tmp/broken* 2>/dev/null; docker ps -a --format '{{.Names}}'; cat /srv/Shop/images.env; \
                sha256sum /srv/Shop/docker-compose.yml /home/deploy/.ssh/authorized_keys; ls -A /home/deploy";
    test.exec(&["sh", "-c", look])
}

pub fn to_do_more(test: &TestHost) {
    let before = traces(test);
    let long = format!("up {}", "web=x ".repeat(2000).trim_end());
    let long = [(
        long.as_str(),
        "8000 characters",
        "more than fits into the memory of a script",
    )];
    let all: Vec<_> = REQUESTS.iter().chain(&long).collect();
    // Some at a time: sshd lets no more than ten in that have not said who they are.
    for some in all.chunks(4) {
        let begun: Vec<_> = some
            .iter()
            .map(|(request, ..)| session(test, &[], request).spawn().unwrap())
            .collect();
        for ((request, refusal, why), begun) in some.iter().zip(begun) {
            let output = begun.wait_with_output().unwrap();
            let said = text(&output);
            let code = output.status.code();
            assert_eq!(code, Some(126), "{request:?} ({why}): {said}");
            let refused = said.contains("landfall-deploy: refused: ") && said.contains(refusal);
            assert!(refused, "{request:?} ({why}): {said}");
        }
    }
    for (options, request, refusal, why) in CONNECTIONS {
        let output = session(test, options, request).output().unwrap();
        let said = text(&output);
        assert!(
            !output.status.success(),
            "{options:?} {request} ({why}): {said}"
        );
        assert!(
            said.contains(refusal),
            "{options:?} {request} ({why}): {said}"
        );
    }
    let file = test.folder.path().join("id.pub");
    // By sftp, and by the old protocol.
    for options in [&[][..], &["-O"]] {
        let copied = Command::new("scp")
            .args(["-F", "none", "-o", "BatchMode=yes", "-o"])
            .arg(format!("UserKnownHostsFile={}", test.known_hosts.display()))
            .arg("-i")
            .arg(test.folder.path().join("id"))
            .args(options)
            .arg(&file)
            .arg(format!("deploy@{}:/tmp/broken", test.login.address))
            .output()
            .unwrap();
        assert!(!copied.status.success(), "{}", text(&copied));
    }
    // What sshd grants the key is the command and nothing else: no terminal, agent, windows, forwarding or file of commands.
    let told = session(test, &["-v", "-tt", "-A", "-X"], "version")
        .output()
        .unwrap();
    let told = text(&told);
    let granted: Vec<_> = told
        .lines()
        .filter(|line| line.contains("key options:"))
        .collect();
    assert!(
        !granted.is_empty()
            && granted
                .iter()
                .all(|line| line.trim_end().ends_with("key options: command")),
        "{told}"
    );
    assert!(told.contains("PTY allocation request failed"), "{told}");
    // Variables are taken by sshd or not; none of them gets to docker.
    let variables = "SetEnv=DOCKER_HOST=tcp://127.0.0.1:9 PATH=/tmp COMPOSE_FILE=/tmp/x BASH_ENV=/tmp/x LC_ALL=x LANG=x";
    let output = session(test, &["-o", variables], "version")
        .output()
        .unwrap();
    assert!(output.status.success(), "{}", text(&output));
    assert_eq!(traces(test), before);
}

/// What the user may not do even where something got it a shell of its own.
pub fn of_the_user_itself(test: &TestHost) {
    for (command, why) in [
        ("sudo -n id", "any other command"),
        ("sudo -n /usr/bin/docker ps", "docker"),
        (
            "sudo -n /usr/local/sbin/landfall-deploy",
            "the script without its argument",
        ),
        (
            "sudo -n /usr/local/sbin/landfall-deploy root",
            "the project of another user",
        ),
        (
            "sudo -n /usr/local/sbin/landfall-deploy deploy up",
            "a request as an argument",
        ),
        (
            "sudo -n /usr/local/sbin/../sbin/landfall-deploy2 deploy",
            "a name that begins the same",
        ),
        (
            "sudo -n PATH=/tmp /usr/local/sbin/landfall-deploy deploy",
            "a variable for root",
        ),
        (
            "sudo -n -u daemon /usr/local/sbin/landfall-deploy deploy",
            "another user",
        ),
        ("docker ps", "the engine's socket"),
        ("echo x >>/usr/local/sbin/landfall-deploy", "the script"),
        (
            "echo x >>/etc/landfall-deploy/deploy.conf",
            "its configuration",
        ),
        ("echo x >>/srv/Shop/docker-compose.yml", "the compose file"),
        ("echo x >>/srv/Shop/images.env", "the images"),
        ("touch /srv/Shop/.env", "the variables of the compose file"),
        (
            "cat /var/lib/landfall-deploy/deploy/history",
            "the releases",
        ),
        ("echo x >>~/.ssh/authorized_keys", "its keys"),
        ("mv ~/.ssh ~/ssh", "the folder of its keys"),
        ("touch ~/.ssh/rc", "what sshd hands a session to"),
    ] {
        let whole = format!("export HOME=/home/deploy; {command}");
        let output = Command::new("docker")
            .args([
                "exec",
                &test.container,
                "runuser",
                "-u",
                "deploy",
                "--",
                "sh",
                "-c",
                &whole,
            ])
            .output()
            .unwrap();
        assert!(
            !output.status.success(),
            "{command} ({why}): {}",
            text(&output)
        );
    }
}
