//! A compose project on a host: looked at, and acted on a step at a time.

use std::time::{Duration, Instant};

use super::answers::{self, Container, Held, Service};
use super::compose::Compose;
use super::current;
use super::ended;
use super::env_file::{self, NAME, Words};
use super::said;
use super::site::Site;
use crate::answer;
use crate::backend::ReleaseState;
use crate::model::host::{Command, FileType, HostAnswer, HostQuery, Ran};
use crate::model::host_action::{Access, HostAction, WriteFile};
use crate::model::{
    Action, Answer, Content, Failure, Outcome, Printed, Progress, Query, TargetKind,
};

/// After compose has called new containers up they are looked at so often, with so long between: one that crashes at
/// once and is started again is up at the moment that compose looks.
const LOOKS: (u32, Duration) = (3, Duration::from_secs(2));

impl Site<'_> {
    /// Whether a file is there; a link is looked through.
    pub(super) async fn is_file(&self, path: &str) -> Result<bool, Failure> {
        let query = Query::Host(HostQuery::Stat {
            path: path.to_owned(),
            follow: true,
        });
        let seen = answer!(self.world, query, Answer::Host(HostAnswer::Stat(seen)) => seen);
        Ok(seen.is_some_and(|seen| seen.kind == FileType::File))
    }

    /// What a file holds; none where there is none.
    pub(super) async fn content(&self, path: &str) -> Result<Option<Content>, Failure> {
        let query = Query::Host(HostQuery::Read {
            path: path.to_owned(),
        });
        Ok(answer!(self.world, query, Answer::Host(HostAnswer::Read(content)) => content))
    }

    /// What a command that changes nothing gives.
    pub(super) async fn ask(&self, command: Command) -> Result<Ran, Failure> {
        let query = Query::Host(HostQuery::Run(command));
        Ok(answer!(self.world, query, Answer::Host(HostAnswer::Ran(ran)) => ran))
    }

    /// Runs a command as a step; what it prints is told meanwhile. That it fails is an answer.
    pub(super) async fn run(&self, command: Command) -> Result<Ran, Failure> {
        self.run_telling(command, self.progress).await
    }

    /// The same, what it prints told there.
    pub(super) async fn run_telling(
        &self,
        command: Command,
        progress: &Progress,
    ) -> Result<Ran, Failure> {
        let action = HostAction::Run {
            command,
            judge: false,
        };
        match self.world.act(&Action::Host(action), progress).await? {
            Outcome::Ran(ran) => Ok(ran),
            other => Err(Failure::bug(format!("a command came to {other:?}"))),
        }
    }
}

/// Why what was to run does not.
pub(super) struct Down {
    pub(super) failure: Failure,
    /// Whether docker refused it before it touched anything that runs.
    pub(super) untouched: bool,
}

impl From<Failure> for Down {
    fn from(failure: Failure) -> Self {
        Self {
            failure,
            untouched: false,
        }
    }
}

/// A compose project on a host.
pub(super) struct Project<'a> {
    pub(super) site: &'a Site<'a>,
    pub(super) compose: Compose,
    /// Whether it is a stack of a Swarm.
    pub(super) is_stack: bool,
}

impl<'a> Project<'a> {
    pub(super) fn new(site: &'a Site<'a>, compose: Compose) -> Self {
        let is_stack = match &site.target.kind {
            TargetKind::Host(host) => host.swarm.is_some(),
            TargetKind::Ecs(_) => false,
        };
        Self {
            site,
            compose,
            is_stack,
        }
    }

    /// Its services with the images that this file names.
    pub(super) async fn services(&self, images: &str) -> Result<Vec<Service>, Failure> {
        let read = |config| self.printed("reading the compose file", config);
        let both = futures::future::try_join(
            read(self.compose.config(images)),
            read(self.compose.config_of_tasks(images)),
        );
        let (runs, tasks) = both.await.map_err(|failure| {
            let file = self.compose.file();
            failure
                .left_behind("No container was changed.")
                .help(format!("Mend {file} on the host, or put there what it needs: files that it names, variables in `.env` beside it."))
        })?;
        answers::services(&runs, &tasks)
    }

    /// What the services' images are called in the compose file, variables and all; none where compose cannot tell.
    pub(super) async fn images_as_written(&self, images: &str) -> Option<Vec<String>> {
        let read = |config| self.printed("reading the compose file", config);
        let both = futures::future::try_join(
            read(self.compose.config_as_written(images)),
            read(self.compose.config_of_tasks_as_written(images)),
        );
        let (runs, tasks) = both.await.ok()?;
        let services = answers::services(&runs, &tasks).ok()?;
        Some(services.into_iter().filter_map(|one| one.image).collect())
    }

