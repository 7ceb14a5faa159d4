//! The certificate that a server shows for a name.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use jiff::Timestamp;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring, verify_tls12_signature, verify_tls13_signature};
use rustls::{ClientConfig, DigitallySignedStruct, Error, SignatureScheme};
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};
use tokio_rustls::TlsConnector;

use super::port::connect;
use crate::certificate::{Chain, faults_of_served};
use crate::model::network::{PortState, Served};
use crate::model::{Failure, causes};

/// How long a server may take to show its certificate.
const HANDSHAKE: Duration = Duration::from_secs(10);

/// What is served for this name. Fails when the address or the name cannot be one.
pub async fn served(address: &str, port: u16, name: &str) -> Result<Served, Failure> {
    let server = ServerName::try_from(name.to_owned()).map_err(|error| {
        Failure::new(
            "this is no name for a certificate",
            format!("asking for the certificate of `{name}`"),
        )
        .why(error.to_string())
    })?;
    let stream = match connect(address, port).await? {
        (PortState::Open, Some(stream)) => stream,
        (PortState::Silent, _) => return Ok(Served::NoTls("nobody answers there".to_owned())),
        _ => return Ok(Served::Nothing),
    };
    let shown = Arc::new(Shown::new());
    let config = ClientConfig::builder_with_provider(Arc::clone(&shown.provider))
        .with_safe_default_protocol_versions()
        .map_err(|error| Failure::bug(format!("TLS cannot be spoken: {error}")))?
        .dangerous()
        .with_custom_certificate_verifier(Arc::clone(&shown) as Arc<dyn ServerCertVerifier>)
        .with_no_client_auth();
    let handshake = TlsConnector::from(Arc::new(config)).connect(server, stream);
    let ended = match tokio::time::timeout(HANDSHAKE, handshake).await {
        Ok(ended) => ended.map(drop).map_err(|error| causes(&error)),
        Err(_) => Err(format!(
            "the handshake did not end within {} seconds",
            HANDSHAKE.as_secs()
        )),
    };
    let chain = shown
        .chain
        .lock()
        .unwrap_or_else(PoisonError::into_inner)
        .take();
    let Some(chain) = chain else {
        return Ok(Served::NoTls(
            ended
                .err()
                .unwrap_or_else(|| "no certificate was shown".to_owned()),
        ));
    };
    Ok(judged(chain, name, ended))
}

/// What is wrong with a chain that was shown, also where the handshake ended badly after it: without the private key.
fn judged(chain: Vec<CertificateDer<'static>>, name: &str, ended: Result<(), String>) -> Served {
    let chain = match Chain::from_der(chain) {
        Ok(chain) => chain,
        Err(why) => return Served::NoTls(why),
    };
    let Some(leaf) = chain.leaf().cloned() else {
        return Served::NoTls("an empty chain was shown".to_owned());
    };
    let found = faults_of_served(&chain, &[name.to_owned()], Timestamp::now());
    let mut faults: Vec<String> = found.into_iter().map(|fault| fault.why).collect();
    faults.extend(
        ended
            .err()
            .map(|why| format!("The handshake failed: {why}.")),
    );
    Served::Certificate {
        leaf: Box::new(leaf),
        faults,
    }
}

/// Takes any chain and keeps it. Who serves it must still prove to have its key, by the signature of the handshake.
#[derive(Debug)]
struct Shown {
    provider: Arc<CryptoProvider>,
    chain: Mutex<Option<Vec<CertificateDer<'static>>>>,
}

impl Shown {
    fn new() -> Self {
        Self {
            provider: Arc::new(ring::default_provider()),
            chain: Mutex::default(),
        }
    }
}

impl ServerCertVerifier for Shown {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, Error> {
        let all = std::iter::once(end_entity).chain(intermediates);
        let all = all.map(|one| one.clone().into_owned()).collect();
        *self.chain.lock().unwrap_or_else(PoisonError::into_inner) = Some(all);
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls12_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        verify_tls13_signature(
            message,
            certificate,
            signed,
            &self.provider.signature_verification_algorithms,
        )
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.provider
            .signature_verification_algorithms
            .supported_schemes()
    }
}
