//! Files of any size, kind and content cost little and are answered in a few lines.

use std::fs::{self, File};
use std::os::unix::fs::symlink;
use std::process::{Command, Stdio};

use tempfile::TempDir;

/// Runs a program and tells its largest memory, in KiB, and its seconds of work on the last line of standard error.
const MEASURE: &str = "import resource, subprocess, sys
code = subprocess.call(sys.argv[1:])
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(used.ru_maxrss, used.ru_utime + used.ru_stime, file=sys.stderr)
sys.exit(code)
";

/// What a person can still look through.
const OUTPUT: usize = 64 << 10;

/// 256 MiB, of which the program as it is built for tests takes some itself.
const MEMORY: u64 = 256 << 10;

/// Seconds of work: the shipped program needs one at the most, and this one is built without optimization.
const SECONDS: f64 = 15.0;

struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        for name in ["environments", "stacks", "playbooks"] {
            fs::create_dir(folder.path().join(name)).unwrap();
        }
        Self(folder)
    }

    /// With an environment of this text.
    fn with(environment: &str) -> Self {
        let folder = Self::new();
        folder.write("environments/test.toml", environment);
        folder
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        fs::write(self.0.path().join(name), text).unwrap();
    }

    /// 100 MB of zeros.
    fn huge(&self, name: &str) {
        let file = File::create(self.0.path().join(name)).unwrap();
        file.set_len(100_000_000).unwrap();
    }

    #[track_caller]
    fn run(&self, args: &[&str]) -> (Option<i32>, String) {
        let output = Command::new("python3")
            .args(["-c", MEASURE, env!("CARGO_BIN_EXE_landfall")])
            .args(args)
            .current_dir(self.0.path())
            .env("NO_COLOR", "1")
            .stdin(Stdio::null())
            .output()
            .unwrap();
        let said =
            String::from_utf8(output.stdout).unwrap() + &String::from_utf8(output.stderr).unwrap();
        let (said, memory) = said.trim_end().rsplit_once('\n').unwrap_or(("", &said));
        let (memory, seconds) = memory.trim().split_once(' ').unwrap();
        let (memory, seconds): (u64, f64) = (memory.parse().unwrap(), seconds.parse().unwrap());
        assert!(memory < MEMORY, "{memory} KiB");
        assert!(
            said.len() < OUTPUT,
            "{} bytes: {}",
            said.len(),
            &said[..2000]
        );
        assert!(seconds < SECONDS, "{seconds} s");
        assert!(!said.contains("a fault in landfall itself"), "{said}");
        (output.status.code(), said.to_owned())
    }

    #[track_caller]
    fn refused(&self, args: &[&str], why: &str) -> String {
        let (code, said) = self.run(args);
        assert_eq!(code, Some(1), "{said}");
        assert!(said.contains(why), "{said}");
        said
    }
}

const HEAD: &str = "project = \"review\"\n[aws]\nregion = \"eu-west-1\"\n";

const DOTENV: &str = "project = \"review\"\n[secrets]\nenv = [\".env\"]\n";

const CHECK: &[&str] = &["check", "test"];

fn stack(more: &str) -> String {
    format!("{HEAD}[stacks.web]\ntemplate = \"web\"\n{more}")
}

fn host() -> String {
    "project = \"review\"\n[hosts.web]\naddress = \"203.0.113.7\"\nplaybook = \"web\"\n".to_owned()
}

#[test]
fn a_file_of_100_megabytes_is_refused_before_it_is_read() {
    let folder = Folder::new();
    folder.huge("environments/test.toml");
    folder.refused(CHECK, "it is longer than 1 MiB");

    let folder = Folder::with(DOTENV);
    folder.huge(".env");
    folder.refused(CHECK, "it is longer than 1 MiB");

    let folder = Folder::with(&stack(""));
    folder.huge("stacks/web.yaml");
    folder.refused(CHECK, "it is longer than 4 MiB");

    let folder = Folder::with(&stack("parameters_file = \"parameters.json\"\n"));
    folder.write(
        "stacks/web.yaml",
        "Resources: { Log: { Type: AWS::Logs::LogGroup } }\n",
    );
    folder.huge("parameters.json");
    folder.refused(CHECK, "it is longer than 1 MiB");

    let folder = Folder::with(&host());
    folder.huge("playbooks/web.yml");
    folder.refused(CHECK, "it is longer than 4 MiB");

    let folder = Folder::with(&host());
    folder.huge("change.plan");
    folder.refused(&["apply", "change.plan"], "a saved plan has");
}

