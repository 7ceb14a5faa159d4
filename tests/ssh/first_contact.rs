//! The first contact with a host by whatever address it has: another port, IPv6 with brackets, IPv6 with a zone.

use std::process::Command as Program;

use super::{doors::shown, *};
use crate::support::project::Project;

fn docker(words: &[&str]) -> String {
    let output = Program::new("docker").args(words).output().unwrap();
    assert!(
        output.status.success() || std::thread::panicking(),
        "{words:?}: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    String::from_utf8(output.stdout).unwrap().trim().to_owned()
}

/// A network with addresses of IPv6, taken away when this is dropped.
struct Sixth {
    id: String,
    container: String,
}

impl Sixth {
    fn of(lab: &TestHost) -> Self {
        let name = format!("{}-sixth", lab.container);
        // A network of addresses that nobody else has (RFC 4193).
        let subnet = format!("fd5a:9e1:{:x}::/64", std::process::id() & 0xffff);
        let id = docker(&["network", "create", "--ipv6", "--subnet", &subnet, &name]);
        docker(&["network", "connect", &name, &lab.container]);
        Self {
            id,
            container: lab.container.clone(),
        }
    }

    /// An address that the host has there, of this scope.
    fn address(&self, lab: &TestHost, scope: &str) -> String {
        let script = "for n in $(seq 50); do a=$(ip -6 -o addr show dev eth1 scope \"$1\" -tentative | head -n 1); \
                      [ -z \"$a\" ] || { echo \"$a\"; exit; }; sleep 0.2; done; exit 1";
        let said = lab.exec(&["sh", "-c", script, "sh", scope]);
        let (_, rest) = said.split_once("inet6 ").unwrap();
        rest.split('/').next().unwrap().to_owned()
    }

    /// The interface of this machine that leads there.
    fn interface(&self) -> String {
        format!("br-{}", &self.id[..12])
    }
}

impl Drop for Sixth {
    fn drop(&mut self) {
        docker(&[
            "network",
            "disconnect",
            "--force",
            &self.id,
            &self.container,
        ]);
        docker(&["network", "rm", &self.id]);
    }
}

#[tokio::test]
async fn a_host_is_trusted_and_prepared_by_whatever_address_it_has() {
    let lab = TestHost::boot("met", "cloud").await;
    let listen = "printf 'Port 22\\nPort 2222\\n' >/etc/ssh/sshd_config.d/00-ports.conf; systemctl restart ssh";
    lab.exec(&["sh", "-c", listen]);
    let sixth = Sixth::of(&lab);
    let own = sixth.address(&lab, "global");
    let link = format!("{}%{}", sixth.address(&lab, "link"), sixth.interface());
    let (_, fingerprint) = shown(&lab, "ed25519");
    let four = lab.login.address.clone();
    for (address, port) in [
        (four, "2222"),
        (own.clone(), "22"),
        (format!("[{own}]"), "2222"),
        (link.clone(), "22"),
        (format!("[{link}]"), "2222"),
    ] {
        let project = Project::empty(&lab);
        project.write("environments/known_hosts", "");
        project.write(
            "playbooks/small.yml",
            "- hosts: all\n  tasks:\n    - copy: {dest: /root/met, content: \"\"}\n",
        );
        let environment = format!(
            "project = \"review\"\n[hosts.web]\naddress = \"{address}\"\nport = {port}\nuser = \"cloud\"\nidentity = \"{}\"\n\
             playbook = \"small\"\n[targets.web]\nhost = \"web\"\n",
            lab.login.identity.as_deref().unwrap()
        );
        project.write("environments/review.toml", &environment);
        let said = project.landfall(&["plan", "review"]).said;
        let advice = format!("landfall host trust {}", address.trim_matches(['[', ']']));
        assert!(said.contains(&advice), "{said}");
        project
            .landfall(&[
                "host",
                "trust",
                &address,
                "--port",
                port,
                "--fingerprint",
                &fingerprint,
            ])
            .with(0);
        project.landfall(&["apply", "review", "--yes"]).with(0);
        assert_eq!(lab.exec(&["sh", "-c", "rm /root/met && echo met"]), "met\n");
        project
            .landfall(&[
                "targets",
                "export",
                "review",
                "web",
                "--format",
                "ssh_config",
            ])
            .with(0);
    }
}
