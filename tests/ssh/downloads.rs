//! Fetching on the host, and keys that are trusted for their fingerprints.

use base64::{Engine, engine::general_purpose::STANDARD};
use landfall::model::{
    Digest,
    host_action::{Access, Download, Keys},
    openpgp::Form,
};
use tokio::io::{AsyncReadExt, AsyncWriteExt};

use super::*;

/// Answers every path on all addresses with these bytes, but `/none` with a refusal; gives its port.
async fn serve(served: Vec<u8>) -> u16 {
    let listener = tokio::net::TcpListener::bind("0.0.0.0:0").await.unwrap();
    let port = listener.local_addr().unwrap().port();
    tokio::spawn(async move {
        while let Ok((mut stream, _)) = listener.accept().await {
            let served = served.clone();
            tokio::spawn(async move {
                let mut request = vec![0; 4096];
                let read = stream.read(&mut request).await.unwrap_or(0);
                let (status, body) = match request[..read].starts_with(b"GET /none") {
                    true => ("404 Not Found", Vec::new()),
                    false => ("200 OK", served),
                };
                let head = format!(
                    "HTTP/1.1 {status}\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
                    body.len()
                );
                let _ = stream.write_all(head.as_bytes()).await;
                let _ = stream.write_all(&body).await;
            });
        }
    });
    port
}

/// This machine as a host on the bridge sees it.
fn gateway(lab: &TestHost) -> String {
    lab.login.address.rsplit_once('.').unwrap().0.to_owned() + ".1"
}

fn download(url: &str) -> Download {
    Download {
        url: url.to_owned(),
        path: "/srv/fetched/key".to_owned(),
        sha256: None,
        keys: None,
        access: Access {
            owner: Some("root".to_owned()),
            group: None,
            mode: Some(0o640),
        },
    }
}

fn keys<const N: usize>(form: Form, fingerprints: [&String; N]) -> Option<Keys> {
    Some(Keys {
        fingerprints: fingerprints.map(Clone::clone).to_vec(),
        form,
    })
}

/// A new signing key: binary, in armour, and its fingerprint as gpg gives it.
fn key(lab: &TestHost, name: &str) -> (Vec<u8>, Vec<u8>, String) {
    let made = lab.exec(&[
        "sh",
        "-c",
        "set -e; export GNUPGHOME=/root/gnupg; mkdir -p -m 700 $GNUPGHOME; gpg --batch --quiet --passphrase '' --quick-gen-key \"$1\" default default never 2>/dev/null; gpg --batch --export \"$1\" | base64 -w0; echo; gpg --batch --armor --export \"$1\" | base64 -w0; echo; gpg --batch --with-colons --list-keys \"$1\" | sed -n 's/^fpr:*\\([0-9A-F]*\\):.*/\\1/p' | head -n 1",
        "sh",
        name,
    ]);
    let lines: Vec<&str> = made.lines().collect();
    (
        STANDARD.decode(lines[0]).unwrap(),
        STANDARD.decode(lines[1]).unwrap(),
        lines[2].to_owned(),
    )
}

async fn is(host: &Host, content: &[u8]) {
    let found = read(host, "/srv/fetched/key").await.unwrap().unwrap();
    assert_eq!(found.bytes(), content);
    let stat = stat(host, "/srv/fetched/key").await.unwrap().unwrap();
    assert_eq!((stat.owner.as_str(), stat.mode), ("root", 0o640));
}

#[tokio::test]
async fn a_download_gets_its_name_when_it_has_passed_every_check() {
    let (lab, host) = connected("fetches", "root").await;
    lab.exec(&["mkdir", "/srv/fetched"]);
    let (binary, armoured, fingerprint) = key(&lab, "One <one@example.org>");
    let (_, _, other) = key(&lab, "Other <other@example.org>");
    assert!(armoured.starts_with(b"-----BEGIN PGP PUBLIC KEY BLOCK-----"));
    lab.exec(&[
        "sh",
        "-c",
        "echo \"$1\" | base64 -d >'/srv/a,key'",
        "sh",
        &STANDARD.encode(&armoured),
    ]);
    let port = serve(armoured.clone()).await;
    let http = format!("http://{}:{port}/key.asc", gateway(&lab));
    let none = format!("http://{}:{port}/none", gateway(&lab));

    let failure = act(&host, HostAction::Download(download(&none)))
        .await
        .unwrap_err();
    assert_eq!(failure.left_behind, "The file is as it was.");
    let mut wrong = download(&http);
    wrong.sha256 = Some("0".repeat(64));
    let failure = act(&host, HostAction::Download(wrong)).await.unwrap_err();
    let sum = Digest::of(&armoured).sha256;
    assert!(failure.why.contains(&sum), "{failure}");
    for form in [Form::Armoured, Form::Binary] {
        let mut foreign = download(&http);
        foreign.keys = keys(form, [&other]);
        let failure = act(&host, HostAction::Download(foreign)).await.unwrap_err();
        assert_eq!(failure.summary, "the signing key is not the expected one");
        assert!(failure.why.contains(&fingerprint), "{failure}");
    }
    let mut no_key = download("file:///etc/passwd");
    no_key.keys = keys(Form::Binary, []);
    assert!(act(&host, HostAction::Download(no_key)).await.is_err());
    assert_eq!(lab.exec(&["ls", "-A", "/srv/fetched"]), "");

    for url in [http.as_str(), "file:///srv/a,key"] {
        let mut plain = download(url);
        plain.sha256 = Some(sum.to_uppercase());
        act(&host, HostAction::Download(plain)).await.unwrap();
        is(&host, &armoured).await;

        // As people write fingerprints: in groups, in either case, one of several.
        let spaced = fingerprint.to_lowercase();
        let spaced = [&spaced[..20], "  ", &spaced[20..]].concat();
        let mut checked = download(url);
        checked.keys = keys(Form::Binary, [&other, &spaced]);
        act(&host, HostAction::Download(checked.clone()))
            .await
            .unwrap();
        is(&host, &binary).await;
        checked.keys = keys(Form::Armoured, [&other, &spaced]);
        act(&host, HostAction::Download(checked)).await.unwrap();
        is(&host, &armoured).await;
    }
    assert_eq!(lab.exec(&["ls", "-A", "/srv/fetched"]), "key\n");
}

