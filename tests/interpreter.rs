//! Playbooks walked on a remembered host: `tests/playbooks/SENTENCE.yml` is walked, and what was told and done must be
//! `SENTENCE.txt`. The executor is that of `apply`, with a journal and a ledger; that of a plan is `DryRun`.
//!
//! What remains a fake is the host ([`world`]): it counts what travels together, and is cut and fails where a test says.
//! Playbooks on real hosts are in `playbook_hosts`.
//!
//! The file's first lines say how it is walked:
//!
//! ```yaml
//! # runs: plan, apply, apply
//! # vars: {"port": 80}
//! # left: restart web
//! # left: root: restart in another one's memory
//! # tags: a
//! # skip: b
//! # file: /etc/motd=hello
//! # fails: write /etc/motd
//! # login: deploy
//! ```
//!
//! With `ACCEPT=1` the transcript is written anew.

mod acting;
mod printed;
pub mod world;

use std::{collections::BTreeMap, fs, path::Path, sync::Arc};

use landfall::declare::playbook;
use landfall::model::playbook::{Base, Playbook, Step};
use landfall::model::{
    Address, Content, Event, Events, Failure, Kind, Login, Source, Value, Verdict,
};
use landfall::observe::Remembered;
use landfall::play::{DryRun, Executor, Library, Summary, Tags, Walk};
use landfall::vars::{Files, Renderer, Scope};

use self::world::{Fake, Host};
use crate::support::{cases, executors::Run};

struct Beside;

impl Library for Beside {
    fn tasks(&self, base: &Base, path: &str) -> Result<Option<Vec<Step>>, Failure> {
        let bytes = Files::read(base, path)?;
        Ok(bytes.map(|bytes| {
            let text = String::from_utf8(bytes).unwrap();
            playbook::tasks(&Source::new(path, text)).unwrap().0
        }))
    }
}

fn header(text: &str) -> BTreeMap<String, Vec<String>> {
    let mut found: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for line in text.lines() {
        let Some((key, value)) = line
            .strip_prefix("# ")
            .and_then(|line| line.split_once(": "))
        else {
            break;
        };
        found
            .entry(key.into())
            .or_default()
            .push(value.trim().into());
    }
    found
}

fn walk(name: &str, text: &str, world: &Fake, executor: Arc<dyn Executor>, events: Events) -> Walk {
    let header = header(text);
    let words = |key: &str| -> Vec<String> {
        header
            .get(key)
            .into_iter()
            .flatten()
            .flat_map(|words| words.split(", ").map(str::to_owned))
            .collect()
    };
    let base = Base::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/playbooks/beside"));
    let vars = match header
        .get("vars")
        .map(|lines| serde_json::from_str(&lines[0]).unwrap())
    {
        Some(Value::Object(vars)) => vars,
        _ => Default::default(),
    };
    let mut scope = Scope::new();
    for path in words("unknown") {
        scope = scope.unknown(&path, Address::new(Kind::Stack, "cluster"));
    }
    Walk {
        address: Address::new(Kind::Host, "web"),
        playbook: Arc::new(read(name, text, base.clone())),
        world: Remembered::new(Arc::new(world.clone())),
        scope,
        vars,
        renderer: Renderer::new(base),
        library: Arc::new(Beside),
        events,
        stop: Default::default(),
        executor,
        r#become: false,
        login: Login {
            address: "203.0.113.7".to_owned(),
            port: 22,
            user: login(&header),
            identity: None,
            sudo_password_file: None,
        },
        tags: Tags {
            only: words("tags"),
            skip: words("skip"),
        },
        publish: words("publish"),
    }
}

/// Walks it as `apply` does.
async fn performed(
    name: &str,
    text: &str,
    world: &Fake,
    events: Events,
) -> Result<Summary, Failure> {
    let run = Run::begin().await;
    let ended = walk(name, text, world, run.executor(), events).run().await;
    run.end().await;
    ended
}

fn login(header: &BTreeMap<String, Vec<String>>) -> String {
    let login = header.get("login").map(|lines| lines[0].clone());
    login.unwrap_or_else(|| "root".to_owned())
}

fn read(name: &str, text: &str, base: Base) -> Playbook {
    match playbook::read(&Source::new(name, text), "playbook", base) {
        Ok((playbook, _)) => playbook,
        Err(wrong) => panic!("{name}: {wrong:?}"),
    }
}

