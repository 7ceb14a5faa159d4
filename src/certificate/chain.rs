//! The certificates of a PEM file, or of a TLS handshake, in their order.

use rustls_pki_types::{CertificateDer, pem::PemObject};

use super::facts;
use crate::model::{CertificateFacts, pem};

/// A chain as it is written or was served: the host's own certificate first, each other signing the one before it.
#[derive(Debug, Clone)]
pub struct Chain {
    certificates: Vec<CertificateDer<'static>>,
    facts: Vec<CertificateFacts>,
}

impl Chain {
    /// Reads the certificates of a PEM text that is for everybody to read. Fails, in a sentence, when there is none, one of
    /// them cannot be read, a server could not load the file, or a private key is in it.
    pub fn from_pem(text: &[u8]) -> Result<Self, String> {
        pem::certificates_alone(text)?;
        let read: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(text).collect();
        Self::from_der(read.map_err(|error| format!("It is no PEM text: {error}."))?)
    }

    /// Takes certificates in their binary form. Fails, in a sentence, when one of them cannot be read.
    pub fn from_der(certificates: Vec<CertificateDer<'static>>) -> Result<Self, String> {
        let read = |(position, one): (usize, &CertificateDer<'_>)| {
            facts::of(one).map_err(|error| {
                format!(
                    "Certificate {} of it cannot be read: {error}.",
                    position + 1
                )
            })
        };
        let facts: Result<Vec<_>, String> = certificates.iter().enumerate().map(read).collect();
        Ok(Self {
            facts: facts?,
            certificates,
        })
    }

    /// What its first certificate says, which is the host's own; none of an empty chain.
    pub fn leaf(&self) -> Option<&CertificateFacts> {
        self.facts.first()
    }

    /// What each certificate says, in the chain's order.
    pub fn facts(&self) -> &[CertificateFacts] {
        &self.facts
    }

    /// The certificates in their binary form, in the chain's order.
    pub fn certificates(&self) -> &[CertificateDer<'static>] {
        &self.certificates
    }
}
