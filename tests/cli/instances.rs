//! A host outside AWS as a container instance: its agents installed, registered, joined, drained, mended, taken out.
//!
//! The role is made by the emulator. No emulator knows activations and container instances, and AWS's agents are not to be
//! had without a network: both stand in here, each doing what AWS's manual says of it and no more. What these cannot show is
//! that the real agents take the same words; they are those of AWS's own installer.

use std::{
    io::{BufRead, BufReader},
    process::{Child, Command, Stdio},
};

use crate::support::{
    lab::{TestHost, emulator},
    project::Project,
};

/// Systems Manager and ECS as far as machines are concerned. It learns what the agents on the host did from their files, and
/// believes a machine only whose code it gave itself.
const ACCOUNT: &str = r#"
import hashlib, http.server, json, re, subprocess, sys
HOST = sys.argv[1]
codes, managed, instances, left, drained = {}, {}, {}, set(), set()
counts = {"n": 0, "activations": 0}
def host(script):
    return subprocess.run(["docker", "exec", HOST, "sh", "-c", script], capture_output=True, text=True).stdout.strip()
def machine():
    code = host("cat /var/lib/fake-code 2>/dev/null")
    id = host("cat /var/lib/amazon/ssm/Vault/Store/RegistrationKey 2>/dev/null")
    found = re.search(r"mi-[0-9a-f]+", id)
    if not found:
        return None
    id = found.group()
    if code in codes and id not in managed and id not in left:
        managed[id] = dict(codes[code])
    return id
def connected():
    said, id = host("cat /var/lib/ecs/data/agent 2>/dev/null"), machine()
    if said and id:
        instances.setdefault(said, id)
    return said if host("systemctl -q is-active ecs && echo yes") else None
def arn(name):
    return "arn:aws:ecs:eu-west-1:600000000937:container-instance/" + name
