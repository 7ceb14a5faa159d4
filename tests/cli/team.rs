//! A team shares the deploy key that one of it made: by its public half, in the backend.

use std::fs;
use std::os::unix::fs::PermissionsExt;

use super::memory::memory;
use super::project::Project;

/// The public half goes into a stack, where it can be seen what was made of it.
const KEY: &str = r#"
[keys.deploy]

[stacks.log]
template = "key"
parameters = { Key = "{{ keys.deploy.public }}" }
"#;

const TEMPLATE: &str = "\
Parameters:
  Key: { Type: String }
Resources:
  Log:
    Type: AWS::Logs::LogGroup
    Properties: { RetentionInDays: 7, Tags: [{ Key: key, Value: !Ref Key }] }
";

async fn put(project: &Project) -> String {
    let stacks = aws_sdk_cloudformation::Client::new(&project.sdk().await);
    let stack = stacks.describe_stacks().stack_name("review-test-log");
    let stack = stack.send().await.unwrap().stacks()[0].clone();
    stack.parameters()[0].parameter_value().unwrap().to_owned()
}

async fn copy(account: &str) -> Project {
    let added = format!("\n[backend]\ns3 = \"memory-{account}\"\n{KEY}");
    let project = Project::small(account, &added).await;
    project.write("stacks/key.yaml", TEMPLATE);
    project
}

#[tokio::test]
async fn another_machine_of_the_team_uses_the_pair_that_was_made_and_makes_none() {
    let account = "600000000221";
    let here = copy(account).await;
    memory(&here).await;
    here.run(&["apply", "test", "--yes"]).ends(0);
    let public = here.read(".landfall/keys/test/deploy.pub");
    assert_eq!(put(&here).await, public.trim());
    // Private keys are in no git, also where nothing else is kept in the folder.
    assert!(
        here.read(".landfall/.gitignore")
            .lines()
            .any(|line| line == "*")
    );

    let there = copy(account).await;
    there
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0)
        .prints("! keys.deploy")
        .prints("Its private half is not on this machine")
        .prints("/.landfall/keys/test/deploy from where it was made")
        .prints("Nothing to do");
    let applied = there.run(&["apply", "test", "--yes"]).ends(0);
    assert!(!applied.out.contains("keys.deploy will be created"));
    assert!(!there.root().join(".landfall/keys").exists());
    assert_eq!(put(&there).await, public.trim());
    // It is used where something is made there.
    there.write("stacks/key.yaml", &TEMPLATE.replace(": 7", ": 14"));
    there
        .run(&["apply", "test", "--yes"])
        .ends(0)
        .says("Done: 1 change.");
    assert_eq!(put(&there).await, public.trim());
    there.write("stacks/key.yaml", TEMPLATE);
    there.run(&["apply", "test", "--yes"]).ends(0);

    // A pair of its own in that place is not put over the other's.
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(there.beside("own"))
        .status();
    assert!(made.unwrap().success());
    fs::create_dir_all(there.root().join(".landfall/keys/test")).unwrap();
    for end in ["", ".pub"] {
        let to = there
            .root()
            .join(format!(".landfall/keys/test/deploy{end}"));
        fs::copy(there.beside(&format!("own{end}")), to).unwrap();
    }
    for verb in [&["plan", "test"][..], &["apply", "test", "--yes"]] {
        there
            .run(verb)
            .ends(6)
            .says("the key pair is another than the one that was made");
    }
    // Copied as the advice says, all is as on the other machine.
    for end in ["", ".pub"] {
        let name = format!(".landfall/keys/test/deploy{end}");
        fs::copy(here.root().join(&name), there.root().join(&name)).unwrap();
    }
    let planned = there.run(&["plan", "test", "--detailed-exitcode"]).ends(0);
    assert!(!planned.out.contains("keys.deploy"), "{}", planned.out);
}

