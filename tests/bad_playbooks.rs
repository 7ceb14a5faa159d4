//! Wrong playbooks, each with the exact message it gets, and the shipped ones, which are right.

use std::str;

use landfall::{
    declare::playbook,
    model::{Source, playbook::Base},
    vars::{Renderer, shipped},
    view::{Sheet, diagnostics::render},
};

use crate::support::cases;

#[test]
fn every_wrong_playbook_gets_its_message() {
    cases::each("bad/playbooks/*.yml", async |case| {
        let name = case.path.file_name().unwrap().to_str().unwrap();
        let source = Source::new(name, case.text());
        match playbook::read(&source, name, Base::Shipped) {
            Ok((_, warnings)) => Err(format!("It was read, with {warnings:?}")),
            Err(said) => case.says(&render(&said, Sheet::PLAIN)),
        }
    });
}

#[test]
fn every_shipped_playbook_is_read_without_a_word() {
    assert!(shipped::names_in("playbooks").count() >= 2);
    for name in shipped::names_in("playbooks") {
        let source = shipped::playbook(name).unwrap();
        match playbook::read(&source, name, Base::Shipped) {
            Ok((_, warnings)) => {
                assert!(warnings.is_empty(), "{}", render(&warnings, Sheet::PLAIN))
            }
            Err(said) => panic!("{}", render(&said, Sheet::PLAIN)),
        }
    }
}

#[test]
fn every_shipped_template_can_be_parsed() {
    let renderer = Renderer::new(Base::Shipped);
    let of_playbooks = shipped::names().filter(|name| name.starts_with("playbooks/"));
    // Those are copied as they are.
    let templates = of_playbooks.filter(|name| !name.starts_with("playbooks/files/"));
    for name in templates {
        let text = str::from_utf8(shipped::file(name).unwrap()).unwrap();
        if let Err(why) = renderer.references(text) {
            panic!("{name}: {why}");
        }
    }
}
