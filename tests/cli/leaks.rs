//! Secrets reach where they belong, and nothing else: no output, no plan, no memory, no leftover, no command line.

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;

use base64::{Engine, prelude::BASE64_STANDARD};

use super::project::{Project, Ran, Running};
use crate::support::canary::{self, Canary};
use crate::support::lab::TestHost;

/// Words that stand nowhere by chance, with what JSON, addresses and shells write in another way.
const SECRETS: [&str; 9] = [
    "Settings-Wn7rLq2xKp9",
    "Dotenv \"Hd4t\\Ys8vBm1&",
    "Local-Qe9mPw3kLz7é",
    "NoEcho Zc6j\"Fg3u/Re5ü",
    "Docker-Xa5kTb9wNo2",
    "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhk\nKq3Zt7wXy9LmPqRr\n-----END KEY-----\n",
    "{\"user\":\"Rb7tUs3r\",\"pass\":\"Js0n-Qe9mPw3k\"}",
    "Q~7",
    "Printed-Gy4hKc8sTf",
];

const ADDED: &str = r#"
env = [".env.secret"]

[stacks.log]
template = "log"
parameters.Password = "{{ env.PASSWORD }}"

[keys.deploy]

[hosts.web]
address = "ADDRESS"
user = "root"
identity = "IDENTITY"
playbook = "app"
vars = { token = "{{ env.TOKEN }}", smtp = "{{ env.SMTP }}", key = "{{ env.KEY }}", credentials = "{{ env.CREDENTIALS }}", pin = "{{ env.PIN }}" }

[targets.web]
host = "web"
"#;

const STACK: &str = "\
Parameters:
  Password: { Type: String, NoEcho: true }
Resources:
  Log:
    Type: AWS::Logs::LogGroup
    Properties: { RetentionInDays: 7 }
";

const PLAYBOOK: &str = r#"
- hosts: all
  tasks:
    - name: Settings of the application
      ansible.builtin.copy:
        dest: /srv/app.env
        content: "TOKEN={{ token }}\n"
        mode: "0600"
      no_log: true
    - name: Settings that are shown
      ansible.builtin.copy:
        dest: /srv/mail.env
        content: "SMTP={{ smtp }}\n"
        mode: "0600"
    - name: "Settings of another form, for {{ token }}"
      ansible.builtin.copy:
        dest: /srv/app.json
        content: "{{ { 'token': token, 'key': key, 'encoded': token | b64encode, 'inner': (credentials | from_json).pass | upper } | to_nice_json }}"
    - name: Settings for a shell
      ansible.builtin.copy:
        dest: /srv/app.sh
        content: "T={{ token | quote }}\nU=https://x:{{ token | urlencode }}@h/\nS={{ smtp | regex_replace('^robot:', '') | reverse }}\n"
    - name: A short one
      ansible.builtin.copy: { dest: /srv/pin, content: "pin={{ pin }}\n" }
    - name: Each of them
      ansible.builtin.copy: { dest: "/srv/{{ item.name }}", content: "{{ item.value }}" }
      loop:
        - { name: a, value: "{{ token }}" }
        - { name: b, value: "{{ key }}" }
        - { name: c, value: "{{ pin }}" }
    - name: What a host prints
      ansible.builtin.command: cat /srv/printed
      changed_when: false
      check_mode: false
      no_log: true
      register: printed
      failed_when: false
    - name: Said later
      ansible.builtin.debug: { msg: "{{ printed.stdout | upper }} {{ printed }} {{ token | reverse }}" }
    - name: In a variable
      ansible.builtin.set_fact: { made: "{{ token | upper }}", pins: ["{{ pin }}"] }
    - name: Said as well
      ansible.builtin.debug: { msg: "{{ made }} {{ pins }} {{ pin }}" }
"#;

