//! What templates may see, may not do, and say when they cannot be rendered.

use landfall::{
    model::{Address, Kind, Map, Value, playbook::Base},
    vars::{RenderError, Renderer, Scope, Style},
};
use serde_json::json;

fn map(value: Value) -> Map {
    value.as_object().unwrap().clone()
}

fn renderer() -> Renderer {
    Renderer::new(Base::Shipped)
}

fn wrong(text: &str) -> String {
    let scope = Scope::new().layer(map(json!({"l": [1, 2], "s": "x"})));
    match renderer().value(&text.into(), &scope) {
        Err(RenderError::Wrong(why)) => why,
        other => panic!(
            "{}… gave {:.200}",
            &text[..text.len().min(60)],
            format!("{other:?}")
        ),
    }
}

#[test]
fn what_comes_from_outside_is_never_a_template() {
    let scope = Scope::new()
        .facts(map(
            json!({"out": {"stdout": "{{ secret }}", "lines": ["{{ secret }}"]}}),
        ))
        .layer(map(
            json!({"secret": "s3cret", "copy": "{{ out.stdout }}", "all": "{{ out }}"}),
        ));
    let renderer = renderer();
    for (text, value) in [
        ("{{ out.stdout }}", json!("{{ secret }}")),
        ("{{ copy }}", json!("{{ secret }}")),
        ("a {{ copy }}", json!("a {{ secret }}")),
        ("{{ all.lines[0] }}", json!("{{ secret }}")),
        (
            "{{ all }}",
            json!({"stdout": "{{ secret }}", "lines": ["{{ secret }}"]}),
        ),
        ("{{ [copy] | join }}", json!("{{ secret }}")),
    ] {
        assert_eq!(renderer.value(&text.into(), &scope), Ok(value), "{text}");
    }
}

#[test]
fn a_value_that_is_not_known_yet_is_unknown_in_any_use() {
    let stack = Address::new(Kind::Stack, "cluster");
    let scope = Scope::new()
        .facts(map(json!({"stacks": {"other": {"outputs": {"A": "b"}}}})))
        .unknown("stacks.cluster.outputs", stack.clone())
        .unknown("result", stack.clone())
        .layer(map(
            json!({"via": "{{ stacks.cluster.outputs.Name }}", "lazy": {"a": 1, "b": "{{ via }}"}}),
        ));
    let renderer = renderer();
    for text in [
        "{{ stacks.cluster.outputs.Name }}",
        "x {{ stacks.cluster.outputs['Name'] }}",
        "{{ stacks.cluster.outputs.Name | default('x') }}",
        "{{ stacks.cluster.outputs.Name is defined }}",
        "{{ stacks.cluster.outputs }}",
        "{{ via }}",
        "{{ via | default('x') }}",
        "{{ lazy.b }}",
        "{{ lazy }}",
        "{{ result is changed }}",
        "{{ result.rc == 0 }}",
        "{% if result %}a{% endif %}",
        "{{ [result] | length }}",
    ] {
        assert_eq!(
            renderer.value(&text.into(), &scope),
            Err(RenderError::Unknown(stack.clone())),
            "{text}"
        );
    }
    assert_eq!(
        renderer.value(&"{{ stacks.other.outputs.A }}".into(), &scope),
        Ok(json!("b"))
    );
    assert_eq!(renderer.value(&"{{ lazy.a }}".into(), &scope), Ok(json!(1)));
    assert_eq!(
        renderer.condition(&json!("result is changed"), &scope),
        Err(RenderError::Unknown(stack))
    );
}