#[test]
fn what_is_no_file_is_refused_before_it_blocks() {
    for name in ["environments/test.toml", ".env", "playbooks/web.yml"] {
        for (kind, why) in [
            ("pipe", "a pipe or a device"),
            ("device", "a pipe or a device"),
            ("folder", "folder"),
        ] {
            let folder = Folder::with(
                match name {
                    ".env" => DOTENV.to_owned(),
                    _ => host(),
                }
                .as_str(),
            );
            let path = folder.0.path().join(name);
            let _ = fs::remove_file(&path);
            match kind {
                "pipe" => {
                    let made = Command::new("mkfifo").arg(&path).status().unwrap();
                    assert!(made.success());
                }
                "device" => symlink("/dev/zero", &path).unwrap(),
                _ => fs::create_dir(&path).unwrap(),
            }
            folder.refused(CHECK, why);
        }
    }
}

#[test]
fn an_unclosed_quote_is_told_in_a_few_lines() {
    for size in [16 << 10, 1_000_000] {
        let folder = Folder::with(DOTENV);
        let line = "a line of the text that the quote swallows\n";
        folder.write(
            ".env",
            format!("A=\"open\n{}", line.repeat(size / line.len())),
        );
        folder.refused(CHECK, "the quote that begins here does not end");
        folder.write(".env", format!("A=\"{}", "x".repeat(size)));
        let said = folder.refused(CHECK, "the quote that begins here does not end");
        assert!(said.len() < 4000, "{}", said.len());
    }
}

#[test]
fn a_hundred_thousand_mistakes_are_counted_and_not_shown() {
    let folder = Folder::new();
    let keys: String = (0..100_000).map(|n| format!("k{n}=1\n")).collect();
    folder.write("environments/test.toml", &keys);
    let said = folder.refused(CHECK, "unknown key");
    assert!(
        said.contains("… and 99,951 more"),
        "{}",
        &said[said.len() - 200..]
    );
    let said = folder.refused(&["--json", "check", "test"], "\"more-diagnostics\"");
    assert_eq!(said.lines().count(), 51);
    folder.write("environments/test.toml", keys.replace("=1\n", "\n"));
    folder.refused(CHECK, "this is not TOML");
}

#[test]
fn lines_and_names_of_a_megabyte_are_shown_by_their_beginning() {
    let long = "k".repeat(1_000_000);
    for text in [
        format!("{long} = 1\n"),
        format!("project = \"{long}\"\n"),
        "=".repeat(1_000_000),
        "a=://".repeat(200_000),
        "[".repeat(1_000_000),
        "x = \"\"\"\n".to_owned() + &"line\n".repeat(200_000),
    ] {
        let folder = Folder::with(&text);
        let (code, said) = folder.run(CHECK);
        assert_eq!(code, Some(1), "{said}");
    }
}

/// So many sections of one kind, each with a line of its own.
fn sections(count: usize, section: impl Fn(usize) -> String) -> String {
    let sections: String = (0..count).map(section).collect();
    assert!(sections.len() < 1_000_000, "{}", sections.len());
    sections
}

fn hosts(count: usize) -> String {
    sections(count, |n| {
        let (high, low) = (n / 256, n % 256);
        format!("[hosts.h{n}]\naddress=\"10.0.{high}.{low}\"\n")
    })
}

#[test]
fn as_many_things_as_a_file_can_hold_are_read_in_time() {
    let project = "project = \"review\"\n";
    let folder = Folder::with(&format!("{project}{}", hosts(20_000)));
    assert_eq!(folder.run(CHECK).0, Some(0));
    let roles = sections(16_000, |n| {
        format!("[roles.r{n}]\nservice=\"ec2.amazonaws.com\"\n")
    });
    let folder = Folder::with(&format!("{HEAD}{roles}"));
    assert_eq!(folder.run(CHECK).0, Some(0));
    let values: String = (0..40_000)
        .map(|n| format!("SECRET{n}=value{n}\n"))
        .collect();
    let folder = Folder::with(DOTENV);
    folder.write(".env", values);
    assert_eq!(folder.run(CHECK).0, Some(0));
}

#[test]
fn as_many_mistakes_as_a_file_can_hold_are_told_in_time() {
    let project = "project = \"review\"\n";
    let misspelt = hosts(20_000).replace("address", "adress");
    let folder = Folder::with(&format!("{project}{misspelt}"));
    folder.refused(CHECK, "did you mean `address`?");
    let targets = sections(8_000, |n| format!("[targets.t{n}]\nhost = \"g{n}\"\n"));
    let folder = Folder::with(&format!("{project}{}{targets}", hosts(8_000)));
    folder.refused(CHECK, "there is no host `g0`");
    let names = sections(8_000, |n| format!("v{n} = \"{{{{ vars.w{n} }}}}\"\n"));
    let folder = Folder::with(&format!("{project}[vars]\n{names}"));
    folder.refused(CHECK, "`vars` has no `w0`");
    let pairs: String = (0..60_000).map(|n| format!("k{n}={{}},")).collect();
    let folder = Folder::with(&format!("{project}hosts={{{pairs}}}\n"));
    folder.refused(CHECK, "needs `address`");
}

