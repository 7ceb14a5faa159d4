//! Certificates: judged on this side, placed on a host, renewed, and served.

use std::fs;
use std::process::Command;

use jiff::{SignedDuration, Timestamp};
use landfall::certificate::{Pair, make};

use crate::support::{lab::TestHost, project::Project};

/// A playbook that places certificates as the shipped one does, and says when a web server would read them again.
const PLAYBOOK: &str = r#"
- hosts: all
  vars:
    tls_certificates: []
    deploy_user: root
  tasks:
    - ansible.builtin.file: { path: "/srv/{{ item.1 }}", state: directory }
      loop: "{{ tls_certificates | subelements('domains') }}"
      no_log: true
    - ansible.builtin.copy: { dest: "/srv/{{ item.1 }}/fullchain.pem", content: "{{ item.0.chain }}", mode: "0644" }
      loop: "{{ tls_certificates | subelements('domains') }}"
      notify: reload
      no_log: true
    - ansible.builtin.copy: { dest: "/srv/{{ item.1 }}/privkey.pem", content: "{{ item.0.key }}", mode: "0600" }
      loop: "{{ tls_certificates | subelements('domains') }}"
      notify: reload
      no_log: true
  handlers:
    - name: reload
      ansible.builtin.shell: echo reloaded >> /srv/reloads
"#;

fn environment(host: &TestHost, certificate: &str) -> String {
    format!(
        "project = \"review\"\n[certificates.site]\ndomains = [\"review.example.org\", \"www.example.org\"]\n{certificate}\n\
         [hosts.web]\n{}\nplaybook = \"app\"\ncertificates = [\"site\"]\n\
         [targets.web]\nhost = \"web\"\n",
        Project::login(host)
    )
}

fn names() -> [String; 2] {
    [
        "review.example.org".to_owned(),
        "www.example.org".to_owned(),
    ]
}

#[tokio::test(flavor = "multi_thread")]
async fn a_certificate_for_practice_is_made_placed_made_anew_and_taken_away() {
    let host = TestHost::boot("self-signed", "root").await;
    let project = Project::empty(&host);
    project.write("playbooks/app.yml", PLAYBOOK);
    project.write(
        "environments/review.toml",
        &environment(&host, "self_signed = true"),
    );
    let said = project.landfall(&["apply", "review", "--yes"]).with(0);
    assert!(said.contains("certificates.site"), "{said}");
    let chain = project
        .path()
        .join(".landfall/certificates/review/site.crt");
    let key = fs::read_to_string(chain.with_extension("key")).unwrap();
    assert!(
        !said.contains(key.lines().nth(1).unwrap()),
        "the key was shown"
    );
    let read = |path: &str| host.exec(&["cat", path]);
    for name in names() {
        assert_eq!(
            read(&format!("/srv/{name}/fullchain.pem")),
            fs::read_to_string(&chain).unwrap()
        );
        assert_eq!(read(&format!("/srv/{name}/privkey.pem")), key);
    }
    assert_eq!(read("/srv/reloads"), "reloaded\n");
    let said = project
        .landfall(&["plan", "review", "--detailed-exitcode"])
        .with(0);
    assert!(said.contains("Nothing to do"), "{said}");
    let said = project
        .landfall(&["certificates", "status", "review"])
        .with(0);
    assert!(
        said.contains("review.example.org www.example.org")
            && said.contains("89")
            && said.contains("by apply"),
        "{said}"
    );

    // Near its end, it is made anew in time, and the web server reads it again.
    let Pair {
        chain: old,
        key: old_key,
    } = make(&names(), 29, Timestamp::now()).unwrap();
    fs::write(&chain, old).unwrap();
    fs::write(chain.with_extension("key"), old_key.expose()).unwrap();
    project
        .landfall(&["plan", "review", "--detailed-exitcode"])
        .with(2);
    project.landfall(&["apply", "review", "--yes"]).with(0);
    assert_eq!(read("/srv/reloads"), "reloaded\nreloaded\n");
    let now = read("/srv/www.example.org/privkey.pem");
    assert_eq!(
        now,
        fs::read_to_string(chain.with_extension("key")).unwrap()
    );
    assert_ne!(now, key);
    project.landfall(&["destroy", "review", "--yes"]).with(0);
    assert!(!chain.exists() && !chain.with_extension("key").exists());
}

/// An authority, and a chain of a host's certificate below one in between, made by openssl.
fn chain_of_three(folder: &std::path::Path) {
    let script = r#"set -e
        for one in root between host; do
            openssl ecparam -name prime256v1 -genkey -noout | openssl pkcs8 -topk8 -nocrypt -out $one.key
        done
        openssl req -x509 -new -key root.key -subj /CN=root -days 900 -out root.pem
        openssl req -new -key between.key -subj /CN=between -out between.csr
        printf 'basicConstraints=critical,CA:true\n' > ca.ext
        openssl x509 -req -in between.csr -CA root.pem -CAkey root.key -CAcreateserial -days 800 -extfile ca.ext -out between.pem
        openssl req -new -key host.key -subj /CN=review.example.org -out host.csr
        printf 'subjectAltName=DNS:review.example.org,DNS:*.example.org\n' > host.ext
        openssl x509 -req -in host.csr -CA between.pem -CAkey between.key -CAcreateserial -days 300 -extfile host.ext -out host.pem
        openssl ec -in host.key -out sec1.key
        openssl ec -in host.key -aes256 -passout pass:x -out hidden.key
        chmod 600 *.key"#;
    let made = Command::new("sh")
        .args(["-c", script])
        .current_dir(folder)
        .output()
        .unwrap();
    assert!(
        made.status.success(),
        "{}",
        String::from_utf8_lossy(&made.stderr)
    );
}

