//! A compose project as a stack of a Swarm: deployed through the manager that the target is, and waited for.

use std::collections::BTreeSet;
use std::time::Duration;

use tokio::time::{Instant, sleep};

use super::compose::LOG_LINES;
use super::ended;
use super::env_file::NAME;
use super::project::{Down, Project};
use super::said;
use super::stack_file::StackFile;
use super::stack_state::{self, Fares};
use crate::model::host::Command;
use crate::model::{Content, Failure, Printed, TargetKind};

/// The pause between two looks.
const LOOK: Duration = Duration::from_secs(1);

/// The logs of so many tasks are looked at: one that no node could begin has none.
const LOGS: usize = 3;

/// A stack is steady when it is seen so at so many looks in a row: Docker says only a moment after it was told that it
/// exchanges something, and a task that crashes at once runs for a moment.
const STEADY: u32 = 4;

impl Project<'_> {
    /// Deploys the stack with the images that are in place, and waits until each service runs as it shall.
    ///
    /// Fails when one does not come up; its last lines are told then.
    pub(super) async fn stack_up(&self) -> Result<(), Down> {
        self.site.progress.say("exchanging the stack's tasks");
        let file = self.proven(self.stack_file(NAME).await?).await?;
        let before = self.tasks_so_far().await?;
        let ran = self.site.run(self.deploy_stack(&file)).await?;
        if !ran.ok() {
            let printed = Printed::new(ran.rc, b"", said::cause(&ran.err()).as_bytes());
            let ended = || format!("docker ended with exit code {}.", ran.rc);
            let why = printed.end().unwrap_or_else(ended);
            return Err(match stack_state::touches(&ran.out()) {
                true => self.not_up(why).into(),
                false => Down {
                    failure: self.refused(why),
                    untouched: true,
                },
            });
        }
        let begun = Instant::now();
        let mut steady = 0;
        loop {
            let over = begun.elapsed() >= Duration::from_secs(self.site.seconds);
            match self.stack_fares(&file, &before, over).await? {
                Fares::Steady => steady += 1,
                Fares::Moving(_) if !over => steady = 0,
                Fares::Moving(why) => {
                    let why = format!("After {} s {}", self.site.seconds, why);
                    return Err(self.not_up(why).into());
                }
                Fares::Fails(why) => return Err(self.not_up(why).into()),
            }
            if steady >= STEADY {
                return Ok(());
            }
            sleep(LOOK).await;
        }
    }

    /// Whether the stack runs as it would be deployed with the images that are in place.
    pub(super) async fn stack_is_current(&self) -> Result<bool, Failure> {
        let file = self.stack_file(NAME).await?;
        // What failed before says nothing of what runs now.
        let before = self.tasks_so_far().await?;
        let fares = self.stack_fares(&file, &before, false).await?;
        Ok(fares == Fares::Steady)
    }

    /// Nothing is resolved by the nodes: each image is named by its digest, or is what the nodes have.
    fn deploy_stack(&self, file: &StackFile) -> Command {
        let mut words = vec![
            "stack",
            "deploy",
            "--compose-file",
            "-",
            "--with-registry-auth",
            "--resolve-image",
            "never",
            "--prune",
        ];
        // It is waited for here, with its own patience.
        words.extend(self.has_detach().then_some("--detach=true"));
        words.push(self.compose.project());
        // It may hold what `.env` has.
        let text = Content::secret(file.text());
        self.compose.docker(&words).stdin(text)
    }

    /// Whether `docker stack deploy` can be told not to wait: since Docker 26.
    fn has_detach(&self) -> bool {
        let TargetKind::Host(host) = &self.site.target.kind else {
            return false;
        };
        let version = host.docker.as_deref().unwrap_or_default();
        let major = version.split('.').next().unwrap_or_default();
        major.parse::<u32>().is_ok_and(|major| major >= 26)
    }

    pub(super) async fn stack_file(&self, images: &str) -> Result<StackFile, Failure> {
        let command = self.compose.config(images);
        StackFile::read(&self.printed("reading the compose file", command).await?)
    }

    /// The worst of its services, told with its last lines when it fails or its time is over.
    async fn stack_fares(
        &self,
        file: &StackFile,
        before: &BTreeSet<String>,
        over: bool,
    ) -> Result<Fares, Failure> {
        let looking = "looking at the stack's services";
        let stack = self.compose.project();
        let name = |service: &String| format!("{stack}_{service}");
        let format = "{{.Name}} {{.Replicas}}";
        let words = ["stack", "services", stack, "--format", format];
        // Before the first deployment there is none.
        let replicas = self.site.ask(self.compose.docker(&words)).await?;
        let replicas = stack_state::replicas(&replicas.out());
        let missing = file
            .sums
            .keys()
            .find(|one| !replicas.contains_key(&name(one)));
        if let Some(service) = missing {
            return Ok(Fares::Moving(format!("{service} is not there yet.")));
        }
        let names: Vec<String> = file.sums.keys().map(name).collect();
        let mut words = vec!["service", "inspect"];
        words.extend(names.iter().map(String::as_str));
        let printed = self.printed(looking, self.compose.docker(&words)).await?;
        let services = stack_state::services(&printed)?;
        let tasks = self.tasks().await?;
        let mut worst = Fares::Steady;
        for (service, sum) in &file.sums {
            let Some(seen) = services.iter().find(|seen| seen.name == name(service)) else {
                continue;
            };
            let replicas = replicas.get(&seen.name);
            match stack_state::fares(seen, sum, &tasks, before, replicas) {
                Fares::Fails(why) => {
                    let ailing = stack_state::ailing(seen, &tasks, before);
                    let log = self.log_of(&ailing).await?;
                    return Ok(Fares::Fails(format!("{service} {why}.{log}")));
                }
                Fares::Moving(why) if over => {
                    let ailing = stack_state::ailing(seen, &tasks, before);
                    let log = self.log_of(&ailing).await?;
                    return Ok(Fares::Moving(format!("{service} {why}.{log}")));
                }
                Fares::Moving(why) => worst = Fares::Moving(format!("{service} {why}")),
                Fares::Steady => {}
            }
        }
        Ok(worst)
    }

    /// The ids of the tasks that there are.
    async fn tasks_so_far(&self) -> Result<BTreeSet<String>, Failure> {
        let tasks = self.tasks().await?;
        Ok(tasks.into_iter().map(|task| task.id).collect())
    }

    async fn tasks(&self) -> Result<Vec<stack_state::Task>, Failure> {
        let words = [
            "stack",
            "ps",
            self.compose.project(),
            "--no-trunc",
            "--format",
            "{{json .}}",
        ];
        let ran = self.site.ask(self.compose.docker(&words)).await?;
        match ran.ok() {
            true => stack_state::tasks(&ran.out()),
            // A stack without services is none.
            false if ran.err().contains("nothing found in stack") => Ok(Vec::new()),
            false => Err(self.failed("looking at the stack's tasks", &ran, "")),
        }
    }

    /// The last lines of the first of these tasks that has any, below what is told of it.
    async fn log_of(&self, tasks: &[&stack_state::Task]) -> Result<String, Failure> {
        let mut told = String::new();
        for task in tasks.iter().take(LOGS) {
            let words = ["service", "logs", "--raw", "--tail", LOG_LINES, &task.id];
            let log = self.site.ask(self.compose.docker(&words)).await?;
            told = format!("\n{}", said::last_lines(&log));
            if log.ok() && !log.out().trim().is_empty() {
                break;
            }
        }
        Ok(told)
    }

    /// Docker took the stack's file for nothing that it could begin with.
    fn refused(&self, why: String) -> Failure {
        let doing = format!("deploying to `{}`", self.site.target.name);
        let help = match why.contains("only updates to Labels are allowed") {
            true => self.name_anew("c1"),
            false => format!(
                "Mend {} on the host, and deploy again.",
                self.compose.file()
            ),
        };
        Failure::new("docker refuses the stack", doing)
            .quoting(why)
            .left_behind("No task was changed: what ran before runs on.")
            .help(help)
    }

    fn not_up(&self, why: String) -> Failure {
        ended::not_up(&self.site.target.name, why)
    }
}
