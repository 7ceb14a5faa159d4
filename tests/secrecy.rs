//! What is made from a secret is secret: whatever a playbook does with one, nothing that is told of it shows it.

use std::path::Path;
use std::sync::Arc;

use landfall::declare::playbook;
use landfall::model::playbook::{Base, Step};
use landfall::model::{
    Address, Event, Events, Failure, Kind, Login, Map, Redactor, Secret, Source, Value,
};
use landfall::observe::Remembered;
use landfall::play::{DryRun, Executor, Library, Walk};
use landfall::vars::{Renderer, Scope, Secrecy, Secrets};

use crate::interpreter::world::{Fake, Host};
use crate::support::canary::{Canary, seen};
use crate::support::executors::Run;

struct Nothing;

impl Library for Nothing {
    fn tasks(&self, _base: &Base, _path: &str) -> Result<Option<Vec<Step>>, Failure> {
        Ok(None)
    }
}

/// Names, and values that stand nowhere by chance. The last are too short to be looked for.
const SECRETS: &[(&str, &str)] = &[
    ("TOKEN", "to\"Wn7rL\\q2xKp9'Zc"),
    ("UMLAUT", "pÄssw0rt-Hd4tYs8v é"),
    (
        "PEM",
        "-----BEGIN KEY-----\nMIIEvQIBADANBgkqhk\nKq3Zt7wXy9LmPqRr\n-----END KEY-----\n",
    ),
    (
        "CREDENTIALS",
        r#"{"user":"Rb7tUs3r","pass":"Js0n-Qe9mPw3k"}"#,
    ),
    ("INNER", "Vd5hNc2jWs"),
    ("OUTER", "xx-Vd5hNc2jWs-yy"),
    ("WORDS", "gK4rect hQ7se bZ2tery"),
    ("PARTS", "ab hQ8se"),
    ("QUOTED", "Pre\"mid\"Suf88x"),
    ("BACK", "Can\\Back\\Slash9q"),
    ("PLAIN", "CanPlainW4x7Zq"),
    ("NUMBER", "4839201"),
    ("SIX", "Gx7~Qp"),
    ("PIN", "Q~7"),
];

fn canaries() -> Vec<Canary> {
    SECRETS
        .iter()
        .map(|(name, secret)| Canary::new(name, secret))
        .chain(
            [
                "Rb7tUs3r",
                "Js0n-Qe9mPw3k",
                "Rs3cr3tOutOfAHost",
                "Rs3cr3t\\Of\\Words",
                "Rs3cr3tOfWords",
                "gK4rect",
                "hQ7se",
                "bZ2tery",
                "hQ8se",
                "PremidSuf88x",
                "CanBackSlash9q",
                "CanPlai",
                "canpl",
                "4839202",
            ]
            .map(|part| Canary::new(part, part)),
        )
        .collect()
}

fn scope(marked: bool) -> Scope {
    let env: Map = SECRETS
        .iter()
        .map(|(name, secret)| ((*name).to_owned(), Value::from(*secret)))
        .chain([("PORT".to_owned(), Value::from("8080"))])
        .collect();
    let secret = SECRETS
        .iter()
        .map(|(name, _)| ((*name).to_owned(), Secrecy::Secret));
    let scope = Scope::new().facts(Map::from_iter([("env".to_owned(), env.into())]));
    match marked {
        true => scope.secrets(Secrets::from([(
            "env".to_owned(),
            Secrecy::of_parts(secret),
        )])),
        false => scope,
    }
}

/// Everything that is told of a plan: events, its lines, and how it failed.
async fn planned(tasks: &str, marked: bool) -> String {
    told(tasks, marked, redactor(marked), Arc::new(DryRun)).await
}

/// Everything that is told of the real thing, and its journal.
async fn performed(tasks: &str, marked: bool) -> String {
    let redactor = redactor(marked);
    let run = Run::hiding(redactor.clone()).await;
    let told = told(tasks, marked, redactor, run.executor()).await;
    told + &run.end().await
}

/// What hides the secrets, where they are marked as such.
fn redactor(marked: bool) -> Redactor {
    if marked {
        let secrets = SECRETS.iter();
        Redactor::new(
            secrets
                .map(|(_, secret)| Secret::new((*secret).to_owned()))
                .collect(),
        )
    } else {
        Redactor::default()
    }
}