    /// Its containers.
    pub(super) async fn containers(&self, images: &str) -> Result<Vec<Container>, Failure> {
        let printed = self.printed("looking at the containers", self.compose.containers(images));
        answers::containers(&printed.await?)
    }

    /// An image as the host has it; none where it has not.
    pub(super) async fn held(&self, words: &str) -> Result<Option<Held>, Failure> {
        let ran = self.site.ask(self.compose.inspect(words)).await?;
        match ran.ok() {
            true => Held::read(&ran.out()).map(Some),
            false if ran.err().to_lowercase().contains("no such image") => Ok(None),
            false => Err(self.failed("looking for an image", &ran, "Nothing was changed.")),
        }
    }

    /// Puts the file of this name beside the compose file.
    pub(super) async fn write(&self, name: &str, words: &Words) -> Result<(), Failure> {
        let file = WriteFile {
            path: self.compose.beside(name),
            content: Content::public(env_file::text(words)?),
            // Nothing in it is secret, and whoever runs compose by hand needs it.
            access: Access {
                mode: Some(0o644),
                ..Access::default()
            },
            validate: None,
            backup: false,
            follow: false,
        };
        self.act(HostAction::Write(file)).await
    }

    /// Takes a file beside the compose file away.
    pub(super) async fn remove(&self, name: &str) -> Result<(), Failure> {
        let path = self.compose.beside(name);
        self.act(HostAction::Remove { path }).await
    }

    /// Fetches the images of these services.
    pub(super) async fn pull(&self, services: &[&str]) -> Result<(), Failure> {
        self.site
            .progress
            .say(format!("fetching images for {}", services.join(", ")));
        let ran = self
            .site
            .run(self.compose.pull(env_file::NEXT, services))
            .await?;
        match ran.ok() {
            true => Ok(()),
            false => Err(self.failed("fetching images", &ran, "Nothing was changed.")),
        }
    }

    /// Runs a service once.
    pub(super) async fn task(
        &self,
        images: &str,
        service: &str,
        left: &str,
    ) -> Result<(), Failure> {
        self.site
            .progress
            .say(format!("running the task {service}"));
        let ran = self
            .site
            .run(self.compose.run(images, service, &[]))
            .await?;
        match ran.ok() {
            true => Ok(()),
            false => Err(self
                .failed(&format!("running the task {service}"), &ran, left)
                .help("Correct it and deploy again.")),
        }
    }

    /// Whether everything runs as it would be brought up with the images that are in place.
    pub(super) async fn is_current(&self) -> Result<bool, Failure> {
        if self.is_stack {
            return self.stack_is_current().await;
        }
        let (services, containers, dry_run) = futures::try_join!(
            self.services(NAME),
            self.containers(NAME),
            self.site.ask(self.compose.dry_run(NAME)),
        )?;
        // Where compose cannot tell, it is told to do it, and says why it cannot.
        let leaves = dry_run.ok() && current::leaves_all(&[dry_run.out(), dry_run.err()].concat());
        Ok(leaves && current::is_well(&services, &containers))
    }

    /// Exchanges the containers and looks that they stay up. A failure tells the last lines of those that do not.
    pub(super) async fn up(&self) -> Result<(), Down> {
        if self.is_stack {
            return self.stack_up().await;
        }
        self.site.progress.say("exchanging the containers");
        let end = Instant::now() + Duration::from_secs(self.site.seconds);
        let up = self.compose.up(NAME, self.site.seconds);
        let ran = self.site.run(up).await?;
        // Compose may also end well when its time is over while it pauses between two looks (`waitDependencies`).
        let up = (ran.ok() || said::only_ended(&ran.err())) && self.all_began(end).await?;
        // What is not healthy yet where compose has given up waiting will not be.
        let ails = match up {
            true => self.ailing_soon().await?,
            false => self.those(|one| !one.is_well() || one.begins()).await?,
        };
        if up && ails.is_empty() {
            return Ok(());
        }
        let mut why = Vec::new();
        if !ran.ok() {
            let cause = said::cause(&ran.err());
            why.push(
                Printed::new(ran.rc, b"", cause.as_bytes())
                    .end()
                    .unwrap_or_default(),
            );
        }
        for (at, container) in ails.iter().enumerate() {
            why.push(format!("{} {}.", container.service, container.ails()));
            // What several containers of a service say is most likely the same.
            let mut others = ails[at + 1..].iter();
            if others.all(|other| other.service != container.service) {
                let log = self.site.ask(self.compose.logs(&container.id)).await?;
                why.push(said::last_lines(&log));
            }
        }
        Err(ended::not_up(&self.site.target.name, why.join("\n")).into())
    }

