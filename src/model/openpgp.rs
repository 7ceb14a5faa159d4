//! The fingerprints of OpenPGP public keys, so that a key is trusted for what it is and not for where it came from.

use std::collections::BTreeSet;

use base64::{Engine, engine::general_purpose::STANDARD};
use serde::Serialize;
use sha1::{Digest, Sha1};
use sha2::Sha256;

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END: &str = "-----END PGP PUBLIC KEY BLOCK-----";

/// The packet that holds a primary key (RFC 9580, 5).
const PUBLIC_KEY: u8 = 6;
/// The packet that holds a secret key.
const SECRET_KEY: u8 = 5;
/// What stands beside a primary key (RFC 9580, 10.1): signatures, user ids and attributes, subkeys; and what readers
/// pass over: trust, markers, padding.
const BESIDE: [u8; 7] = [2, 10, 12, 13, 14, 17, 21];

/// How keys are stored in a file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// As text: apt's `.asc` files.
    Armoured,
    /// As they are: apt's `.gpg` files.
    Binary,
}

impl Form {
    /// The form that apt expects in a file of this name.
    pub fn of(path: &str) -> Self {
        if path.ends_with(".gpg") {
            Self::Binary
        } else {
            Self::Armoured
        }
    }

    /// What a file of this form holds for these binary keys.
    pub fn stored(self, binary: Vec<u8>) -> Vec<u8> {
        match self {
            Self::Binary => binary,
            Self::Armoured => armoured(&binary).into_bytes(),
        }
    }
}

/// The keys in binary, taken out of their armour if they are in one.
///
/// Refuses what is neither and what holds anything but public keys, with the reason. Words around an armour are
/// dropped: what is stored is made anew from what this gives, so that no other reader can find more in it.
pub fn binary(bytes: &[u8]) -> Result<Vec<u8>, String> {
    let binary = match std::str::from_utf8(bytes) {
        Ok(text) if text.contains(BEGIN) => unarmoured(text)?,
        _ if bytes.first().is_some_and(|first| first & 0x80 != 0) => bytes.to_vec(),
        _ => return Err("What came is not an OpenPGP key.".to_owned()),
    };
    if fingerprints(&binary)?.is_empty() {
        return Err("What came holds no primary key.".to_owned());
    }
    Ok(binary)
}

/// Refuses binary keys of which one's primary fingerprint is not in the list.
pub fn check(binary: &[u8], allowed: &[String]) -> Result<(), String> {
    let allowed: Vec<String> = allowed.iter().map(|one| clean(one)).collect();
    let foreign = fingerprints(binary)?
        .into_iter()
        .find(|one| !allowed.contains(one));
    match foreign {
        None => Ok(()),
        Some(foreign) => Err(format!(
            "It holds the key {foreign}, which is not in the list."
        )),
    }
}

/// Whether a file holds the keys with exactly these primary fingerprints, written as [`Form::stored`] writes them.
pub fn holds(file: &[u8], form: Form, wanted: &[String]) -> bool {
    let Ok(binary) = binary(file) else {
        return false;
    };
    let found: BTreeSet<String> = fingerprints(&binary)
        .unwrap_or_default()
        .into_iter()
        .collect();
    found == wanted.iter().map(|one| clean(one)).collect() && form.stored(binary) == file
}

fn clean(fingerprint: &str) -> String {
    let digits = fingerprint.strip_prefix("0x").unwrap_or(fingerprint);
    digits
        .chars()
        .filter(|c| !c.is_whitespace())
        .collect::<String>()
        .to_ascii_uppercase()
}

/// The primary keys' fingerprints in upper-case hexadecimal, in the order of the file.
fn fingerprints(mut rest: &[u8]) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (tag, body, after) = packet(rest).ok_or("What came is a broken OpenPGP file.")?;
        match tag {
            PUBLIC_KEY => found.push(fingerprint(body)?),
            SECRET_KEY => return Err("What came holds a secret key.".to_owned()),
            tag if BESIDE.contains(&tag) => {}
            tag => {
                return Err(format!(
                    "What came holds a packet of kind {tag}, which is no part of a public key."
                ));
            }
        }
        rest = after;
    }
    Ok(found)
}

