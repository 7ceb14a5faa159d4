//! What would keep a server from using a private key with its chain.

use rustls::crypto::ring::sign::any_supported_type;
use rustls_pki_types::{PrivateKeyDer, pem::PemObject};
use x509_parser::der_parser::parse_der;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::chain::Chain;
use super::fault::{Fault, other_order, too_short};
use super::strength::{SHORTEST, bits, short};
use crate::model::pem;

/// The private key must be the first certificate's.
pub fn fault(chain: &Chain, key: &[u8]) -> Option<Fault> {
    let unread = |why: String| Fault {
        summary: "the private key cannot be read",
        why,
        help: "give it as an unencrypted PEM file: RSA, ECDSA on P-256 or P-384, or Ed25519",
    };
    let text = String::from_utf8_lossy(key);
    if text.contains("ENCRYPTED") {
        return Some(unread(
            "A passphrase hides it, which no server could type.".to_owned(),
        ));
    }
    if let Err(why) = pem::labels(key) {
        return Some(unread(why));
    }
    let read = match PrivateKeyDer::from_pem_slice(key) {
        Ok(read) => read,
        Err(error) => {
            return Some(unread(format!(
                "It is no PEM text with a private key: {error}."
            )));
        }
    };
    let signing = match any_supported_type(&read) {
        Ok(signing) => signing,
        Err(error) => {
            return match rsa_bits(&read) {
                // The certificate's own length is told with it.
                Some(bits) if bits < SHORTEST && leaf_is_short(chain) => None,
                Some(bits) if bits < SHORTEST => Some(too_short(format!(
                    "The private key is one of RSA with {bits} bits; browsers and servers take {SHORTEST} or more."
                ))),
                _ => Some(unread(format!(
                    "It is of a kind that is not known here: {error}."
                ))),
            };
        }
    };
    let public = signing.public_key()?;
    let fits = |one: &[u8]| {
        // The library's own comparison answers "no" for a certificate that it does not like for another reason.
        X509Certificate::from_der(one).is_ok_and(|(_, one)| one.public_key().raw == public.as_ref())
    };
    match chain.certificates().iter().position(|one| fits(one)) {
        Some(0) => None,
        position => Some(of_another(chain, position)),
    }
}

/// The length of a private key of RSA: that of its modulus, which stands behind the version (RFC 8017, appendix A.1.2).
fn rsa_bits(key: &PrivateKeyDer<'_>) -> Option<usize> {
    let modulus = |der: &[u8]| {
        let (_, key) = parse_der(der).ok()?;
        Some(bits(key.as_sequence().ok()?.get(1)?.as_slice().ok()?))
    };
    match key {
        PrivateKeyDer::Pkcs1(key) => modulus(key.secret_pkcs1_der()),
        PrivateKeyDer::Pkcs8(key) => {
            let (_, outer) = parse_der(key.secret_pkcs8_der()).ok()?;
            modulus(outer.as_sequence().ok()?.get(2)?.as_slice().ok()?)
        }
        _ => None,
    }
}

fn leaf_is_short(chain: &Chain) -> bool {
    let leaf = chain.certificates().first();
    leaf.and_then(|leaf| X509Certificate::from_der(leaf).ok())
        .is_some_and(|(_, leaf)| short(&leaf).is_some())
}

/// Where the key is the one of a later certificate, the chain is in another order rather than of another key.
fn of_another(chain: &Chain, position: Option<usize>) -> Fault {
    match position {
        Some(position) => other_order(format!(
            "The private key is that of certificate {}, which must be the first.",
            position + 1
        )),
        None => Fault {
            summary: "the private key is of another certificate",
            why: format!(
                "It does not belong to the certificate of {}.",
                chain.leaf().map_or("nobody", |leaf| &leaf.subject)
            ),
            help: "give the key that the certificate was requested with",
        },
    }
}
