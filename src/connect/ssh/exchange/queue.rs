//! The line in front of a user's shell. Questions that wait at the same time go out as one request.

use std::{sync::Arc, time::Duration};

use tokio::sync::{mpsc, oneshot};

use super::{
    call::Call,
    frame::Reply,
    liveness::Waiting,
    shell::{Broken, Shell},
    step, unsound,
};
use crate::connect::ssh::{login::connection::Connection, login::shell_failure};
use crate::model::{Class, Failure, Progress};

/// How long a question waits for company. Askers that run side by side arrive within microseconds of each other; a
/// round trip costs tens of milliseconds.
const COMPANY: Duration = Duration::from_millis(1);

/// How many questions and how many of their bytes go out at once, so that one request stays a text that a shell holds.
const BATCH: (usize, usize) = (256, 256 << 10);

#[derive(Debug)]
struct Pending {
    call: Call,
    /// Where an action tells what it does; none for a question.
    action: Option<Progress>,
    reply: oneshot::Sender<Result<Reply, Failure>>,
}

/// Where calls for one user's shell are handed in.
#[derive(Debug, Clone)]
pub struct Queue(mpsc::UnboundedSender<Pending>);

impl Queue {
    /// A line in front of a shell of this user, which is started when something is asked. It ends with its last owner.
    pub fn new(connection: Arc<Connection>, user: String) -> Self {
        let (sender, receiver) = mpsc::unbounded_channel();
        let worker = Worker {
            connection,
            user,
            receiver,
            held: None,
            shell: None,
        };
        tokio::spawn(worker.work());
        Self(sender)
    }

    /// Asks a question.
    pub async fn ask(&self, call: Call) -> Result<Reply, Failure> {
        self.hand_in(call, None).await
    }

    /// Performs an action, after everything that was handed in before it, and tells what it says meanwhile.
    pub async fn act(&self, call: Call, progress: &Progress) -> Result<Reply, Failure> {
        self.hand_in(call, Some(progress.clone())).await
    }

    async fn hand_in(&self, call: Call, action: Option<Progress>) -> Result<Reply, Failure> {
        call.check()?;
        let function = call.to_string();
        let waiting = match action {
            Some(_) => Waiting::Action,
            None => Waiting::Question,
        };
        let (reply, answer) = oneshot::channel();
        let job = Pending {
            call,
            action,
            reply,
        };
        let ended = || Failure::bug("the task that speaks to a host has ended");
        self.0.send(job).map_err(|_| ended())?;
        let reply = answer.await.map_err(|_| ended())??;
        if reply.cropped {
            return Err(unsound::too_long(&function, waiting));
        }
        Ok(reply)
    }
}

struct Worker {
    connection: Arc<Connection>,
    user: String,
    receiver: mpsc::UnboundedReceiver<Pending>,
    /// An action that was met while questions were gathered.
    held: Option<Pending>,
    shell: Option<Shell>,
}

impl Worker {
    async fn work(mut self) {
        while let Some(jobs) = self.next().await {
            let calls: Vec<Call> = jobs.iter().map(|job| job.call.clone()).collect();
            let action = jobs.iter().find_map(|job| job.action.clone());
            match self.perform(&calls, action.as_ref()).await {
                Ok(replies) => {
                    for (job, reply) in jobs.into_iter().zip(replies) {
                        // An asker that has gone needs no answer.
                        let _ = job.reply.send(Ok(reply));
                    }
                }
                Err(failure) => {
                    self.shell = None;
                    for job in jobs {
                        let _ = job.reply.send(Err(failure.clone()));
                    }
                }
            }
        }
    }

    /// One action, or every question that waits; none when nobody can hand in any more.
    async fn next(&mut self) -> Option<Vec<Pending>> {
        let first = match self.held.take() {
            Some(job) => job,
            None => self.wait().await?,
        };
        if first.action.is_some() {
            return Some(vec![first]);
        }
        let mut bytes = first.call.size();
        let mut jobs = vec![first];
        while jobs.len() < BATCH.0
            && let Ok(Some(job)) = tokio::time::timeout(COMPANY, self.receiver.recv()).await
        {
            bytes += job.call.size();
            if job.action.is_some() || bytes > BATCH.1 {
                self.held = Some(job);
                break;
            }
            jobs.push(job);
        }
        Some(jobs)
    }

    /// Waits for a job; gives the shell up meanwhile when another user's shell needs its place.
    async fn wait(&mut self) -> Option<Pending> {
        if self.shell.is_some() {
            tokio::select! {
                biased;
                job = self.receiver.recv() => return job,
                () = self.connection.reclaimed() => self.shell = None,
            }
        }
        self.receiver.recv().await
    }