class Answers(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        asked = json.loads(self.rfile.read(int(self.headers["content-length"])) or "{}")
        operation = self.headers["x-amz-target"].split(".")[1]
        print(operation, json.dumps(asked), file=sys.stderr, flush=True)
        code, answer = getattr(self, operation)(asked)
        body = json.dumps(answer).encode()
        self.send_response(code)
        self.send_header("content-length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
    def CreateActivation(self, a):
        assert a["RegistrationLimit"] == 1 and a["ExpirationDate"]
        counts["activations"] += 1
        id = "%08d-0000-0000-0000-000000000000" % counts["activations"]
        code = hashlib.sha256(id.encode()).hexdigest()[:20]
        codes[code] = {"role": a["IamRole"], "tags": a.get("Tags", []), "id": id}
        return 200, {"ActivationId": id, "ActivationCode": code}
    def DeleteActivation(self, a):
        machine()
        for code in [code for code, one in codes.items() if one["id"] == a["ActivationId"]]:
            del codes[code]
        return 200, {}
    def DescribeInstanceInformation(self, a):
        [wanted] = a["Filters"][0]["Values"]
        machine()
        if wanted not in managed:
            return 200, {"InstanceInformationList": []}
        return 200, {"InstanceInformationList": [{"InstanceId": wanted, "IamRole": managed[wanted]["role"]}]}
    def ListTagsForResource(self, a):
        return 200, {"TagList": managed[a["ResourceId"]]["tags"]}
    def DeregisterManagedInstance(self, a):
        managed.pop(a["InstanceId"], None)
        left.add(a["InstanceId"])
        return 200, {}
    def ListContainerInstances(self, a):
        wanted = a["filter"].removeprefix("ec2InstanceId == ")
        connected()
        of_it = [name for name, id in instances.items() if id == wanted and name.startswith(a["cluster"] + "/")]
        return 200, {"containerInstanceArns": [arn(name) for name in of_it if name not in left]}
    def DescribeContainerInstances(self, a):
        name = a["containerInstances"][0].partition("container-instance/")[2]
        status = "DRAINING" if name in drained else "ACTIVE"
        if status == "DRAINING" and counts["n"]:
            counts["n"] -= 1
        one = {"containerInstanceArn": arn(name), "status": status, "agentConnected": connected() == name,
               "runningTasksCount": counts["n"], "pendingTasksCount": 0}
        return 200, {"containerInstances": [one], "failures": []}
    def UpdateContainerInstancesState(self, a):
        name = a["containerInstances"][0].partition("container-instance/")[2]
        (drained.add if a["status"] == "DRAINING" else drained.discard)(name)
        counts["n"] = 2
        return 200, {"containerInstances": [], "failures": []}
    def DeregisterContainerInstance(self, a):
        name = a["containerInstance"].partition("container-instance/")[2]
        if not a.get("force") and (name not in drained or counts["n"]):
            return 400, {"__type": "InvalidParameterException", "message": "The instance has tasks."}
        left.add(name)
        return 200, {}
    def log_message(self, *_):
        pass
server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
print(server.server_address[1], flush=True)
server.serve_forever()
"#;

/// The agents as packages, signed by a key made here, and all that their users see of them.
const AGENTS: &str = r#"
set -e
export GNUPGHOME=/srv/agents/gnupg
mkdir -p -m 700 "$GNUPGHOME"
cd /srv/agents
gpg --batch --quiet --passphrase '' --quick-gen-key 'Agents <agents@example.org>' default default never 2>/dev/null
gpg --batch --armor --export >keys.asc
unit() {
	printf '[Service]\nExecStart=%s\n[Install]\nWantedBy=multi-user.target\n' "$1"
}
package() {
	mkdir -p "$1/DEBIAN"
	printf 'Package: %s\nVersion: 1\nArchitecture: all\nMaintainer: Test <t@example.org>\nDescription: stands in\n' "$1" >"$1/DEBIAN/control"
	dpkg-deb --build --root-owner-group "$1" "$2" >/dev/null
	gpg --batch --quiet --detach-sign --output "$2.$3" "$2"
}
mkdir -p amazon-ssm-agent/usr/bin amazon-ssm-agent/usr/lib/systemd/system
cat >amazon-ssm-agent/usr/bin/amazon-ssm-agent <<'EOF'
#!/bin/sh
[ "$1" = -register ] || exec sleep infinity
[ "$2 $3 $5 $7" = '-y -code -id -region' ] || { echo "what is $*?" >&2; exit 1; }
[ ! -e /var/lib/refuse ] || { echo 'ActivationExpired' >&2; exit 1; }
store=/var/lib/amazon/ssm/Vault/Store
mkdir -p "$store"
printf %s "$4" >/var/lib/fake-code
id=mi-$(printf %s "$4" | sha256sum | cut -c1-17)
printf '{"instanceID":"%s","region":"%s","privateKey":"UFJJVkFURQ==","privateKeyType":"Rsa"}' "$id" "$8" >"$store/RegistrationKey"
EOF
chmod 755 amazon-ssm-agent/usr/bin/amazon-ssm-agent
unit /usr/bin/amazon-ssm-agent >amazon-ssm-agent/usr/lib/systemd/system/amazon-ssm-agent.service
package amazon-ssm-agent ssm.deb sig
mkdir -p amazon-ecs-init/usr/libexec amazon-ecs-init/usr/lib/systemd/system
cat >amazon-ecs-init/usr/libexec/amazon-ecs-init <<'EOF'
#!/bin/sh
grep -qx ECS_EXTERNAL=true /var/lib/ecs/ecs.config && [ -f /var/lib/amazon/ssm/Vault/Store/RegistrationKey ] || exit 1
. /etc/ecs/ecs.config
mkdir -p /var/lib/ecs/data
# The instance that it was, as long as it knows one.
[ -f /var/lib/ecs/data/agent ] || echo "$ECS_CLUSTER/$(tr -d - </proc/sys/kernel/random/uuid)" >/var/lib/ecs/data/agent
exec sleep infinity
EOF
chmod 755 amazon-ecs-init/usr/libexec/amazon-ecs-init
unit /usr/libexec/amazon-ecs-init >amazon-ecs-init/usr/lib/systemd/system/ecs.service
package amazon-ecs-init ecs.deb asc
cat keys.asc
"#;

/// What is on a host whose system was installed anew: the agents, and nothing that they knew.
const MADE_ANEW: &str = "
systemctl disable --now --quiet ecs.service amazon-ssm-agent.service
rm -rf /var/lib/ecs /var/lib/amazon /var/lib/fake-code
sed -i /ECS_CLUSTER/d /etc/ecs/ecs.config
";

const ENVIRONMENT: &str = r#"
project = "review"

[aws]
region = "eu-west-1"
account = "600000000937"

[roles.edge]
service = "ssm.amazonaws.com"

[hosts.edge]
LOGIN
playbook = "ecs-anywhere"

[hosts.edge.vars]
agent_keys = "{{ lookup('file', 'agent-keys.asc') }}"
ssm_agent_url = "file:///srv/agents/ssm.deb"
ecs_agent_url = "file:///srv/agents/ecs.deb"
"#;

struct Account {
    server: Child,
    endpoint: String,
}

impl Account {
    fn start(host: &TestHost, log: std::fs::File) -> Self {
        let mut server = Command::new("python3")
            .args(["-c", ACCOUNT, &host.container])
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .unwrap();
        let mut line = String::new();
        let stdout = server.stdout.take().unwrap();
        BufReader::new(stdout).read_line(&mut line).unwrap();
        let endpoint = format!("http://127.0.0.1:{}", line.trim());
        Self { server, endpoint }
    }
}

impl Drop for Account {
    fn drop(&mut self) {
        self.server.kill().unwrap();
        self.server.wait().unwrap();
    }
}

struct Stage {
    host: TestHost,
    project: Project,
    emulator: String,
    account: Account,
    /// The public keys that the packages are signed by.
    keys: String,
}

impl Stage {
    async fn set(user: &str) -> Self {
        let host = TestHost::boot("edge", user).await;
        let project = Project::empty(&host);
        let keys = host.exec(&["sh", "-c", AGENTS]);
        project.write("asked", "");
        let log = std::fs::File::create(project.path().join("asked")).unwrap();
        let account = Account::start(&host, log);
        Self {
            emulator: emulator().await,
            host,
            project,
            account,
            keys,
        }
    }

    fn declare(&self, more: &str) {
        let text = ENVIRONMENT.replace("LOGIN", &Project::login(&self.host));
        self.project.write("agent-keys.asc", &self.keys);
        self.project
            .write("environments/review.toml", &format!("{text}{more}"));
    }

    /// Declares neither the host nor anything on it.
    fn declare_no_host(&self) {
        let (text, _) = ENVIRONMENT.split_once("[hosts.edge]").unwrap();
        self.project.write("environments/review.toml", text);
    }

    fn instance(cluster: &str, more: &str) -> String {
        format!(
            "[container_instances.edge]\nhost = \"edge\"\ncluster = \"{cluster}\"\nrole = \"edge\"\n{more}\n"
        )
    }

    /// The program, to be run with these words in this account.
    fn command(&self, words: &[&str]) -> Command {
        let mut command = self.project.command(words);
        command
            .env("AWS_ENDPOINT_URL", &self.emulator)
            .env("AWS_ENDPOINT_URL_SSM", &self.account.endpoint)
            .env("AWS_ENDPOINT_URL_ECS", &self.account.endpoint)
            .env("AWS_ACCESS_KEY_ID", "600000000937")
            .env("AWS_SECRET_ACCESS_KEY", "test");
        command
    }

    fn landfall(&self, words: &[&str], code: i32) -> String {
        let output = self.command(words).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert_eq!(output.status.code(), Some(code), "{said}");
        said
    }

    fn apply(&self, code: i32) -> String {
        self.landfall(&["apply", "review", "--yes"], code)
    }

    fn nothing_is_left(&self) {
        let said = self.landfall(&["plan", "review", "--detailed-exitcode"], 0);
        assert!(said.contains("Nothing to do"), "{said}");
    }

    /// What the host's agent believes to be: `CLUSTER/ID`.
    fn believes(&self) -> String {
        self.host
            .exec(&["sh", "-c", "cat /var/lib/ecs/data/agent || true"])
            .trim()
            .to_owned()
    }

    /// How often an instance was taken out with its tasks.
    fn forced(&self) -> usize {
        let log = std::fs::read_to_string(self.project.path().join("asked")).unwrap();
        log.lines()
            .filter(|line| line.starts_with("DeregisterContainerInstance "))
            .filter(|line| line.contains(r#""force": true"#))
            .count()
    }

    /// How often the account was asked for this since the last time.
    fn asked(&self, operation: &str) -> usize {
        let log = std::fs::read_to_string(self.project.path().join("asked")).unwrap();
        log.lines()
            .filter(|line| line.split(' ').next() == Some(operation))
            .count()
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_outside_aws_becomes_an_instance_moves_and_leaves() {
    let stage = Stage::set("cloud").await;
    stage.declare("");
    let host = &stage.host;

    // A package that somebody else signed is not installed.
    host.exec(&[
        "sh",
        "-c",
        "cp /srv/agents/ecs.deb.asc /srv/ok; cp /srv/agents/ssm.deb.sig /srv/agents/ecs.deb.asc",
    ]);
    let instance = |more: &str| Stage::instance("main", more);
    stage.declare(&instance(""));
    let said = stage.apply(7);
    assert!(
        said.contains("The package is not signed by any of these keys"),
        "{said}"
    );
    host.exec(&[
        "sh",
        "-c",
        "! [ -e /usr/libexec/amazon-ecs-init ] && mv /srv/ok /srv/agents/ecs.deb.asc",
    ]);

    // An agent that cannot register leaves no activation behind that somebody could use.
    host.exec(&["touch", "/var/lib/refuse"]);
    let said = stage.apply(7);
    assert!(said.contains("ActivationExpired"), "{said}");
    assert_eq!(stage.asked("CreateActivation"), 1);
    assert_eq!(stage.asked("DeleteActivation"), 1);
    host.exec(&["rm", "/var/lib/refuse"]);

    let planned = stage.landfall(&["plan", "review"], 0);
    for words in ["container_instances.edge", "machine", "role", "cluster"] {
        assert!(planned.contains(words), "{words}: {planned}");
    }
    host.exec(&["sh", "-c", "mkdir -p /etc/ecs && echo ECS_LOGLEVEL=info >/etc/ecs/ecs.config && chmod 640 /etc/ecs/ecs.config"]);
    let mut run = stage.command(&["apply", "review", "--yes"]);
    let run = run.env("LANDFALL_LOG", "landfall=trace").output().unwrap();
    let said = String::from_utf8_lossy(&[run.stdout, run.stderr].concat()).into_owned();
    assert!(run.status.success(), "{said}");
    let code = host.exec(&["cat", "/var/lib/fake-code"]);
    assert!(
        code.len() == 20 && !said.contains(code.trim()),
        "the run showed the code: {said}"
    );
    assert!(!said.contains("UFJJVkFURQ"), "the run read the host's key");
    assert!(stage.believes().starts_with("main/"));
    let config = host.exec(&[
        "sh",
        "-c",
        "cat /etc/ecs/ecs.config; stat -c %a /etc/ecs/ecs.config",
    ]);
    assert_eq!(config, "ECS_LOGLEVEL=info\nECS_CLUSTER=main\n640\n");
    stage.nothing_is_left();

    // Drained by its declaration.
    stage.declare(&instance("drained = true"));
    let said = stage.apply(0);
    assert!(said.contains("DRAINING"), "{said}");
    stage.nothing_is_left();
    stage.declare(&instance(""));
    stage.apply(0);
    stage.nothing_is_left();

    // Stopped by hand, it runs again as the same instance.
    let before = stage.believes();
    host.exec(&["systemctl", "disable", "--now", "--quiet", "ecs.service"]);
    let said = stage.apply(0);
    assert!(said.contains("agents"), "{said}");
    assert_eq!(stage.believes(), before);
    stage.nothing_is_left();

    // Another cluster: it leaves the one before it joins the other.
    stage.declare(&Stage::instance("second", ""));
    stage.apply(0);
    assert!(stage.believes().starts_with("second/"));
    assert_eq!(stage.asked("DeregisterContainerInstance"), 1);
    stage.nothing_is_left();

    // A host that Systems Manager forgot is registered anew, by an activation of its own.
    let id = host.exec(&[
        "sh",
        "-c",
        "grep -o 'mi-[0-9a-f]*' /var/lib/amazon/ssm/Vault/Store/RegistrationKey",
    ]);
    let told = Command::new("curl")
        .args([
            "-s",
            "-H",
            "x-amz-target: AmazonSSM.DeregisterManagedInstance",
            "-d",
        ])
        .arg(format!("{{\"InstanceId\":\"{}\"}}", id.trim()))
        .arg(&stage.account.endpoint)
        .output()
        .unwrap();
    assert!(told.status.success());
    stage.apply(0);
    assert_eq!(stage.asked("CreateActivation"), 3);
    assert_eq!(stage.asked("DeleteActivation"), 3);
    stage.nothing_is_left();

    // A host that was made anew joins as another machine, and the one that it was goes.
    host.exec(&["sh", "-c", MADE_ANEW]);
    let said = stage.apply(0);
    assert!(said.contains("which is taken out"), "{said}");
    assert_eq!(stage.asked("CreateActivation"), 4);
    assert_eq!(
        stage.forced(),
        2,
        "the machine that was forgotten, and this one"
    );
    assert_eq!(stage.asked("DeregisterManagedInstance"), 2);
    stage.nothing_is_left();

    // Declared no more, it leaves and forgets who it is; what others wrote stays.
    stage.declare("");
    let said = stage.apply(0);
    assert!(said.contains("The agents stay installed"), "{said}");
    assert_eq!(stage.asked("DeregisterManagedInstance"), 3);
    assert_eq!(stage.believes(), "");
    let left = host.exec(&["sh", "-c", "cat /etc/ecs/ecs.config; ls /var/lib/amazon/ssm/Vault/Store; systemctl is-active ecs amazon-ssm-agent || true"]);
    assert_eq!(left, "ECS_LOGLEVEL=info\ninactive\ninactive\n");
    stage.nothing_is_left();

    stage.declare(&instance(""));
    stage.apply(0);
    a_host_that_is_gone_for_good_is_taken_out_without_it(&stage);
}

fn a_host_that_is_gone_for_good_is_taken_out_without_it(stage: &Stage) {
    let gone = |code| {
        let words = ["apply", "review", "--yes", "--gone", "edge"];
        stage.landfall(&words, code)
    };
    // As long as it is declared it is none that is gone, and as long as its agent is connected neither.
    let said = gone(6);
    assert!(said.contains("hosts.edge is declared"), "{said}");
    stage.declare_no_host();
    let said = gone(6);
    assert!(said.contains("the machine is still connected"), "{said}");
    let words = ["apply", "review", "--yes", "--gone", "egde"];
    let said = stage.landfall(&words, 6);
    assert!(said.contains("There is: edge"), "{said}");

    let killed = Command::new("docker")
        .args(["kill", &stage.host.container])
        .output()
        .unwrap();
    assert!(killed.status.success());
    let said = stage.apply(4);
    assert!(said.contains("say so by `--gone edge`"), "{said}");
    // By a plan that was saved it is done as well: that one knows.
    let words = ["plan", "review", "--gone", "edge", "--out", "gone.plan"];
    let planned = stage.landfall(&words, 0);
    for words in ["former.cluster", "former.machine", "edge is not entered"] {
        assert!(planned.contains(words), "{words}: {planned}");
    }
    let before = (stage.forced(), stage.asked("DeregisterManagedInstance"));
    stage.landfall(&["apply", "gone.plan", "--yes"], 0);
    let after = (stage.forced(), stage.asked("DeregisterManagedInstance"));
    assert_eq!(after, (before.0 + 1, before.1 + 1));
    stage.nothing_is_left();

    // Nothing of it is left to be said gone.
    let said = gone(6);
    assert!(
        said.contains("no container instance and no Swarm"),
        "{said}"
    );
}
