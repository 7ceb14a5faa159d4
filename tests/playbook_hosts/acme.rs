//! Certificates that a host orders itself, from a real ACME server with the real certbot, as a package and as a container.

use std::process::{Command, Stdio};

use landfall::vars::shipped;
use serde_json::{Value, json};

use crate::support::{acme::Authority, apt::gateway, lab::TestHost, project::Project};

/// What is asked on port 80 and 443 of the host once something is deployed there.
const WEB_SERVER: &str = "server { listen 80; location /.well-known/acme-challenge/ { root /srv/review/acme; } }\n\
    server { listen 443 ssl; ssl_certificate /srv/review/certs/review.example.org/fullchain.pem;\n\
    ssl_certificate_key /srv/review/certs/review.example.org/privkey.pem; }\n";

struct Lab {
    host: TestHost,
    project: Project,
    authority: Authority,
}

/// What of the environment a step of the test is about.
#[derive(Clone)]
struct Declared {
    domains: &'static str,
    acme: &'static str,
    certificates: &'static str,
    vars: &'static str,
    /// Whether there is a certificate that is proven by Route 53.
    zone: bool,
}

/// The secret of the access key that writes into the zone.
const SECRET: &str = "s3cret-of-route-53";

impl Lab {
    fn declare(&self, declared: &Declared) {
        let authority = &self.authority;
        let acme = format!(
            "email = \"ops@example.org\"\nagree_terms = true\ndirectory = \"{}\"\nstaging = \"{}\"\nca = \"ca.pem\"\n\
             resolver = \"{}\"\ncaa = [\"pebble.example\"]\n",
            authority.directory, authority.staging, authority.resolver
        );
        let text = format!(
            "project = \"review\"\n[keys.deploy]\n\
             [certificates.site]\ndomains = [{}]\n[certificates.site.acme]\n{acme}{}\n\
             [certificates.api]\ndomains = [\"api.example.org\"]\n[certificates.api.acme]\n{acme}\
             challenge = \"webroot\"\nwebroot = \"/srv/review/acme\"\nclient = \"container\"\nimage = \"certbot:test\"\n\
             [hosts.web]\n{}\nplaybook = \"docker-host\"\ncertificates = [{}]\n\
             [hosts.web.vars]\ndocker_source = \"distribution\"\nsystem_upgrade = false\napp_dir = \"/srv/review\"\n\
             deploy_keys = [\"{{{{ keys.deploy.public }}}}\"]\n{}\n\
             [targets.web]\nhost = \"web\"\nkey = \"deploy\"\n",
            declared.domains,
            declared.acme,
            Project::login(&self.host),
            declared.certificates,
            declared.vars,
        );
        let zone = format!(
            "[secrets]\nenv = [\".env\"]\n[certificates.zone]\ndomains = [\"*.example.org\"]\n[certificates.zone.acme]\n\
             {acme}challenge = \"dns-route53\"\nclient = \"container\"\nimage = \"certbot:test\"\n\
             access_key_id = \"AKIAEXAMPLE\"\nsecret_access_key = \"{{{{ env.ROUTE_53 }}}}\"\n"
        );
        let text = if declared.zone { text + &zone } else { text };
        self.project.write("environments/review.toml", &text);
    }

    fn apply(&self) -> String {
        self.project.landfall(&["apply", "review", "--yes"]).with(0)
    }

    /// The plan is empty.
    #[track_caller]
    fn holds(&self) {
        let said = self
            .project
            .landfall(&["plan", "review", "--detailed-exitcode"]);
        assert_eq!(said.code, Some(0), "{}", said.said);
    }

    fn sh(&self, script: &str) -> String {
        self.host.exec(&["sh", "-c", script])
    }

    /// Lets the timer's unit run; gives whether it went well.
    fn renews(&self) -> bool {
        self.sh("systemctl start landfall-acme.service >/dev/null 2>&1 && echo yes || echo no")
            == "yes\n"
    }

    /// What `certificates status` says, by certificate; those that are served by their name.
    fn status(&self, code: i32) -> Vec<Value> {
        let output = self
            .project
            .command(&["certificates", "status", "review", "--json"])
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        assert_eq!(output.status.code(), Some(code), "{output:?}");
        let lines = said.lines().map(|line| serde_json::from_str(line).unwrap());
        // Warnings are objects as well.
        lines
            .filter(|line: &Value| line["event"].is_null())
            .collect()
    }

