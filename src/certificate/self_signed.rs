//! A pair that nobody but its maker trusts: for practice, and for what only its owner connects to.

use jiff::{SignedDuration, Timestamp};
use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair};

use crate::model::Secret;

/// A certificate and its private key, both as PEM texts.
#[derive(Debug)]
pub struct Pair {
    /// The certificate.
    pub chain: String,
    /// Its private key.
    pub key: Secret,
}

/// Makes a certificate that signs itself, for these names and this many days from now on, with an ECDSA key on P-256.
///
/// Fails, in a sentence, when a name can be in no certificate.
pub fn make(names: &[String], days: u16, now: Timestamp) -> Result<Pair, String> {
    let said = |error: rcgen::Error| format!("No certificate can be made: {error}.");
    let mut params = CertificateParams::new(names.to_vec()).map_err(said)?;
    let mut subject = DistinguishedName::new();
    // RFC 5280, appendix A.1: a common name has at most 64 characters. It counts for nothing, so it may be cut.
    let common: String = names
        .first()
        .map_or("", String::as_str)
        .chars()
        .take(64)
        .collect();
    subject.push(DnType::CommonName, common);
    params.distinguished_name = subject;
    // A clock on the other side may be a little behind.
    params.not_before = time(now - SignedDuration::from_hours(1))?;
    params.not_after = time(now + SignedDuration::from_hours(24 * i64::from(days)))?;
    let key = KeyPair::generate().map_err(said)?;
    let certificate = params.self_signed(&key).map_err(said)?;
    Ok(Pair {
        chain: certificate.pem(),
        key: Secret::new(key.serialize_pem()),
    })
}

fn time(at: Timestamp) -> Result<time::OffsetDateTime, String> {
    time::OffsetDateTime::from_unix_timestamp(at.as_second()).map_err(|error| error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::certificate::{Chain, faults};

    #[test]
    fn what_is_made_is_found_good_for_its_names_until_it_ends() {
        let now: Timestamp = "2026-03-04T05:06:07Z".parse().unwrap();
        let names = ["review.example.org".to_owned(), "203.0.113.7".to_owned()];
        let pair = make(&names, 90, now).unwrap();
        let chain = Chain::from_pem(pair.chain.as_bytes()).unwrap();
        let leaf = chain.leaf().unwrap();
        assert_eq!(leaf.names, names);
        assert!(leaf.self_signed);
        assert_eq!(leaf.not_after.to_string(), "2026-06-02T05:06:07Z");
        let key = pair.key.expose().as_bytes();
        assert_eq!(faults(&chain, key, &names, now), []);
        let later = "2026-06-02T05:06:07Z".parse().unwrap();
        let found = faults(&chain, key, &names, later);
        assert_eq!(found[0].summary, "the certificate has expired");
        let other = make(&names, 90, now).unwrap();
        let found = faults(
            &chain,
            other.key.expose().as_bytes(),
            &["www.example.org".to_owned()],
            now,
        );
        let summaries: Vec<&str> = found.iter().map(|fault| fault.summary).collect();
        assert_eq!(
            summaries,
            [
                "the private key is of another certificate",
                "the certificate is for other names"
            ]
        );
    }
}
