//! Logs: the journal of a host and the output of its containers reach a real aggregator by TLS, and nobody else.

use std::process::Command;
use std::time::{Duration, Instant};

use crate::support::{lab::TestHost, project::Project};

/// An authority, another one, and a certificate of the aggregator's, made by openssl.
const CERTIFICATES: &str = r#"set -e
    for one in good wrong; do
        openssl ecparam -name prime256v1 -genkey -noout -out $one.key
        openssl req -x509 -new -key $one.key -subj /CN=$one -days 90 -out $one.pem
    done
    openssl ecparam -name prime256v1 -genkey -noout -out server.key
    openssl req -new -key server.key -subj /CN=logs.example.org -out server.csr
    printf 'subjectAltName=DNS:logs.example.org\n' > server.ext
    openssl x509 -req -in server.csr -CA good.pem -CAkey good.key -CAcreateserial -days 80 -extfile server.ext -out server.pem"#;

/// rsyslog as an aggregator; what it gets stands in a file as it came.
const AGGREGATOR: &str = r#"set -e
export DEBIAN_FRONTEND=noninteractive
apt-get update -q >/dev/null
apt-get install -y -q --no-install-recommends rsyslog rsyslog-gnutls >/dev/null
cat >/etc/rsyslog.d/00-aggregator.conf <<'END'
global(DefaultNetstreamDriver="gtls" DefaultNetstreamDriverCAFile="/etc/good.pem"
    DefaultNetstreamDriverCertFile="/etc/server.pem" DefaultNetstreamDriverKeyFile="/etc/server.key")
module(load="imtcp" StreamDriver.Name="gtls" StreamDriver.Mode="1" StreamDriver.AuthMode="anon")
template(name="raw" type="string" string="%rawmsg%\n")
ruleset(name="received") { action(type="omfile" file="/var/log/received" template="raw") }
input(type="imtcp" port="6514" ruleset="received")
END
touch /var/log/received
systemctl restart rsyslog"#;

/// An image of nothing but busybox, and a container that says one line.
const CONTAINER: &str = r#"set -e
apt-get install -y -q --no-install-recommends busybox-static >/dev/null 2>&1
mkdir -p /run/image/bin
cp /bin/busybox /run/image/bin/
ln -s busybox /run/image/bin/echo
tar -C /run/image -c . | docker import - example/says:1 >/dev/null"#;

struct Stage {
    host: TestHost,
    aggregator: TestHost,
    project: Project,
}

impl Stage {
    async fn set() -> Self {
        let host = TestHost::boot("logs", "root").await;
        let aggregator = TestHost::boot("aggregator", "root").await;
        let project = Project::empty(&host);
        let made = Command::new("sh")
            .args(["-c", CERTIFICATES])
            .current_dir(project.path())
            .output()
            .unwrap();
        assert!(made.status.success(), "{made:?}");
        for file in ["good.pem", "server.pem", "server.key"] {
            let copied = Command::new("docker")
                .args(["cp", "--quiet"])
                .arg(project.path().join(file))
                .arg(format!("{}:/etc/{file}", aggregator.container))
                .status();
            assert!(copied.unwrap().success());
        }
        aggregator.exec(&["sh", "-c", AGGREGATOR]);
        project.write(".env.secret", "LOG_TOKEN=t0ken-of-the-aggregator\n");
        Self {
            host,
            aggregator,
            project,
        }
    }

    /// Declares the host with these variables beside those that it always has.
    fn declare(&self, vars: &str) {
        let key = std::fs::read_to_string(self.host.folder.path().join("id.pub")).unwrap();
        let text = format!(
            "project = \"review\"\n[secrets]\nenv = [\".env.secret\"]\n[hosts.web]\n{}\nplaybook = \"docker-host\"\n\
             [hosts.web.vars]\ndocker_source = \"distribution\"\nsystem_upgrade = false\ndeploy_keys = [\"{}\"]\n{vars}\n",
            Project::login(&self.host),
            key.trim()
        );
        self.project.write("environments/review.toml", &text);
    }

    /// Sends to the aggregator, whose authority this is.
    fn sends(&self, authority: &str) {
        let pem = std::fs::read_to_string(self.project.path().join(authority)).unwrap();
        self.declare(&format!(
            "log_server = \"{}\"\nlog_peer = \"logs.example.org\"\nlog_token = \"{{{{ env.LOG_TOKEN }}}}\"\nlog_ca = '''\n{pem}'''",
            self.aggregator.login.address
        ));
    }

    fn apply(&self) -> String {
        self.project.landfall(&["apply", "review", "--yes"]).with(0)
    }

    fn nothing_is_left(&self) {
        let words = ["plan", "review", "--detailed-exitcode"];
        let said = self.project.landfall(&words).with(0);
        assert!(said.contains("Nothing to do"), "{said}");
    }

    fn say(&self, line: &str) {
        self.host.exec(&["logger", "--tag", "canary", line]);
    }

    fn received(&self) -> String {
        self.aggregator.exec(&["cat", "/var/log/received"])
    }

