//! Whether the two halves of a key pair are whole, and of one pair.

use std::path::Path;

use base64::{Engine, engine::general_purpose::STANDARD};

use super::keygen::{derive, public_path};
use crate::model::Failure;

/// How OpenSSH writes a private key (`PROTOCOL.key` of its sources): this line, base64, and the end line. In it stand,
/// each with its length before it, the cipher, how its key is made, how so, the number of keys, and then the public
/// half, which no passphrase hides.
const BEGIN: &str = "-----BEGIN OPENSSH PRIVATE KEY-----";
const END: &str = "-----END OPENSSH PRIVATE KEY-----";
const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Refuses a private half that is empty, cut or none, and a public half of another key.
///
/// Of a key with a passphrase in an older form than OpenSSH's own, only `ssh-keygen` with the passphrase knows more.
pub(super) async fn belong(path: &Path, private: &str, public: &str) -> Result<(), Failure> {
    let damaged = |why: &str| {
        Failure::new(
            "the private key is damaged",
            format!("reading the key pair {}", path.display()),
        )
        .why(why)
        .left_behind("Nothing was changed.")
        .help(
            "Bring it back from a copy: its public half may be on hosts. Where it is lost, move both halves away, and \
             give its section another name: that makes a new pair.",
        )
    };
    let text = private.trim();
    if text.is_empty() {
        return Err(damaged("The file is empty."));
    }
    let key = if text.starts_with(BEGIN) {
        let (cipher, key) = openssh(text).ok_or_else(|| {
            damaged("The file is cut off, or something else was written into it.")
        })?;
        match cipher {
            // The whole of it can be read, so all of it is looked at.
            Cipher::None => derived(path)
                .await
                .map_err(|failure| damaged(&failure.why))?,
            Cipher::Some => key,
        }
    } else if text.starts_with("-----BEGIN ") && text.contains("PRIVATE KEY-----") {
        match derived(path).await {
            Ok(key) => key,
            Err(_) if text.contains("ENCRYPTED") => return Ok(()),
            Err(failure) => return Err(damaged(&failure.why)),
        }
    } else {
        return Err(damaged("The file holds no private key."));
    };
    if blob(public).is_some_and(|of_public| of_public == key) {
        return Ok(());
    }
    let beside = public_path(path);
    Err(Failure::new(
        "the two halves are not of one key pair",
        format!("reading the key pair {}", path.display()),
    )
    .why(format!(
        "{} is not the public half of this private key.",
        beside.display()
    ))
    .left_behind("Nothing was changed.")
    .help("Move the `.pub` away if the private key is the right one: its public half is then read from it. Else put the right private key there."))
}

enum Cipher {
    None,
    Some,
}

/// Whether it needs a passphrase, and its public half.
fn openssh(text: &str) -> Option<(Cipher, Vec<u8>)> {
    let body: String = text
        .strip_prefix(BEGIN)?
        .strip_suffix(END)?
        .split_whitespace()
        .collect();
    let bytes = STANDARD.decode(body).ok()?;
    let rest = bytes.strip_prefix(MAGIC)?;
    let (cipher, rest) = string(rest)?;
    let (_, rest) = string(rest)?;
    let (_, rest) = string(rest)?;
    let (public, _) = string(rest.get(4..)?)?;
    let cipher = match cipher {
        b"none" => Cipher::None,
        _ => Cipher::Some,
    };
    Some((cipher, public.to_vec()))
}

/// The text at the beginning, and what follows (RFC 4251, section 5, `string`).
fn string(bytes: &[u8]) -> Option<(&[u8], &[u8])> {
    let (length, rest) = bytes.split_first_chunk::<4>()?;
    let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
    rest.split_at_checked(length)
}

/// The key in a line of `authorized_keys` without options: `ssh-ed25519 AAAA… comment`.
pub(super) fn blob(line: &str) -> Option<Vec<u8>> {
    STANDARD.decode(line.split_whitespace().nth(1)?).ok()
}

async fn derived(path: &Path) -> Result<Vec<u8>, Failure> {
    let line = derive(path).await?;
    blob(&line).ok_or_else(|| {
        Failure::new("ssh-keygen failed", "reading the public half").why("It printed no key.")
    })
}