    /// The fingerprint of what a TLS client sees for a name.
    fn served(&self, name: &str) -> String {
        let all = self.status(0);
        let one = all.iter().find(|one| one["certificate"] == name).unwrap();
        one["leaf"]["fingerprint"].as_str().unwrap().to_owned()
    }

    /// The checks of `targets verify` that failed.
    fn failed_checks(&self) -> Vec<String> {
        let output = self
            .project
            .command(&["targets", "verify", "review", "web", "--json"])
            .output()
            .unwrap();
        let line: Value =
            serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{output:?}"));
        let checks = line["checks"].as_array().unwrap().iter();
        let failed = checks.filter(|check| check["result"] == "failed");
        failed
            .map(|check| check["name"].as_str().unwrap().to_owned())
            .collect()
    }
}

/// An image with the distribution's certbot, built once on this machine, brought into the host's own engine.
fn bring_certbot(host: &TestHost) {
    let script = r#"set -e
        if ! docker image inspect landfall-certbot:1 >/dev/null 2>&1; then
            bare=$(docker image ls --format '{{.Repository}}:{{.Tag}}' landfall-trixie | head -n 1)
            name=landfall-certbot-$$
            trap 'docker rm --force $name >/dev/null 2>&1' EXIT
            # What a certificate is ordered with, and no more: the host's engine copies each layer whole.
            docker run --name $name "$bare" sh -c 'apt-get update -q && DEBIAN_FRONTEND=noninteractive \
                apt-get install -y -q --no-install-recommends certbot && \
                rm -rf /usr/share/doc /usr/share/locale /usr/share/man /var/cache/apt /var/lib/apt /usr/lib/systemd'
            docker export $name | docker import - landfall-certbot:1
        fi
        docker tag landfall-certbot:1 certbot:test
        docker save certbot:test | docker exec -i "$1" docker load"#;
    let temporary = host.folder.path();
    let brought = Command::new("sh")
        .args(["-c", script, "sh", &host.container])
        .env("TMPDIR", temporary)
        .stdin(Stdio::null())
        .output()
        .unwrap();
    assert!(brought.status.success(), "{brought:?}");
}

