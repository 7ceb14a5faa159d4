//! A host over SSH: one connection, one long-lived shell a user, questions that wait together sent together.
//!
//! ```text
//!  exec       a host as CI meets it: one command a session, without a shell of ours
//!  streamed   the same with streams that are passed on while it runs
//!  host       one of a host's users, as a place that is asked (question) and acted on (action)
//!  contact    before any run: whose key it is, and the first key that opens it
//!  login      the connection, a user's shell begun, and why it did not come about
//!  exchange   what waits sent to that shell as one request, for as long as it lives
//!  question   what can be asked, and what the replies say
//!  action     what can be done
//!  prelude    what our shells on the host know
//! ```

mod action;
mod advice;
mod arguments;
mod contact;
mod exchange;
mod exec;
mod host;
mod login;
mod prelude;
mod question;
mod streamed;
mod world;

pub use advice::trust_command;
pub use contact::askpass::{ASKED, answer as answer_password};
pub use contact::first_key::{Password, first_key};
pub use contact::known_hosts::Standing;
pub use contact::trust::{Contact, Key, knows};
pub use exec::Exec;
pub use host::Host;
pub use login::settings::Settings;
pub use streamed::{Input, Sink};
