//! The first contact with a host: which key it holds, who compared it, and the first public key on it.

pub mod askpass;
pub mod first_key;
pub mod handshake;
pub mod known_hosts;
pub mod known_names;
pub mod new_password;
pub mod trust;
pub mod workspace;
