//! Endpoints at which something else than AWS answers, nothing does, or something that does not end.

use std::fs;
use std::thread;
use std::time::{Duration, Instant};

use nix::sys::signal::Signal;

use super::project::{Project, Ran, Running};
use crate::support::fake::{Answer, Asked, Fake};

const HEAD: &str = "project = \"review\"\n[aws]\nregion = \"us-west-2\"\n";

/// A section, the service that is asked about it, and the operation.
const SECTIONS: [(&str, &str, &str); 5] = [
    (
        "[roles.worker]\nservice = \"ec2.amazonaws.com\"\n",
        "iam",
        "GetRole",
    ),
    (
        "[stacks.log]\ntemplate = \"log\"\n",
        "cloudformation",
        "DescribeStacks",
    ),
    (
        "[tasks.web.containers.app]\nimage = \"nginx:1.29\"\nmemory = 128\n",
        "ecs",
        "DescribeTaskDefinition",
    ),
    (
        "[tasks.web.containers.app]\nimage = \"nginx:1.29\"\nmemory = 128\n[services.web]\ncluster = \"main\"\ntask = \"web\"\n",
        "ecs",
        "DescribeServices",
    ),
    ("[backend]\ns3 = \"team\"\n", "s3", ""),
];

/// A project with this section, and the program in it against that endpoint.
async fn planned(account: &str, section: &str, endpoint: &str, args: &[&str]) -> Ran {
    let project = Project::new(account).await;
    project.write("environments/test.toml", &format!("{HEAD}{section}"));
    project.write("stacks/log.yaml", super::project::LOG);
    let mut command = project.command(args);
    command.env("AWS_ENDPOINT_URL", endpoint);
    Ran::of(command.env("AWS_MAX_ATTEMPTS", "1"))
}

fn garbage() -> Vec<Answer> {
    let page = "<!DOCTYPE html>\n<html><body><h1>It works!</h1></body></html>";
    vec![
        Answer::whole(200, page),
        Answer::whole(200, ""),
        Answer::Cut(100, "<half"),
        Answer::whole(502, page),
        Answer::whole(503, ""),
        Answer::whole(504, "upstream request timeout"),
        Answer::whole(404, page),
    ]
}

#[tokio::test]
async fn what_aws_never_answers_is_told_as_something_else_that_did() {
    for answer in garbage() {
        let given = answer.clone();
        let fake = Fake::answering(move |_| Some(given.clone()));
        let ran = planned(
            "600000000931",
            SECTIONS[0].0,
            &fake.endpoint,
            &["plan", "test"],
        )
        .await;
        ran.ends(4)
            .says("something else than AWS answered")
            .says(&format!("It was asked at {}.", fake.endpoint))
            .says("Check AWS_ENDPOINT_URL");
    }
    for (section, _, operation) in SECTIONS {
        for answer in garbage() {
            let (given, at) = (answer.clone(), operation.to_owned());
            let fake = Fake::answering(move |asked: &Asked| match asked.service() {
                "sts" => None,
                _ if !at.is_empty() && !asked.is(&at) => Some(elsewhere(asked)),
                _ => Some(given.clone()),
            });
            let ran = planned("600000000931", section, &fake.endpoint, &["plan", "test"]).await;
            let ran = ran.ends(4);
            assert!(!ran.err.contains("refused the request"), "{ran:?}");
            assert!(!ran.err.contains("It works!"), "{ran:?}");
        }
    }
}

/// What is asked beside: there is no such task definition, and nothing else is there.
fn elsewhere(asked: &Asked) -> Answer {
    match asked.service() {
        "ecs" => Answer::whole(
            400,
            r#"{"__type":"ClientException","message":"Unable to describe task definition."}"#,
        ),
        _ => Answer::whole(
            404,
            "<ErrorResponse><Error><Code>NoSuchEntity</Code><Message>none</Message></Error></ErrorResponse>",
        ),
    }
}

#[tokio::test]
async fn an_answer_without_what_its_operation_always_gives_is_not_taken_for_nothing() {
    for (section, service, operation, body) in [
        (SECTIONS[2].0, "ecs", "DescribeTaskDefinition", "{}"),
        (SECTIONS[3].0, "ecs", "DescribeServices", "{}"),
        (
            SECTIONS[0].0,
            "iam",
            "GetRole",
            "<GetRoleResponse><GetRoleResult></GetRoleResult></GetRoleResponse>",
        ),
        (
            SECTIONS[1].0,
            "cloudformation",
            "DescribeStacks",
            "<DescribeStacksResponse><DescribeStacksResult><Stacks></Stacks></DescribeStacksResult></DescribeStacksResponse>",
        ),
    ] {
        let fake = Fake::answering(move |asked: &Asked| match asked.service() {
            "sts" => None,
            _ if asked.is(operation) => Some(Answer::whole(200, body)),
            _ => Some(elsewhere(asked)),
        });
        let ran = planned("600000000932", section, &fake.endpoint, &["plan", "test"]).await;
        ran.ends(4).says("which this operation of AWS always gives");
        assert!(fake.seen().iter().any(|asked| asked.service() == service));
    }
}

/// The most memory it took so far, in KiB.
fn most_memory(running: &Running) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", running.pid())).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    let number = line.and_then(|line| line.trim().split(' ').next());
    number.map_or(0, |number| number.parse().unwrap())
}

