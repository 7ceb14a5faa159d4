//! Wrong input and the exact message it gets: `tests/bad/*/WHAT IS WRONG.toml` beside `WHAT IS WRONG.txt`.

use std::{
    fs,
    path::{Path, PathBuf},
};

use landfall::declare::{self, Overrides, template};
use landfall::model::Source;
use landfall::view::{Sheet, diagnostics::render};

use crate::support::cases;

fn project() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/bad/project")
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).unwrap();
    for entry in fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        let target = to.join(entry.file_name());
        if entry.file_type().unwrap().is_dir() {
            copy(&entry.path(), &target);
        } else {
            fs::copy(entry.path(), target).unwrap();
        }
    }
}

#[test]
fn a_wrong_environment_gets_its_message() {
    let root = tempfile::tempdir().unwrap();
    copy(&project(), root.path());
    fs::create_dir(root.path().join("environments")).unwrap();
    cases::each("bad/environments/*.toml", async |case| {
        fs::write(root.path().join("environments/bad.toml"), case.text()).unwrap();
        case.says(
            &match declare::load(root.path(), "bad", &Overrides::default()) {
                Ok(declared) => render(&declared.warnings, Sheet::PLAIN),
                Err(mistakes) => render(&mistakes, Sheet::PLAIN),
            },
        )
    });
}

#[test]
fn a_wrong_template_gets_its_message() {
    cases::each("bad/templates/*.yaml", async |case| {
        let (_, found) = template::read(&Source::new("stacks/bad.yaml", case.text()));
        case.says(&render(&found, Sheet::PLAIN))
    });
}

/// Files cut off anywhere, and files with any one character changed, are refused or read, and nothing panics.
#[test]
fn nothing_panics_on_a_file_that_is_cut_off() {
    let root = tempfile::tempdir().unwrap();
    copy(&project(), root.path());
    fs::create_dir(root.path().join("environments")).unwrap();
    let shipped = Path::new(env!("CARGO_MANIFEST_DIR")).join("environments/quickstart.toml");
    let text = fs::read_to_string(shipped).unwrap();
    let attempt = |text: &str| {
        fs::write(root.path().join("environments/bad.toml"), text).unwrap();
        if let Err(mistakes) = declare::load(root.path(), "bad", &Overrides::default()) {
            assert!(!render(&mistakes, Sheet::PLAIN).is_empty());
        }
    };
    for end in (0..text.len()).step_by(17) {
        attempt(&text[..end]);
    }
    for position in (0..text.len()).step_by(29) {
        for with in ["{{", "\"", "é", "\n", "]"] {
            attempt(&format!(
                "{}{with}{}",
                &text[..position],
                &text[position + 1..]
            ));
        }
    }
}

#[test]
fn an_environment_that_is_not_there_gets_advice() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("environments")).unwrap();
    let said = |name: &str| {
        let mistakes = declare::load(root.path(), name, &Overrides::default()).unwrap_err();
        render(&mistakes, Sheet::PLAIN)
    };
    assert!(said("staging").contains("`landfall init --host ADDRESS`"));
    fs::write(root.path().join("environments/production.toml"), "").unwrap();
    assert!(said("prodution").contains("did you mean `production`?"));
    assert!(said("../../etc/passwd").contains("this is no environment's name"));
}
