//! What is refused before anything is asked, and what cannot be reached.

use super::project::{Project, Ran};
use super::proxy::Proxy;

#[tokio::test]
async fn another_account_is_refused_before_it_is_asked_for_anything() {
    let mut project = Project::small("600000000051", "").await;
    let proxy = Proxy::before(&project.endpoint);
    project.endpoint.clone_from(&proxy.endpoint);
    for verb in [&["plan", "test"][..], &["apply", "test", "--yes"]] {
        let mut command = project.command(verb);
        command.env("AWS_ACCESS_KEY_ID", "600000000052");
        Ran::of(&mut command)
            .ends(6)
            .says("600000000051")
            .says("600000000052");
        let asked: Vec<String> = proxy.take().into_iter().map(|seen| seen.body).collect();
        assert!(
            !asked.is_empty() && asked.iter().all(|body| body.contains("GetCallerIdentity")),
            "{asked:#?}"
        );
    }
}

#[tokio::test]
async fn without_credentials_it_is_said_where_they_are_looked_for() {
    let project = Project::small("600000000053", "").await;
    let mut command = project.command(&["plan", "test"]);
    command
        .env_remove("AWS_ACCESS_KEY_ID")
        .env_remove("AWS_SECRET_ACCESS_KEY");
    Ran::of(&mut command).ends(4).says("credentials");
}

#[tokio::test]
async fn an_endpoint_that_does_not_answer_is_named() {
    let mut project = Project::small("600000000054", "").await;
    // A port that was free a moment ago, and on which nobody listens.
    let listener = std::net::TcpListener::bind(("127.0.0.1", 0)).unwrap();
    let address = listener.local_addr().unwrap();
    drop(listener);
    project.endpoint = format!("http://{address}");
    let planned = project
        .run(&["plan", "test"])
        .ends(4)
        .says("Nothing was changed.")
        .prints("incomplete, for 4 could not be decided.");
    // All that is in AWS met the same, which is said once.
    assert_eq!(planned.err.matches("It was asked at").count(), 1);
    // Whoever reads standard output alone must not take silence for agreement.
    assert!(!planned.out.contains("Nothing to do"), "{}", planned.out);
}

#[tokio::test]
async fn mistakes_are_told_all_at_once_and_as_objects() {
    let project = Project::small("600000000055", "\n[role.x]\n\n[secret]\n").await;
    project
        .run(&["plan", "test"])
        .ends(1)
        .says("environments/test.toml")
        .says("did you mean `roles`?")
        .says("did you mean `secrets`?");
    let objects = project.run(&["plan", "test", "--json"]).ends(1).objects();
    assert!(objects.len() >= 2, "{objects:#?}");
    assert!(
        objects
            .iter()
            .all(|object| object["event"] == "diagnostic" && object["at"].is_object()),
        "{objects:#?}"
    );
}

#[tokio::test]
async fn a_host_of_which_nobody_else_has_anything_needs_no_word_that_it_is_gone() {
    let host = "\n[hosts.web]\naddress = \"203.0.113.7\"\nplaybook = \"app\"\n";
    let project = Project::small("600000000056", host).await;
    project.write("playbooks/app.yml", "- hosts: all\n  tasks: []\n");
    let gone = ["apply", "test", "--yes", "--gone", "web"];
    project
        .run(&gone)
        .ends(6)
        .says("hosts.web is declared")
        .says("run this again without --gone");
    project.declare("");
    project
        .run(&gone)
        .ends(6)
        .says("no container instance and no Swarm with a host `web`")
        .says("it is enough that the environment has it no more");
}
