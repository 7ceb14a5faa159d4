//! Whether what signs and what is signed is still taken by servers and browsers.

use x509_parser::error::X509Error;
use x509_parser::prelude::{FromDer as _, X509Certificate};
use x509_parser::public_key::PublicKey;

/// The least bits of an RSA key (CA/Browser Forum, Baseline Requirements, 6.1.5).
pub const SHORTEST: usize = 2048;

/// Signatures whose hash is broken, by their identifiers (RFC 3279, section 2.2; RFC 8017, appendix C).
const BROKEN: &[(&str, &str)] = &[
    ("1.2.840.113549.1.1.2", "MD2"),
    ("1.2.840.113549.1.1.4", "MD5"),
    ("1.2.840.113549.1.1.5", "SHA-1"),
    ("1.3.14.3.2.29", "SHA-1"),
    ("1.2.840.10040.4.3", "SHA-1"),
    ("1.2.840.10045.4.1", "SHA-1"),
];

/// Whether one certificate signed another.
#[derive(Debug, PartialEq, Eq)]
pub enum Signed {
    Yes,
    No,
    /// It names it as its issuer, and the signature is too weak to be asked.
    Weak,
    /// It names it as its issuer, and signatures of this kind cannot be checked here.
    Unknown(String),
}

/// Whether the issuer signed the certificate.
pub fn signed(issuer: &[u8], certificate: &[u8]) -> Signed {
    let (Ok((_, issuer)), Ok((_, certificate))) = (
        X509Certificate::from_der(issuer),
        X509Certificate::from_der(certificate),
    ) else {
        return Signed::No;
    };
    if issuer.subject() != certificate.issuer() {
        return Signed::No;
    }
    if weak(&certificate).is_some() || short(&issuer).is_some() {
        return Signed::Weak;
    }
    match certificate.verify_signature(Some(issuer.public_key())) {
        Ok(()) => Signed::Yes,
        Err(X509Error::SignatureUnsupportedAlgorithm) => {
            Signed::Unknown(certificate.signature_algorithm.algorithm.to_id_string())
        }
        Err(_) => Signed::No,
    }
}

/// The broken hash that its signature is made with.
pub fn weak(certificate: &X509Certificate<'_>) -> Option<&'static str> {
    let kind = certificate.signature_algorithm.algorithm.to_id_string();
    let (_, hash) = BROKEN.iter().find(|(broken, _)| *broken == kind)?;
    Some(hash)
}

/// The length of a number, whose bytes may begin with zeros.
pub fn bits(number: &[u8]) -> usize {
    let zeros: u32 = number
        .iter()
        .scan(true, |leading, byte| {
            leading.then(|| {
                *leading = *byte == 0;
                byte.leading_zeros()
            })
        })
        .sum();
    number.len() * 8 - zeros as usize
}

/// The bits of its key, where they are too few.
pub fn short(certificate: &X509Certificate<'_>) -> Option<usize> {
    match certificate.public_key().parsed() {
        Ok(PublicKey::RSA(key)) => Some(bits(key.modulus)).filter(|&bits| bits < SHORTEST),
        _ => None,
    }
}