#[test]
fn the_script_that_orders_has_no_fault_that_shellcheck_finds() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("landfall-acme");
    let script = shipped::file("playbooks/files/landfall-acme").unwrap();
    std::fs::write(&path, script).unwrap();
    let output = Command::new("shellcheck").arg(&path).output().unwrap();
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn a_host_orders_its_certificates_renews_them_and_costs_no_order_for_a_wrong_name() {
    let host = TestHost::boot("acme", "root").await;
    let address = host.login.address.clone();
    let authority = Authority::start(&gateway(&host));
    let project = Project::empty(&host);
    project.write("ca.pem", &authority.ca);
    let lab = Lab {
        host,
        project,
        authority,
    };
    let authority = &lab.authority;
    let first = Declared {
        domains: "\"review.example.org\"",
        acme: "challenge = \"standalone\"",
        certificates: "\"site\"",
        vars: "",
        zone: false,
    };
    lab.declare(&first);

    // A wrong name, a name of another host, and records that let others issue: none costs an order.
    let refused = |why: &str| {
        let said = lab.project.landfall(&["apply", "review", "--yes"]);
        assert_ne!(said.code, Some(0), "{}", said.said);
        assert!(said.said.contains(why), "{why}\n{}", said.said);
        assert!(said.said.contains("Nothing was ordered."), "{}", said.said);
        assert_eq!(authority.orders(), [0, 0]);
    };
    refused(&format!(
        "review.example.org has no address in the DNS; it must lead to {address}."
    ));
    authority.leads("review.example.org", "192.0.2.1");
    refused(&format!(
        "review.example.org leads to 192.0.2.1, and not to {address} alone."
    ));
    authority.leads("review.example.org", &address);
    authority.dns(
        "add-caa",
        "{\"host\":\"example.org\",\"policies\":[{\"tag\":\"issue\",\"value\":\"other.example\"}]}",
    );
    refused(
        "The CAA records of example.org do not let pebble.example issue for review.example.org by http-01: issue \"other.example\".",
    );
    let found = |why: &str| {
        let planned = lab.project.landfall(&["plan", "review"]);
        let note = format!("It could not be ordered now: {why}");
        assert!(planned.said.contains(&note), "{why}\n{}", planned.said);
    };
    found("The CAA records of example.org do not let");
    authority.dns("clear-caa", "{\"host\":\"example.org\"}");
    let six = "{\"host\":\"review.example.org\",\"addresses\":[\"2001:db8::1\"]}";
    authority.dns("add-aaaa", six);
    found("review.example.org leads to 2001:db8::1, and not to");
    authority.dns("clear-aaaa", six);
    authority.dns("set-servfail", six);
    found("While asking the DNS for review.example.org:");
    authority.dns("clear-servfail", six);
    lab.sh("systemd-run --quiet --unit taken systemd-socket-activate --accept -l 80 cat");
    refused("Something listens on port 80 of the host");
    lab.sh("! command -v certbot && systemctl stop taken");

    // Tried first, then ordered, while nothing serves; the files are there for containers, and nothing is left to do.
    let planned = lab.project.landfall(&["plan", "review"]).with(0);
    assert!(
        planned.contains("site: order: there is none yet"),
        "{planned}"
    );
    assert_eq!(authority.orders(), [0, 0], "a plan orders nothing");
    let never = &lab.status(2)[0]["faults"][0];
    assert!(never.as_str().unwrap().contains("never ordered"), "{never}");
    lab.apply();
    assert_eq!(authority.orders(), [1, 1]);
    assert_eq!(
        lab.sh("cd /srv/review/certs/review.example.org && stat -c '%n %F %a %U' *"),
        "fullchain.pem regular file 644 root\nprivkey.pem regular file 600 root\n"
    );
    lab.holds();
    lab.sh("systemd-analyze verify /etc/systemd/system/landfall-acme.timer && systemctl is-active landfall-acme.timer");
    let key = lab.sh("cat /srv/review/certs/review.example.org/privkey.pem");
    let secret = key.lines().nth(1).unwrap();
    let kept = Command::new("grep")
        .args(["-rlF", secret])
        .arg(lab.project.path())
        .output()
        .unwrap();
    assert!(kept.stdout.is_empty(), "the key left the host: {kept:?}");
    let status = lab.status(0);
    let site = &status[0];
    assert_eq!(site["certificate"], "site");
    assert!(
        (88..=90).contains(&site["days"].as_i64().unwrap()),
        "{site}"
    );
    assert!(
        site["renewal"]
            .as_str()
            .unwrap()
            .starts_with("by its host, next on 20"),
        "{site}"
    );

    // Behind a web server that runs: another name is ordered by its files, and a TLS client sees what was issued.
    lab.sh("DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends nginx-light >/dev/null 2>&1");
    lab.sh(&format!(
        "printf '%s' '{WEB_SERVER}' > /etc/nginx/sites-enabled/default && systemctl restart nginx"
    ));
    let before = lab.served("review.example.org");
    // It took the port that a renewal needs, which is seen two months before one fails of it.
    assert!(lab.renews());
    let site = &lab.status(2)[0];
    assert_eq!(
        site["faults"],
        json!([
            "Its next renewal would fail: something listens on port 80, where standalone must answer; take challenge = \"webroot\"."
        ])
    );
    assert_eq!(lab.failed_checks(), ["renewal"]);
    let behind = Declared {
        domains: "\"review.example.org\", \"www.example.org\"",
        acme: "challenge = \"webroot\"\nwebroot = \"/srv/review/acme\"",
        vars: "certificate_reload = [\"systemctl\", \"reload\", \"nginx\"]",
        ..first
    };
    lab.declare(&behind);
    authority.leads("www.example.org", &address);
    let said = lab.apply();
    assert!(
        said.contains("site: order: it is for review.example.org"),
        "{said}"
    );
    assert_eq!(authority.orders(), [2, 2]);
    let now = lab.served("review.example.org");
    assert_ne!(now, before, "the web server serves the old one");
    lab.holds();
    assert_eq!(lab.failed_checks(), [""; 0]);

    // Near its end it is renewed by the timer's unit, and served.
    assert!(lab.renews());
    assert_eq!(authority.orders(), [2, 2], "nothing was due");
    lab.sh("sed -i 's/^renew_days.*/renew_days 100/' /etc/landfall-acme/site.conf");
    assert!(lab.renews());
    assert_eq!(authority.orders(), [3, 3]);
    let renewed = lab.served("review.example.org");
    assert_ne!(renewed, now);

    // One that is refused where it is tried is not ordered, what is served stays, and it is seen.
    authority.dns("clear-a", "{\"host\":\"www.example.org\"}");
    assert!(!lab.renews());
    assert_eq!(authority.orders(), [4, 3]);
    let site = &lab.status(2)[0];
    let faults = site["faults"].to_string();
    assert!(
        faults.contains("Its renewal failed") && faults.contains("was not asked"),
        "{site}"
    );
    assert_eq!(lab.failed_checks(), ["renewal"]);
    authority.leads("www.example.org", &address);

    // No more than there may be for the same names: one failed, so that this is the third and the fourth.
    assert!(lab.renews() && lab.renews());
    assert_eq!(authority.orders(), [6, 5]);
    assert_eq!(lab.failed_checks(), [""; 0]);
    lab.sh("sed -i 's/^weekly_orders.*/weekly_orders 4/' /etc/landfall-acme/site.conf");
    assert!(!lab.renews());
    assert_eq!(authority.orders()[1], 5);
    let site = &lab.status(2)[0];
    assert!(
        site["faults"]
            .to_string()
            .contains("4 certificates for these names"),
        "{site}"
    );

    // The settings are put back; nothing is due, and that is written down. A note about the DNS keeps nothing from it.
    authority.leads("www.example.org", "192.0.2.1");
    let said = lab.apply();
    assert!(
        said.contains("It could not be ordered now: www.example.org leads to 192.0.2.1"),
        "{said}"
    );
    assert_eq!(authority.orders()[1], 5);
    lab.status(0);
    lab.holds();
    authority.leads("www.example.org", &address);

    // A server that the reload starts does not keep the lock: whoever comes next would wait for its end.
    lab.sh(
        "cd /etc/landfall-acme && cp -a site.conf site.was && sed -i '/^reload/d' site.conf \
         && printf 'reload %s\\n' sh -c 'sleep 4321 >/dev/null 2>&1 &' >>site.conf \
         && sed -i 's/^result .*/result reload/' /var/lib/landfall-acme/site.state \
         && landfall-acme renew site && pgrep -x sleep && flock -n /run/landfall-acme.lock true \
         && pkill -x sleep && mv site.was site.conf",
    );

    // The same by a container, so that the host needs no Python for it.
    bring_certbot(&lab.host);
    authority.leads("api.example.org", &address);
    let tried = authority.orders();
    lab.declare(&Declared {
        certificates: "\"site\", \"api\"",
        ..behind.clone()
    });
    lab.sh("mv /usr/bin/certbot /usr/bin/certbot.away");
    // It is ordered, and nobody serves it yet, which the target's verification tells.
    let said = lab.project.landfall(&["apply", "review", "--yes"]);
    assert_ne!(said.code, Some(0), "{}", said.said);
    assert!(
        said.said.contains("It is not for api.example.org"),
        "{}",
        said.said
    );
    lab.sh("mv /usr/bin/certbot.away /usr/bin/certbot");
    let third = WEB_SERVER.replace("review.example.org", "api.example.org");
    let third = third.replace(
        "server { listen 443 ssl;",
        "server { listen 443 ssl; server_name api.example.org;",
    );
    let third = third.split_once('\n').unwrap().1;
    lab.sh(&format!(
        "printf '%s' '{third}' > /etc/nginx/sites-enabled/third && systemctl reload nginx"
    ));
    lab.apply();
    assert_eq!(authority.orders(), tried.map(|count| count + 1));
    assert_eq!(
        lab.sh("openssl x509 -in /srv/review/certs/api.example.org/fullchain.pem -noout -ext subjectAltName"),
        "X509v3 Subject Alternative Name: \n    DNS:api.example.org\n"
    );
    lab.holds();

    // The key for Route 53 reaches a file of root's and nothing else. There is no Route 53 here: that certbot cannot do its
    // part is seen as any other failure is, and what it would do there is not tried.
    lab.project.write(".env", &format!("ROUTE_53={SECRET}\n"));
    lab.declare(&Declared {
        certificates: "\"site\", \"api\", \"zone\"",
        zone: true,
        ..behind.clone()
    });
    let orders = authority.orders();
    let said = lab.project.landfall(&["apply", "review", "--yes"]);
    assert_ne!(said.code, Some(0), "{}", said.said);
    assert!(!said.said.contains(SECRET), "{}", said.said);
    assert_eq!(authority.orders(), orders);
    assert_eq!(
        lab.sh("cd /etc/landfall-acme && stat -c '%a %U' zone.aws && sed -n 's/^aws_secret_access_key = //p' zone.aws"),
        format!("600 root\n{SECRET}\n")
    );
    let kept = Command::new("grep")
        .args(["-rlF", SECRET])
        .arg(lab.project.path().join(".landfall"))
        .output()
        .unwrap();
    assert!(kept.stdout.is_empty(), "{kept:?}");
    let told =
        lab.sh("grep -rlF s3cret-of-route-53 /var/lib/landfall-acme /var/log 2>/dev/null || true");
    assert_eq!(told, "");
    let faults = lab.status(2);
    let zone = faults
        .iter()
        .find(|one| one["certificate"] == "zone")
        .unwrap();
    assert!(
        zone["faults"].to_string().contains("Its renewal failed"),
        "{zone}"
    );

    what_lies_in_the_way_of_an_order_costs_none(&lab);

    // What is not declared any more is not renewed any more, and stays where it is.
    lab.declare(&Declared {
        certificates: "\"api\"",
        ..behind
    });
    lab.apply();
    assert_eq!(lab.sh("ls /etc/landfall-acme"), "api.ca.pem\napi.conf\n");
    lab.sh("test -e /srv/review/certs/review.example.org/privkey.pem");
    lab.holds();
}

