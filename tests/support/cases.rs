//! Cases that come as files. One room for all of their runners: which there are, which cases are asked for, what becomes
//! of what is expected.
//!
//! `CASE=WORDS` runs the cases whose names hold the words, and fails where none does. `ACCEPT=1` writes what is said now
//! as what is expected, to be read by a person before it is committed.

use std::{env, fs, path::Path, path::PathBuf, process::Command, thread};

use landfall::model::Value;
use similar::TextDiff;

/// A test that runs cases.
struct Runner {
    /// Its name.
    test: &'static str,
    /// Where its cases are, below `tests`: a file each, or one file with all in its list `cases`.
    place: &'static str,
    /// How many there are at the least.
    least: usize,
}

const fn runner(test: &'static str, place: &'static str, least: usize) -> Runner {
    Runner { test, place, least }
}

const RUNNERS: &[Runner] = &[
    runner(
        "bad::a_wrong_environment_gets_its_message",
        "bad/environments/*.toml",
        11,
    ),
    runner(
        "bad::a_wrong_template_gets_its_message",
        "bad/templates/*.yaml",
        11,
    ),
    runner(
        "bad_playbooks::every_wrong_playbook_gets_its_message",
        "bad/playbooks/*.yml",
        25,
    ),
    runner(
        "interpreter::every_playbook_is_walked_as_its_transcript_says",
        "playbooks/*.yml",
        30,
    ),
    runner(
        "interpreter::control_flows_as_in_ansible",
        "playbooks/as-ansible/*.yml",
        15,
    ),
    runner(
        "jinja::templates_and_conditions_answer_as_ansible_core_answers",
        "jinja/as_ansible_core_answers.json",
        121,
    ),
    runner(
        "jinja::template_files_become_what_ansible_core_makes_of_them",
        "jinja/as_ansible_core_templates.json",
        81,
    ),
    runner(
        "kinds::every_kind_decides_as_its_files_say",
        "kinds/*/*.json",
        60,
    ),
    runner(
        "modules::every_module_decides_as_its_files_say",
        "modules/*/*.json",
        60,
    ),
    runner(
        "register::every_form_is_as_its_consumer_reads_it",
        "exports/*.txt",
        21,
    ),
];

/// One case.
pub struct Case {
    /// What it is called: its path below the runner's place, without the ending; or the template that it is about.
    pub name: String,
    /// Its file.
    pub path: PathBuf,
    /// What a list of cases has of it; nothing where it has a file of its own.
    pub data: Value,
}

/// Runs the cases of this place that are asked for; the test that does so is one of [`RUNNERS`].
pub fn each(place: &str, run: impl AsyncFn(&Case) -> Result<(), String>) {
    let runner = RUNNERS.iter().find(|runner| runner.place == place);
    let runner = runner.expect("a runner of this place");
    // With one thread for all tests it is not named after them.
    let test = thread::current().name().map(str::to_owned);
    assert!(
        test.is_none_or(|test| test == runner.test || test == "main"),
        "{} is named otherwise",
        runner.test
    );
    let cases = runner.asked().unwrap_or_else(|why| panic!("{why}"));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .unwrap();
    let mut wrong = Vec::new();
    for case in &cases {
        if let Err(why) = runtime.block_on(run(case)) {
            wrong.push(format!("{}\n{why}", case.name));
        }
    }
    assert!(
        wrong.is_empty(),
        "{} of {} cases of tests/{place} are not as expected.\n\n{}",
        wrong.len(),
        cases.len(),
        wrong.join("\n\n")
    );
}

/// Whether what is said now becomes what is expected.
pub fn accepts() -> bool {
    env::var_os("ACCEPT").is_some_and(|value| !value.is_empty() && value != "0")
}

impl Case {
    /// What stands in its file.
    pub fn text(&self) -> String {
        fs::read_to_string(&self.path).unwrap()
    }

    /// Compares with the text beside it, `NAME.txt`, to the last blank; or writes that.
    pub fn says(&self, said: &str) -> Result<(), String> {
        let beside = self.path.with_extension("txt");
        if accepts() {
            fs::write(&beside, said).unwrap();
        }
        if said.is_empty() {
            return Err("It says nothing.".to_owned());
        }
        match fs::read_to_string(&beside) {
            Ok(expected) => same(&expected, said),
            Err(_) => Err(format!("There is no {}.\n{said}", beside.display())),
        }
    }
}

/// Refuses two texts that differ, with their difference.
pub fn same(expected: &str, said: &str) -> Result<(), String> {
    if said == expected {
        return Ok(());
    }
    let difference = TextDiff::from_lines(expected, said);
    let difference = difference
        .unified_diff()
        .header("expected", "now")
        .to_string();
    Err(difference)
}

