//! Hardening, judged by programs that others wrote.

use std::{
    net::{SocketAddr, TcpStream},
    path::PathBuf,
    time::Duration,
};

use super::*;
use crate::support::project::Project;

/// Of the kernel's settings those that each container has for itself: the machine's own are not a test's to change.
pub const KERNEL: &str = "kernel_settings = { \"net.ipv4.conf.all.accept_redirects\" = 0, \
\"net.ipv4.conf.default.accept_redirects\" = 0, \
\"net.ipv4.conf.all.accept_source_route\" = 0, \
\"net.ipv4.conf.default.accept_source_route\" = 0, \
\"net.ipv4.conf.all.log_martians\" = 1, \
\"net.ipv4.conf.default.log_martians\" = 1, \
\"net.ipv4.conf.all.rp_filter\" = 2, \
\"net.ipv4.conf.default.rp_filter\" = 2, \
\"net.ipv4.conf.all.secure_redirects\" = 0, \
\"net.ipv4.conf.default.secure_redirects\" = 0, \
\"net.ipv4.conf.all.send_redirects\" = 0, \
\"net.ipv4.conf.default.send_redirects\" = 0, \
\"net.ipv4.icmp_echo_ignore_broadcasts\" = 1, \
\"net.ipv4.icmp_ignore_bogus_error_responses\" = 1, \
\"net.ipv4.tcp_syncookies\" = 1, \
\"net.ipv6.conf.all.accept_redirects\" = 0, \
\"net.ipv6.conf.default.accept_redirects\" = 0, \
\"net.ipv6.conf.all.accept_source_route\" = 0, \
\"net.ipv6.conf.default.accept_source_route\" = 0 }";

/// Writes an environment whose host has these playbooks and variables, and a target that CI enters by a key of its own.
fn environment(test: &TestHost, project: &Project, vars: &str) {
    environment_with_ports(test, project, vars, "80");
}

fn environment_with_ports(test: &TestHost, project: &Project, vars: &str, ports: &str) {
    let text = format!(
        r#"project = "review"
[keys.deploy]
[hosts.web]
{}
playbooks = ["docker-host", "hardening"]
[hosts.web.vars]
docker_source = "distribution"
system_upgrade = false
deploy_keys = ["{{{{ keys.deploy.public }}}}"]
app_dir = "/srv/review"
{KERNEL}
{vars}
[targets.web]
host = "web"
key = "deploy"
ports = [{ports}]
"#,
        Project::login(test)
    );
    project.write("environments/review.toml", &text);
}

/// The algorithms that ssh-audit calls a failure.
fn failures(test: &TestHost) -> Vec<String> {
    let tools = PathBuf::from(std::env::var("LANDFALL_TOOLS").unwrap());
    let output = Command::new(tools.join("bin/ssh-audit"))
        .args(["--json", "--skip-rate-test", &test.login.address])
        .output()
        .unwrap();
    let said: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
    let mut failures = Vec::new();
    for kind in ["kex", "key", "enc", "mac"] {
        let algorithms = said[kind].as_array().unwrap();
        assert!(!algorithms.is_empty(), "{said}");
        for one in algorithms {
            if one["notes"]["fail"].is_array() {
                failures.push(one["algorithm"].as_str().unwrap().to_owned());
            }
        }
    }
    failures
}

/// The index of lynis.
fn hardened(test: &TestHost) -> u32 {
    let script = "lynis audit system --quick --no-colors --quiet >/dev/null 2>&1; sed -n 's/^hardening_index=//p' /var/log/lynis-report.dat";
    let said = test.exec(&["sh", "-c", script]);
    said.trim().parse().unwrap_or_else(|_| panic!("{said}"))
}

/// Whether a port answers somebody who is not on the host.
fn answers(test: &TestHost, port: u16) -> bool {
    let address: SocketAddr = format!("{}:{port}", test.login.address).parse().unwrap();
    TcpStream::connect_timeout(&address, Duration::from_secs(2)).is_ok()
}

/// An image of one program, which serves at port 8000.
const SERVES: &str = r#"set -e
mkdir -p /tmp/image/bin
cp /bin/busybox /tmp/image/bin/busybox
tar -C /tmp/image -cf /srv/image.tar .
docker import /srv/image.tar app:1 >/dev/null
for port in 80 8080; do
    docker run --detach --restart always --publish $port:8000 app:1 /bin/busybox httpd -f -p 8000 >/dev/null
done
"#;