/// What a user of the host could do to root's script, and a disk that is full.
fn what_lies_in_the_way_of_an_order_costs_none(lab: &Lab) {
    // A pipe in the place of a file is no file, and nobody waits at it.
    lab.sh(
        "cd /srv/review/certs/review.example.org && mv fullchain.pem kept && mkfifo fullchain.pem",
    );
    let due = lab.sh("timeout 30 landfall-acme due site");
    assert_eq!(due, "place: what review.example.org has is not this one\n");
    lab.sh("cd /srv/review/certs/review.example.org && rm fullchain.pem && mv kept fullchain.pem");

    let orders = lab.authority.orders();
    let refused = |spoil: &str, mend: &str, why: &str| {
        lab.sh("cp -a /etc/landfall-acme/site.conf /root/site.conf");
        lab.sh(&format!(
            "echo renew_days 4000 >>/etc/landfall-acme/site.conf; {spoil}"
        ));
        let said = lab.sh("landfall-acme renew site 2>&1 && exit 1; true");
        assert!(said.contains(why), "{said}");
        assert_eq!(lab.authority.orders(), orders, "{said}");
        lab.sh(&format!(
            "cp -a /root/site.conf /etc/landfall-acme/; {mend}"
        ));
    };
    // Where an order cannot be counted there is none.
    refused(
        "mkdir -p /var/lib/landfall-acme/.orders",
        "rmdir /var/lib/landfall-acme/.orders",
        "/var/lib/landfall-acme/orders cannot be written, so that nothing is ordered",
    );
    // Root writes nothing into what another user could exchange meanwhile.
    refused(
        "sed -i '/^\\(owner\\|challenge\\|webroot\\) /d' /etc/landfall-acme/site.conf; \
         printf 'owner deploy\\nchallenge webroot\\nwebroot /srv/review/acme\\n' >>/etc/landfall-acme/site.conf",
        "true",
        "is not root's alone: deploy could have root give files away there",
    );
    lab.sh("landfall-acme renew site");
}