/// One packet: its tag, its body, and what follows (RFC 9580, 4.2).
fn packet(bytes: &[u8]) -> Option<(u8, &[u8], &[u8])> {
    let (&first, rest) = bytes.split_first()?;
    if first & 0x80 == 0 {
        return None;
    }
    let number = |from: &[u8]| {
        from.iter()
            .fold(0_usize, |sum, &byte| (sum << 8) | usize::from(byte))
    };
    let (tag, length, start) = if first & 0x40 != 0 {
        let one = usize::from(*rest.first()?);
        let (length, used) = match one {
            0..192 => (one, 1),
            192..224 => (((one - 192) << 8) + usize::from(*rest.get(1)?) + 192, 2),
            255 => (number(rest.get(1..5)?), 5),
            // Partial lengths are for data, never for keys.
            _ => return None,
        };
        (first & 0x3f, length, used)
    } else {
        let used = match first & 3 {
            0 => 1,
            1 => 2,
            2 => 4,
            _ => return None,
        };
        ((first >> 2) & 0x0f, number(rest.get(..used)?), used)
    };
    let body = rest.get(start..start.checked_add(length)?)?;
    Some((tag, body, &rest[start + length..]))
}

/// RFC 9580, 5.5.4: SHA-1 over 0x99 and two bytes of length for version 4; SHA-256 over 0x9a or 0x9b and four for 5 and 6.
fn fingerprint(body: &[u8]) -> Result<String, String> {
    let long = u32::try_from(body.len())
        .map_err(|_| "A key is too long.")?
        .to_be_bytes();
    match body.first() {
        Some(4) => {
            let mut hash = Sha1::new();
            hash.update([0x99]);
            hash.update(&long[2..]);
            hash.update(body);
            Ok(hex::encode_upper(hash.finalize()))
        }
        Some(version @ (5 | 6)) => {
            let mut hash = Sha256::new();
            hash.update([if *version == 5 { 0x9a } else { 0x9b }]);
            hash.update(long);
            hash.update(body);
            Ok(hex::encode_upper(hash.finalize()))
        }
        other => Err(format!(
            "It holds a key of version {}, whose fingerprint proves nothing any more.",
            other.copied().unwrap_or_default()
        )),
    }
}

/// Every armoured block's bytes; the CRC, which RFC 9580 tells to ignore, is ignored.
fn unarmoured(text: &str) -> Result<Vec<u8>, String> {
    if text.matches("-----BEGIN").count() != text.matches(BEGIN).count() {
        return Err("What came holds an armour that is not a public key's.".to_owned());
    }
    let mut bytes = Vec::new();
    for block in text.split(BEGIN).skip(1) {
        let (inner, _) = block.split_once(END).ok_or("The armour has no end.")?;
        // The first line is what follows the dashes; headers, if any, end with an empty line.
        let body: String = inner
            .lines()
            .map(str::trim_end)
            .skip(1)
            .skip_while(|line| line.contains(": ") || line.is_empty())
            .filter(|line| !line.starts_with('='))
            .collect();
        bytes.extend(STANDARD.decode(body).map_err(|_| "The armour is broken.")?);
    }
    Ok(bytes)
}

/// Keys as text, with the CRC that readers older than RFC 9580 want.
fn armoured(binary: &[u8]) -> String {
    let text = STANDARD.encode(binary);
    let mut armoured = format!("{BEGIN}\n\n");
    for from in (0..text.len()).step_by(64) {
        armoured.push_str(&text[from..text.len().min(from + 64)]);
        armoured.push('\n');
    }
    let crc = crc24(binary).to_be_bytes();
    armoured.push_str(&format!("={}\n{END}\n", STANDARD.encode(&crc[1..])));
    armoured
}

