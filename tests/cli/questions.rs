//! How much is asked: a plan of what stands asks AWS each question once.

use std::collections::BTreeMap;
use std::fs;

use super::project::Project;
use super::proxy::Proxy;
use crate::support::lab::TestHost;

#[tokio::test]
async fn a_plan_of_the_quickstart_asks_nothing_twice() {
    let account = "600000000091";
    let host = TestHost::boot("questions", "root").await;
    let mut project = Project::new(account).await;
    let shipped = concat!(env!("CARGO_MANIFEST_DIR"), "/environments");
    let read = |name: &str| fs::read_to_string(format!("{shipped}/{name}")).unwrap();
    let address = project.login(&host, "\"ADDRESS\"\nidentity = \"IDENTITY\"");
    let environment = read("quickstart.toml")
        .replace("123456789012", account)
        .replace("7f3a9c51e2", account)
        .replace("\"203.0.113.7\"", &address)
        // The playbook below lets nobody in by that pair, so that none can be tried.
        .replace("key = \"deploy\"", "");
    project.write("environments/quickstart.toml", &environment);
    for name in ["docker-config.json", "server_settings.py"] {
        let name = format!("quickstart/{name}");
        project.write(&format!("environments/{name}"), &read(&name));
    }
    // What is asked of AWS is the matter here: the host's own playbook is another test's.
    let playbook = "- hosts: all\n  tasks:\n    - ansible.builtin.file: { path: /srv/quickstart, state: directory }\n";
    project.write("playbooks/docker-host.yml", playbook);
    project.run(&["apply", "quickstart", "--yes"]).ends(0);

    let proxy = Proxy::before(&project.endpoint);
    project.endpoint.clone_from(&proxy.endpoint);
    project
        .run(&["plan", "quickstart", "--detailed-exitcode"])
        .ends(0);
    let mut asked: BTreeMap<_, usize> = BTreeMap::new();
    for request in proxy.take() {
        *asked.entry(request).or_default() += 1;
    }
    assert!(asked.len() > 10, "{asked:#?}");
    let twice: Vec<_> = asked.iter().filter(|(_, count)| **count > 1).collect();
    assert!(twice.is_empty(), "{twice:#?}");
}
