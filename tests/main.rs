//! All tests, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod architecture;
mod aws_connect;
mod aws_iam_s3;
mod aws_stubbed;
mod backend;
mod backend_lock;
mod backend_store;
mod bad;
mod interpreter;
mod jinja;
mod kinds;
mod lab;
mod local_keys;
mod modules;
mod modules_on_a_host;
mod register;
mod ssh;
mod support;

// Stacks and ECS.
mod aws_ecs;
mod aws_stacks;
mod ecs_tasks;
mod stack_answers;
mod stacks;
