//! Credentials that can be sent.

use aws_credential_types::Credentials;
use aws_credential_types::provider::{
    self, ProvideCredentials, SharedCredentialsProvider, error::CredentialsError, future,
};

/// Credentials of another provider, unless no request can carry them: signing ends the program over those.
#[derive(Debug)]
pub(super) struct Sendable(pub(super) SharedCredentialsProvider);

/// Whether this may stand in a request's header (RFC 9110, section 5.5), as keys and session tokens do.
pub(super) fn is_sendable(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_graphic())
}

impl Sendable {
    async fn load(&self) -> provider::Result {
        let credentials = self.0.provide_credentials().await?;
        if sendable(&credentials) {
            Ok(credentials)
        } else {
            Err(CredentialsError::invalid_configuration(
                "the access key or the session token has a character that none has, such as a line feed or a blank",
            ))
        }
    }
}

fn sendable(credentials: &Credentials) -> bool {
    is_sendable(credentials.access_key_id()) && credentials.session_token().is_none_or(is_sendable)
}

impl ProvideCredentials for Sendable {
    fn provide_credentials<'a>(&'a self) -> future::ProvideCredentials<'a>
    where
        Self: 'a,
    {
        future::ProvideCredentials::new(self.load())
    }
}