#[tokio::test(flavor = "multi_thread")]
async fn one_of_your_own_is_refused_for_what_is_wrong_with_it_before_it_is_copied() {
    let host = TestHost::boot("own-certificate", "root").await;
    let project = Project::empty(&host);
    project.write("playbooks/app.yml", PLAYBOOK);
    project.write(
        "environments/review.toml",
        &environment(&host, "chain = \"tls/site.pem\"\nkey = \"tls/site.key\""),
    );
    let tls = project.path().join("tls");
    fs::create_dir(&tls).unwrap();
    chain_of_three(&tls);
    let file = |name: &str| fs::read_to_string(tls.join(name)).unwrap();
    let [root, between, leaf] = ["root.pem", "between.pem", "host.pem"].map(file);
    let key = file("host.key");
    let ended = make(
        &names(),
        90,
        Timestamp::now() - SignedDuration::from_hours(24 * 91),
    )
    .unwrap();
    let coming = make(
        &names(),
        90,
        Timestamp::now() + SignedDuration::from_hours(48),
    )
    .unwrap();
    let other = make(&["example.com".to_owned()], 90, Timestamp::now()).unwrap();
    let wrong = [
        (
            format!("{between}{leaf}"),
            key.clone(),
            "certificate 2, which must be the first",
        ),
        (
            format!("{leaf}{root}{between}"),
            key.clone(),
            "Certificate 1 (CN=review.example.org) is not signed by certificate 2 (CN=root)",
        ),
        (
            format!("{leaf}{root}"),
            key.clone(),
            "Certificate 1 (CN=review.example.org) is not signed by certificate 2 (CN=root)",
        ),
        (
            leaf.clone() + &between,
            file("root.key"),
            "It does not belong to the certificate of CN=review.example.org",
        ),
        (
            leaf.clone() + &between,
            file("hidden.key"),
            "A passphrase hides it",
        ),
        (
            leaf.clone() + &between,
            "nothing".to_owned(),
            "It is no PEM text with a private key",
        ),
        (
            "nothing".to_owned(),
            key.clone(),
            "There is no certificate in it",
        ),
        (
            leaf.replace("MII", "MIJ"),
            key.clone(),
            "Certificate 1 of it cannot be read",
        ),
        (
            ended.chain,
            ended.key.expose().to_owned(),
            "was valid until",
        ),
        (
            coming.chain,
            coming.key.expose().to_owned(),
            "begins to be valid on",
        ),
        (
            other.chain,
            other.key.expose().to_owned(),
            "It is not for review.example.org, www.example.org: it is for example.com.",
        ),
    ];
    let put = |chain: &str, key: &str| {
        project.write("tls/site.pem", chain);
        project.write("tls/site.key", key);
    };
    for (chain, key, why) in wrong {
        put(&chain, &key);
        for command in [&["check", "review"][..], &["apply", "review", "--yes"]] {
            let said = project.landfall(command);
            assert_ne!(said.code, Some(0), "{why}");
            assert!(said.said.contains(why), "{command:?} {why}\n{}", said.said);
            assert!(
                said.said.contains("Nothing was copied to any host."),
                "{}",
                said.said
            );
        }
        host.exec(&["sh", "-c", "test ! -e /srv/www.example.org"]);
    }
    put(&(leaf.clone() + &between), &key);
    let open = Command::new("chmod")
        .args(["0640", "tls/site.key"])
        .current_dir(project.path())
        .status();
    assert!(open.unwrap().success());
    let said = project.landfall(&["apply", "review", "--yes"]);
    assert!(
        said.code != Some(0) && said.said.contains("the private key can be read by others"),
        "{said:?}"
    );
    // Of every form that is right, it is placed.
    for (chain, key) in [
        (leaf.clone() + &between, file("sec1.key")),
        (leaf + &between + &root, key),
    ] {
        put(&chain, &key);
        project.landfall(&["check", "review"]).with(0);
        project.landfall(&["apply", "review", "--yes"]).with(0);
        assert_eq!(host.exec(&["cat", "/srv/www.example.org/privkey.pem"]), key);
        assert_eq!(
            host.exec(&["cat", "/srv/www.example.org/fullchain.pem"]),
            chain
        );
    }
    let said = project
        .landfall(&["certificates", "status", "review"])
        .with(0);
    assert!(
        said.contains("by you") && said.contains("CN=between"),
        "{said}"
    );
    project
        .landfall(&["certificates", "status", "review", "--within", "400"])
        .with(2);
    project.landfall(&["destroy", "review", "--yes"]).with(0);
    assert!(
        tls.join("site.key").exists(),
        "what is the user's own stays"
    );
}
