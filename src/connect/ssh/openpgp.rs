//! The fingerprints of OpenPGP public keys, so that a key is trusted for what it is and not for where it came from.

use base64::{Engine, engine::general_purpose::STANDARD};
use sha1::{Digest, Sha1};
use sha2::Sha256;

const BEGIN: &str = "-----BEGIN PGP PUBLIC KEY BLOCK-----";
const END: &str = "-----END PGP PUBLIC KEY BLOCK-----";

/// The packet that holds a primary key (RFC 9580, 5).
const PUBLIC_KEY: u8 = 6;
/// The packet that holds a secret key.
const SECRET_KEY: u8 = 5;

/// The keys in binary, taken out of their armour if they are in one. Refuses what is neither, with the reason.
pub(super) fn binary(bytes: &[u8]) -> Result<Vec<u8>, String> {
    match std::str::from_utf8(bytes) {
        Ok(text) if text.contains(BEGIN) => unarmoured(text),
        _ if bytes.first().is_some_and(|first| first & 0x80 != 0) => Ok(bytes.to_vec()),
        _ => Err("What came is not an OpenPGP key.".to_owned()),
    }
}

/// Refuses keys of which one's primary fingerprint is not in the list.
pub(super) fn check(binary: &[u8], allowed: &[String]) -> Result<(), String> {
    let clean = |text: &str| -> String {
        let text = text.strip_prefix("0x").unwrap_or(text);
        text.chars()
            .filter(|c| !c.is_whitespace())
            .collect::<String>()
            .to_ascii_uppercase()
    };
    let allowed: Vec<String> = allowed.iter().map(|one| clean(one)).collect();
    let found = fingerprints(binary)?;
    if found.is_empty() {
        return Err("What came holds no primary key.".to_owned());
    }
    match found.iter().find(|one| !allowed.contains(one)) {
        None => Ok(()),
        Some(foreign) => Err(format!(
            "It holds the key {foreign}, which is not in the list."
        )),
    }
}

/// The primary keys' fingerprints in upper-case hexadecimal, in the order of the file.
fn fingerprints(mut rest: &[u8]) -> Result<Vec<String>, String> {
    let mut found = Vec::new();
    while !rest.is_empty() {
        let (tag, body, after) = packet(rest).ok_or("What came is a broken OpenPGP file.")?;
        match tag {
            PUBLIC_KEY => found.push(fingerprint(body)?),
            SECRET_KEY => return Err("What came holds a secret key.".to_owned()),
            _ => {}
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
    let mut bytes = Vec::new();
    for block in text.split(BEGIN).skip(1) {
        let (inner, _) = block.split_once(END).ok_or("The armour has no end.")?;
        let mut lines = inner.lines().map(str::trim_end);
        // Headers, if any, end with an empty line; the first line is what follows the dashes.
        let body: String = lines
            .by_ref()
            .skip_while(|line| !line.is_empty())
            .skip(1)
            .skip_while(|line| line.contains(": ") || line.is_empty())
            .filter(|line| !line.starts_with('='))
            .collect();
        bytes.extend(STANDARD.decode(body).map_err(|_| "The armour is broken.")?);
    }
    Ok(bytes)
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

    fn armoured(bytes: &[u8]) -> String {
        let text = STANDARD.encode(bytes);
        let lines: Vec<&str> = (0..text.len())
            .step_by(64)
            .map(|from| &text[from..text.len().min(from + 64)])
            .collect();
        format!(
            "some words before\n{BEGIN}\nComment: x\n\n{}\n=AbCd\n{END}\n",
            lines.join("\n")
        )
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
            assert_eq!(binary(armoured(&plain).as_bytes()).unwrap(), plain);
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
        assert!(check(&[0xc6, 0xff, 0xff, 0xff, 0xff, 0xff, 4], &[]).is_err());
        assert!(check(&[0x99, 0x01, 0x00, 4], &[]).is_err());
        assert!(check(&[0xb4, 1, b'x'], &[]).is_err(), "a user id alone");
        assert!(check(&[0xc5, 1, 4], &[]).is_err(), "a secret key");
        assert!(
            check(&[0xc6, 1, 3], &[]).is_err(),
            "a version that proves nothing"
        );
    }
}
