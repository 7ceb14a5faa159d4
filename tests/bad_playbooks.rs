//! Wrong playbooks, each with the exact message it gets, and the shipped ones, which are right.

use std::{fs, path::Path, str};

use landfall::{
    declare::playbook,
    model::{Source, playbook::Base},
    vars::{Renderer, shipped},
    view::diagnostics::render,
};

/// Set to write what is said now; look at the difference before it is kept.
const REWRITE: &str = "LANDFALL_REWRITE_EXPECTED";

#[test]
fn every_wrong_playbook_gets_its_message() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad/playbooks");
    let mut wrong = Vec::new();
    let mut seen = 0;
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.extension().is_none_or(|ending| ending != "yml") {
            continue;
        }
        seen += 1;
        let name = path.file_name().unwrap().to_str().unwrap();
        let source = Source::new(name, fs::read_to_string(&path).unwrap());
        let said = match playbook::read(&source, name, Base::Shipped) {
            Ok((_, warnings)) => panic!("{name} was read, with {warnings:?}"),
            Err(said) => render(&said, false),
        };
        let expected = path.with_extension("txt");
        if std::env::var_os(REWRITE).is_some() {
            fs::write(&expected, &said).unwrap();
        } else if fs::read_to_string(&expected).unwrap_or_default() != said {
            wrong.push(format!("{name} now says:\n{said}"));
        }
    }
    assert!(seen >= 25, "only {seen} playbooks were found");
    assert!(wrong.is_empty(), "{}", wrong.join("\n\n"));
}

#[test]
fn every_shipped_playbook_is_read_without_a_word() {
    assert!(shipped::names_in("playbooks").count() >= 2);
    for name in shipped::names_in("playbooks") {
        let source = shipped::playbook(name).unwrap();
        match playbook::read(&source, name, Base::Shipped) {
            Ok((_, warnings)) => assert!(warnings.is_empty(), "{}", render(&warnings, false)),
            Err(said) => panic!("{}", render(&said, false)),
        }
    }
}

#[test]
fn every_shipped_template_can_be_parsed() {
    let renderer = Renderer::new(Base::Shipped);
    let templates = shipped::names().filter(|name| name.starts_with("playbooks/"));
    for name in templates {
        let text = str::from_utf8(shipped::file(name).unwrap()).unwrap();
        if let Err(why) = renderer.references(text) {
            panic!("{name}: {why}");
        }
    }
}
