//! Enough of a reader for the playbooks of these tests.

use std::sync::Arc;

use landfall::model::playbook::{
    Base, Become, Block, Common, Loop, Play, Playbook, Step, Task, Until,
};
use landfall::model::{Located, Map, Origin, Source, Value};
use landfall::vars::yaml::{self, Dialect, Node};

pub fn playbook(name: &str, text: &str, base: Base) -> Playbook {
    let root = tree(name, text);
    Playbook {
        name: "playbook".into(),
        base,
        plays: root.items().unwrap().iter().map(play).collect(),
    }
}

pub fn tasks(name: &str, text: &str) -> Vec<Step> {
    steps(Some(&tree(name, text)))
}

fn tree(name: &str, text: &str) -> Node {
    yaml::read(&Source::new(name, text)).unwrap_or_else(|wrong| panic!("{name}: {wrong:?}"))
}

fn value(node: &Node) -> Value {
    node.to_value(Dialect::Ansible).unwrap()
}

fn at(node: &Node) -> Origin {
    node.span.source.origin(node.span.range.start)
}

fn located(node: &Node, key: &str) -> Option<Located<Value>> {
    node.get(key)
        .map(|inner| Located::new(value(inner), at(inner)))
}

fn all(node: &Node, key: &str) -> Vec<Located<Value>> {
    match node.get(key) {
        None => Vec::new(),
        Some(inner) => match inner.items() {
            Some(items) => items
                .iter()
                .map(|item| Located::new(value(item), at(item)))
                .collect(),
            None => vec![Located::new(value(inner), at(inner))],
        },
    }
}

fn map(node: &Node, key: &str) -> Map {
    match node.get(key).map(value) {
        Some(Value::Object(map)) => map,
        _ => Map::new(),
    }
}

fn text(node: &Node, key: &str) -> String {
    node.get(key)
        .and_then(Node::text)
        .unwrap_or_default()
        .to_owned()
}

fn words(node: &Node, key: &str) -> Vec<String> {
    all(node, key)
        .into_iter()
        .flat_map(|word| {
            let text = word.value.as_str().unwrap().to_owned();
            text.split(',')
                .map(|word| word.trim().to_owned())
                .collect::<Vec<_>>()
        })
        .collect()
}

fn becomes(node: &Node) -> Become {
    Become {
        on: located(node, "become"),
        user: located(node, "become_user"),
    }
}

fn play(node: &Node) -> Play {
    Play {
        name: text(node, "name"),
        hosts: text(node, "hosts"),
        gather_facts: text(node, "gather_facts") != "no",
        vars: map(node, "vars"),
        vars_files: all(node, "vars_files"),
        r#become: becomes(node),
        environment: located(node, "environment"),
        sections: ["pre_tasks", "tasks", "post_tasks"]
            .iter()
            .filter(|section| node.get(section).is_some())
            .map(|section| steps(node.get(section)))
            .collect(),
        handlers: steps(node.get("handlers")),
        tags: words(node, "tags"),
        at: at(node),
    }
}

fn steps(node: Option<&Node>) -> Vec<Step> {
    node.and_then(Node::items)
        .unwrap_or_default()
        .iter()
        .map(step)
        .collect()
}

fn step(node: &Node) -> Step {
    if node.get("block").is_some() {
        return Step::Block(Arc::new(Block {
            common: common(node),
            steps: steps(node.get("block")),
            rescue: steps(node.get("rescue")),
            always: steps(node.get("always")),
        }));
    }
    Step::Task(Arc::new(task(node)))
}

fn common(node: &Node) -> Common {
    Common {
        name: text(node, "name"),
        when: all(node, "when"),
        vars: map(node, "vars"),
        tags: words(node, "tags"),
        r#become: becomes(node),
        environment: located(node, "environment"),
        ignore_errors: located(node, "ignore_errors"),
        no_log: located(node, "no_log"),
        check_mode: located(node, "check_mode"),
        delegate_to: located(node, "delegate_to"),
        run_once: located(node, "run_once"),
        at: at(node),
    }
}

const KEYWORDS: &[&str] = &[
    "name",
    "when",
    "vars",
    "tags",
    "become",
    "become_user",
    "environment",
    "ignore_errors",
    "no_log",
    "check_mode",
    "delegate_to",
    "run_once",
    "loop",
    "loop_control",
    "register",
    "notify",
    "listen",
    "changed_when",
    "failed_when",
    "until",
    "retries",
    "delay",
    "args",
];

fn task(node: &Node) -> Task {
    let (module, given) = node
        .pairs()
        .unwrap()
        .iter()
        .map(|(key, given)| (key.text().unwrap(), given))
        .find(|(key, _)| !KEYWORDS.contains(key) && !key.starts_with("with_"))
        .unwrap();
    let mut args = map(node, "args");
    match value(given) {
        Value::Object(own) => args.extend(own),
        Value::Null => {}
        raw => {
            args.insert("_raw_params".into(), raw);
        }
    }
    let (collection, module) = match module.rsplit_once('.') {
        Some((collection, module)) => (Some(collection.to_owned()), module),
        None => (None, module),
    };
    Task {
        common: common(node),
        module: module.into(),
        collection,
        args,
        args_at: at(given),
        r#loop: repeat(node),
        register: node.get("register").and_then(Node::text).map(str::to_owned),
        notify: all(node, "notify"),
        listen: words(node, "listen"),
        changed_when: all(node, "changed_when"),
        failed_when: all(node, "failed_when"),
        until: (node.get("until").is_some() || node.get("retries").is_some()).then(|| Until {
            conditions: all(node, "until"),
            retries: located(node, "retries"),
            delay: located(node, "delay"),
        }),
    }
}

fn repeat(node: &Node) -> Option<Loop> {
    let (key, items) = node
        .pairs()?
        .iter()
        .map(|(key, items)| (key.text().unwrap(), items))
        .find(|(key, _)| *key == "loop" || key.starts_with("with_"))?;
    let control = node.get("loop_control");
    let word = |name: &str| {
        control
            .and_then(|control| control.get(name))
            .and_then(Node::text)
            .map(str::to_owned)
    };
    Some(Loop {
        lookup: key.strip_prefix("with_").unwrap_or("loop").to_owned(),
        items: Located::new(value(items), at(items)),
        variable: word("loop_var").unwrap_or_else(|| "item".into()),
        index: word("index_var"),
        label: control.and_then(|control| located(control, "label")),
        pause: control.and_then(|control| located(control, "pause")),
    })
}