    /// Puts the images of before in place again where docker touched nothing: what ran with them runs still.
    pub(super) async fn left_alone(
        &self,
        failure: Failure,
        before: Option<Words>,
    ) -> (ReleaseState, Failure) {
        let put = match &before {
            Some(before) => self.write(NAME, before).await,
            None => self.remove(NAME).await,
        };
        match put {
            Ok(()) => (ReleaseState::Unchanged, failure),
            Err(second) => {
                let left = format!(
                    "No task was changed; {} could not be made what it was: {}",
                    self.compose.beside(NAME),
                    second.in_short()
                );
                (ReleaseState::Failed, failure.left_behind(left))
            }
        }
    }

    /// Puts the images of before in place again, and their containers.
    pub(super) async fn brought_back(
        &self,
        failure: Failure,
        before: Option<Words>,
        tasks: usize,
    ) -> (ReleaseState, Failure) {
        let Some(before) = before else {
            return ended::nothing_before(failure);
        };
        self.site.progress.say("bringing the release before back");
        let back = async {
            self.write(NAME, &before).await?;
            self.up().await
        };
        match back.await {
            Ok(()) => ended::brought_back(failure, tasks),
            Err(Down {
                failure: second, ..
            }) => {
                let why = match second.summary == failure.summary {
                    true => second.why.clone(),
                    false => second.in_short(),
                };
                let help = match self.is_stack {
                    true => {
                        "Look at a manager: `docker stack ps` and `docker service logs` there. Deploying again goes on from what is there."
                    }
                    false => {
                        "Look at the host: `docker compose ps --all` and `docker compose logs` there. Deploying again goes on from what is there."
                    }
                };
                ended::not_brought_back(failure, &why, help)
            }
        }
    }

    /// The containers that are not well at one of several looks.
    async fn ailing_soon(&self) -> Result<Vec<Container>, Failure> {
        for look in 0..LOOKS.0 {
            if look > 0 {
                tokio::time::sleep(LOOKS.1).await;
            }
            let ails = self.those(|one| !one.is_well()).await?;
            if !ails.is_empty() {
                return Ok(ails);
            }
        }
        Ok(Vec::new())
    }

    /// Whether every container is out of its beginning by then.
    async fn all_began(&self, end: Instant) -> Result<bool, Failure> {
        while !self.those(Container::begins).await?.is_empty() {
            if Instant::now() >= end || self.site.stop.is_cancelled() {
                return Ok(false);
            }
            tokio::time::sleep(LOOKS.1).await;
        }
        Ok(true)
    }

    /// Such containers of what compose starts: what somebody ran beside, of a profile of its own, is not deployed.
    async fn those(&self, are: impl Fn(&Container) -> bool) -> Result<Vec<Container>, Failure> {
        let (services, mut containers) =
            futures::try_join!(self.services(NAME), self.containers(NAME))?;
        let starts = |one: &Container| {
            let mut service = services
                .iter()
                .filter(|service| service.name == one.service);
            service.any(|service| service.starts)
        };
        containers.retain(|one| starts(one) && are(one));
        Ok(containers)
    }

    async fn act(&self, action: HostAction) -> Result<(), Failure> {
        let action = Action::Host(action);
        self.site
            .world
            .act(&action, self.site.progress)
            .await
            .map(drop)
    }

    pub(super) async fn printed(&self, doing: &str, command: Command) -> Result<String, Failure> {
        let ran = self.site.ask(command).await?;
        match ran.ok() {
            true => Ok(ran.out()),
            false => Err(self.failed(doing, &ran, "")),
        }
    }

    pub(super) fn failed(&self, doing: &str, ran: &Ran, left: &str) -> Failure {
        let printed = ran.printed();
        let told = Printed {
            stderr: said::cause(&printed.stderr),
            ..printed.clone()
        };
        Failure::new(
            "docker could not do it",
            format!("{doing}, on `{}`", self.site.target.name),
        )
        .quoting(told.why())
        .left_behind(left)
        .printed(printed)
    }
}
