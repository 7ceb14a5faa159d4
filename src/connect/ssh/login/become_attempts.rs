//! Which users could not be become, so that a host is not asked again what it notes down as an offence.

use std::{
    collections::BTreeMap,
    sync::{Mutex as Quick, PoisonError},
};

use tokio::sync::Mutex;

use super::shell_failure;
use crate::model::Failure;

/// What was tried on a host in this run.
#[derive(Debug, Default)]
pub struct BecomeAttempts {
    /// Why the password was refused. Held while it is tried, so that shells which start together try it once.
    pub password: Mutex<Option<Failure>>,
    closed: Quick<BTreeMap<String, Failure>>,
}

/// A try to become a user that failed.
pub struct BecomeFailure {
    /// Why.
    pub failure: Failure,
    /// Whether the password was tried, so that trying it again could lock the account.
    pub tried: bool,
}

impl From<Failure> for BecomeFailure {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            tried: false,
        }
    }
}

impl BecomeAttempts {
    /// Fails as it did when this user was tried before.
    pub fn check(&self, user: &str) -> Result<(), Failure> {
        let closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        closed.get(user).cloned().map_or(Ok(()), Err)
    }

    /// Notes that this user cannot be become, where trying it again would be another offence.
    pub fn close(&self, user: &str, failure: &Failure) {
        if shell_failure::is_an_offence(failure) {
            let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
            closed.insert(user.to_owned(), failure.clone());
        }
    }

    /// Something was done on the host: it may let in whom it kept out. A wrong password stays wrong.
    pub fn reconsider(&self) {
        let mut closed = self.closed.lock().unwrap_or_else(PoisonError::into_inner);
        closed.clear();
    }

    /// Notes what came of a try with a password; gives why it failed.
    pub fn tried(&self, user: &str, held: &mut Option<Failure>, closed: BecomeFailure) -> Failure {
        if shell_failure::is_an_offence(&closed.failure) {
            self.close(user, &closed.failure);
        } else if closed.tried {
            *held = Some(closed.failure.clone());
        }
        closed.failure
    }
}
