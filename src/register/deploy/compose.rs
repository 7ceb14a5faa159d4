//! The commands by which a compose project is spoken to, as words; nothing is run here.

use crate::model::host::Command;
use crate::model::{Class, ComposeProject, Failure, HostTarget, Profile};

/// Services with this profile are run once, in the order of their names, before the containers are exchanged.
pub const BEFORE: &str = "before-deploy";
/// Services with this profile are run once, in the order of their names, when the new containers run.
pub const AFTER: &str = "after-deploy";

/// How many lines of a failing service's log are shown.
pub const LOG_LINES: &str = "20";

/// How Docker is called, and which project of it is meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Compose {
    docker: &'static [&'static str],
    project: ComposeProject,
    /// Whether there is a `.env` beside the compose file, which compose reads only where no other file is named.
    dotenv: bool,
}

impl Compose {
    /// The project of the target that something is done to. Refuses a host without one, and a key that runs no commands.
    pub fn of(host: &HostTarget, doing: &str) -> Result<Self, Failure> {
        let docker: &[&str] = match host.profile {
            // Before profiles were recorded there was one way.
            Some(Profile::SudoDocker) | None => &["sudo", "-n", "docker"],
            Some(Profile::DockerGroup | Profile::Rootless) => &["docker"],
            Some(Profile::ForcedCommand) => {
                return Err(Failure::new("this key runs no commands of its own", doing)
                    .class(Class::Refused)
                    .why("The deploy user's key may only ask for what its forced command knows.")
                    .left_behind("Nothing was changed.")
                    .help(format!(
                        "What `deploy_tasks` of its playbook names is run by the request `task SERVICE`, as in: ssh -p {} {}@{} task SERVICE",
                        host.port, host.user, host.address
                    )));
            }
        };
        let project = host.project.clone().ok_or_else(|| {
            Failure::new("there is no compose project", doing)
                .why("The target's record names none: its host's playbook prepared none.")
                .left_behind("Nothing was changed.")
                .help("Use a playbook that says `compose_project` and `compose_file`, as docker-host does, and apply it.")
        })?;
        if !project.file.starts_with('/') || project.name.starts_with('-') {
            let why = format!(
                "The project `{}` has the file {}.",
                project.name, project.file
            );
            return Err(Failure::new("the compose project's record is wrong", doing)
                .why(why)
                .help("The file must be an absolute path; apply the environment again."));
        }
        Ok(Self {
            docker,
            project,
            dotenv: false,
        })
    }

    /// The same where there is a `.env` beside the compose file, or none.
    pub fn dotenv(self, dotenv: bool) -> Self {
        Self { dotenv, ..self }
    }

    /// The compose file.
    pub fn file(&self) -> &str {
        &self.project.file
    }

    /// The project's name, which a stack has as well.
    pub fn project(&self) -> &str {
        &self.project.name
    }

    /// How a person there calls docker.
    pub fn docker_words(&self) -> String {
        self.docker.join(" ")
    }

    /// `docker` with these words, of whatever project.
    pub fn docker(&self, words: &[&str]) -> Command {
        Command::new(self.docker.iter().chain(words).copied())
    }

    /// A file beside the compose file.
    pub fn beside(&self, name: &str) -> String {
        let (folder, _) = self.project.file.rsplit_once('/').unwrap_or_default();
        format!("{folder}/{name}")
    }

    /// `docker compose` about the project as it is with the images that this file beside it names.
    pub fn command(&self, images: &str, words: &[&str]) -> Command {
        let mut argv: Vec<String> = self.docker.iter().map(|&word| word.to_owned()).collect();
        argv.extend(["compose", "--ansi", "never", "--project-name"].map(str::to_owned));
        argv.extend([
            self.project.name.clone(),
            "--file".to_owned(),
            self.project.file.clone(),
        ]);
        for file in self.dotenv.then_some(".env").into_iter().chain([images]) {
            argv.extend(["--env-file".to_owned(), self.beside(file)]);
        }
        argv.extend(words.iter().map(|&word| word.to_owned()));
        Command::new(argv)
    }

    /// What the project is made of as it runs: without the services that are run once.
    pub fn config(&self, images: &str) -> Command {
        self.command(images, &["config", "--format", "json"])
    }

    /// The same with those. Naming a profile takes those out that `COMPOSE_PROFILES` brings in.
    pub fn config_of_tasks(&self, images: &str) -> Command {
        let words = [
            "--profile",
            BEFORE,
            "--profile",
            AFTER,
            "config",
            "--format",
            "json",
        ];
        self.command(images, &words)
    }