/// RFC 4880, 6.1.
fn crc24(bytes: &[u8]) -> u32 {
    bytes.iter().fold(0x00b7_04ce, |crc, &byte| {
        (0..8).fold(crc ^ (u32::from(byte) << 16), |crc, _| {
            let next = crc << 1;
            if next & 0x0100_0000 == 0 {
                next
            } else {
                next ^ 0x0186_4cfb
            }
        })
    })
}

#[cfg(test)]
mod tests {
    use std::process::Command;

    use super::*;

    /// What Debian signs its releases with; the fingerprints are those that Debian publishes, and gpg's where it is.
    const KEYRINGS: &str = "/usr/share/keyrings";

    fn judged(path: &std::path::Path) -> Option<Vec<String>> {
        let output = Command::new("gpg")
            .args(["--with-colons", "--show-keys"])
            .arg(path)
            .output()
            .ok()?;
        let text = String::from_utf8_lossy(&output.stdout).into_owned();
        let mut lines = text.lines();
        let mut found = Vec::new();
        while let Some(line) = lines.next() {
            if line.starts_with("pub:") {
                let next = lines.find(|line| line.starts_with("fpr:"))?;
                found.push(next.split(':').nth(9)?.to_owned());
            }
        }
        Some(found)
    }

    /// As a publisher may give it: with words before it and a header.
    fn published(bytes: &[u8]) -> String {
        let text = armoured(bytes).replacen("\n\n", "\nComment: x\n\n", 1);
        format!("some words before\n{text}")
    }

    #[test]
    fn real_keys_have_the_fingerprints_that_gpg_gives_them() {
        let mut seen = 0;
        for entry in std::fs::read_dir(KEYRINGS).unwrap() {
            let path = entry.unwrap().path();
            let bytes = std::fs::read(&path).unwrap();
            let Ok(plain) = binary(&bytes) else { continue };
            let Some(expected) = judged(&path).filter(|found| !found.is_empty()) else {
                continue;
            };
            let found = fingerprints(&plain).unwrap();
            assert_eq!(found, expected, "{}", path.display());
            assert_eq!(binary(published(&plain).as_bytes()).unwrap(), plain);
            for form in [Form::Armoured, Form::Binary] {
                let stored = form.stored(plain.clone());
                assert!(holds(&stored, form, &expected), "{}", path.display());
                assert!(!holds(&stored, form, &expected[1..]), "a key too many");
            }
            let own = published(&plain);
            assert!(
                !holds(own.as_bytes(), Form::Armoured, &expected),
                "another's armour may hold more than is read here"
            );
            check(&plain, &expected).unwrap();
            if found.len() > 1 {
                assert!(
                    check(&plain, &expected[1..]).is_err(),
                    "a key that is not listed"
                );
            }
            seen += 1;
        }
        assert!(seen > 0, "no keyring was judged");
    }

    #[test]
    fn what_is_no_key_is_refused() {
        assert!(binary(b"<html>not found</html>").is_err());
        assert!(binary(b"").is_err());
        let smuggled = format!("{BEGIN}\n\nxg==\n{END}\n-----BEGIN PGP PUBLIC KEY-----\n\nxg==\n");
        assert!(binary(smuggled.as_bytes()).unwrap_err().contains("armour"));
        assert!(binary(&[0xb4, 1, b'x']).is_err(), "a user id alone");
        assert!(check(&[0xc8, 1, 0], &[]).is_err(), "compressed data");
        assert!(check(&[0xc6, 0xff, 0xff, 0xff, 0xff, 0xff, 4], &[]).is_err());
        assert!(check(&[0x99, 0x01, 0x00, 4], &[]).is_err());
        assert!(check(&[0xc5, 1, 4], &[]).is_err(), "a secret key");
        assert!(
            check(&[0xc6, 1, 3], &[]).is_err(),
            "a version that proves nothing"
        );
    }
}