#[test]
fn an_undefined_name_is_said_with_what_is_near_it() {
    let scope = Scope::new().layer(map(json!({"app_dir": "/srv", "d": {"a": 1}})));
    let said = |text: &str| {
        renderer()
            .value(&text.into(), &scope)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(
        said("{{ app_dri }}/x"),
        "`app_dri` is undefined; did you mean `app_dir`?"
    );
    assert_eq!(said("{{ d.b.c }}"), "`d.b` is undefined");
    assert_eq!(
        said("{% if nothing_here %}a{% endif %}"),
        "`nothing_here` is undefined"
    );
    assert_eq!(
        said("{% for x in nothing_here %}a{% endfor %}"),
        "`nothing_here` is undefined"
    );
    assert_eq!(
        said("{{ nothing_here ~ 'a' }}"),
        "`nothing_here` is undefined"
    );
    assert_eq!(
        said("{{ nothing_here | upper }}"),
        "`nothing_here` is undefined"
    );
}

#[test]
fn a_variable_that_leads_to_itself_is_said_so() {
    let scope = Scope::new().layer(map(json!({
        "a": "{{ a }}", "b": "{{ c }}", "c": "x{{ b }}", "m": {"x": "{{ m.x }}", "y": "{{ m.z }}", "z": 1},
    })));
    let said = |text: &str| {
        renderer()
            .value(&text.into(), &scope)
            .unwrap_err()
            .to_string()
    };
    assert_eq!(said("{{ a }}"), "the variable `a` refers to itself: a → a");
    assert_eq!(
        said("{{ b }}"),
        "the variable `b` refers to itself: b → c → b"
    );
    assert!(said("{{ m.x }}").contains("more than"));
    assert_eq!(renderer().value(&"{{ m.y }}".into(), &scope), Ok(json!(1)));
}

#[test]
fn omit_leaves_an_entry_out() {
    let scope = Scope::new().layer(map(json!({"a": 1})));
    let value = json!({"x": "{{ b | default(omit) }}", "y": ["{{ omit }}", "{{ a }}"], "z": {"q": "{{ omit }}"}});
    assert_eq!(
        renderer().value(&value, &scope),
        Ok(json!({"y": [1], "z": {}}))
    );
    assert_eq!(renderer().optional(&json!("{{ omit }}"), &scope), Ok(None));
}

#[test]
fn names_of_an_environment_may_have_dashes() {
    let scope = Scope::new().facts(map(json!({
        "hosts": {"web-1": {"address": "203.0.113.7"}}, "n": {"a": 5, "b": 2},
    })));
    let renderer = renderer();
    assert_eq!(
        renderer.text("{{ hosts.web-1.address }}:{{ n.a-n.b }}", &scope),
        Ok("203.0.113.7:3".to_owned())
    );
    let paths: Vec<(String, String)> = ["{{ hosts.web-1.address | default(x.y[key]) }} {% for u in users %}{{ u.name }}{% endfor %}"]
        .iter()
        .flat_map(|text| {
            renderer.references(text).unwrap().into_iter().map(|r| (r.parts.join("."), text[r.range].to_owned()))
        })
        .collect();
    let expected = [
        ("hosts.web-1.address", "hosts.web-1.address"),
        ("x.y", "x.y[key]"),
        ("key", "key"),
        ("users", "users"),
    ];
    assert_eq!(paths, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
}

#[test]
fn hostile_templates_are_refused_and_nothing_is_killed() {
    for text in [
        "{{ 'a' * 1000000000 }}".to_owned(),
        "{{ range(100000000) | list | length }}".to_owned(),
        "{% for a in range(9999) %}{% for b in range(9999) %}x{% endfor %}{% endfor %}".to_owned(),
        "{% set ns = namespace(x='aaaaaaaa') %}{% for i in range(40) %}{% set ns.x = ns.x ~ ns.x %}{% endfor %}{{ ns.x }}".to_owned(),
        "{% set ns = namespace(x=[1, 2]) %}{% for i in range(40) %}{% set ns.x = ns.x + ns.x %}{% endfor %}{{ ns.x }}".to_owned(),
        "{% set ns = namespace(x='aa') %}{% for i in range(40) %}{% set ns.x = ns.x | replace('a', 'aaaaaaaa') %}{% endfor %}{{ ns.x }}".to_owned(),
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}".to_owned(),
        format!("{{{{ {}1{} }}}}", "(".repeat(3000), ")".repeat(3000)),
        format!("{{{{ {}1 }}}}", "not ".repeat(1900)),
        format!("{{{{ 1{} }}}}", " + 1".repeat(1900)),
        format!("{{{{ s{} }}}}", ".a".repeat(3900)),
        format!("{{{{ s{} }}}}", "|string".repeat(1000)),
        format!("{{{{ {}1{} }}}}", "[".repeat(4000), "]".repeat(4000)),
        format!("{}{}", "{% if true %}".repeat(20_000), "{% endif %}".repeat(20_000)),
        format!("{{{{ {} }}}}", "1".repeat(9000)),
        "{{ '(a+)+$' | regex_search('x') }}{{ ('a' * 60 ~ 'b') is search('^(a|a|a)+(?=c)$') }}{{ 1 / 0 + 'a' }}".to_owned(),
        "x".repeat(2 << 20) + "{{ s }}",
        "{{ '%9999999d' % 1 }}".to_owned(),
        "{{ [l, l, l, l, l, l, l, l, l, l, l, l, l, l, l, l, l, l] | first | product(range(400), range(400), range(400)) }}".to_owned(),
        "{{ s".to_owned(),
        "{% if s %}".to_owned(),
        "{{ s | }}".to_owned(),
        "{% frobnicate %}".to_owned(),
        "{% continue %}".to_owned(),
        "{{ s is nosuchtest }}".to_owned(),
        "{{ lookup('pipe', 'id') }}".to_owned(),
        "{{ }}".to_owned(),
    ] {
        assert!(!wrong(&text).is_empty());
    }
}

#[test]
fn a_template_file_keeps_its_lines_as_the_template_module_does() {
    let scope = Scope::new().layer(map(json!({"on": true, "l": [1, 2]})));
    let renderer = renderer();
    for (text, out) in [
        ("a\n{% if on %}\nb\n{% endif %}\nc\n", "a\nb\nc\n"),
        ("{% for x in l %}\n  {{ x }}\n{% endfor %}\n", "  1\n  2\n"),
        (
            "#jinja2: lstrip_blocks: True\n  {% if on %}\nx\n  {% endif %}\n",
            "x\n",
        ),
        (
            "#jinja2: trim_blocks: False\n{% if on %}\nx{% endif %}\n",
            "\nx\n",
        ),
        ("{{ 'a\\tb' }}\n", "a\tb\n"),
        ("no end", "no end"),
    ] {
        let given = renderer.file(text.as_bytes(), "", &Style::default(), &scope);
        assert_eq!(given.as_deref(), Ok(out.as_bytes()), "{text}");
    }
}

#[test]
fn files_beside_a_playbook_are_included_imported_and_looked_up() {
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    };
    file("templates/part.j2", "[{{ who }}]");
    file(
        "templates/macros.j2",
        "{% macro hi(n) %}hi {{ n }}{% endmacro %}",
    );
    file("files/motd", "welcome {{ who }}\n");
    file("vars/Debian.yml", "");
    file("beyond/text", "  beyond \n\n");
    file("styled/own.j2", "<{ who }> {{ who }} <{ more }>\n");
    let absolute = folder.path().join("beyond/text").display().to_string();
    // As in Ansible: whatever is found is named from the root, wherever it is used then.
    let found = folder.path().join("vars/Debian.yml").display().to_string();
    let renderer = Renderer::new(Base::Folder(folder.path().to_owned()));
    let scope = Scope::new().layer(map(json!({"who": "ann", "absolute": absolute})));
    for (text, out) in [
        ("{{ lookup('file', absolute) }}", "  beyond"),
        (
            "{{ lookup('file', 'templates/../beyond/text', lstrip=true) }}",
            "beyond",
        ),
        (
            "{{ lookup('file', absolute, rstrip=false) }}",
            "  beyond \n\n",
        ),
        (
            "{{ lookup('first_found', ['/nowhere', absolute]) == absolute }}",
            "True",
        ),
        (
            "{{ lookup('template', 'styled/own.j2', variable_start_string='<{', variable_end_string='}>', template_vars={'more': 7}) }}",
            "ann {{ who }} 7\n",
        ),
        ("{% include 'part.j2' %}", "[ann]"),
        ("{% import 'macros.j2' as m %}{{ m.hi(who) }}", "hi ann"),
        ("{% from 'macros.j2' import hi %}{{ hi('x') }}", "hi x"),
        ("{% include 'none.j2' ignore missing %}.", "."),
        ("{{ lookup('file', 'motd') }}", "welcome {{ who }}"),
        ("{{ lookup('template', 'part.j2') }}", "[ann]"),
        (
            "{{ lookup('first_found', ['Ubuntu.yml', 'Debian.yml']) }}",
            &found,
        ),
    ] {
        assert_eq!(renderer.text(text, &scope).as_deref(), Ok(out), "{text}");
    }
}
