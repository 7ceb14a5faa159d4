//! What was thought of to do more with a key of a forced command than to deploy: each is refused, and leaves no trace.

use super::*;

/// What is asked for, what the refusal says, and why it must be refused.
type Attempt = (&'static str, &'static str, &'static str);

const NO_SHELL: &str = "there is no shell here";
const NOT_CALLED: &str = "nothing is called";
const LETTERS: &str = "letters, digits, blanks and";
const ONE_BLANK: &str = "parted by one blank each";
const NO_IMAGE: &str = "no image is called";
const NO_PAIR: &str = "is not NAME=IMAGE";
const REPOSITORY: &str = "with a tag or digest, not";

/// Requests. All of them end with 126.
const REQUESTS: &[Attempt] = &[
    ("", NO_SHELL, "a login shell is everything"),
    ("bash -i", NOT_CALLED, "so is a shell by name"),
    ("/bin/sh", NOT_CALLED, "and one by its path"),
    ("../../../bin/sh", NOT_CALLED, "and one by a way around"),
    ("sh -c id", NOT_CALLED, "and a command in one"),
    ("id", NOT_CALLED, "a command"),
    (
        "sudo -n docker ps",
        NOT_CALLED,
        "what the profile sudo-docker may do",
    ),
    (
        "docker run --rm -v /:/host localhost:5000/shop/web:1 id",
        NOT_CALLED,
        "a container that has the disk",
    ),
    ("docker compose -p other up", NOT_CALLED, "another project"),
    (
        "docker system dial-stdio",
        NOT_CALLED,
        "the engine's socket through ssh, as `docker -H ssh://` asks for it",
    ),
    ("exec web /bin/sh", NOT_CALLED, "a shell in a container"),
    ("run web", NOT_CALLED, "a container of one's own"),
    ("down", NOT_CALLED, "taking the project away"),
    (
        "config",
        NOT_CALLED,
        "reading what the compose file was filled with",
    ),
    (
        "scp -t /tmp",
        NOT_CALLED,
        "a file that comes, by the old protocol",
    ),
    ("scp -f /etc/shadow", NOT_CALLED, "a file that goes"),
    (
        "/usr/lib/openssh/sftp-server",
        NOT_CALLED,
        "files both ways",
    ),
    (
        "internal-sftp",
        NOT_CALLED,
        "files both ways, by sshd itself",
    ),
    (
        "rsync --server -e.LsfxCIvu . /tmp",
        NOT_CALLED,
        "files that come, by rsync",
    ),
    (
        "rsync --server --sender . /etc",
        NOT_CALLED,
        "files that go, by rsync",
    ),
    (
        "git-upload-pack /srv/Shop",
        NOT_CALLED,
        "files that go, by git",
    ),
    ("version; touch /tmp/broken", LETTERS, "a second command"),
    (
        "version && touch /tmp/broken",
        LETTERS,
        "a second command, when the first ends well",
    ),
    (
        "version | tee /tmp/broken",
        LETTERS,
        "a command that is given what the first prints",
    ),
    ("version > /tmp/broken", LETTERS, "a file written"),
    ("version < /etc/shadow", LETTERS, "a file read"),
    (
        "version & touch /tmp/broken",
        LETTERS,
        "a command beside it",
    ),
    ("version `touch /tmp/broken`", LETTERS, "a command within"),
    (
        "up web=$(touch /tmp/broken)",
        LETTERS,
        "a command within an image",
    ),
    (
        "up web=localhost:5000/shop/web:${PATH}",
        LETTERS,
        "a variable",
    ),
    ("version\ntouch /tmp/broken", LETTERS, "a second line"),
    ("version\n", LETTERS, "a line break at the end"),
    ("version\ttouch", LETTERS, "another blank"),
    ("version\rid", LETTERS, "what hides a line in a log"),
    ("version \u{1b}[2J", LETTERS, "what moves a terminal"),
    ("logs *", LETTERS, "names of files"),
    ("logs web\\ 5", LETTERS, "a quoted blank"),
    ("up \"web=localhost:5000/shop/web:1\"", LETTERS, "quotes"),
    (
        "up web=localhost:5000/shop/web:ä",
        LETTERS,
        "letters that are no ASCII",
    ),
    (" version", ONE_BLANK, "an empty word before"),
    ("version ", ONE_BLANK, "an empty word behind"),
    (
        "up  web=localhost:5000/shop/web:1",
        ONE_BLANK,
        "an empty word between",
    ),
    ("version 1", "takes 0 words", "more than was asked for"),
    ("status --all", "takes 0 words", "an option of compose"),
    (
        "rollback 7",
        "takes 0 words",
        "a release of the caller's choice",
    ),
    ("logs", "takes a service", "the logs of all"),
    (
        "logs web 5 --follow",
        "takes 2 words",
        "an option of compose",
    ),
    (
        "logs web --follow",
        "is not a number",
        "a session without an end",
    ),
    (
        "logs web 99999",
        "is not a number",
        "all that was ever printed",
    ),
    (
        "logs --help",
        "has no service",
        "an option in place of a service",
    ),
    (
        "logs shop-web-1",
        "has no service",
        "a container in place of a service",
    ),
    ("task web", "is no task", "a service that is no task"),
    (
        "task --entrypoint=sh",
        "is no task",
        "an option in place of a task",
    ),
    (
        "task migrate sh",
        "takes 1 words",
        "another command in a task",
    ),
    ("up web", NO_PAIR, "a name without an image"),
    ("up --file=/tmp/x", NO_IMAGE, "another compose file"),
    ("up --project-name other", NO_PAIR, "another project"),
    ("up -d", NO_PAIR, "an option of compose"),
    ("up PATH=/tmp", NO_IMAGE, "a variable of the environment"),
    (
        "up IMAGE_WEB=localhost:5000/shop/web:1",
        NO_IMAGE,
        "a variable of the compose file by its own name",
    ),
    ("up COMPOSE_FILE=/tmp/x", NO_IMAGE, "a variable of compose"),
    (
        "up db=localhost:5000/shop/web:1",
        NO_IMAGE,
        "an image that nobody named",
    ),
    (
        "up web=docker.io/evil/web:1",
        REPOSITORY,
        "an image from elsewhere",
    ),
    (
        "up web=localhost:5000/shop/web2:1",
        REPOSITORY,
        "a repository that begins the same",
    ),
    (
        "up web=localhost:5000/shop/web/../evil:1",
        REPOSITORY,
        "a way out of the repository",
    ),
    (
        "up web=localhost:5000/shop/web",
        REPOSITORY,
        "whatever is newest",
    ),
    ("up web=", REPOSITORY, "no image"),
    (
        "up web=--privileged",
        REPOSITORY,
        "an option in place of an image",
    ),
    (
        "up web=localhost:5000/shop/web:",
        "no tag that is one",
        "an empty tag",
    ),
    (
        "up web=localhost:5000/shop/web:-x",
        "no tag that is one",
        "a tag that looks like an option",
    ),
    (
        "up web=localhost:5000/shop/web:1/x",
        "no tag that is one",
        "a path in place of a tag",
    ),
    (
        "up web=localhost:5000/shop/web:1=2",
        "no tag that is one",
        "two values",
    ),
    (
        "up web=localhost:5000/shop/web@sha256:12",
        "has not 64 digits",
        "a digest that is none",
    ),
    (
        "up web=localhost:5000/shop/web@md5:12",
        "no digest of sha256",
        "a digest that can be forged",
    ),
    (
        "up web=localhost:5000/shop/web:1 web=localhost:5000/shop/web:2",
        "is given twice",
        "which of the two counts",
    ),
    ("pull docker.io/evil/web:1", NO_PAIR, "an image by itself"),
    (
        "pull web=docker.io/evil/web:1",
        REPOSITORY,
        "an image from elsewhere, if only on the disk",
    ),
    ("pull --all-tags=x", NO_IMAGE, "an option of docker"),
];

/// Options of ssh, a request that would be fine, what is said, and why it must be refused.
const CONNECTIONS: &[(&[&str], &str, &str, &str)] = &[
    (
        &["-s"],
        "sftp",
        NOT_CALLED,
        "files both ways, by the subsystem",
    ),
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
    for (request, refusal, why) in REQUESTS.iter().chain(&long) {
        let output = session(test, &[], request).output().unwrap();
        let said = text(&output);
        assert_eq!(
            output.status.code(),
            Some(126),
            "{request:?} ({why}): {said}"
        );
        assert!(
            said.contains("landfall-deploy: refused: ") && said.contains(refusal),
            "{request:?}: {said}"
        );
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