#[tokio::test]
async fn a_key_beside_the_pinned_one_is_not_installed() {
    let (lab, host) = connected("smuggles", "root").await;
    lab.exec(&["mkdir", "/srv/fetched"]);
    let (binary, pinned, fingerprint) = key(&lab, "One <one@example.org>");
    let (_, foreign, _) = key(&lab, "Other <other@example.org>");
    // Programs that look for any `-----BEGIN` find the second block, ones that look for a public key's do not.
    let foreign = String::from_utf8(foreign).unwrap();
    let mut smuggled = pinned.clone();
    smuggled.extend(foreign.replace(" BLOCK-----", "-----").into_bytes());
    let port = serve(smuggled).await;
    let mut checked = download(&format!("http://{}:{port}/key.asc", gateway(&lab)));
    checked.keys = keys(Form::Armoured, [&fingerprint]);
    let failure = act(&host, HostAction::Download(checked.clone()))
        .await
        .unwrap_err();
    assert_eq!(failure.summary, "the signing key is not the expected one");
    assert_eq!(lab.exec(&["ls", "-A", "/srv/fetched"]), "");

    // What is installed is made from what was checked, whatever stood around it or however it was stored.
    let mut wordy = b"Of One\n".to_vec();
    wordy.extend(&pinned);
    wordy.extend(b"-----END\n\nAAAA\n");
    for served in [wordy, binary.clone()] {
        let port = serve(served).await;
        checked.url = format!("http://{}:{port}/key", gateway(&lab));
        act(&host, HostAction::Download(checked.clone()))
            .await
            .unwrap();
        is(&host, &pinned).await;
    }
}

#[tokio::test]
async fn a_password_in_a_url_is_seen_by_nobody_and_the_same_file_is_left_alone() {
    let (lab, host) = connected("logs-in", "root").await;
    let port = serve(b"served\n".to_vec()).await;
    let place = format!("{}:{port}", gateway(&lab));
    lab.exec(&["mkdir", "/srv/fetched"]);
    let mut hidden = download(&format!("http://robot:s3cret@{place}/f[1]"));
    let failure = act(&host, HostAction::Download(hidden.clone()))
        .await
        .unwrap_err();
    assert!(failure.why.contains("neither curl nor wget"), "{failure}");
    lab.exec(&[
        "sh",
        "-c",
        "(apt-get -qq update; apt-get -qq install -y --no-install-recommends curl wget) >/dev/null 2>&1; \
         for program in curl wget; do printf '#!/bin/sh\\necho \"$0 $*\" >>/srv/seen\\nexec /usr/bin/%s \"$@\"\\n' \
         $program >/usr/local/bin/$program; chmod 755 /usr/local/bin/$program; done",
    ]);
    for program in ["curl", "wget"] {
        let mut inode = None;
        for _ in 0..2 {
            act(&host, HostAction::Download(hidden.clone()))
                .await
                .unwrap();
            is(&host, b"served\n").await;
            let found = stat(&host, "/srv/fetched/key").await.unwrap().unwrap();
            assert_eq!(*inode.get_or_insert(found.inode), found.inode, "{program}");
        }
        hidden.url = format!("http://robot:s3cret@{place}/none");
        let failure = act(&host, HostAction::Download(hidden.clone()))
            .await
            .unwrap_err();
        assert!(!failure.to_string().contains("s3cret"), "{failure}");
        hidden.url = format!("http://robot:s3cret@{place}/f");
        let seen = lab.exec(&["cat", "/srv/seen"]);
        assert!(
            seen.contains(&format!("/{program} ")) && !seen.contains("s3cret"),
            "{seen}"
        );
        lab.exec(&[
            "sh",
            "-c",
            &format!("rm -f /usr/bin/{program} /usr/local/bin/{program}"),
        ]);
    }
    assert_eq!(lab.exec(&["ls", "-A", "/srv/fetched"]), "key\n");
}
