//! Requests that a forced command refuses, one a line: what is asked for, what the refusal says, and why it is one.

/// What is asked for, what the refusal says, and why it must be refused.
pub type Attempt = (&'static str, &'static str, &'static str);

const NO_SHELL: &str = "there is no shell here";
pub const NOT_CALLED: &str = "nothing is called";
const LETTERS: &str = "letters, digits, blanks and";
const ONE_BLANK: &str = "parted by one blank each";
const NO_IMAGE: &str = "no image is called";
const NO_PAIR: &str = "is not NAME=IMAGE";
const REPOSITORY: &str = "with a tag or digest, not";

/// Requests. All of them end with 126.
pub const REQUESTS: &[Attempt] = &[
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
    (
        "changes web=docker.io/evil/web:1",
        REPOSITORY,
        "an image from elsewhere, if only in a file for compose",
    ),
    (
        "changes --file=/etc/shadow",
        NO_IMAGE,
        "an option of compose",
    ),
];