async fn told(
    tasks: &str,
    marked: bool,
    redactor: Redactor,
    executor: Arc<dyn Executor>,
) -> String {
    let text = format!("- hosts: all\n  gather_facts: false\n  tasks:\n{tasks}");
    let base = Base::Folder(Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/playbooks/beside"));
    let read = playbook::read(
        &Source::new("play.yml", text.as_str()),
        "playbook",
        base.clone(),
    );
    let (playbook, _) = read.unwrap_or_else(|wrong| panic!("{tasks}: {wrong:?}"));
    let mut host = Host::default();
    host.folders.extend(["/srv".to_owned()]);
    host.files.insert(
        "/srv/rotated".into(),
        (
            landfall::model::Content::public("PORT=1\nTOKEN=old-Vd5hNc2jWs\n"),
            0o644,
        ),
    );
    let (events, mut received) = Events::hiding(redactor.clone());
    let walk = Walk {
        address: Address::new(Kind::Host, "web"),
        playbook: Arc::new(playbook),
        world: Remembered::new(Arc::new(Fake::new(host))),
        scope: scope(marked),
        vars: Map::new(),
        renderer: Renderer::new(base).telling(&redactor),
        library: Arc::new(Nothing),
        events,
        stop: Default::default(),
        executor,
        r#become: false,
        login: Login {
            address: "203.0.113.7".to_owned(),
            port: 22,
            user: "root".to_owned(),
            identity: None,
            sudo_password_file: None,
        },
        tags: Default::default(),
        publish: Vec::new(),
    };
    let mut said = String::new();
    match walk.run().await {
        Ok(summary) => {
            for task in summary.tasks {
                said += &serde_json::to_string(&task.verdict).unwrap();
                said += &format!(" {} {:?}\n", task.name, task.item);
            }
            said = redactor.text(&said);
        }
        Err(failure) => said += &redactor.failure(failure).to_string(),
    }
    while let Some(event) = received.recv().await {
        if let Event::Said { line, .. } = &event {
            said += line;
        }
        said += &serde_json::to_string(&event).unwrap();
        said.push('\n');
    }
    said
}

/// Each does something else with secrets, and shows it.
const TASKS: &[&str] = &[
    "{ name: 'of {{ env.TOKEN }} and {{ env.PIN }}', debug: { msg: x } }",
    "{ copy: { dest: /srv/a, content: \"a={{ env.TOKEN }}\\nb={{ env.UMLAUT }}\\n{{ env.PEM }}\" } }",
    "{ copy: { dest: /srv/a, content: \"{{ {'a': env.TOKEN, 'b': env.PEM, 'c': env.UMLAUT} | to_json }}\" } }",
    "{ copy: { dest: /srv/a, content: \"{{ [env.TOKEN, env.PEM] | to_nice_json }}{{ env | to_nice_yaml }}\" } }",
    "{ copy: { dest: /srv/a, content: \"{{ env.TOKEN | b64encode }}\\n{{ ('u:' ~ env.UMLAUT) | b64encode }}\\n\" } }",
    "{ copy: { dest: /srv/a, content: \"{{ env.TOKEN | urlencode }} {{ env.TOKEN | quote }} {{ env.UMLAUT | upper }}\\n\" } }",
    "{ copy: { dest: /srv/a, content: \"{% set x = env.OUTER | reverse %}port {{ env.PORT }}\\n{{ x }}\\n\" } }",
    "{ copy: { dest: /srv/a, content: \"{{ env.OUTER | regex_replace('^xx-(.*)-yy$', '\\\\1') | upper }}\" } }",
    "{ copy: { dest: /srv/a, content: \"{% for c in env.OUTER %}{{ c }}{% endfor %}\" } }",
    "{ copy: { dest: /srv/a, content: \"{{ (env.CREDENTIALS | from_json).pass | reverse }}\" } }",
    "{ copy: { dest: /srv/a, content: \"pin={{ env.PIN }}\\n\" } }",
    "{ copy: { dest: \"/srv/{{ env.PIN }}\", content: x } }",
    "{ copy: { dest: /srv/a, content: \"{{ env.SIX | upper }}{{ env.SIX | reverse }}\" } }",
    "{ copy: { dest: /srv/rotated, content: \"PORT=1\\nTOKEN={{ env.TOKEN | to_json }}\\n\" } }",
    "{ copy: { dest: /srv/rotated, content: \"PORT=2\\n\" } }",
    "{ name: an item, debug: { msg: '{{ item }}' }, loop: ['{{ env.TOKEN }}', '{{ env.PIN }}', '{{ env.UMLAUT | upper }}'] }",
    "{ name: an item, debug: { msg: '{{ item.key | reverse }}' }, loop: [{ name: ann, key: '{{ env.TOKEN }}' }, { name: bob, key: '{{ env.PIN }}' }] }",
    "{ name: an item, debug: { msg: '{{ item.key }}={{ item.value | upper }}' }, with_dict: { a: '{{ env.OUTER }}', b: '{{ env.PIN }}' } }",
    "{ name: an item, debug: { msg: '{{ item.0 }} {{ item.1 | upper }}' }, with_nested: [[a, b], ['{{ env.OUTER }}', '{{ env.PIN }}']] }",
    "{ name: an item, debug: { msg: x }, loop: '{{ env | dict2items }}', loop_control: { label: '{{ item.value | reverse }}' } }",
    "{ debug: { var: env } }",
    "{ debug: { var: env.PIN } }",
    "{ debug: { msg: { a: '{{ env.PIN }}', b: ['{{ env.TOKEN }}'] } } }",
    "{ fail: { msg: 'not {{ env.PIN }} nor {{ env.TOKEN | reverse }}' } }",
    "{ assert: { that: false, fail_msg: 'not {{ env.PIN }} nor {{ env.SIX | reverse }}' } }",
    "{ copy: { dest: /srv/a, content: \"{{ env.TOKEN | from_json }}\" } }",
    "{ copy: { dest: /srv/a, content: \"{{ env.TOKEN | int(base=99) }}\", mode: '{{ env.OUTER }}' } }",
    "{ command: 'false {{ env.PIN }} {{ env.TOKEN | quote }}' }",
    "{ command: 'echo --password {{ env.WORDS }}', register: r }\n    - { debug: { var: r } }\n    - { debug: { msg: '{{ r.cmd }} {{ r.cmd | join }}' } }",
    "{ command: 'echo --password={{ env.PARTS }}', register: r }\n    - { debug: { var: r.cmd } }",
    "{ command: 'echo {{ env.QUOTED }} {{ env.BACK }}' }",
    "{ command: 'echo {{ env.QUOTED }}', register: r }\n    - { debug: { var: r } }\n    - { debug: { msg: 'x{{ r.cmd[1] }}x' } }",
    "{ command: { cmd: 'echo {{ line }}', creates: '/nowhere' }, vars: { line: '-p {{ env.BACK }}' }, register: r }\n    - { debug: { msg: '{{ r.cmd }}' } }",
    "{ command: 'echo x{{ item }}', loop: ['{{ env.WORDS }}', '{{ env.BACK }}'], register: r }\n    - { debug: { var: r } }",
    "{ command: 'false {{ env.WORDS }} {{ env.BACK }}' }",
    "{ command: 'echo Rs3cr3t\\Of\\Words', no_log: true, register: nl }\n    - { command: 'echo {{ nl.cmd[1] }}', register: r }\n    - { debug: { var: r.cmd } }",
    "{ set_fact: { nl: 'Rs3cr3t\\Of\\Words' }, no_log: true }\n    - { command: 'echo {{ nl }}', register: r }\n    - { debug: { var: r.cmd } }",
    "{ shell: 'unquotes {{ env.BACK }}; exit 3' }",
    "{ shell: 'unquotes {{ env.BACK }}; exit 3', register: r, failed_when: false }\n    - { debug: { var: r } }",
    "{ copy: { dest: /srv/a, content: \"half={{ env.PLAIN[:7] }}\\nnum={{ env.NUMBER | int + 1 }}\\nlow={{ env.PLAIN[:5] | lower }}\\nx=1\\n\" } }\n    - { lineinfile: { path: /srv/a, line: x=2, regexp: '^x=' } }\n    - { command: cat /srv/a, register: r }\n    - { debug: { var: r.stdout } }\n    - { copy: { dest: /srv/a, content: x } }",
    "{ set_fact: { made: '{{ env.OUTER | reverse }}' } }\n    - { debug: { msg: '{{ made }} {{ made | reverse | upper }}' } }\n    - { debug: { var: made } }",
    "{ set_fact: { pin: '{{ env.PIN }}', list: ['{{ env.PIN }}', a] } }\n    - { debug: { msg: 'pin {{ pin }}' } }\n    - { debug: { var: list } }\n    - { name: an item, debug: { msg: '{{ item }}' }, loop: '{{ list }}' }",
    "{ command: 'echo {{ env.PIN }} {{ env.OUTER }}', register: ran }\n    - { debug: { var: ran } }\n    - { debug: { msg: '{{ ran.stdout | upper }} {{ ran.stdout_lines | join }}' } }",
    "{ command: 'echo Rs3cr3tOutOfAHost', no_log: true, register: ran }\n    - { debug: { var: ran } }\n    - { debug: { msg: 'it is {{ ran.stdout }}, {{ ran.stdout | upper }}' } }\n    - { copy: { dest: /srv/a, content: '{{ ran.stdout | b64encode }}' } }",
    "{ command: 'echo Rs3cr3tOutOfAHost', no_log: true, register: ran, loop: [1, 2] }\n    - { debug: { msg: \"{{ ran.results | map(attribute='stdout') | map('upper') | list }}\" } }\n    - { name: an item, debug: { msg: '{{ item.stdout }}' }, loop: '{{ ran.results }}', loop_control: { label: '{{ item.stdout | reverse }}' } }",
    "{ set_fact: { made: Rs3cr3tOutOfAHost }, no_log: true }\n    - { debug: { msg: '{{ made | reverse }}' } }",
    "{ block: [{ command: 'false Rs3cr3tOutOfAHost', no_log: true }], rescue: [{ debug: { var: ansible_failed_result } }, { debug: { msg: '{{ ansible_failed_result.cmd | string | upper }}' } }] }",
    "{ name: with vars, vars: { url: 'postgres://app:{{ env.TOKEN | urlencode }}@db/x' }, copy: { dest: /srv/a, content: \"URL={{ url | upper }}\\n\" } }",
    "{ command: 'echo x', environment: { A: '{{ env.PIN }}', B: '{{ env.OUTER | upper }}' } }",
];

#[tokio::test]
async fn whatever_a_playbook_does_with_a_secret_it_is_not_shown() {
    let canaries = canaries();
    let mut leaked = Vec::new();
    for tasks in TASKS {
        let text = format!("    - {tasks}\n");
        for said in [planned(&text, true).await, performed(&text, true).await] {
            for found in seen(&canaries, &said) {
                leaked.push(format!("{tasks}\n    {found}"));
            }
        }
    }
    assert!(leaked.is_empty(), "{}", leaked.join("\n"));
}

/// The search would find them: where nothing is known to be secret, most of these tasks show one, and the others are
/// those that say `no_log` or use what a program cannot look for.
#[tokio::test]
async fn the_same_playbooks_show_what_is_no_secret() {
    let canaries = canaries();
    let mut shown = 0;
    for tasks in TASKS {
        let said = performed(&format!("    - {tasks}\n"), false).await;
        shown += usize::from(!seen(&canaries, &said).is_empty());
    }
    assert!(
        shown + 9 >= TASKS.len(),
        "{shown} of {} show one",
        TASKS.len()
    );
}

#[tokio::test]
async fn what_stands_beside_a_secret_is_shown() {
    let said = performed(
        "    - { name: 'of {{ env.TOKEN }}', copy: { dest: /srv/a, content: \"port={{ env.PORT }}\\ntoken={{ env.TOKEN }}\\nhost=web.example.org\\n\" } }
    - { name: item, debug: { msg: '{{ item.name }}' }, loop: [{ name: ann, key: '{{ env.TOKEN }}' }, { name: bob, key: '{{ env.PIN }}' }] }
    - { command: echo x, no_log: true, register: ran }
    - { debug: { msg: 'changed {{ ran.changed }}, rc {{ ran.rc }}' } }
    - { debug: { msg: 'long enough {{ env.PIN | length < 8 }}' } }
    - { name: 'with {{ env.PIN }}', copy: { dest: /srv/b, content: 'pin={{ env.PIN }}' } }
",
        true,
    )
    .await;
    for shown in [
        "of (secret)",
        "port=8080\\ntoken=(secret)\\nhost=web.example.org\\n",
        "{\\\"name\\\":\\\"ann\\\",\\\"key\\\":\\\"(secret)\\\"}",
        "changed True, rc 0",
        "long enough True",
        "with {{ env.PIN }}",
        "a secret in them is too short to be looked for",
    ] {
        assert!(said.contains(shown), "{shown}\n{said}");
    }
}