#[tokio::test]
async fn an_answer_without_end_is_not_read_to_it() {
    let project = Project::new("600000000933").await;
    for section in [SECTIONS[0].0, SECTIONS[4].0] {
        project.write("environments/test.toml", &format!("{HEAD}{section}"));
        let fake = Fake::answering(|asked| match asked.service() {
            "sts" => None,
            _ if asked.line.starts_with("HEAD ") => Some(Answer::whole(200, "")),
            _ => Some(Answer::Flood),
        });
        let mut command = project.command(&["plan", "test"]);
        command.env("AWS_ENDPOINT_URL", &fake.endpoint);
        let mut running = Running::of(command.env("AWS_MAX_ATTEMPTS", "1"));
        let mut most = 0;
        while running.is_running() {
            most = most_memory(&running).max(most);
            thread::sleep(Duration::from_millis(20));
        }
        running.end().ends(4);
        assert!(most < 400 << 10, "{most} KiB");
    }
}

#[tokio::test]
async fn what_is_asked_of_a_silent_endpoint_is_called_off_when_the_run_is_asked_to_end() {
    let project = Project::new("600000000934").await;
    for (section, silent) in [
        (SECTIONS[0].0, "sts"),
        (SECTIONS[0].0, "iam"),
        (SECTIONS[1].0, "cloudformation"),
        (SECTIONS[2].0, "ecs"),
        (SECTIONS[4].0, "s3"),
    ] {
        project.write("environments/test.toml", &format!("{HEAD}{section}"));
        project.write("stacks/log.yaml", super::project::LOG);
        for (args, signal) in [
            (&["plan", "test"][..], Signal::SIGTERM),
            (&["apply", "test", "--yes"], Signal::SIGINT),
        ] {
            let fake = Fake::answering(move |asked: &Asked| {
                let quiet = asked.service() == silent;
                quiet.then_some(Answer::Silence)
            });
            let mut command = project.command(args);
            let running = Running::of(command.env("AWS_ENDPOINT_URL", &fake.endpoint));
            while !fake.seen().iter().any(|asked| asked.service() == silent) {
                thread::sleep(Duration::from_millis(20));
            }
            let asked = Instant::now();
            running.signal(signal);
            running.end().ends(130).says("Nothing was changed.");
            let took = asked.elapsed();
            assert!(took < Duration::from_secs(20), "{silent}: {took:?}");
        }
    }
}

#[tokio::test]
async fn an_endpoint_that_is_silent_or_drips_is_given_up_after_a_while() {
    let begun = Instant::now();
    let all = [Answer::Silence, Answer::Drops].map(|answer| async {
        let fake = Fake::answering(move |_| Some(answer.clone()));
        let project = Project::new("600000000935").await;
        project.write(
            "environments/test.toml",
            &format!("{HEAD}{}", SECTIONS[0].0),
        );
        let mut command = project.command(&["plan", "test"]);
        let running = Running::of(command.env("AWS_ENDPOINT_URL", &fake.endpoint));
        (running, fake, project)
    });
    for (running, fake, _project) in futures::future::join_all(all).await {
        running
            .end()
            .ends(4)
            .says("AWS could not be reached")
            .says(&format!("It was asked at {}.", fake.endpoint))
            .says("Check the network");
    }
    let took = begun.elapsed();
    assert!(took < Duration::from_secs(150), "{took:?}");
}

/// What a service repeats of what it was sent stands in no output and in no record.
#[tokio::test]
async fn what_a_service_repeats_of_a_secret_object_is_not_shown() {
    let settings = "DEBUG = False\nKEY = \"Wn7rLq2xKp9\"\n".to_owned() + &"Zx9-Qe3m".repeat(300);
    let pem = "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcw\nKq3Zt7wXy9LmPqRr\n-----END KEY-----\n";
    let added = "[secrets.objects.\"tls.key\"]\nfile = \"tls.key\"\n";
    let mut project = Project::small("600000000936", added).await;
    project.write("settings.py", &settings);
    project.write("tls.key", pem);
    let upstream = project.endpoint.clone();
    let fake = Fake::answering(move |asked: &Asked| {
        let put = asked.service() == "s3" && asked.line.starts_with("PUT ");
        let key = ["ecs.config", "settings.py", "tls.key"]
            .iter()
            .any(|key| asked.line.contains(key));
        if put && key {
            // As it is, as it is encoded, cut off, and what is encoded in it.
            let body = asked.body.replace('&', "&amp;").replace('<', "&lt;");
            let encoded = base64::Engine::encode(&base64::prelude::BASE64_STANDARD, &asked.body);
            let cut: String = body.chars().take(700).collect();
            return Some(Answer::whole(
                400,
                format!(
                    "<Error><Code>InvalidRequest</Code><Message>cannot store {body} that is {encoded} or {cut}, \
                     by cm9ib3Q6ZG9ja2VyLXBhc3M= that is robot:docker-pass with docker-pass</Message></Error>"
                ),
            ));
        }
        Some(asked.passed_on(&upstream))
    });
    project.endpoint.clone_from(&fake.endpoint);
    let ran = project.run(&["apply", "test", "--yes"]).ends(7);
    assert!(ran.err.contains("cannot store (secret)"), "{}", ran.err);
    let mut all = ran.out + &ran.err;
    for entry in fs::read_dir(project.root().join(".landfall/test/journal")).unwrap() {
        all += &fs::read_to_string(entry.unwrap().path()).unwrap();
    }
    assert!(all.contains("InvalidRequest"), "{all}");
    for secret in [
        "Wn7rLq2xKp9",
        "Zx9-Qe3m",
        "MIIEvQIBADANBgkqhkiG9w0",
        "Kq3Zt7wXy9LmPqRr",
        "cm9ib3Q6ZG9ja2VyLXBhc3M",
        "docker-pass",
        "ECS_ENGINE_AUTH_DATA",
    ] {
        assert!(!all.contains(secret), "{secret} is in {all}");
    }
}