fn host(text: &str) -> Host {
    let header = header(text);
    let mut host = Host::default();
    for file in header.get("file").into_iter().flatten() {
        let (path, content) = file.split_once('=').unwrap();
        let content = Content::public(content.replace("\\n", "\n"));
        host.files.insert(path.into(), (content, 0o644));
    }
    host.folders
        .extend(["/etc", "/srv", "/root", "/tmp"].map(str::to_owned));
    host.login = login(&header);
    for left in header.get("left").into_iter().flatten() {
        let (user, handler) = left.split_once(": ").unwrap_or((&host.login, left));
        host.notified.push((user.to_owned(), handler.to_owned()));
    }
    host.fails = header.get("fails").map(|lines| lines[0].clone());
    host
}

fn told(event: &Event) -> Option<String> {
    Some(match event {
        Event::Decided { task, verdict, .. } => {
            let task = task.as_deref().unwrap_or("");
            match verdict {
                Verdict::Unchanged => format!("  ok        {task}"),
                Verdict::Change(change) if change.notes.is_empty() => format!("  change    {task}"),
                Verdict::Change(change) => {
                    format!("  change    {task} [{}]", change.notes.join(" "))
                }
                Verdict::Run(_) => format!("  runs      {task}"),
                Verdict::Skipped(why) => format!("  skipped   {task} [{why}]"),
                Verdict::Unknown(address) => format!("  unknown   {task} [{address}]"),
            }
        }
        Event::Said { line, .. } => format!("  said      {line}"),
        Event::Tolerated { failure, .. } => {
            format!(
                "  tolerated {}",
                failure.to_string().replace('\n', "\n            ")
            )
        }
        _ => return None,
    })
}

async fn transcript(name: &str, text: &str) -> String {
    let world = Fake::new(host(text));
    let runs = header(text).remove("runs").map(|lines| lines[0].clone());
    let mut out = String::new();
    for run in runs.as_deref().unwrap_or("plan, apply, apply").split(", ") {
        {
            let mut host = world.host.lock().unwrap();
            host.batches = 0;
            host.done.clear();
            host.asked.clear();
        }
        let (events, mut received) = Events::channel();
        let result = match run {
            "plan" => {
                let walk = walk(name, text, &world, Arc::new(DryRun), events);
                walk.run().await
            }
            _ => performed(name, text, &world, events).await,
        };
        out += &format!("{run}\n");
        while let Some(event) = received.recv().await {
            out.extend(told(&event).map(|line| line + "\n"));
        }
        let host = world.host.lock().unwrap();
        for done in &host.done {
            out += &format!("  did       {done}\n");
        }
        out += &match result {
            Ok(Summary {
                changes,
                unknown,
                published,
                ..
            }) => {
                let published = match published.is_empty() {
                    true => String::new(),
                    false => format!(", published {}", Value::Object(published)),
                };
                format!(
                    "  = {changes} changes, {unknown} unknown, asked {} times{published}\n",
                    host.batches
                )
            }
            Err(failure) => format!(
                "  failed: {}\n",
                failure.to_string().replace('\n', "\n    ")
            ),
        };
    }
    out.replace(env!("CARGO_MANIFEST_DIR"), "")
}

#[test]
fn every_playbook_is_walked_as_its_transcript_says() {
    cases::each("playbooks/*.yml", async |case| {
        let name = case.path.file_name().unwrap().to_str().unwrap();
        case.says(&transcript(name, &case.text()).await)
    });
}

/// What `debug` tasks say, in order, is what ansible-core 2.19 was seen to say (`as-ansible/SENTENCE.txt`), a list or
/// mapping as JSON in one line; so that `ACCEPT=1` leaves it alone.
#[test]
fn control_flows_as_in_ansible() {
    cases::each("playbooks/as-ansible/*.yml", async |case| {
        let name = case.path.file_name().unwrap().to_str().unwrap();
        let text = case.text();
        let world = Fake::new(Host::default());
        let (events, mut received) = Events::channel();
        let run = Run::begin().await;
        let mut walk = walk(name, &text, &world, run.executor(), events);
        let base = Base::Folder(case.path.parent().unwrap().to_owned());
        walk.playbook = Arc::new(read(name, &text, base.clone()));
        walk.renderer = Renderer::new(base);
        let result = walk.run().await;
        run.end().await;
        let mut said = String::new();
        while let Some(event) = received.recv().await {
            // That something is tried again is told by Ansible as well, but no `debug`.
            if let Event::Said { line, .. } = event
                && !line.contains(": not yet, trying again in ")
            {
                said += &format!("{line}\n");
            }
        }
        said += match &result {
            Ok(_) => "= ok\n",
            Err(_) => "= failed\n",
        };
        let expected = fs::read_to_string(case.path.with_extension("txt")).unwrap();
        cases::same(&expected, &said).map_err(|why| format!("{why}{result:?}"))
    });
}

