//! What can be tried from this machine at an address, as anybody on the network can.

use std::net::IpAddr;

use serde::{Deserialize, Serialize};

use crate::model::CertificateFacts;

/// A question to whatever answers at an address.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkQuery {
    /// Whether a TCP connection is taken there.
    Port {
        /// A name or an IP address.
        address: String,
        /// The port.
        port: u16,
    },
    /// The certificate that is served there for a name. Nothing is sent over the connection, and whether anybody trusts
    /// the certificate is not judged.
    Certificate {
        /// A name or an IP address.
        address: String,
        /// The port.
        port: u16,
        /// The name that is asked for.
        name: String,
    },
    /// The addresses that a name leads to in the DNS, its aliases followed.
    Addresses {
        /// The name.
        name: String,
        /// The name server, an IP address with or without a port; that of this machine where there is none.
        resolver: Option<String>,
    },
    /// What the DNS says at exactly this name of who may issue certificates for it (RFC 8659).
    Issuers {
        /// The name.
        name: String,
        /// The name server, as for `Addresses`.
        resolver: Option<String>,
    },
}

/// A CAA record: who may issue certificates for a name.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issuer {
    /// Whether an authority that does not know the tag must not issue.
    pub critical: bool,
    /// What is said, in lower case: `issue`, `issuewild`, `iodef`.
    pub tag: String,
    /// Of whom: `letsencrypt.org; validationmethods=http-01`.
    pub value: String,
}

/// What came of a TCP connection.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PortState {
    /// It was taken.
    Open,
    /// It was refused: nothing listens there.
    Closed,
    /// Nobody said anything: something on the way drops it.
    Silent,
}

/// What a server showed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Served {
    /// A certificate.
    Certificate {
        /// What it says.
        leaf: Box<CertificateFacts>,
        /// What is wrong with it or with its chain, as whole sentences; nothing where a browser that trusts its root would
        /// take it.
        faults: Vec<String>,
    },
    /// Nothing listens there.
    Nothing,
    /// The handshake came to no end, and why not.
    NoTls(String),
}

/// Answers, a shape a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NetworkAnswer {
    /// To `Port`.
    Port(PortState),
    /// To `Certificate`.
    Certificate(Served),
    /// To `Addresses`; none where the name has none, or is not there.
    Addresses(Vec<IpAddr>),
    /// To `Issuers`; none where the name says nothing.
    Issuers(Vec<Issuer>),
}