impl Runner {
    /// Those that are asked for. Refuses words that neither this runner nor another one of this process has a case for.
    fn asked(&self) -> Result<Vec<Case>, String> {
        let mut cases = self.cases();
        let Some(words) = words() else {
            let found = cases.len();
            return if found < self.least {
                Err(format!(
                    "only {found} cases of tests/{} were found",
                    self.place
                ))
            } else {
                Ok(cases)
            };
        };
        let meant = |case: &Case| plain(&case.name).contains(&plain(&words));
        cases.retain(meant);
        let mut others = RUNNERS.iter().filter(|runner| runner.is_asked_for());
        if cases.is_empty() && !others.any(|runner| runner.cases().iter().any(meant)) {
            return Err(format!("no case is called `{words}`"));
        }
        for case in &cases {
            eprintln!("{}: {}", self.test, case.name);
        }
        Ok(cases)
    }

    fn cases(&self) -> Vec<Case> {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests");
        if !self.place.contains('*') {
            return listed(root.join(self.place));
        }
        let (fixed, _) = self.place.split_once('*').unwrap();
        let mut found = vec![root.clone()];
        for part in self.place.split('/') {
            found = found.iter().flat_map(|path| below(path, part)).collect();
        }
        found.sort();
        let name = |path: &Path| {
            let name = path.strip_prefix(root.join(fixed)).unwrap();
            name.with_extension("").display().to_string()
        };
        found
            .into_iter()
            .map(|path| Case {
                name: name(&path),
                path,
                data: Value::Null,
            })
            .collect()
    }

    /// Whether this process runs it, as its arguments say.
    fn is_asked_for(&self) -> bool {
        let (mut filters, mut skipped, mut exact) = (Vec::new(), Vec::new(), false);
        let mut arguments = env::args().skip(1);
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--exact" => exact = true,
                "--skip" => skipped.extend(arguments.next()),
                "--test-threads" | "--color" | "--format" | "--logfile" | "--shuffle-seed"
                | "-Z" => drop(arguments.next()),
                option if option.starts_with('-') => {}
                _ => filters.push(argument),
            }
        }
        let is_meant = |filter: &String| {
            if exact {
                self.test == filter
            } else {
                self.test.contains(filter.as_str())
            }
        };
        (filters.is_empty() || filters.iter().any(is_meant)) && !skipped.iter().any(is_meant)
    }
}

/// The words of `CASE`.
fn words() -> Option<String> {
    env::var("CASE").ok().filter(|words| !words.is_empty())
}

/// A name with one kind of gap: `two-passwords` is called by `two passwords` as well.
fn plain(name: &str) -> String {
    name.to_lowercase().replace(['-', '_'], " ")
}

/// The cases that stand in the list of one file, called by the template that each is about.
fn listed(path: PathBuf) -> Vec<Case> {
    let data: Value = serde_json::from_slice(&fs::read(&path).unwrap()).unwrap();
    let cases = data["cases"].as_array().unwrap();
    let name = |case: &Value| {
        let named = ["text", "condition", "src"].map(|key| case[key].as_str());
        named.into_iter().flatten().next().unwrap().to_owned()
    };
    cases
        .iter()
        .map(|case| Case {
            name: name(case),
            path: path.clone(),
            data: case.clone(),
        })
        .collect()
}

/// What is called so in a folder: `name`, `*` for every folder, `*.ending` for every file with this ending.
fn below(folder: &Path, part: &str) -> Vec<PathBuf> {
    let Some(ending) = part.strip_prefix('*') else {
        return vec![folder.join(part)];
    };
    let entries = fs::read_dir(folder).unwrap();
    entries
        .map(|entry| entry.unwrap().path())
        .filter(|path| match ending.strip_prefix('.') {
            Some(ending) => path.extension().is_some_and(|given| given == ending),
            None => path.is_dir(),
        })
        .collect()
}

/// Runs the runners of wrong input with this as `CASE`; gives whether they passed, and all that they said.
fn with_case(words: &str) -> (bool, String) {
    let output = Command::new(env::current_exe().unwrap())
        .args(["bad::", "--nocapture"])
        .env("CASE", words)
        .env_remove("ACCEPT")
        .output()
        .unwrap();
    let said = [output.stdout, output.stderr].concat();
    (output.status.success(), String::from_utf8(said).unwrap())
}

#[test]
fn a_case_is_run_alone_by_words_of_its_name() {
    let (passed, said) = with_case("Two-Passwords in");
    assert!(passed, "{said}");
    let ran: Vec<&str> = said
        .lines()
        .filter(|line| line.starts_with("bad::"))
        .collect();
    let case = "bad::a_wrong_template_gets_its_message: two passwords in one line";
    assert_eq!(ran, [case], "{said}");
}

#[test]
fn words_that_no_case_has_fail_their_runner() {
    let (passed, said) = with_case("three passwords in");
    assert!(!passed, "{said}");
    assert!(
        said.contains("no case is called `three passwords in`"),
        "{said}"
    );
}

#[test]
fn texts_that_differ_in_blanks_alone_differ() {
    for (expected, said) in [
        ("a b\n", "a  b\n"),
        ("a\n", "a \n"),
        ("a\n", "a"),
        ("a\n", "a\n\n"),
    ] {
        assert!(same(expected, said).is_err(), "{expected:?} {said:?}");
    }
    assert_eq!(same("a b\n", "a b\n"), Ok(()));
}
