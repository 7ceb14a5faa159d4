//! Other distributions. Their archives are not at hand, so these hosts are likenesses: a Debian that answers as the
//! other does when it is asked what it is. What a plan makes of it can be seen; it is not carried out.

use landfall::model::host::{HostAnswer, HostQuery};
use landfall::model::{Answer, Probe, Query};

use super::*;

const UBUNTU: &str = r#"PRETTY_NAME="Ubuntu 24.04.2 LTS"
NAME="Ubuntu"
VERSION_ID="24.04"
VERSION="24.04.2 LTS (Noble Numbat)"
VERSION_CODENAME=noble
ID=ubuntu
ID_LIKE=debian
UBUNTU_CODENAME=noble
"#;

const BOOKWORM: &str = r#"PRETTY_NAME="Debian GNU/Linux 12 (bookworm)"
NAME="Debian GNU/Linux"
VERSION_ID="12"
VERSION="12 (bookworm)"
VERSION_CODENAME=bookworm
ID=debian
"#;

const LSB_RELEASE: &str = "#!/bin/sh\nprintf 'Distributor ID:\\tUbuntu\\nDescription:\\tUbuntu 24.04.2 LTS\\nRelease:\\t24.04\\nCodename:\\tnoble\\n'\n";

/// Makes the host answer as another distribution.
fn liken(test: &TestHost, os_release: &str) {
    let script = "rm -f /etc/os-release; printf %s \"$1\" >/etc/os-release";
    test.exec(&["sh", "-c", script, "sh", os_release]);
}

/// What a plan says of a task, as JSON.
async fn said(test: &TestHost, vars: &Value, name: &str) -> String {
    let (done, decided) = walk(test, "docker-host", vars, Arc::new(DryRun)).await;
    done.unwrap_or_else(|failure| panic!("{failure}"));
    let found = decided.iter().find(|(task, _)| task == name);
    let (_, verdict) = found.unwrap_or_else(|| panic!("{name} is not among {decided:#?}"));
    assert!(matches!(verdict, Verdict::Change(_)), "{verdict:?}");
    json!(verdict).to_string()
}

#[tokio::test]
async fn a_likeness_of_ubuntu_gets_ubuntus_repository_and_packages() {
    let test = TestHost::boot("ubuntu", "root").await;
    liken(&test, UBUNTU);
    let script =
        "printf %s \"$1\" >/usr/bin/lsb_release; chmod 755 /usr/bin/lsb_release; lsb_release -cs";
    test.exec(&["sh", "-c", script, "sh", LSB_RELEASE]);
    let facts = Query::Host(HostQuery::Facts);
    let Answer::Host(HostAnswer::Facts(facts)) = connect(&test).await.ask(&facts).await.unwrap()
    else {
        panic!("facts were answered with something else");
    };
    for (name, value) in [
        ("distribution", "Ubuntu"),
        ("distribution_release", "noble"),
        ("distribution_version", "24.04"),
        ("distribution_major_version", "24"),
        ("os_family", "Debian"),
    ] {
        assert_eq!(facts[name], value, "{name}");
    }
    assert_eq!(facts["lsb"]["codename"], "noble");
    assert_eq!(facts["lsb"]["id"], "Ubuntu");

    let vars = json!({"deploy_keys": ["ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIMrOP4sdQEQ3hXQHrrHwqPcGuqVqpFJ0VyXO5mQpHPQy a"]});
    let source = said(&test, &vars, "Docker's repository is known").await;
    for words in [
        "URIs: https://download.docker.com/linux/ubuntu\\n",
        "Suites: noble\\n",
        "Components: stable\\n",
        "https://download.docker.com/linux/ubuntu/gpg",
    ] {
        assert!(source.contains(words), "{words} is not in {source}");
    }
    let mut vars = vars;
    vars["docker_source"] = "distribution".into();
    let packages = said(&test, &vars, "Docker is installed from the distribution").await;
    assert!(packages.contains("\"docker-compose-v2\""), "{packages}");
    assert!(!packages.contains("docker-cli"), "{packages}");
}

#[tokio::test]
async fn a_likeness_of_debian_12_is_told_to_use_dockers_repository() {
    let test = TestHost::boot("bookworm", "root").await;
    liken(&test, BOOKWORM);
    test.exec(&["sh", "-c", "echo 12.11 >/etc/debian_version"]);
    let vars = json!({"docker_source": "distribution", "deploy_keys": ["ssh-ed25519 AAAA a"]});
    let (done, _) = walk(&test, "docker-host", &vars, Arc::new(DryRun)).await;
    let failure = match done {
        Err(failure) => failure.to_string(),
        Ok(_) => panic!("it was not refused"),
    };
    let message = "Debian 12's own docker-compose is version 1; use docker_source: docker";
    assert!(failure.contains(message), "{failure}");
}
