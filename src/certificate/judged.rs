//! What would keep a browser from trusting a chain and its key for these names.

use std::sync::Arc;

use jiff::Timestamp;
use rustls::crypto::ring::sign::any_supported_type;
use rustls::sign::CertifiedKey;
use rustls_pki_types::{CertificateDer, PrivateKeyDer, pem::PemObject};
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::{chain::Chain, names::covers};

/// Something that is wrong with a certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// What is wrong, the same words each time.
    pub summary: &'static str,
    /// What is wrong with this one, as a whole sentence.
    pub why: String,
    /// What to do.
    pub help: &'static str,
}

/// Everything that is wrong with a chain and its private key for these names at this time; nothing where a server can use
/// them. Whether its root is trusted is for whoever connects to say.
pub fn faults(chain: &Chain, key: &[u8], names: &[String], now: Timestamp) -> Vec<Fault> {
    let mut found = Vec::new();
    found.extend(of_key(chain, key));
    found.extend(faults_of_served(chain, names, now));
    found
}

/// Everything that is wrong with a chain that a server showed, for these names at this time.
pub fn faults_of_served(chain: &Chain, names: &[String], now: Timestamp) -> Vec<Fault> {
    let mut found = Vec::new();
    found.extend(of_order(chain));
    found.extend(of_names(chain, names));
    found.extend(of_time(chain, now));
    found
}

/// The private key must be the first certificate's.
fn of_key(chain: &Chain, key: &[u8]) -> Option<Fault> {
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
            return Some(unread(format!(
                "It is of a kind that is not known here: {error}."
            )));
        }
    };
    let certified = CertifiedKey::new(chain.certificates().to_vec(), Arc::clone(&signing));
    match certified.keys_match() {
        Ok(()) => None,
        Err(_) => Some(of_another(chain, &signing)),
    }
}

/// Where the key is the one of a later certificate, the chain is in another order rather than of another key.
fn of_another(chain: &Chain, signing: &Arc<dyn rustls::sign::SigningKey>) -> Fault {
    let fits = |one: &CertificateDer<'static>| {
        CertifiedKey::new(vec![one.clone()], Arc::clone(signing))
            .keys_match()
            .is_ok()
    };
    match chain.certificates().iter().position(fits) {
        Some(position) => Fault {
            summary: "the chain is in another order",
            why: format!(
                "The private key is that of certificate {}, which must be the first.",
                position + 1
            ),
            help: "put the host's own certificate first, then the one that signed it, and so on",
        },
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

/// Each certificate is signed by the one behind it (RFC 8446, section 4.4.2, asks for it of all but the last TLS).
fn of_order(chain: &Chain) -> Option<Fault> {
    let facts = chain.facts();
    if facts
        .first()
        .is_some_and(|leaf| leaf.authority && facts.len() > 1)
    {
        return Some(Fault {
            summary: "the chain is in another order",
            why: format!(
                "It begins with an authority's certificate, {}.",
                facts[0].subject
            ),
            help: "put the host's own certificate first, then the one that signed it, and so on",
        });
    }
    let pairs = chain.certificates().windows(2).enumerate();
    let broken = pairs
        .into_iter()
        .find(|(_, pair)| !signs(&pair[1], &pair[0]))?
        .0;
    let elsewhere = chain
        .certificates()
        .iter()
        .any(|one| signs(one, &chain.certificates()[broken]));
    let why = format!(
        "Certificate {} ({}) is not signed by certificate {} ({}).",
        broken + 1,
        facts[broken].subject,
        broken + 2,
        facts[broken + 1].subject
    );
    Some(if elsewhere && !facts[broken].self_signed {
        Fault {
            summary: "the chain is in another order",
            why,
            help: "put the host's own certificate first, then the one that signed it, and so on",
        }
    } else {
        Fault {
            summary: "the chain is broken",
            why,
            help: "take out what does not belong to it, and add the certificate of each authority in between",
        }
    })
}

fn signs(issuer: &[u8], certificate: &[u8]) -> bool {
    let (Ok((_, issuer)), Ok((_, certificate))) = (
        X509Certificate::from_der(issuer),
        X509Certificate::from_der(certificate),
    ) else {
        return false;
    };
    issuer.subject() == certificate.issuer()
        && certificate
            .verify_signature(Some(issuer.public_key()))
            .is_ok()
}

fn of_names(chain: &Chain, names: &[String]) -> Option<Fault> {
    let leaf = chain.leaf()?;
    let missing: Vec<&str> = names
        .iter()
        .filter(|name| !covers(leaf, name))
        .map(String::as_str)
        .collect();
    if missing.is_empty() {
        return None;
    }
    let its = match leaf.names.as_slice() {
        [] => "it names none in its subject alternative names, and a common name does not count"
            .to_owned(),
        names => format!("it is for {}", names.join(", ")),
    };
    Some(Fault {
        summary: "the certificate is for other names",
        why: format!("It is not for {}: {its}.", missing.join(", ")),
        help: "take these names out of `domains`, or have a certificate issued that is for all of them",
    })
}

fn of_time(chain: &Chain, now: Timestamp) -> Option<Fault> {
    let outside =
        |one: &&crate::model::CertificateFacts| now < one.not_before || now >= one.not_after;
    let one = chain.facts().iter().find(outside)?;
    Some(if now < one.not_before {
        Fault {
            summary: "the certificate is not valid yet",
            why: format!("{} begins to be valid on {}.", one.subject, one.not_before),
            help: "look at this machine's clock, or wait until then",
        }
    } else {
        Fault {
            summary: "the certificate has expired",
            why: format!("{} was valid until {}.", one.subject, one.not_after),
            help: "have it issued anew",
        }
    })
}
