//! Uses a target the way CI will use it, and says what came out.
//!
//! ```text
//!  host       what is tried at a host, with the key that CI has
//!  allowed    what its deploy user must be able to do, by its profile
//!  refused    what it must not
//!  registry   whether it can fetch what was deployed last
//!  listening  the ports at which something listens there
//!  renewal    the certificates that it renews itself
//!  outside    what anybody on the network sees: certificates, ports
//!  ecs        what is tried at a service
//!  entrance   how all of it is entered
//!  asked      what a host answers
//!  stamp      what goes into the record, and what a stamp is worth by now
//! ```

mod allowed;
mod asked;
mod ecs;
mod entrance;
mod host;
mod listening;
mod outcome;
mod outside;
mod refused;
mod registry;
mod renewal;
mod stamp;

use crate::backend::Release;
use crate::model::{Check, Target, TargetKind, shell_word};

pub use entrance::{Entered, Entrance};
pub use outside::{HTTPS, NEAR, served};
pub use stamp::{Standing, at, stamp, standing};

/// What comes of a target that is declared in this environment and has no record: nothing can be tried.
pub fn no_record(target: &str, environment: &str) -> Check {
    let why = "It is declared, and not registered.";
    let help = format!(
        "Run `landfall apply {}`, which registers it",
        shell_word(environment)
    );
    outcome::check("record", target, outcome::failed(why, help))
}

/// Tries everything that the record promises, and gives what came of each in the order in which it was tried.
///
/// `released` is what runs there as far as is known: its images are what the registry is asked for.
pub async fn verify(
    target: &Target,
    released: Option<&Release>,
    entrance: &dyn Entrance,
) -> Vec<Check> {
    match &target.kind {
        TargetKind::Host(host) => host::verify(target, host, released, entrance).await,
        TargetKind::Ecs(ecs) => ecs::verify(ecs, entrance).await,
    }
}
