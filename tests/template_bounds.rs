//! A short expression cannot ask for more memory or time than a playbook has a use for.

use std::{env, process::Command, time::Instant};

use landfall::{
    model::{Value, playbook::Base},
    vars::{RenderError, Renderer, Scope},
};

/// Set in the process whose memory is measured.
const INSIDE: &str = "LANDFALL_TEST_INSIDE";

/// Runs a program and tells its largest memory, in KiB, on the last line of standard output.
const MEASURE: &str = "import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
print()
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
sys.exit(code)
";

/// 256 MiB, in KiB.
const MEMORY: u64 = 256 << 10;

/// A rendering needs one second at the most as the program is shipped; this one is built without optimization, beside
/// other tests.
const SECONDS: u64 = 20;

/// Runs the rest of the test of this name in a process of its own, which may take so much memory and no more.
fn measured(name: &str, inside: impl FnOnce()) {
    if env::var_os(INSIDE).is_some() {
        return inside();
    }
    let output = Command::new("python3")
        .args(["-c", MEASURE])
        .arg(env::current_exe().unwrap())
        .args([
            "--exact",
            &format!("template_bounds::{name}"),
            "--nocapture",
        ])
        .env(INSIDE, "1")
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(
        output.status.success(),
        "{said}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    assert!(said.contains("1 passed"), "{said}");
    let memory: u64 = said.trim().rsplit('\n').next().unwrap().parse().unwrap();
    assert!(memory < MEMORY, "{memory} KiB");
}

fn rendered(text: &str) -> Result<Value, RenderError> {
    let began = Instant::now();
    let scope = Scope::new().layer(
        serde_json::json!({
            "long": "{{ 'x' * 100000 }}",
            "a": { "deep": "y".repeat(100_000) },
            "doubled": "{{ long ~ long ~ long ~ long ~ long ~ long ~ long ~ long ~ long ~ long }}",
        })
        .as_object()
        .unwrap()
        .clone(),
    );
    let value = Renderer::new(Base::Shipped).value(&text.into(), &scope);
    let took = began.elapsed().as_secs();
    assert!(took < SECONDS, "{text}: {took} s");
    value
}

fn refused(text: &str, words: &str) {
    match rendered(text) {
        Err(RenderError::Wrong(why)) => assert!(why.contains(words), "{text}: {why}"),
        other => panic!(
            "{text}: {}",
            format!("{other:?}").chars().take(300).collect::<String>()
        ),
    }
}

#[test]
fn what_would_be_too_much_is_refused_before_it_is_made() {
    measured(
        "what_would_be_too_much_is_refused_before_it_is_made",
        || {
            for text in [
                "{{ (['x' * 100000] * 100000) | join }}",
                "{{ ('b' * 100000).join(('a' * 100000) | list) }}",
                "{{ ('a' * 100000) | list | join('b' * 100000) }}",
                "{{ ('a' * 1000000).replace('a', 'b' * 1000000) }}",
                "{{ 'a' * 1000000 | replace('', 'b' * 1000000) }}",
                "{{ ('{0}' * 100000).format('x' * 1000000) }}",
                "{{ ('%s' * 20) | format(doubled, doubled, doubled, doubled) }}",
                "{{ (['x' * 100000] * 100000) | to_json }}",
                "{{ ['\n' * 600000] | to_json }}",
                "{{ ('x\n' * 100000) | indent(4096) }}",
                "{{ (['x' * 100000] * 100000) | pprint }}",
                "{{ ('x\n' * 100000) | comment(decoration='y' * 100) }}",
            ] {
                refused(text, "");
            }
            for text in [
                "{{ ([[1] * 100000] * 1000) | flatten }}",
                "{{ (['x' * 100000] * 100000) | map('upper') | list }}",
                "{{ (['x' * 100000] * 100000) | map('regex_replace', 'x', 'y') | list }}",
                "{{ (['x' * 100000] * 100000) | map('to_json') | map('b64encode') | list }}",
                "{{ ['x' * 100000] * 100000 }}",
                "{{ [1] | batch(1000000000, 'x') }}",
                "{{ [1] | slice(1000000000) }}",
                "{% set n = namespace(l=[]) %}{% for i in range(100000) %}{% set n.l = n.l + [a.deep] %}{% endfor %}{{ n.l | length }}",
                "{% set n = namespace(l=[]) %}{% for i in range(100000) %}{% set t %}xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx{% endset %}{% set n.l = n.l + [t] %}{% endfor %}{{ n.l | length }}",
            ] {
                refused(text, "more than a template may");
            }
        },
    );
}

#[test]
fn a_width_that_nobody_reads_is_refused_and_not_made_smaller() {
    measured(
        "a_width_that_nobody_reads_is_refused_and_not_made_smaller",
        || {
            for text in [
                "{{ '{:>1000000000}'.format(1) }}",
                "{{ '{0:.50000000f}'.format(1.5) }}",
                "{{ '{:x>99999999999999999999999}'.format('x') }}",
                "{{ '%99999999999999999999999d' % 1 }}",
                "{{ '%.5000f' % 1 }}",
            ] {
                refused(text, "a format is too wide");
            }
            for (text, words) in [
                (
                    "{{ 'x' | center(10 ** 10) }}",
                    "`center` needs a whole number up to 4096",
                ),
                (
                    "{{ 'x' | center(-1) }}",
                    "`center` needs a whole number up to 4096",
                ),
                (
                    "{{ 'x\ny' | indent(4097) }}",
                    "`indent` needs a whole number up to 4096",
                ),
                (
                    "{{ 'x' | comment(prefix_count=101) }}",
                    "`comment` needs a whole number up to 100",
                ),
                (
                    "{{ 'x' | comment(postfix_count=101) }}",
                    "`comment` needs a whole number up to 100",
                ),
                (
                    "{{ [1] | to_nice_json(indent=5000) }}",
                    "an `indent` goes up to 4096",
                ),
            ] {
                refused(text, words);
            }
        },
    );
    assert_eq!(
        rendered("{{ 'x' | center(5000 - 1000) | length }}"),
        Ok(4000.into())
    );
    assert_eq!(
        rendered("{{ ('x\ny' | indent(2000)) | length }}"),
        Ok(2003.into())
    );
    assert_eq!(
        rendered("{{ [1] | to_json(indent=50) | length }}"),
        Ok(55.into())
    );
}

#[test]
fn long_lists_are_compared_by_what_is_equal_in_python() {
    let hundred_thousand = Ok(Value::from(100_000));
    for text in [
        "{{ range(100000) | list | unique | length }}",
        "{{ range(100000) | list | difference(['x']) | length }}",
        "{{ range(100000) | list | union(range(100000) | list) | length }}",
        "{{ range(100000) | list | intersect(range(100000) | list) | length }}",
    ] {
        assert_eq!(rendered(text), hundred_thousand, "{text}");
    }
    assert_eq!(
        rendered("{{ range(50000) | list is subset(range(100000) | list) }}"),
        Ok(true.into())
    );
    for (text, wanted) in [
        (
            "{{ [1, 1.0, true, '1', 0, false, none, [1], [1.0], {'a': 1}, {'a': true}] | unique }}",
            serde_json::json!([1, "1", 0, null, [1], {"a": 1}]),
        ),
        (
            "{{ [1, 'a', 2.0] | difference([true, 2]) }}",
            serde_json::json!(["a"]),
        ),
        (
            "{{ [1.5, 'A', 'a'] | intersect([1.5, 'a']) }}",
            serde_json::json!([1.5, "a"]),
        ),
        (
            "{{ [{'a': 1, 'b': 2}] | symmetric_difference([{'b': 2, 'a': 1}]) }}",
            serde_json::json!([]),
        ),
    ] {
        assert_eq!(rendered(text), Ok(wanted), "{text}");
    }
}

#[test]
fn python_formats_keep_their_fields() {
    for (text, wanted) in [
        (
            "{{ '{:>5}|{:<5}|{:^5}|{:05d}'.format('a', 'b', 'c', 42) }}",
            "    a|b    |  c  |00042",
        ),
        (
            "{{ '{0}{1}{0} {name} {{}}'.format('a', 2, name='n') }}",
            "a2a n {}",
        ),
        (
            "{{ '{0[a]} {0.b} {1[1]}'.format({'a': 1, 'b': 2}, [3, 4]) }}",
            "1 2 4",
        ),
        (
            "{{ '{:.2f} {:,} {!r} {}'.format(1.5, 1234567, 'q', [1, 'x']) }}",
            "1.50 1,234,567 'q' [1, 'x']",
        ),
        ("{{ '{} {}'.format(true, none) }}", "True None"),
        ("{{ ', '.join(['a', 'b']) }}", "a, b"),
        ("{{ 'aXbXc'.replace('X', '--', 1) }}", "a--bXc"),
        (
            "{{ {'a': 1, 'b': {'x': 1}} | combine({'b': {'y': 2}}, recursive=true) | to_json }}",
            r#"{"a": 1, "b": {"x": 1, "y": 2}}"#,
        ),
    ] {
        match rendered(text) {
            Ok(Value::String(got)) => assert_eq!(got, wanted, "{text}"),
            Ok(other) => assert_eq!(
                other.to_string(),
                wanted.replace(": ", ":").replace(", ", ","),
                "{text}"
            ),
            Err(error) => panic!("{text}: {error}"),
        }
    }
}