#[tokio::test]
async fn a_pair_is_changed_by_another_name_of_its_section() {
    let account = "600000000222";
    let here = copy(account).await;
    memory(&here).await;
    here.run(&["apply", "test", "--yes"]).ends(0);
    let before = put(&here).await;
    // Lost here as well: said, and not made anew behind everybody's back.
    let key = here.root().join(".landfall/keys/test/deploy");
    fs::remove_file(&key).unwrap();
    fs::remove_file(key.with_extension("pub")).unwrap();
    here.run(&["apply", "test", "--yes"])
        .ends(0)
        .prints("Its private half is not on this machine")
        .says("Done: no changes.");
    let text = here.read("environments/test.toml");
    here.write(
        "environments/test.toml",
        &text
            .replace("keys.deploy", "keys.deploy-2")
            .replace("{{ keys.deploy-2.", "{{ keys['deploy-2']."),
    );
    here.run(&["apply", "test", "--yes"])
        .ends(0)
        .prints("keys.deploy-2 will be created");
    assert_ne!(put(&here).await, before);
    assert!(
        !here
            .run(&["plan", "test"])
            .ends(0)
            .out
            .contains("keys.deploy")
    );
}

#[tokio::test]
async fn a_pair_that_is_damaged_is_not_called_as_declared() {
    let project = Project::new("600000000223").await;
    project.write(
        "environments/test.toml",
        "project = \"review\"\n[keys.deploy]\n",
    );
    project.run(&["apply", "test", "--yes"]).ends(0);
    let key = project.root().join(".landfall/keys/test/deploy");
    let (private, public) = (
        fs::read(&key).unwrap(),
        fs::read(key.with_extension("pub")).unwrap(),
    );
    let mode = |path: &std::path::Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
    assert_eq!(mode(&key), 0o600);
    let say = |what: &str, code: i32| {
        for verb in [
            &["plan", "test"][..],
            &["apply", "test", "--yes"],
            &["destroy", "test", "--yes"],
        ] {
            let said = project.run(verb).ends(code).says(what);
            assert!(!said.out.contains("Nothing to do"), "{}", said.out);
        }
    };
    fs::write(&key, "").unwrap();
    say("The file is empty.", 1);
    fs::write(&key, &private[..200]).unwrap();
    say("The file is cut off", 1);
    fs::write(&key, "some other file\n").unwrap();
    say("The file holds no private key.", 1);
    fs::write(&key, &private).unwrap();
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(project.beside("own"))
        .status();
    assert!(made.unwrap().success());
    fs::copy(project.beside("own.pub"), key.with_extension("pub")).unwrap();
    say("is not the public half of this private key", 1);
    fs::write(key.with_extension("pub"), "").unwrap();
    say("holds no public key", 1);
    fs::write(key.with_extension("pub"), &public).unwrap();
    project
        .run(&["plan", "test", "--detailed-exitcode"])
        .ends(0);
    project.run(&["destroy", "test", "--yes"]).ends(0);
    assert!(!key.exists());
}

#[tokio::test]
async fn a_ledger_that_somebody_wrote_takes_no_keys_of_a_person_away() {
    let project = Project::new("600000000224").await;
    let declared = "project = \"review\"\n[keys.deploy]\n";
    project.write("environments/test.toml", declared);
    project.run(&["apply", "test", "--yes"]).ends(0);
    let own = project.beside("id_ed25519");
    let made = std::process::Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "", "-f"])
        .arg(&own)
        .status();
    assert!(made.unwrap().success());
    let public = fs::read_to_string(own.with_extension("pub")).unwrap();

    let ledger = project.read(".landfall/test/ledger.json");
    for (section, file) in [
        ("old", own.display().to_string()),
        ("deploy", own.display().to_string()),
        (
            "old",
            format!(
                ".landfall/keys/test/{}{}",
                "../".repeat(40),
                own.strip_prefix("/").unwrap().display()
            ),
        ),
    ] {
        let mut forged: serde_json::Value = serde_json::from_str(&ledger).unwrap();
        let entries = forged["entries"].as_array_mut().unwrap();
        let mut entry = entries[0].clone();
        entry["address"] = format!("keys.{section}").into();
        entry["values"]["file"] = file.into();
        entry["extra"]["public"] = public.trim().into();
        entries.retain(|one| one["address"] != entry["address"]);
        entries.push(entry);
        project.write(".landfall/test/ledger.json", &forged.to_string());
        if section == "deploy" {
            project.run(&["destroy", "test", "--yes"]).ends(0)
        } else {
            project.run(&["apply", "test", "--yes"]).ends(0)
        }
        .prints("stays: only the ledger names this file");
        assert!(own.exists() && own.with_extension("pub").exists());
    }
}
