//! The public keys by which a host is known to whoever logs in: those that its sshd offers.

use crate::answer;
use crate::model::host::{Command, HostAnswer, HostQuery};
use crate::model::{Answer, Failure, Probe, Query};
use crate::observe::Remembered;

/// Those keys, read over a connection whose key was checked.
pub async fn host_keys(world: &Remembered) -> Result<Vec<String>, Failure> {
    let read = |kind: &'static str| async move {
        let file = format!("/etc/ssh/ssh_host_{kind}_key");
        let query = Query::Host(HostQuery::Read {
            path: format!("{file}.pub"),
        });
        let content = answer!(world, query, Answer::Host(HostAnswer::Read(content)) => content);
        // type, key, comment: the comment names the machine the key was made on, which a record does not tell.
        let line = content
            .and_then(|content| content.text().map(str::to_owned))
            .unwrap_or_default();
        let words: Vec<&str> = line.split_whitespace().take(2).collect();
        Ok::<_, Failure>((words.len() == 2).then(|| (file, words.join(" "))))
    };
    let (ed25519, ecdsa, rsa, settings) =
        futures::try_join!(read("ed25519"), read("ecdsa"), read("rsa"), settings(world))?;
    let keys = [ed25519, ecdsa, rsa].into_iter().flatten();
    let offered = keys.filter(|(file, key)| offers(&settings, file, key));
    Ok(offered.map(|(_, key)| key).collect())
}

/// What sshd says of its settings, a word and its value a line; nothing where it does not.
async fn settings(world: &Remembered) -> Result<String, Failure> {
    let query = Query::Host(HostQuery::Run(Command::new(["/usr/sbin/sshd", "-T"])));
    let ran = answer!(world, query, Answer::Host(HostAnswer::Ran(ran)) => ran);
    Ok(if ran.ok() { ran.out() } else { String::new() })
}

/// Whether sshd with these settings offers the key of this file. One of which they say nothing is offered.
fn offers(settings: &str, file: &str, key: &str) -> bool {
    let values = |word: &'static str| {
        let lines = settings.lines().filter_map(|line| line.split_once(' '));
        lines.filter_map(move |(key, value)| (key == word).then_some(value))
    };
    // The same key signs in several ways (RFC 8332, 3).
    let signs: &[&str] = match key.split(' ').next().unwrap_or_default() {
        "ssh-rsa" => &["rsa-sha2-512", "rsa-sha2-256", "ssh-rsa"],
        kind => &[kind],
    };
    let listed = values("hostkey").next().is_none() || values("hostkey").any(|one| one == file);
    let taken = values("hostkeyalgorithms")
        .next()
        .is_none_or(|all| all.split(',').any(|one| signs.contains(&one)));
    listed && taken
}

#[cfg(test)]
mod tests {
    use super::*;

    const KEYS: [(&str, &str); 3] = [
        ("/etc/ssh/ssh_host_ed25519_key", "ssh-ed25519 AAAAC3"),
        ("/etc/ssh/ssh_host_ecdsa_key", "ecdsa-sha2-nistp256 AAAAE2"),
        ("/etc/ssh/ssh_host_rsa_key", "ssh-rsa AAAAB3"),
    ];

    fn offered(settings: &str) -> Vec<bool> {
        let keys = KEYS.iter();
        keys.map(|(file, key)| offers(settings, file, key))
            .collect()
    }

    #[test]
    fn a_key_that_sshd_does_not_offer_is_none_of_the_host() {
        let hardened = "port 22\nhostkeyalgorithms ssh-ed25519,rsa-sha2-512,rsa-sha2-256\n\
                        hostkey /etc/ssh/ssh_host_rsa_key\nhostkey /etc/ssh/ssh_host_ecdsa_key\n\
                        hostkey /etc/ssh/ssh_host_ed25519_key\n";
        assert_eq!(offered(hardened), [true, false, true]);
        let one = "hostkey /etc/ssh/ssh_host_ed25519_key\n";
        assert_eq!(offered(one), [true, false, false]);
        assert_eq!(offered(""), [true, true, true]);
    }
}