#[tokio::test(flavor = "multi_thread")]
async fn no_secret_leaves_the_ways_it_must_go() {
    let [
        settings,
        token,
        local,
        password,
        docker,
        key,
        json,
        pin,
        printed,
    ] = SECRETS;
    let host = TestHost::boot("leaks", "root").await;
    let project = Project::small("600000000081", "").await;
    project.write("settings.py", &format!("KEY = '{settings}'\n"));
    let credentials = BASE64_STANDARD.encode(format!("robot:{docker}"));
    let config = format!(
        r#"{{ "auths": {{ "https://index.docker.io/v1/": {{ "auth": "{credentials}" }} }} }}"#
    );
    project.write("docker.json", &config);
    let dotenv = |version: &str| {
        format!(
            "TOKEN='{token}{version}'\nPASSWORD='{password}{version}'\nKEY='{key}{version}'\nCREDENTIALS='{json}'\nPIN='{pin}'\n"
        )
    };
    project.write(".env.secret", &dotenv(""));
    host.exec(&["sh", "-c", &format!("echo {printed} >/srv/printed")]);
    project.write(".env.local", &format!("SMTP=robot:{local}\n"));
    project.write("stacks/log.yaml", STACK);
    project.write("playbooks/app.yml", PLAYBOOK);
    let added = project
        .login(&host, ADDED)
        .replace("\nenv = [\".env.secret\"]\n", "");
    project.declare(&added);
    let declared = project.read("environments/test.toml");
    let declared = declared.replace(
        "[secrets]\n",
        "[secrets]\nenv = [\".env.secret\", \".env.local\"]\n",
    );
    project.write("environments/test.toml", &declared);

    let temporary = project.beside("tmp");
    fs::create_dir(&temporary).unwrap();
    let file = project.beside("plan").display().to_string();
    let mut seen = String::new();
    let mut run = |args: &[&str], code: i32, traced: bool| {
        let mut command = project.command(args);
        command.env("TMPDIR", &temporary);
        if traced {
            command.env("LANDFALL_LOG", "trace");
        }
        let (ran, lines) = watched(Running::of(&mut command));
        let ran = ran.ends(code);
        seen += &ran.out;
        seen += &ran.err;
        seen += &lines;
    };
    run(&["check"], 0, false);
    run(&["plan", "test"], 0, false);
    run(&["plan", "test", "--json", "--out", &file], 0, false);
    run(&["apply", &file], 0, true);
    // Every secret changes, so that what was and what will be are both there to be shown.
    project.write("settings.py", &format!("KEY = '{settings}2'\n"));
    project.write(".env.secret", &dotenv("2"));
    project.write(".env.local", &format!("SMTP=robot:{local}2\n"));
    run(&["plan", "test", "--detailed-exitcode"], 2, false);
    run(&["plan", "test", "--json"], 0, true);
    run(&["apply", "test", "--yes", "--json"], 0, false);
    run(&["targets", "list", "test"], 0, false);
    run(&["targets", "show", "test", "web"], 0, false);
    run(&["targets", "export", "test"], 0, false);

    let bucket = project.bucket();
    // They did arrive.
    assert_eq!(
        host.exec(&["cat", "/srv/app.env"]),
        format!("TOKEN={token}2\n")
    );
    assert_eq!(
        host.exec(&["cat", "/srv/mail.env"]),
        format!("SMTP=robot:{local}2\n")
    );
    let object = project.s3().await.get_object().bucket(project.bucket());
    let object = object.key("settings.py").send().await.unwrap();
    let body = object.body.collect().await.unwrap().into_bytes();
    assert_eq!(body.as_ref(), format!("KEY = '{settings}2'\n").as_bytes());

    let destroy = ["destroy", "test", "--yes", "--yes-delete", &bucket];
    run(&destroy, 0, true);

    seen += &fs::read_to_string(&file).unwrap();
    let memory = project.root().join(".landfall");
    assert!(memory.join("test/ledger.json").is_file());
    // What is left in the folder for temporary files, names as well as contents.
    for folder in [&memory, &temporary] {
        seen += &texts(folder);
    }
    let canaries: Vec<Canary> = SECRETS
        .into_iter()
        .chain([credentials.as_str(), "Rb7tUs3r", "Js0n-Qe9mPw3k"])
        .map(|secret| Canary::new(secret, secret))
        .collect();
    let found = canary::seen(&canaries, &seen);
    assert!(found.is_empty(), "{}", found.join("\n"));
    // The search finds what is there: nothing was hidden from it by being written in another place.
    assert!(seen.contains("(secret)") && seen.contains("aws_smithy_runtime"));
}

/// Waits for its end; gives also every command line on this machine that named it or came from it meanwhile.
fn watched(running: Running) -> (Ran, String) {
    let (done, ended) = std::sync::mpsc::channel::<()>();
    let watch = std::thread::spawn(move || {
        let mut lines = BTreeSet::new();
        while let Err(std::sync::mpsc::TryRecvError::Empty) = ended.try_recv() {
            for process in fs::read_dir("/proc").unwrap().flatten() {
                if let Ok(line) = fs::read(process.path().join("cmdline")) {
                    lines.insert(String::from_utf8_lossy(&line).replace('\0', " "));
                }
            }
            std::thread::sleep(std::time::Duration::from_millis(20));
        }
        lines.into_iter().collect::<Vec<_>>().join("\n")
    });
    let ran = running.end();
    drop(done);
    (ran, watch.join().unwrap())
}

/// The names and contents of every file below a folder.
fn texts(folder: &Path) -> String {
    let mut all = String::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        all += &path.display().to_string();
        if path.is_dir() {
            all += &texts(&path);
        } else if let Ok(bytes) = fs::read(&path) {
            all += &String::from_utf8_lossy(&bytes);
        }
    }
    all
}