/// Cut before each action in turn: the next run does what is left, and every handler runs after the last change that
/// notified it, whoever the tasks run as and whoever logs in next.
#[tokio::test]
async fn wherever_a_run_is_cut_the_next_one_finishes_and_runs_the_handlers() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/playbooks");
    let name = "a-handler-runs-once-after-its-section-in-the-order-of-definition.yml";
    let text = fs::read_to_string(folder.join(name)).unwrap();
    let root = "- hosts: all\n  become: true\n";
    let other = "- hosts: all\n  become: true\n  become_user: www-data\n";
    for (first, next, play) in [
        ("root", "root", "- hosts: all\n"),
        ("root", "root", other),
        ("admin", "admin", root),
        ("admin", "root", root),
        ("root", "admin", root),
        ("admin", "bob", root),
        ("admin", "admin", other),
        ("admin", "root", other),
    ] {
        let text = text.replacen("- hosts: all\n", play, 1);
        let as_user = |login: &str| format!("# login: {login}\n{text}");
        cut_at_every_action(name, &as_user(first), &as_user(next)).await;
    }
}

async fn cut_at_every_action(name: &str, first: &str, next: &str) {
    let mut cut = 0;
    loop {
        let world = Fake::new(host(first));
        world.host.lock().unwrap().cut = Some(cut);
        let (events, _) = Events::channel();
        let ended = performed(name, first, &world, events).await;
        {
            let mut host = world.host.lock().unwrap();
            host.cut = None;
            host.login = login(&header(next));
        }
        let (events, _) = Events::channel();
        performed(name, next, &world, events).await.unwrap();
        let host = world.host.lock().unwrap();
        for (change, handler) in [
            ("write /etc/b", "run restart-b"),
            ("write /etc/a2", "run restart-a"),
            ("write /etc/a ", "run restart-both"),
        ] {
            let last = |what: &str| host.done.iter().rposition(|done| done.starts_with(what));
            assert!(last(change).is_some(), "cut at {cut}: {:?}", host.done);
            assert!(
                last(change) < last(handler),
                "{next}\ncut at {cut}: {handler} is missing after {change}: {:?}",
                host.done
            );
        }
        assert!(
            host.notified.is_empty(),
            "{next}\ncut at {cut}: {:?}",
            host.notified
        );
        if ended.is_ok() {
            break;
        }
        cut += 1;
    }
    assert!(cut > 8, "only {cut} actions were performed");
}

#[tokio::test]
async fn forty_tasks_that_all_hold_cost_four_questions_at_the_most() {
    let mut text = String::from("- hosts: all\n  tasks:\n");
    let mut held = Host::default();
    held.folders.insert("/etc".into());
    for number in 0..40 {
        let path = format!("/etc/part-{number}");
        text += &format!(
            "    - name: part {number}\n      copy: {{ dest: {path}, content: \"{{{{ ansible_os_family }}}} {number}\" }}\n"
        );
        if number % 10 == 0 {
            text += &format!(
                "    - stat: {{ path: {path} }}\n      register: part_{number}\n    - copy: {{ dest: {path}, content: \"Debian {number}\" }}\n      when: part_{number}.stat.exists\n"
            );
        }
        let content = Content::public(format!("Debian {number}"));
        held.files.insert(path, (content, 0o644));
    }
    let world = Fake::new(held);
    let (events, _) = Events::channel();
    let summary = performed("forty.yml", &text, &world, events).await.unwrap();
    let host = world.host.lock().unwrap();
    assert_eq!((summary.changes, summary.tasks.len()), (0, 48));
    assert!(host.done.is_empty(), "{:?}", host.done);
    assert!(host.batches <= 4, "{} round trips", host.batches);
    let mut once = host.asked.clone();
    once.sort();
    once.dedup();
    assert_eq!(once.len(), host.asked.len(), "something was asked twice");
}
