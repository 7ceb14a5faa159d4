//! What one certificate says.

use jiff::Timestamp;
use x509_parser::prelude::{FromDer as _, GeneralName, X509Certificate};

use crate::model::{CertificateFacts, Digest};

/// What this certificate says (RFC 5280). Fails, in a few words, when it is none.
pub fn of(der: &[u8]) -> Result<CertificateFacts, String> {
    let (rest, certificate) = X509Certificate::from_der(der).map_err(|error| error.to_string())?;
    if !rest.is_empty() {
        return Err("something stands behind its end".to_owned());
    }
    let validity = certificate.validity();
    let time = |seconds: i64| Timestamp::from_second(seconds).map_err(|error| error.to_string());
    Ok(CertificateFacts {
        subject: certificate.subject().to_string(),
        issuer: certificate.issuer().to_string(),
        names: names(&certificate),
        not_before: time(validity.not_before.timestamp())?,
        not_after: time(validity.not_after.timestamp())?,
        authority: certificate.is_ca(),
        self_signed: certificate.subject() == certificate.issuer()
            && certificate.verify_signature(None).is_ok(),
        fingerprint: Digest::of(der).sha256,
    })
}

/// The names it is for. A browser has not read the subject's common name since 2017, so it does not count.
fn names(certificate: &X509Certificate<'_>) -> Vec<String> {
    let Ok(Some(listed)) = certificate.subject_alternative_name() else {
        return Vec::new();
    };
    let name = |name: &GeneralName<'_>| match name {
        GeneralName::DNSName(name) => Some(name.to_lowercase()),
        GeneralName::IPAddress(bytes) => address(bytes),
        _ => None,
    };
    listed.value.general_names.iter().filter_map(name).collect()
}

fn address(bytes: &[u8]) -> Option<String> {
    if let Ok(four) = <[u8; 4]>::try_from(bytes) {
        return Some(std::net::Ipv4Addr::from(four).to_string());
    }
    let sixteen = <[u8; 16]>::try_from(bytes).ok()?;
    Some(std::net::Ipv6Addr::from(sixteen).to_string())
}