/// Each of them is compared with all of another environment.
#[test]
fn two_environments_of_as_many_things_are_compared_in_time() {
    let folder = Folder::with(&format!("project = \"review\"\n{}", hosts(10_000)));
    let text = fs::read(folder.0.path().join("environments/test.toml")).unwrap();
    folder.write("environments/other.toml", text);
    let (code, said) = folder.run(CHECK);
    assert_eq!(code, Some(0), "{said}");
    assert!(
        said.contains("two environments have the same thing"),
        "{said}"
    );
}

#[test]
fn a_template_and_a_playbook_full_of_mistakes_are_told_in_time() {
    let folder = Folder::with(&stack(""));
    let resources: String = (0..20_000)
        .map(|n| {
            format!("  R{n}: {{ Type: AWS::SNS::Topic, Properties: {{ TopicName: !Ref S{n} }} }}\n")
        })
        .collect();
    folder.write("stacks/web.yaml", format!("Resources:\n{resources}"));
    folder.refused(CHECK, "there is no resource or parameter `S0`");
    let folder = Folder::with(&host());
    let tasks: String = (0..12_000)
        .map(|n| format!("    - command: \"true\"\n      notify: n{n}\n"))
        .collect();
    let handlers: String = (0..12_000)
        .map(|n| format!("    - name: h{n}\n      command: \"true\"\n"))
        .collect();
    let play = format!("- hosts: all\n  tasks:\n{tasks}  handlers:\n{handlers}");
    folder.write("playbooks/web.yml", play);
    folder.refused(CHECK, "`notify` names `n0`");
}

#[test]
fn imports_that_double_one_another_are_counted_and_not_followed() {
    let folder = Folder::with(&host());
    let play = "- hosts: all\n  tasks:\n    - import_tasks: f0.yml\n";
    folder.write("playbooks/web.yml", play);
    for n in 0..30 {
        let next = format!("- import_tasks: f{}.yml\n", n + 1);
        folder.write(&format!("playbooks/f{n}.yml"), next.repeat(2));
    }
    folder.write("playbooks/f30.yml", "- command: \"true\"\n");
    folder.refused(CHECK, "it comes to more than 100000 tasks");
    let handlers = "- hosts: all\n  handlers:\n    - import_tasks: f0.yml\n";
    folder.write("playbooks/web.yml", handlers);
    folder.refused(CHECK, "it comes to more than 100000 tasks");
    // So many that all of them may be.
    let play = play.replace("f0.yml", "f15.yml");
    folder.write("playbooks/web.yml", play);
    assert_eq!(folder.run(CHECK).0, Some(0));
}

#[test]
fn a_mark_of_byte_order_is_taken_and_another_encoding_named() {
    let bom = |text: &str| format!("\u{feff}{text}");
    let folder = Folder::with(&bom(&format!(
        "{}{}[secrets]\nenv = [\".env\"]\n",
        stack("parameters_file = \"parameters.json\"\n"),
        host().replace("project = \"review\"\n", "")
    )));
    folder.write(".env", bom("A=1\n"));
    folder.write(
        "parameters.json",
        bom("[{\"ParameterKey\": \"Days\", \"ParameterValue\": \"7\"}]"),
    );
    folder.write(
        "stacks/web.yaml",
        bom("Parameters: { Days: { Type: Number } }\nResources: { Log: { Type: AWS::Logs::LogGroup } }\n"),
    );
    folder.write(
        "playbooks/web.yml",
        bom("- hosts: all\n  tasks:\n    - import_tasks: more.yml\n"),
    );
    folder.write("playbooks/more.yml", bom("- command: \"true\"\n"));
    let (code, said) = folder.run(CHECK);
    assert_eq!(code, Some(0), "{said}");
    let wide: Vec<u8> = "A=1\n".encode_utf16().flat_map(u16::to_le_bytes).collect();
    folder.write(".env", [b"\xff\xfe".as_slice(), &wide].concat());
    folder.refused(CHECK, "it is text in UTF-16: save it as UTF-8");
}

#[test]
fn characters_that_hide_reach_neither_the_terminal_nor_programs() {
    let hidden = "\u{9b}\u{202e}\u{200b}\u{2028}\u{feff}\u{e0041}\u{ad}";
    let folder = Folder::with(&format!(
        "project = \"review\"\n# {hidden}\n\"a{hidden}\" = \"{hidden}\"\n"
    ));
    for args in [CHECK, &["--json", "check", "test"]] {
        let said = folder.refused(args, "unknown key");
        assert!(!said.chars().any(|c| hidden.contains(c)), "{said:?}");
    }
}