    /// The first of both with its variables as they are written, which compose reads also where one of them is missing.
    pub fn config_as_written(&self, images: &str) -> Command {
        self.command(images, &["config", "--no-interpolate", "--format", "json"])
    }

    /// The second of both as it is written.
    pub fn config_of_tasks_as_written(&self, images: &str) -> Command {
        let mut command = self.config_of_tasks(images);
        let at = command.argv.len() - 2;
        command.argv.insert(at, "--no-interpolate".to_owned());
        command
    }

    /// The project's containers, those that have ended included.
    pub fn containers(&self, images: &str) -> Command {
        self.command(images, &["ps", "--all", "--format", "json"])
    }

    /// Fetches the images of these services.
    pub fn pull(&self, images: &str, services: &[&str]) -> Command {
        self.command(images, &[&["pull", "--"][..], services].concat())
    }

    /// Exchanges the containers that are not as they shall be, and waits until they run and are healthy. Volumes stay.
    pub fn up(&self, images: &str, seconds: u64) -> Command {
        let seconds = seconds.to_string();
        let words = [
            "up",
            "--detach",
            "--wait",
            "--wait-timeout",
            &seconds,
            "--remove-orphans",
        ];
        self.command(images, &words)
    }

    /// Says what that would do, and does nothing.
    pub fn dry_run(&self, images: &str) -> Command {
        let words = ["--dry-run", "up", "--detach", "--remove-orphans"];
        self.command(images, &words)
    }

    /// Runs a service once, or this command in a new container of it, which goes when it ends.
    pub fn run(&self, images: &str, service: &str, command: &[&str]) -> Command {
        self.command(
            images,
            &[&["run", "--rm", "-T", service][..], command].concat(),
        )
    }

    /// The last lines of a container's log: a service's is that of its healthy containers, too.
    pub fn logs(&self, container: &str) -> Command {
        self.docker(&["logs", "--tail", LOG_LINES, container])
    }

    /// An image's id, and its digests in the registries it came from.
    pub fn inspect(&self, image: &str) -> Command {
        let words = [
            "image",
            "inspect",
            "--format",
            "{{.Id}} {{json .RepoDigests}}",
            image,
        ];
        self.docker(&words)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::deploy::env_file;

    fn host(profile: Profile) -> HostTarget {
        HostTarget {
            profile: Some(profile),
            project: Some(ComposeProject {
                name: "review".to_owned(),
                file: "/srv/review/docker-compose.yml".to_owned(),
            }),
            ..HostTarget::default()
        }
    }

    fn compose(profile: Profile) -> Result<Compose, Failure> {
        Compose::of(&host(profile), "deploying to `web`")
    }

    #[test]
    fn each_profile_calls_docker_as_it_may() {
        let up = |profile| {
            compose(profile)
                .unwrap()
                .up(env_file::NAME, 300)
                .argv
                .join(" ")
        };
        let rest = "docker compose --ansi never --project-name review --file /srv/review/docker-compose.yml \
                    --env-file /srv/review/images.env up --detach --wait --wait-timeout 300 --remove-orphans";
        assert_eq!(up(Profile::SudoDocker), format!("sudo -n {rest}"));
        assert_eq!(up(Profile::DockerGroup), rest);
        assert_eq!(up(Profile::Rootless), rest);
        assert!(compose(Profile::ForcedCommand).is_err());
    }

    #[test]
    fn a_dotenv_of_the_projects_own_goes_before_the_images() {
        let compose = compose(Profile::DockerGroup).unwrap().dotenv(true);
        let words = compose.containers(env_file::NEXT).argv.join(" ");
        assert!(
            words.contains("--env-file /srv/review/.env --env-file /srv/review/images.next.env ps"),
            "{words}"
        );
    }

    /// No command that is sent takes a volume away.
    #[test]
    fn no_command_touches_a_volume() {
        let compose = compose(Profile::SudoDocker).unwrap();
        for command in [
            compose.up(env_file::NAME, 1),
            compose.pull(env_file::NEXT, &["app"]),
            compose.run(env_file::NAME, "app", &[]),
        ] {
            let touches = |word: &String| {
                [
                    "down",
                    "rm",
                    "-v",
                    "--volumes",
                    "-V",
                    "--renew-anon-volumes",
                ]
                .contains(&word.as_str())
            };
            assert!(!command.argv.iter().any(touches), "{command:?}");
        }
    }
}