    /// The line with these words, once it has arrived.
    fn arrives(&self, words: &str) -> String {
        let began = Instant::now();
        loop {
            let received = self.received();
            if let Some(line) = received.lines().find(|line| line.contains(words)) {
                return line.to_owned();
            }
            let said = || {
                self.host
                    .exec(&["sh", "-c", "journalctl -u rsyslog -n 20 --no-pager"])
            };
            assert!(
                began.elapsed() < Duration::from_secs(90),
                "{words}: {received}\n{}",
                said()
            );
            std::thread::sleep(Duration::from_millis(300));
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_journal_and_the_output_of_containers_reach_an_aggregator_and_nobody_else() {
    let stage = Stage::set().await;
    stage.sends("good.pem");
    let said = stage.apply();
    assert!(!said.contains("t0ken-of-the-aggregator"), "{said}");
    stage.nothing_is_left();
    let file = "/etc/rsyslog.d/10-landfall-logs.conf";
    let mode = stage.host.exec(&["stat", "-c", "%a %U", file]);
    assert_eq!(mode, "600 root\n");

    // By the system, and by a container.
    stage.say("from the system");
    let line = stage.arrives("from the system");
    for words in [
        " review.review canary ",
        "[landfall@32473 host=\"logs\"]",
        "[t0ken-of-the-aggregator@41058 tag=\"review.review\"]",
    ] {
        assert!(line.contains(words), "{words}: {line}");
    }
    stage.host.exec(&["sh", "-c", CONTAINER]);
    let words = [
        "docker",
        "run",
        "--name",
        "speaker",
        "example/says:1",
        "/bin/echo",
        "from a container",
    ];
    stage.host.exec(&words);
    let line = stage.arrives("from a container");
    assert!(line.contains(" review.review speaker "), "{line}");

    an_aggregator_that_is_away_loses_nothing(&stage);
    nobody_else_gets_anything(&stage);
    what_was_switched_off_is_gone(&stage);
}

fn an_aggregator_that_is_away_loses_nothing(stage: &Stage) {
    stage.aggregator.exec(&["systemctl", "stop", "rsyslog"]);
    // Syslog over TCP has no acknowledgement: what is written first after the other end has gone is lost, as the README
    // says, and that is how the sender notices.
    stage.say("on a connection that is broken");
    std::thread::sleep(Duration::from_secs(5));
    for number in 1..=20 {
        stage.say(&format!("while it was away {number}."));
    }
    let words = [
        "docker",
        "run",
        "--rm",
        "example/says:1",
        "/bin/echo",
        "it starts all the same",
    ];
    stage.host.exec(&words);
    // Its queue outlives it.
    stage.host.exec(&["systemctl", "restart", "rsyslog"]);
    stage.aggregator.exec(&["systemctl", "start", "rsyslog"]);
    for number in 1..=20 {
        stage.arrives(&format!("while it was away {number}."));
    }
    stage.arrives("it starts all the same");
}

/// To one whose certificate is another authority's nothing is sent, and no line is lost.
fn nobody_else_gets_anything(stage: &Stage) {
    stage.sends("wrong.pem");
    stage.apply();
    stage.say("for no stranger");
    std::thread::sleep(Duration::from_secs(10));
    assert!(!stage.received().contains("for no stranger"));
    let said = stage
        .host
        .exec(&["journalctl", "-u", "rsyslog", "-n", "50", "--no-pager"]);
    assert!(said.contains("certificate"), "{said}");

    // Put right, what waited arrives.
    stage.sends("good.pem");
    stage.apply();
    stage.arrives("for no stranger");
}

fn what_was_switched_off_is_gone(stage: &Stage) {
    stage.declare("");
    stage.apply();
    stage.nothing_is_left();
    let script = "ls /etc/rsyslog.d/10-landfall-logs.conf /etc/docker/daemon.json /etc/docker/landfall-logs 2>/dev/null; \
                  docker info --format '{{.LoggingDriver}}'";
    assert_eq!(stage.host.exec(&["sh", "-c", script]), "json-file\n");
    stage.say("after it was switched off");
    std::thread::sleep(Duration::from_secs(5));
    assert!(!stage.received().contains("after it was switched off"));

    // What cannot be is refused before anything is changed.
    for (vars, why) in [
        (
            "log_server = \"logs.example.org\"\nlog_name = \"shop\"",
            "log_name is PROJECT.ENVIRONMENT",
        ),
        (
            "log_server = \"logs.example.org\"\nlog_name = \"shop.a b\"",
            "log_name is PROJECT.ENVIRONMENT",
        ),
        (
            "log_server = \"https://logs.example.org\"",
            "log_server is a name or an address",
        ),
        (
            "log_server = \"logs.example.org\"\nlog_token = \"abc\"\nlog_tls = false",
            "sent in clear text",
        ),
        (
            "log_server = \"logs.example.org\"\nlog_token = \"a b\"",
            "no_log",
        ),
        (
            "log_server = \"logs.example.org\"\nlog_ca = \"/etc/ca.pem\"",
            "the text itself",
        ),
        ("log_containers = \"gelf\"", "log_containers is journald"),
        ("log_containers = \"awslogs\"", "log_region is a region"),
        (
            "log_containers = \"fluentd\"",
            "log_server is a name or an address",
        ),
        (
            "log_server = \"logs.example.org\"\ndocker_daemon = { log-driver = \"local\" }",
            "docker_daemon has a log-driver",
        ),
        (
            "log_server = \"logs.example.org\"\nlog_queue = \"all\"",
            "log_queue",
        ),
    ] {
        stage.declare(vars);
        let said = stage.project.landfall(&["plan", "review"]).with(1);
        assert!(said.contains(why), "{why}: {said}");
    }

    // Nor is a file of somebody else's lost.
    let own = "echo '{\"data-root\": \"/mnt/big\"}' >/etc/docker/daemon.json";
    stage.host.exec(&["sh", "-c", own]);
    stage.declare("log_server = \"logs.example.org\"");
    let said = stage.project.landfall(&["plan", "review"]).with(1);
    assert!(said.contains("has settings of others"), "{said}");
}
