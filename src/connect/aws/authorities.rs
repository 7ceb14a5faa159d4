//! The one client that every request goes through, and the authorities it trusts.

use std::env;
use std::path::{Path, PathBuf};

use aws_sdk_sts::config::SharedHttpClient;
use aws_smithy_http_client::{
    Builder, ConnectorBuilder,
    proxy::ProxyConfig,
    tls::{Provider, TlsContext, TrustStore, rustls_provider::CryptoMode},
};
use rustls_pki_types::{CertificateDer, pem::PemObject as _};

use super::{limits::limited, profile::Profile};
use crate::model::{Failure, pem};
use crate::reading;

/// Those of whole distributions have a few hundred kilobytes.
const BUNDLE: u64 = 8 << 20;

/// A client that trusts the authorities of a bundle, which the SDK does not look for by itself: `AWS_CA_BUNDLE`, else
/// `ca_bundle` of the profile, as the AWS command line takes it. Where neither names one, the machine's own.
pub(super) fn trusting(profile: &Profile) -> Result<SharedHttpClient, Failure> {
    let variable = env::var_os("AWS_CA_BUNDLE").filter(|path| !path.is_empty());
    let (path, said) = match (variable, profile.get("ca_bundle")) {
        (Some(path), _) => (PathBuf::from(path), "AWS_CA_BUNDLE".to_owned()),
        (None, Some(path)) => (at_home(path), format!("ca_bundle of {profile}")),
        (None, None) => return client(TrustStore::default(), ProxyConfig::from_env()),
    };
    let pem = bundle(&path).map_err(|why| {
        Failure::new(
            "the bundle of certificate authorities cannot be used",
            format!("reading {}, which {said} names", path.display()),
        )
        .why(why)
        .help("Let it name a file of PEM certificates, or name none.")
    })?;
    client(
        TrustStore::empty().with_pem_certificate(pem),
        ProxyConfig::from_env(),
    )
}

/// A client that trusts nobody over TLS and goes to nobody's proxy: for what answers on this machine.
pub(super) fn local() -> Result<SharedHttpClient, Failure> {
    client(TrustStore::empty(), ProxyConfig::disabled())
}

fn client(trust: TrustStore, proxy: ProxyConfig) -> Result<SharedHttpClient, Failure> {
    let tls = TlsContext::builder().with_trust_store(trust).build();
    let tls = tls.map_err(|error| {
        Failure::new("TLS cannot be used", "preparing to connect to AWS").why(error)
    })?;
    Ok(limited(Builder::new().build_with_connector_fn(
        move |settings, components| {
            let mut connector = ConnectorBuilder::default()
                .tls_provider(Provider::Rustls(CryptoMode::Ring))
                .tls_context(tls.clone())
                .proxy_config(proxy.clone());
            connector.set_connector_settings(settings.cloned());
            connector.set_sleep_impl(components.and_then(|components| components.sleep_impl()));
            connector.build()
        },
    )))
}

/// The bundle, once every certificate in it was read: the client that gets it takes a broken one for a bug of ours.
fn bundle(path: &Path) -> Result<Vec<u8>, String> {
    let bundle = reading::bytes(path, BUNDLE).map_err(|error| error.to_string())?;
    pem::unmarked(&bundle)?;
    let mut read = 0;
    for certificate in CertificateDer::pem_slice_iter(&bundle) {
        read += 1;
        let certificate = certificate
            .map_err(|error| format!("The PEM of its certificate {read} is broken: {error}."))?;
        webpki::anchor_from_trusted_cert(&certificate)
            .map_err(|error| format!("Its certificate {read} cannot be read: {error}."))?;
    }
    match read {
        0 => Err("It holds no PEM certificate.".to_owned()),
        _ => Ok(bundle),
    }
}

/// The AWS command line opens `~/bundle.pem` in the user's home.
fn at_home(path: &str) -> PathBuf {
    match (path.strip_prefix("~/"), env::home_dir()) {
        (Some(rest), Some(home)) => home.join(rest),
        _ => PathBuf::from(path),
    }
}
