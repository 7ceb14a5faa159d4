//! Files that somebody damaged: whatever stands in them, they are read or refused, and the program goes on.

use std::{fs, path::Path};

use landfall::declare::{self, Overrides, playbook, template};
use landfall::model::{Source, playbook::Base};
use landfall::view::{Sheet, diagnostics::render};

/// What it is shown on: with everything that a terminal is given.
const NARROW: Sheet = Sheet {
    colour: true,
    width: Some(80),
};

/// What breaks a reader that counts in bytes, in characters or in lines.
const ODD: &[&str] = &[
    "",
    "\u{feff}",
    "é",
    "\u{1f600}",
    "\0",
    "\u{85}",
    "\u{2028}",
    "\r",
    "\t",
    "\n",
    "\"",
    "'",
    "\\",
    "{{",
    "}}",
    "{%",
    "[",
    "]",
    "{",
    "%",
    "$",
    "${",
    "~/",
    "- ",
    ": ",
    "=",
    "!",
    "&a ",
    "*a ",
    "|\n",
    "99999999999999999999",
    "e\u{301}",
];

/// Numbers by chance that are the same in each run (xorshift, Marsaglia 2003).
struct Chance(u64);

impl Chance {
    fn below(&mut self, most: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % (most.max(1) as u64)).unwrap()
    }
}

/// The text with a few stretches replaced or moved.
fn damaged(text: &str, chance: &mut Chance) -> String {
    let mut characters: Vec<char> = text.chars().collect();
    for _ in 0..=chance.below(3) {
        let at = chance.below(characters.len());
        let end = (at + chance.below(4)).min(characters.len());
        let odd = ODD[chance.below(ODD.len())];
        characters.splice(at..end, odd.chars());
    }
    if chance.below(8) == 0 {
        characters.truncate(chance.below(characters.len()));
    }
    characters.into_iter().collect()
}

/// Hands damaged forms of every file below a folder to a reader.
fn each(folder: &str, ending: &str, rounds: usize, mut read: impl FnMut(&str)) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    let mut chance = Chance(0x1a2b_3c4d_5e6f);
    let mut seen = 0;
    for entry in fs::read_dir(folder).unwrap() {
        let file = entry.unwrap().path();
        if file.extension().is_none_or(|given| given != ending) {
            continue;
        }
        let text = fs::read_to_string(&file).unwrap();
        for _ in 0..rounds {
            seen += 1;
            read(&damaged(&text, &mut chance));
        }
    }
    assert!(seen > rounds, "no files were found");
}

#[test]
fn no_damage_to_a_playbook_breaks_its_reader() {
    let read = |text: &str| {
        let source = Source::new("playbooks/odd.yml", text);
        if let Err(mistakes) = playbook::read(&source, "odd.yml", Base::Shipped) {
            assert!(!render(&mistakes, NARROW).is_empty());
        }
    };
    each("tests/bad/playbooks", "yml", 60, read);
    each("playbooks", "yml", 60, read);
}

#[test]
fn no_damage_to_a_template_breaks_its_reader() {
    let read = |text: &str| {
        let (_, found) = template::read(&Source::new("stacks/odd.yaml", text));
        render(&found, NARROW);
    };
    each("tests/bad/templates", "yaml", 60, read);
    each("stacks", "yaml", 60, read);
}

#[test]
fn no_damage_to_an_environment_or_its_settings_breaks_their_reader() {
    let root = tempfile::tempdir().unwrap();
    fs::create_dir(root.path().join("environments")).unwrap();
    let load = |environment: &str| {
        fs::write(root.path().join("environments/odd.toml"), environment).unwrap();
        match declare::load(root.path(), "odd", &Overrides::default()) {
            Ok(declared) => render(&declared.warnings, NARROW),
            Err(mistakes) => render(&mistakes, NARROW),
        }
    };
    each("tests/bad/environments", "toml", 20, |text| {
        load(text);
    });
    let settings =
        "# c\nA=1\nexport B='two' # c\nC=\"x\\n\\\"y\"\nPASSWORD=p://u:secret@h\nD=\"a\nb\"\n";
    let mut chance = Chance(0x5eed);
    for _ in 0..2000 {
        fs::write(root.path().join(".env"), damaged(settings, &mut chance)).unwrap();
        load("project = \"review\"\n[secrets]\nenv = [\".env\"]\n");
    }
}
