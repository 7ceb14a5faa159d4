//! **Landfall** takes a bare AWS account, or a bare Ubuntu or Debian host, to a registered deploy target.
//!
//! *A run reads what the user declared, asks the world what is, decides what differs, does it, and writes down where
//! one can now deploy.*
//!
//! ```text
//!    cli        init · check · plan · apply · destroy · targets · certificates · deploy …            the door
//!     │ └─▶ rehearse         throwaway hosts and an emulated AWS, through which the same door leads   the second door
//!     └─────────────────┐
//!    declare ──▶ observe ──▶ plan ──▶ apply ──▶ register                                             verbs
//!                       │
//!                                play                                a host's playbook, which `plan` walks
//!                       │
//!    vars · resource · graph · connect · backend · view                                              nouns
//!                       │
//!    model: Address Node Query Action Change Verdict Event Target Failure · Probe, World             words
//!    reading · backoff · certificate    files read within bounds, pauses between tries, X.509
//! ```
//!
//! - A **resource kind** is one file, or one folder: [`resource::Resource`] says what is observed of a thing, through a
//!   [`model::Probe`] that cannot change anything, and compares it, which is pure; its `NATURE` says what holds for every
//!   thing of the kind: its name in the world, what others may refer to, what the ledger records. One table has them all.
//! - **Effects are data**: [`model::Query`] is everything the program can ask, [`model::Action`] everything it can do.
//!   A dry run is the same walk without its last step.
//! - **One walk**: [`graph`] holds all concurrency; one stream of [`model::Event`]s feeds terminal, JSON and journal.
//! - The **table** of who may name whom stands in `tests/architecture.rs`; that no file needs one that needs it, directly or
//!   around, is seen by `tests/circles.rs`.

pub mod backoff;
pub mod certificate;
pub mod model;
pub mod reading;

pub mod backend;
pub mod connect;
pub mod graph;
pub mod resource;
pub mod vars;
pub mod view;

pub mod apply;
pub mod declare;
pub mod observe;
pub mod plan;
pub mod play;
pub mod register;

pub mod cli;
pub mod rehearse;
