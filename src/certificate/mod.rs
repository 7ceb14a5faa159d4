//! X.509 certificates: read, judged before they are handed to a host, and made for practice.
//!
//! ```text
//!  chain         the certificates of a PEM file, or of a TLS handshake, in their order
//!  facts         what one of them says
//!  fault         what may be wrong
//!  judged        what would keep a browser from trusting a chain and its key for these names
//!  names         whether a certificate is for a name
//!  private_key   what would keep a server from using a key with its chain
//!  self_signed   a pair that nobody but its maker trusts
//!  strength      whether what signs and what is signed is still taken
//! ```

mod chain;
mod facts;
mod fault;
mod judged;
mod names;
mod private_key;
mod self_signed;
mod strength;

pub use chain::Chain;
pub use fault::Fault;
pub use judged::{faults, faults_of_served};
pub use names::covers;
pub use self_signed::{Pair, make};
