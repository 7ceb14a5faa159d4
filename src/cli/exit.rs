//! How the program ends, in one table.

use std::process::ExitCode;

use crate::model::{Class, Diagnostic, Failure};

/// The exit codes. The README shows the same table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Exit {
    /// Done, or nothing to do.
    Done = 0,
    /// It failed, or the command line or a file is wrong.
    Error = 1,
    /// There are changes (`plan --detailed-exitcode`), CI has other values (`targets export --check`), or a certificate is
    /// wrong or near its end (`certificates status`).
    Changes = 2,
    /// Another run holds the lock.
    LockHeld = 3,
    /// A host or an endpoint was not reached.
    Unreachable = 4,
    /// The world moved since the plan was saved.
    Stale = 5,
    /// It will not be done without being told more.
    Refused = 6,
    /// Some of it was done and some failed, or what there is to do is not all known.
    Partly = 7,
    /// Ended on request.
    Interrupted = 130,
}

/// The table as `--help` shows it, in eighty columns: it would be broken anywhere else.
pub const TABLE: &str = "\
Exit codes:
  0    done, or nothing to do
  1    failed, or the command line or a file is wrong
  2    there are changes (plan --detailed-exitcode, targets export --check,
       certificates status)
  3    another run holds the lock
  4    a host or an endpoint was not reached, or did not let us in
  5    the world moved since the plan was saved
  6    refused: protected data, foreign property, a question that was not
       answered with yes
  7    partly done: something failed after something else was changed, or is
       not known
  130  ended on request (Ctrl-C)";

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        ExitCode::from(exit as u8)
    }
}

impl From<Class> for Exit {
    fn from(class: Class) -> Self {
        match class {
            Class::Error => Exit::Error,
            Class::LockHeld => Exit::LockHeld,
            Class::Unreachable => Exit::Unreachable,
            Class::Stale => Exit::Stale,
            Class::Refused | Class::Protected => Exit::Refused,
            Class::Interrupted => Exit::Interrupted,
        }
    }
}

impl From<&Failure> for Exit {
    /// A failure after which changes stay is partly done.
    fn from(failure: &Failure) -> Self {
        match failure.class {
            Class::Error if failure.made > 0 => Exit::Partly,
            class => class.into(),
        }
    }
}

/// Why a command did not end well.
#[derive(Debug)]
pub enum CommandError {
    /// What the user wrote is wrong.
    Mistakes(Vec<Diagnostic>),
    /// Something failed.
    Failure(Failure),
}

impl From<Failure> for CommandError {
    fn from(failure: Failure) -> Self {
        CommandError::Failure(failure)
    }
}

impl From<Vec<Diagnostic>> for CommandError {
    fn from(mistakes: Vec<Diagnostic>) -> Self {
        CommandError::Mistakes(mistakes)
    }
}
