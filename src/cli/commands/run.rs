//! `landfall run`: runs a command once, in a new container of what is deployed.

use std::io::{ErrorKind, Write};

use clap::Args;

use crate::cli::deploy_entry::{Entry, enter};
use crate::cli::named_targets;
use crate::cli::session::Session;
use crate::cli::{CommandError, Context, Exit};
use crate::connect::ssh::{Exec, Input};
use crate::model::host::Command;
use crate::model::{Address, Failure, Kind, Redactor, Target, TargetKind};
use crate::register::{self, Site};

/// What `run` takes.
#[derive(Debug, Args)]
pub struct RunArgs {
    /// The environment
    pub environment: String,
    /// The target
    pub target: String,
    /// The service whose image it runs; the only one that runs an image of the target's, when none is named
    #[arg(long, value_name = "NAME")]
    pub service: Option<String>,
    /// The command and its arguments. Standard input is handed to it
    #[arg(last = true, required = true, value_name = "COMMAND")]
    pub command: Vec<String>,
}

/// Runs it, its streams passed on, and ends with its exit code.
///
/// Fails when it cannot be run, with the code of that failure.
pub async fn run(args: &RunArgs, context: &Context) -> Result<Exit, CommandError> {
    let code = Session::with_backend_only(context, &args.environment, async |session| {
        let target = named_targets::one(&session, &args.target).await?;
        let command = command(&session, &target, args).await?;
        let TargetKind::Host(host) = &target.kind else {
            return Err(Failure::bug("a command was made for what is no host").into());
        };
        let entry = Entry::of(&session, &target, host)?;
        let exec = Exec::connect(&entry.login, &target.name, entry.settings.clone()).await?;
        let (out, err) = (context.redactor.clone(), context.redactor.clone());
        let mut out = Lines::of(out, std::io::stdout());
        let mut err = Lines::of(err, std::io::stderr());
        let streamed = exec.stream(
            &command,
            Input::of(std::io::stdin()),
            |piece: &[u8]| out.take(piece),
            |piece: &[u8]| err.take(piece),
        );
        let code = streamed.await;
        out.rest()?;
        err.rest()?;
        Ok(code?)
    })
    .await?;
    match code {
        0 => Ok(Exit::Done),
        // Its meaning is the command's own, so that our table has none for it.
        code => std::process::exit(code),
    }
}

/// The words to be run there.
async fn command(session: &Session, target: &Target, args: &RunArgs) -> Result<Command, Failure> {
    let entered = enter(session, target).await?;
    let address = Address::new(Kind::Target, &target.name);
    let site = Site {
        target,
        world: entered.world.clone(),
        releases: &session.backend.releases(),
        run: &session.run,
        progress: &session.site.events.progress(&address),
        stop: &session.site.stop,
        seconds: 0,
    };
    register::one_off(&site, args.service.as_deref(), &args.command).await
}

/// A line that is longer is passed on in parts: it is no text.
const LINE: usize = 1 << 20;

/// Passes on what a command prints, a line at a time, so that a secret in it is known for one.
struct Lines<W> {
    redactor: Redactor,
    writer: W,
    begun: Vec<u8>,
}

impl<W: Write> Lines<W> {
    fn of(redactor: Redactor, writer: W) -> Self {
        Self {
            redactor,
            writer,
            begun: Vec::new(),
        }
    }

    fn take(&mut self, piece: &[u8]) -> Result<(), Failure> {
        self.begun.extend_from_slice(piece);
        let whole = match self.begun.iter().rposition(|byte| *byte == b'\n') {
            Some(last) => last + 1,
            None if self.begun.len() > LINE => self.begun.len(),
            None => return Ok(()),
        };
        let rest = self.begun.split_off(whole);
        let lines = std::mem::replace(&mut self.begun, rest);
        self.pass(&lines)
    }

    fn rest(&mut self) -> Result<(), Failure> {
        let rest = std::mem::take(&mut self.begun);
        self.pass(&rest)
    }

    /// What is no text is passed on as it is.
    fn pass(&mut self, lines: &[u8]) -> Result<(), Failure> {
        let shown = match std::str::from_utf8(lines) {
            Ok(text) if self.redactor.finds(text) => self.redactor.text(text).into_bytes(),
            _ => lines.to_vec(),
        };
        let written = self
            .writer
            .write_all(&shown)
            .and_then(|()| self.writer.flush());
        match written {
            // A reader that has gone (`| head`) is no failure.
            Err(error) if error.kind() != ErrorKind::BrokenPipe => Err(Failure::new(
                "what the command prints cannot be passed on",
                "Its output was to be written.",
            )
            .why(error)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Secret;

    #[test]
    fn what_is_printed_in_pieces_is_passed_on_whole_and_without_secrets() {
        let redactor = Redactor::default();
        redactor.learn(&[Secret::new("s3cret-value".to_owned())]);
        let mut lines = Lines::of(redactor, Vec::new());
        for piece in [&b"one s3cr"[..], b"et-value\ntw", b"o\n\xff\xfe", b"end"] {
            lines.take(piece).unwrap();
        }
        lines.rest().unwrap();
        let text = String::from_utf8_lossy(&lines.writer).into_owned();
        assert!(!text.contains("s3cret-value"), "{text}");
        assert!(
            text.starts_with("one ") && text.contains("\ntwo\n"),
            "{text}"
        );
        assert!(lines.writer.ends_with(b"\xff\xfeend"));
    }
}
