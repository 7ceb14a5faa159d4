//! Key pairs on this machine, made and read by the real `ssh-keygen`.

use std::{fs, os::unix::fs::PermissionsExt, path::Path, process::Command};

use landfall::connect::local::Local;
use landfall::model::{
    Action, Address, Answer, Events, Failure, Kind, Outcome, Probe, Query, World,
    local::{KeyPair, LocalAnswer, LocalQuery},
    local_action::LocalAction,
};

async fn read(path: &Path) -> Result<Option<KeyPair>, Failure> {
    let path = path.display().to_string();
    match Local
        .ask(&Query::Local(LocalQuery::KeyPair { path }))
        .await?
    {
        Answer::Local(LocalAnswer::KeyPair(pair)) => Ok(pair),
        other => panic!("{other:?}"),
    }
}

async fn act(action: LocalAction) -> Result<Outcome, Failure> {
    let (events, _reader) = Events::channel();
    let progress = events.progress(&Address::new(Kind::Key, "test"));
    Local.act(&Action::Local(action), &progress).await
}

fn make(path: &Path) -> LocalAction {
    LocalAction::MakeKeyPair {
        path: path.display().to_string(),
        comment: "deploy@web".to_owned(),
    }
}

fn mode(path: &Path) -> u32 {
    fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[tokio::test]
async fn a_key_pair_is_made_once_private_from_the_start_and_leaves_nothing_beside() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("keys/web");
    assert_eq!(read(&path).await.unwrap(), None);
    act(make(&path)).await.unwrap();
    let first = read(&path).await.unwrap().unwrap();
    assert!(first.public.starts_with("ssh-ed25519 "), "{first:?}");
    assert!(first.public.ends_with(" deploy@web"), "{first:?}");
    assert_eq!((first.mode, mode(&path)), (Some(0o600), 0o600));
    assert_eq!(mode(path.parent().unwrap()), 0o700);
    act(make(&path)).await.unwrap();
    assert_eq!(read(&path).await.unwrap().unwrap(), first);
    let mut names: Vec<_> = fs::read_dir(path.parent().unwrap())
        .unwrap()
        .map(|entry| entry.unwrap().file_name().into_string().unwrap())
        .collect();
    names.sort();
    assert_eq!(names, ["web", "web.pub"]);
    let remove = || LocalAction::RemoveKeyPair {
        path: path.display().to_string(),
    };
    act(remove()).await.unwrap();
    act(remove()).await.unwrap();
    assert_eq!(read(&path).await.unwrap(), None);
    assert_eq!(fs::read_dir(path.parent().unwrap()).unwrap().count(), 0);
}

#[tokio::test]
async fn a_lost_public_half_is_derived_from_the_private_one() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("web");
    act(make(&path)).await.unwrap();
    let whole = read(&path).await.unwrap().unwrap();
    fs::remove_file(root.path().join("web.pub")).unwrap();
    assert_eq!(read(&path).await.unwrap().unwrap(), whole);
}

#[tokio::test]
async fn a_key_with_a_passphrase_and_no_public_half_says_what_to_do() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("web");
    let made = Command::new("ssh-keygen")
        .args(["-q", "-t", "ed25519", "-N", "a passphrase", "-f"])
        .arg(&path)
        .status();
    assert!(made.unwrap().success());
    assert!(read(&path).await.unwrap().is_some());
    fs::remove_file(root.path().join("web.pub")).unwrap();
    let failure = read(&path).await.unwrap_err();
    assert!(failure.help.contains(".pub"), "{failure}");
}

#[tokio::test]
async fn of_a_key_with_a_passphrase_the_public_half_is_compared_as_well() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("web");
    let make = |name: &str, form: &[&str]| {
        let made = Command::new("ssh-keygen")
            .args(["-q", "-N", "a passphrase"])
            .args(form)
            .arg("-f")
            .arg(root.path().join(name))
            .status();
        assert!(made.unwrap().success());
    };
    make("web", &["-t", "ed25519"]);
    make("other", &["-t", "ed25519"]);
    fs::copy(root.path().join("other.pub"), root.path().join("web.pub")).unwrap();
    let failure = read(&path).await.unwrap_err();
    assert_eq!(failure.summary, "the two halves are not of one key pair");
    // In the older form nobody can tell without the passphrase.
    make("older", &["-t", "rsa", "-m", "PEM"]);
    assert!(read(&root.path().join("older")).await.unwrap().is_some());
}

#[tokio::test]
async fn a_public_half_alone_is_read_and_said_to_be_alone() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("web");
    act(make(&path)).await.unwrap();
    let whole = read(&path).await.unwrap().unwrap();
    fs::remove_file(&path).unwrap();
    let alone = read(&path).await.unwrap().unwrap();
    assert_eq!((alone.public, alone.mode), (whole.public, None));
}

#[tokio::test]
async fn a_public_half_without_its_private_one_is_never_overwritten() {
    let root = tempfile::tempdir().unwrap();
    let path = root.path().join("web");
    fs::write(root.path().join("web.pub"), "mine\n").unwrap();
    let failure = act(make(&path)).await.unwrap_err();
    assert_eq!(failure.summary, "the key pair cannot be made");
    let left = fs::read_to_string(root.path().join("web.pub")).unwrap();
    assert_eq!(left, "mine\n");
    assert!(!path.exists());
}

#[tokio::test]
async fn a_folder_in_the_place_of_a_key_is_refused() {
    let root = tempfile::tempdir().unwrap();
    let failure = read(root.path()).await.unwrap_err();
    assert_eq!(failure.why, "The path is not a file.");
}
