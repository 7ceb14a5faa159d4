//! All tests, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod architecture;
mod backend;
mod backend_store;
mod bad;
mod kinds;
mod lab;
mod modules;
mod modules_on_a_host;
mod playbook_hosts;
mod register;
mod support;
