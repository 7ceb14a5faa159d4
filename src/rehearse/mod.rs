//! A whole environment against an AWS emulator and throwaway hosts: no account, no server.
//!
//! The parts stand alone, so that tests use the same ones: [`emulator`] for AWS, [`engine`], [`base`] and [`host`] for
//! hosts, [`install`] for what the machine lacks.

pub mod base;
pub mod emulator;
pub mod engine;
pub mod host;
pub mod install;
mod label;
mod program;
mod rehearsal;

use std::path::PathBuf;

use crate::model::Failure;

pub use rehearsal::Rehearsal;

/// Says one line to whoever waits.
pub type Say<'a> = &'a (dyn Fn(&str) + Send + Sync);

/// The folder for what is worth keeping between rehearsals: `$XDG_CACHE_HOME/landfall`, else `~/.cache/landfall`.
///
/// Fails when neither variable is set.
pub fn cache() -> Result<PathBuf, Failure> {
    let set = |name: &str| {
        std::env::var_os(name)
            .filter(|value| !value.is_empty())
            .map(PathBuf::from)
    };
    set("XDG_CACHE_HOME")
        .or_else(|| set("HOME").map(|home| home.join(".cache")))
        .map(|folder| folder.join("landfall"))
        .ok_or_else(|| {
            Failure::new(
                "there is no cache folder",
                "looking for a folder to keep the emulator in",
            )
            .why("Neither XDG_CACHE_HOME nor HOME is set.")
            .help("Set HOME.")
        })
}
