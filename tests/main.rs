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
mod declare;
mod kinds;
mod lab;
mod modules;
mod register;
mod support;
