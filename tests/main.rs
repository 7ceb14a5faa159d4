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
mod register;
mod support;

// Stacks and ECS.
mod aws_ecs;
mod aws_stacks;
mod ecs_tasks;
mod stack_answers;
mod stacks;
