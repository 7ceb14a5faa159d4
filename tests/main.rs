//! All tests, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod architecture;
mod aws_ecs;
mod aws_stacks;
mod backend;
mod backend_store;
mod bad;
mod ecs_tasks;
mod kinds;
mod lab;
mod modules;
mod register;
mod stack_answers;
mod stacks;
mod support;
