//! The command line: its arguments, the commands, and what commands share.

mod arguments;
mod ask;
mod commands;
mod connections;
mod context;
mod deploy_entry;
mod doing;
mod exit;
mod global_flags;
mod gone;
mod host_keys;
mod library;
mod locked_run;
mod log;
mod logged;
mod lost_ledger;
mod named_targets;
mod opening;
mod outcome;
mod output;
mod panics;
mod parts;
mod passed_on;
mod preflight;
mod protected;
mod renewals;
pub mod session;
mod show;
mod signals;
mod verify_entrance;

use std::process::ExitCode;

use clap::{CommandFactory, Parser};

use crate::connect::ssh;
use crate::model::Failure;
use crate::view;

use commands::{
    apply, certificates, check, completions, deploy, destroy, host, init, plan, rehearse, releases,
    rollback, run as one_off, schema, targets,
};

pub use arguments::{Arguments, Verb};
pub use context::Context;
pub use exit::{CommandError, Exit};

/// Reads the arguments, runs the command and says how it ended.
pub fn main() -> ExitCode {
    // ssh starts this same program to be told a password; then it does nothing else.
    if let Some(answer) = ssh::answer_password() {
        return password(answer);
    }
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            // Help and version are no errors; clap prints each where it belongs.
            let _ = error.print();
            return if error.use_stderr() {
                Exit::Error.into()
            } else {
                Exit::Done.into()
            };
        }
    };
    let context = Context::new(&arguments.global);
    log::begin(&context.redactor);
    let run = || start(arguments.verb, &context);
    panics::catch(context.style, &context.redactor, run).into()
}

fn start(verb: Verb, context: &Context) -> Exit {
    let runtime = match tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
    {
        Ok(runtime) => runtime,
        Err(error) => {
            let failure = Failure::new("the runtime did not start", "starting landfall").why(error);
            return show::error(context, &CommandError::Failure(failure));
        }
    };
    match runtime.block_on(run(verb, context)) {
        Ok(exit) => exit,
        Err(error) => show::error(context, &error),
    }
}

/// Hands a password to ssh, which reads our standard output.
fn password(answer: Result<zeroize::Zeroizing<String>, Failure>) -> ExitCode {
    let printed = answer.and_then(|password| view::print(&format!("{}\n", password.as_str())));
    match printed {
        Ok(()) => Exit::Done.into(),
        Err(failure) => {
            view::say(&view::failure::render(&failure, view::Sheet::PLAIN));
            Exit::Error.into()
        }
    }
}

async fn run(verb: Verb, context: &Context) -> Result<Exit, CommandError> {
    match verb {
        Verb::Init(args) => init::run(&args, context),
        Verb::Check(args) => check::run(&args, context).await,
        Verb::Plan(args) => plan::run(&args, context).await,
        Verb::Apply(args) => apply::run(&args, context).await,
        Verb::Destroy(args) => destroy::run(&args, context).await,
        Verb::Rehearse(args) => rehearse::run(&args, context).await,
        Verb::Targets(args) => targets::run(&args, context).await,
        Verb::Certificates(args) => certificates::run(&args, context).await,
        Verb::Deploy(args) => deploy::run(&args, context).await,
        Verb::Rollback(args) => rollback::run(&args, context).await,
        Verb::Releases(args) => releases::run(&args, context).await,
        Verb::Run(args) => one_off::run(&args, context).await,
        Verb::Host(args) => host::run(&args, context).await,
        Verb::Schema(args) => schema::run(&args),
        Verb::Completions(args) => completions::run(&args, Arguments::command()),
    }
}
