//! Whether a stored PostgreSQL verifier belongs to a password (RFC 5802 and 7677, as PostgreSQL stores it).

use base64::{Engine as _, engine::general_purpose::STANDARD};
use hmac::{Hmac, KeyInit as _, Mac as _};
use pbkdf2::pbkdf2_hmac_array;
use sha2::{Digest as _, Sha256};

/// Whether `SCRAM-SHA-256$rounds:salt$stored:server` was made from this password.
///
/// A verifier of another kind (`md5…`) belongs to no password: it shall be replaced. A verifier in a password's place
/// is stored as it is.
pub fn belongs(verifier: &str, password: &str) -> bool {
    if verifier == password {
        // What is stored is a verifier or nothing, and no password at all belongs to nothing.
        return !verifier.is_empty();
    }
    parts(verifier).is_some_and(|(rounds, salt, stored)| {
        let salted = pbkdf2_hmac_array::<Sha256, 32>(password.as_bytes(), &salt, rounds);
        hmac(&salted, b"Client Key")
            .is_some_and(|client| Sha256::digest(client).as_slice() == stored)
    })
}

fn parts(verifier: &str) -> Option<(u32, Vec<u8>, Vec<u8>)> {
    let rest = verifier.strip_prefix("SCRAM-SHA-256$")?;
    let (head, keys) = rest.split_once('$')?;
    let (rounds, salt) = head.split_once(':')?;
    let (stored, _) = keys.split_once(':')?;
    // A server may ask for more rounds than its default of 4096, but not for so many that we would not end.
    let rounds = rounds.parse().ok().filter(|rounds| *rounds <= 1_000_000)?;
    Some((
        rounds,
        STANDARD.decode(salt).ok()?,
        STANDARD.decode(stored).ok()?,
    ))
}

fn hmac(key: &[u8], message: &[u8]) -> Option<Vec<u8>> {
    let mut mac = Hmac::<Sha256>::new_from_slice(key).ok()?;
    mac.update(message);
    Some(mac.finalize().into_bytes().to_vec())
}

#[cfg(test)]
mod tests {
    use super::belongs;

    /// The exchange of RFC 7677, section 3: password `pencil`; its proof and nonces give this stored key.
    const PENCIL: &str = "SCRAM-SHA-256$4096:W22ZaJ0SNY7soEsUEjb6gQ==$WG5d8oPm3OtcPnkdi4Uo7BkeZkBFzpcXkuLmtbsT4qY=:wfPLwcE6nTWhTAmQ7tl2KeoiWGPlZqQxSrmfPwDl2dU=";

    #[test]
    fn a_verifier_belongs_to_its_password_alone() {
        assert!(belongs(PENCIL, "pencil"));
        assert!(!belongs(PENCIL, "Pencil"));
        assert!(!belongs("md55f4dcc3b5aa765d61d8327deb882cf99", "pencil"));
        assert!(!belongs("", ""));
        assert!(belongs(PENCIL, PENCIL));
    }
}
