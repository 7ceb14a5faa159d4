//! What an operator is advised to type or to look at: commands of ours, and the section of a host.

use crate::model::{Address, Kind};

/// The command that trusts a host, ready to be typed.
pub fn trust_command(address: &str, port: u16) -> String {
    match port {
        22 => format!("landfall host trust {address}"),
        port => format!("landfall host trust {address} --port {port}"),
    }
}

/// The command that puts a public key on a host for this user, ready to be typed. `key` is the file of the public half.
pub fn key_command(address: &str, port: u16, user: &str, key: &str) -> String {
    let port = match port {
        22 => String::new(),
        port => format!(" --port {port}"),
    };
    format!("landfall host key {address}{port} --user {user} --key {key}")
}

/// How the section of a host begins in the environment's file: `[hosts.NAME]`.
pub fn section_of(name: &str) -> String {
    Address::new(Kind::Host, name).header()
}
