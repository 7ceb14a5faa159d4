//! All tests, in one binary.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::print_stderr
)]

mod advice;
mod architecture;
mod aws_connect;
mod aws_ecs;
mod aws_iam_s3;
mod aws_stacks;
mod aws_stubbed;
mod aws_torn;
mod backend;
mod backend_damaged;
mod backend_lock;
mod backend_store;
mod bad;
mod bad_playbooks;
mod born_secrets;
mod circles;
mod cli;
mod declare;
mod ecs_deployments;
mod ecs_services;
mod ecs_tasks;
mod files_on_a_host;
mod interpreter;
mod jinja;
mod kinds;
mod lab;
mod local_keys;
mod modules;
mod modules_on_a_host;
mod odd_files;
mod playbook_hosts;
mod races;
mod register;
mod releases;
mod secrecy;
mod ssh;
mod stack_answers;
mod stack_parts;
mod stacks;
mod support;
mod template_bounds;
mod templates;
mod verified_services;