    /// Sends the calls. Questions are asked again after a cut, once; an action never is.
    async fn perform(
        &mut self,
        calls: &[Call],
        action: Option<&Progress>,
    ) -> Result<Vec<Reply>, Failure> {
        let first = self.attempt(calls, action).await?;
        let cut = match first {
            Ok(replies) => return Ok(self.performed(replies, action)),
            Err(cut) => cut,
        };
        self.shell = None;
        if !cut.begun && !cut.said.trim().is_empty() {
            return Err(self.denied(&cut.said));
        }
        if action.is_some() && (cut.begun || !cut.fresh) {
            return Err(lost(&self.connection.name, calls));
        }
        match self.attempt(calls, action).await? {
            Ok(replies) => Ok(self.performed(replies, action)),
            Err(cut) if action.is_some() && cut.begun => Err(lost(&self.connection.name, calls)),
            Err(cut) if cut.begun => Err(broken_off(&self.connection.name, calls)),
            Err(cut) => Err(self.denied(&cut.said)),
        }
    }

    fn performed(&self, replies: Vec<Reply>, action: Option<&Progress>) -> Vec<Reply> {
        if action.is_some() {
            self.connection.become_attempts.reconsider();
        }
        replies
    }

    /// Why no shell of this user begins, kept where asking again would be another offence.
    fn denied(&self, said: &str) -> Failure {
        let connection = &self.connection;
        let failure = shell_failure::of(said, &self.user, &connection.login, &connection.name);
        self.connection.become_attempts.close(&self.user, &failure);
        failure
    }

    /// One exchange, with the greeting before it on a new shell, and again when another run was at work meanwhile.
    async fn attempt(
        &mut self,
        calls: &[Call],
        action: Option<&Progress>,
    ) -> Result<Result<Vec<Reply>, Broken>, Failure> {
        let waiting = match action {
            Some(_) => Waiting::Action,
            None => Waiting::Question,
        };
        let shell = match &mut self.shell {
            Some(shell) => shell,
            None => self
                .shell
                .insert(Shell::start(&self.connection, &self.user).await?),
        };
        let connection = &self.connection;
        if !shell.is_new() {
            return shell.exchange(connection, calls, waiting, action).await;
        }
        let mut with_greeting = vec![Call::new("lf_hello")];
        with_greeting.extend_from_slice(calls);
        let exchanged = shell
            .exchange(connection, &with_greeting, waiting, action)
            .await?;
        let mut replies = match exchanged {
            Ok(replies) => replies,
            Err(cut) => return Ok(Err(Broken { fresh: true, ..cut })),
        };
        let greeting = replies.remove(0);
        if let Some(why) = greeting.refused {
            return Err(Failure::new(
                "the host cannot be worked on",
                format!("Greeting {} as {}.", connection.name, self.user),
            )
            .class(Class::Unreachable)
            .why(&why)
            .help(advice(&why)));
        }
        // An action has looked for itself whether another run was at work, and refused then.
        if action.is_none() && step::wait(shell, connection, &self.user, &greeting.out).await? {
            return shell.exchange(connection, calls, waiting, action).await;
        }
        Ok(Ok(replies))
    }
}

/// What to do about a folder of ours that cannot be used.
fn advice(why: &str) -> &'static str {
    if why.contains("No space left on device") || why.contains("Disk quota exceeded") {
        "Make room on the host: `df -h` and `df -i` show what is full."
    } else if why.contains("Read-only file system") {
        "Find out why the host has mounted it read-only: a damaged disk does that."
    } else {
        ""
    }
}

/// A question whose answer ended half-way, twice.
fn broken_off(name: &str, calls: &[Call]) -> Failure {
    let what = calls.first().map(Call::to_string).unwrap_or_default();
    Failure::new(
        "the host breaks off while it answers",
        format!("Asking {name} for `{what}`."),
    )
    .class(Class::Unreachable)
    .why("The connection, or the shell on the host, ended before the answer had, and again at a second try.")
    .help("Does something there end sessions or processes, such as a lack of memory? `journalctl` on the host may say.")
}

/// An action whose end nobody heard of.
fn lost(name: &str, calls: &[Call]) -> Failure {
    let what = calls.first().map(Call::to_string).unwrap_or_default();
    Failure::new(
        "the connection was lost during a step",
        format!("Performing `{what}` on {name}."),
    )
    .class(Class::Unreachable)
    .why("The connection ended before the host had answered.")
    .left_behind("The step may still be running on the host, or it may have ended well or badly.")
    .help("Run the same command again: it waits for what still runs there, then looks at what is.")
}