#[tokio::test(flavor = "multi_thread")]
async fn a_hardened_host_is_praised_by_its_judges_and_closes_what_docker_publishes() {
    let test = TestHost::boot("hardened", "root").await;
    let project = Project::empty(&test);
    let install = "DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; apt-get update -q >/dev/null; \
                   apt-get install -y -q --no-install-recommends lynis busybox-static >/dev/null";
    test.exec(&["sh", "-c", install]);
    let before = hardened(&test);
    assert!(!failures(&test).is_empty());

    environment(&test, &project, "");
    let plan = project.landfall(&["plan", "review"]).with(0);
    assert!(plan.contains("00-landfall-hardening.conf"), "{plan}");
    project.landfall(&["apply", "review", "--yes"]).with(0);
    project
        .landfall(&["plan", "review", "--detailed-exitcode"])
        .with(0);
    assert_eq!(failures(&test), Vec::<String>::new());
    let after = hardened(&test);
    eprintln!("lynis: {before} before, {after} after");
    assert!(
        after >= before + 10,
        "lynis: {before} before, {after} after"
    );
    let none = "command -v python3 || echo none";
    assert_eq!(test.exec(&["sh", "-c", none]), "none\n");

    test.exec(&["sh", "-c", SERVES]);
    let served = |port: u16| {
        let script = format!(
            "for n in $(seq 100); do busybox nc -w 1 127.0.0.1 {port} </dev/null && exit; sleep 0.1; done; exit 1"
        );
        test.exec(&["sh", "-c", &script]);
    };
    let seen = |expected: [bool; 2]| {
        served(80);
        served(8080);
        assert_eq!([80, 8080].map(|port| answers(&test, port)), expected);
    };
    seen([true, false]);
    project
        .landfall(&["targets", "verify", "review", "web"])
        .with(0);
    // sshd offers no other keys any more, so that nobody is told of them.
    let told = [
        "targets",
        "export",
        "review",
        "web",
        "--format",
        "known_hosts",
    ];
    let told = project.landfall(&told).with(0);
    assert!(
        told.contains("ssh-ed25519") && !told.contains("ecdsa"),
        "{told}"
    );
    // Docker writes its own rules anew.
    test.exec(&["systemctl", "restart", "docker"]);
    seen([true, false]);
    test.exec(&["nft", "delete", "table", "inet", "landfall"]);
    seen([true, true]);
    // As with the next start.
    test.exec(&["systemctl", "restart", "landfall-firewall"]);
    seen([true, false]);
    assert_eq!(
        test.exec(&["systemctl", "is-enabled", "landfall-firewall"]),
        "enabled\n"
    );
    let allowed = "firewall_allow = [{ port = 80 }, { port = 8080 }]";
    environment(&test, &project, allowed);
    project.landfall(&["apply", "review", "--yes"]).with(0);
    seen([true, true]);

    // Everything is taken away again, and what others did stays.
    let off = "harden_sshd = false\nharden_firewall = false\nbrute_force_guard = \"none\"\nsecurity_updates = \"none\"\n\
               time_sync = false\nlimit_logs = false\nharden_accounts = false\nharden_kernel = false";
    // sshd offers another key again, so that the target is tried anew, and what nothing closes is found.
    environment_with_ports(&test, &project, off, "80, 8080");
    project.landfall(&["apply", "review", "--yes"]).with(0);
    project
        .landfall(&["plan", "review", "--detailed-exitcode"])
        .with(0);
    let left = "grep -rls 'Written by landfall' /etc/ssh /etc/systemd /etc/sysctl.d /etc/security /etc/modprobe.d /etc/landfall-hardening || echo none";
    assert_eq!(test.exec(&["sh", "-c", left]), "none\n");
    assert!(answers(&test, 8080));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_would_lock_somebody_out_is_refused_before_anything_is_done() {
    let test = TestHost::boot("no-lock-out", "root").await;
    let project = Project::empty(&test);
    test.exec(&["sh", "-c", "useradd -m ann; echo ann:secret | chpasswd"]);
    for (vars, refusal) in [
        ("", "Nothing but a password opens this host for ann."),
        (
            "sshd_passwords = true\nsshd_root_login = \"no\"",
            "root is the user that logs in to prepare this host",
        ),
        (
            "sshd_passwords = true\nsshd_tcp_forwarding = \"some\"",
            "sshd_tcp_forwarding no, yes, local or remote",
        ),
        (
            "sshd_passwords = true\nfirewall_allow = [{ port = \"80; drop\" }]",
            "firewall_allow has a port",
        ),
        (
            "sshd_passwords = true\nfirewall_allow = [{ port = 80, from = [\"any\"] }]",
            "firewall_allow has a port",
        ),
        (
            "sshd_passwords = true\nfirewall_interfaces = [\"a\\\" accept\"]",
            "firewall_interfaces has names",
        ),
        (
            "sshd_passwords = true\nbrute_force_guard = \"fail2ban\"",
            "need Python on the host",
        ),
        (
            "sshd_passwords = true\nsecurity_updates = \"unattended-upgrades\"",
            "need Python on the host",
        ),
        (
            "sshd_passwords = true\nkeep_access_seconds = 5",
            "keep_access_seconds at least 30",
        ),
    ] {
        project.environment(&test, "hardening", "", &format!("{KERNEL}\n{vars}"));
        let said = project.landfall(&["plan", "review"]).with(1);
        let words: Vec<_> = said.split_whitespace().collect();
        assert!(words.join(" ").contains(refusal), "{vars}: {said}");
    }
    let nothing = "ls /etc/ssh/sshd_config.d /etc/landfall-hardening 2>/dev/null | grep landfall || echo none";
    assert_eq!(test.exec(&["sh", "-c", nothing]), "none\n");
}

/// A published port of a container, without Docker: a bridge with Docker's kind of name, behind it a namespace that serves
/// at port 8000, and a rule that sends port 8080 of the host there. The uplink becomes a bridge of its own.
const BEHIND_A_BRIDGE: &str = r#"set -e
address=$(ip -o -4 address show dev eth0 | awk '{print $4}')
gateway=$(ip -4 route show default | awk '{print $3}')
ip link add br-lan type bridge
ip address flush dev eth0
ip link set eth0 master br-lan
ip link set br-lan up
ip address add "$address" dev br-lan
ip route add default via "$gateway" dev br-lan
ip netns add app
ip link add br-0123456789ab type bridge
ip address add 198.18.0.1/24 dev br-0123456789ab
ip link set br-0123456789ab up
ip link add here type veth peer name there netns app
ip link set here master br-0123456789ab
ip link set here up
ip -n app address add 198.18.0.2/24 dev there
ip -n app link set there up
ip -n app route add default via 198.18.0.1
echo 1 >/proc/sys/net/ipv4/ip_forward
nft 'table ip own { chain prerouting { type nat hook prerouting priority dstnat; tcp dport 8080 dnat to 198.18.0.2:8000; }; }'
mkdir -p /srv/empty
ip netns exec app busybox httpd -p 8000 -h /srv/empty
"#;

#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_as_docker_s_is_no_way_in_and_a_match_that_opens_one_is_named() {
    let test = TestHost::boot("called-so", "root").await;
    let project = Project::empty(&test);
    let install = "DEBIAN_FRONTEND=noninteractive; export DEBIAN_FRONTEND; apt-get update -q >/dev/null; \
                   apt-get install -y -q --no-install-recommends busybox-static nftables >/dev/null";
    test.exec(&["sh", "-c", install]);
    let vars = |more: &str| {
        format!(
            "{KERNEL}\nsecurity_updates = \"none\"\ntime_sync = false\nharden_accounts = false\n{more}"
        )
    };
    let refused = |lines: &str, name: &str| {
        let write = "useradd -m ann 2>/dev/null; printf \"$1\" >/etc/ssh/sshd_config.d/50-own.conf";
        test.exec(&["sh", "-c", write, "sh", lines]);
        let said = project.landfall(&["plan", "review"]).with(1);
        let words: Vec<_> = said.split_whitespace().collect();
        let expected = format!("A Match in /etc/ssh/sshd_config or sshd_config.d lets {name} in");
        assert!(words.join(" ").contains(&expected), "{lines}: {said}");
    };
    project.environment(&test, "hardening", "", &vars("harden_firewall = false"));
    refused("Match User ann\\nPasswordAuthentication yes\\n", "ann");
    refused(
        "Match Address 10.9.0.0/16,192.0.2.9\\nKbdInteractiveAuthentication yes\\n",
        "ann, root",
    );
    refused("Match Group root\\nPermitRootLogin yes\\n", "root");
    // What is meant so is let be.
    let meant = vars("harden_firewall = false\nsshd_may_differ = [\"root\"]");
    project.environment(&test, "hardening", "", &meant);
    project.landfall(&["plan", "review"]).with(0);
    test.exec(&["rm", "/etc/ssh/sshd_config.d/50-own.conf"]);

    test.exec(&["sh", "-c", BEHIND_A_BRIDGE]);
    assert!(answers(&test, 8080));
    project.environment(&test, "hardening", "", &vars(""));
    project.landfall(&["apply", "review", "--yes"]).with(0);
    assert!(!answers(&test, 8080), "the uplink passes for Docker's");

    // Who is named is not counted, and stays in whoever sends in that name.
    let gateway = test.exec(&[
        "sh",
        "-c",
        "ip -4 route show default | awk '{printf \"%s\", $3}'",
    ]);
    let named = format!("firewall_ssh_from = [\"{gateway}\"]\nfirewall_ssh_rate = 2");
    project.environment(&test, "hardening", "", &vars(&named));
    project.landfall(&["apply", "review", "--yes"]).with(0);
    let port = test.login.port;
    assert!((0..12).all(|_| answers(&test, port)), "they are counted");
    project
        .landfall(&["plan", "review", "--detailed-exitcode"])
        .with(0);
}
