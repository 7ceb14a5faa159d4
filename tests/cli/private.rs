//! What the program keeps is nobody else's: not other users', and not git's.

use std::fs;
use std::os::unix::fs::{PermissionsExt, symlink};
use std::path::Path;
use std::process::Command;

use super::project::Project;

fn git(folder: &Path, args: &[&str]) -> String {
    let ran = Command::new("git")
        .arg("-C")
        .arg(folder)
        .args(args)
        .output()
        .unwrap();
    assert!(ran.status.success(), "{ran:?}");
    String::from_utf8(ran.stdout).unwrap()
}

/// The files that `git add -A` would put into a commit.
fn added(project: &Project) -> Vec<String> {
    git(project.root(), &["init", "-q"]);
    git(project.root(), &["add", "-A"]);
    let listed = git(project.root(), &["ls-files"]);
    listed.lines().map(str::to_owned).collect()
}

/// The files below that others may do anything with.
fn open(folder: &Path) -> Vec<String> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(open(&path));
        } else if fs::metadata(&path).unwrap().permissions().mode() & 0o077 != 0
            && path.extension().is_none_or(|end| end != "pub")
        {
            found.push(path.display().to_string());
        }
    }
    found
}

const KEYS: &str = "project = \"review\"\n[keys.deploy]\n[keys.ci]\nfile = \"ci/key\"\n";

#[tokio::test]
async fn an_environment_written_by_hand_puts_no_key_into_git() {
    let project = Project::new("600000000231").await;
    project.write("environments/test.toml", KEYS);
    project.write("ci/.gitignore", "/mine");
    git(project.root(), &["init", "-q"]);
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert!(project.root().join(".landfall/keys/test/deploy").exists());
    assert_eq!(
        added(&project),
        ["ci/.gitignore", "ci/key.pub", "environments/test.toml"]
    );
    assert_eq!(project.read("ci/.gitignore"), "/mine\n/key\n");
    assert_eq!(
        open(&project.root().join(".landfall")),
        Vec::<String>::new()
    );
}

#[tokio::test]
async fn a_folder_of_another_name_keeps_itself_out_of_git_and_so_does_one_that_was_there() {
    let project = Project::new("600000000232").await;
    let declared = "project = \"review\"\n[backend]\npath = \"state/kept\"\n[keys.deploy]\n";
    project.write("environments/test.toml", declared);
    // As an earlier program left it, open to others.
    project.write(
        "state/kept/test/journal/20260101T000000Z-00000000.jsonl",
        "{}\n",
    );
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert_eq!(added(&project), ["environments/test.toml"]);
    assert_eq!(open(&project.root().join("state")), Vec::<String>::new());

    // The project itself is not kept out of its git with the records in it.
    let project = Project::new("600000000232").await;
    let declared = declared.replace("state/kept", ".");
    project.write("environments/test.toml", &declared);
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert!(project.root().join("test/ledger.json").exists());
    let added = added(&project);
    assert!(
        added.contains(&"environments/test.toml".to_owned()),
        "{added:?}"
    );
    let records = added
        .iter()
        .filter(|file| file.starts_with("test/") || file.contains("keys"));
    assert_eq!(records.count(), 0, "{added:?}");
}

#[tokio::test]
async fn what_stands_in_a_gitignore_is_the_users_word() {
    let project = Project::new("600000000233").await;
    project.write("environments/test.toml", KEYS);
    project.write(".landfall/.gitignore", "keys\njournal\n");
    project.run(&["apply", "test", "--yes"]).ends(0);
    assert_eq!(project.read(".landfall/.gitignore"), "keys\njournal\n");
}

#[tokio::test]
async fn a_saved_plan_is_for_its_owner_alone_also_over_one_that_was_open() {
    let project = Project::new("600000000234").await;
    project.write("environments/test.toml", KEYS);
    let file = project.beside("a.plan");
    fs::write(&file, "older").unwrap();
    fs::set_permissions(&file, fs::Permissions::from_mode(0o644)).unwrap();
    let name = file.display().to_string();
    project.run(&["plan", "test", "--out", &name]).ends(0);
    assert_eq!(
        fs::metadata(&file).unwrap().permissions().mode() & 0o777,
        0o600
    );
    // One that an editor gave a byte order mark is the same plan.
    let text = fs::read(&file).unwrap();
    fs::write(&file, [b"\xEF\xBB\xBF".as_slice(), &text].concat()).unwrap();
    project.run(&["apply", &name]).ends(0);
    for (bytes, why) in [
        (b"\xFF\xFE{\0}\0".to_vec(), "It is UTF-16 text"),
        (b"{\"form\": \xE9}".to_vec(), "It is not UTF-8 text."),
        (text[..text.len() / 2].to_vec(), "It is no saved plan"),
        (Vec::new(), "It is no saved plan"),
    ] {
        fs::write(&file, bytes).unwrap();
        project.run(&["apply", &name]).ends(1).says(why);
    }
    fs::File::create(&file).unwrap().set_len(3 << 30).unwrap();
    project
        .run(&["apply", &name])
        .ends(1)
        .says("It has 3221225472 bytes");
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[tokio::test]
async fn what_others_may_write_is_not_believed() {
    let project = Project::new("600000000235").await;
    project.write("environments/test.toml", KEYS);
    let file = project.beside("a.plan");
    let name = file.display().to_string();
    project.run(&["plan", "test", "--out", &name]).ends(0);
    mode(&file, 0o666);
    project
        .run(&["apply", &name])
        .ends(6)
        .says("others may write the plan")
        .says(&format!("chmod go-w {name}"));
    mode(&file, 0o644);
    project.run(&["apply", &name]).ends(0);

    for (path, open) in [
        (".landfall", 0o777),
        (".landfall/test", 0o777),
        (".landfall/test/ledger.json", 0o606),
        (".landfall/keys", 0o777),
        (".landfall/keys/test", 0o777),
    ] {
        let path = project.root().join(path);
        let before = fs::metadata(&path).unwrap().permissions().mode();
        mode(&path, open);
        let help = format!("chmod go-w {}", path.display());
        for (args, code) in [
            (&["plan", "test"][..], 6),
            (&["apply", "test", "--yes"], 6),
            (&["destroy", "test", "--yes"], 6),
            (&["check"], 1),
        ] {
            project
                .run(args)
                .ends(code)
                .says("others may write the")
                .says(&help);
        }
        mode(&path, before);
    }
    project.run(&["plan", "test"]).ends(0);
    project.run(&["check"]).ends(0);
}

#[tokio::test]
async fn a_link_in_the_place_of_the_folder_of_records_is_said_and_looked_behind() {
    let project = Project::new("600000000236").await;
    project.write("environments/test.toml", KEYS);
    let elsewhere = project.beside("elsewhere");
    fs::create_dir(&elsewhere).unwrap();
    mode(&elsewhere, 0o777);
    symlink(&elsewhere, project.root().join(".landfall")).unwrap();
    let said = format!(
        "is a link: keys and records lie in {}.",
        elsewhere.display()
    );
    project
        .run(&["apply", "test", "--yes"])
        .ends(6)
        .says(&said)
        .says("others may write the records");
    assert_eq!(fs::read_dir(&elsewhere).unwrap().count(), 0);
    mode(&elsewhere, 0o700);
    project.run(&["apply", "test", "--yes"]).ends(0).says(&said);
    project.run(&["check"]).ends(0).says(&said);
}
