//! An ECS task that runs once for each state of its declaration: migrations, collected static files.

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::Owner;
use crate::model::ecs_action::EcsAction;
use crate::model::{Change, Digest, Effect, Failure, Probe, Shown, Value, arn};
use crate::resource::Resource;
use crate::resource::nature::{Extra, Mark, Nature, Recorded, Within};

/// A one-off task.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Job {
    /// Its name.
    pub name: String,
    /// The cluster's name.
    pub cluster: String,
    /// The family of its task definition.
    pub task_definition: String,
    /// The container whose command is replaced.
    pub container: String,
    /// The command, as words.
    pub command: Vec<String>,
    /// What the container is declared to run it with: another image may have other migrations. How much memory it has makes
    /// no difference.
    #[serde(default)]
    pub runs: Value,
    /// On which instances it runs: `EC2`, `EXTERNAL`; none for whatever ECS takes.
    #[serde(default)]
    pub launch_type: Option<String>,
    /// The digest of the declaration it last ran well with, as the ledger remembers it.
    #[serde(default)]
    pub ran: Option<String>,
    /// Whose it is.
    pub owner: Owner,
}

impl Job {
    /// What holds for every one-off task.
    pub const NATURE: Nature = Nature {
        attributes: &[],
        open: None,
        identity: None,
        anchor: None,
        lies_in: Within::Region,
        recorded: Recorded {
            emptied: &["command", "runs"],
            paths: &[],
            extra: Extra::Digest,
        },
        stands: false,
        holds_data: false,
        mark: Mark::Place,
        given_back: false,
    };
}

#[async_trait]
impl Resource for Job {
    type Observed = ();

    /// Asks nothing: AWS forgets a task an hour after its end, so only the ledger knows what ran.
    async fn observe(&self, _: &dyn Probe) -> Result<(), Failure> {
        Ok(())
    }

    fn plan(&self, _: &()) -> Result<Change, Failure> {
        let digest = self.digest();
        if self.ran.as_ref() == Some(&digest) {
            return Ok(Change::none());
        }
        let before = match self.ran {
            None => Shown::Absent,
            Some(_) => Shown::Value(Value::from("ran with another declaration")),
        };
        Ok(Change::new(Effect::Run)
            .field("command", before, Shown::Value(json!(self.command)))
            .action(EcsAction::RunTask {
                cluster: self.cluster.clone(),
                task_definition: self.task_definition.clone(),
                container: self.container.clone(),
                command: self.command.clone(),
                token: self.token(&digest),
                launch_type: self.launch_type.clone(),
            }))
    }

    /// What has run cannot be taken back.
    fn remove(&self, _: &()) -> Result<Change, Failure> {
        Ok(Change::none())
    }
}

impl Job {
    /// Tells this declaration from every other, but for its launch type: what the ledger remembers once it ran well, and
    /// gives back as `ran`.
    pub fn digest(&self) -> String {
        let declaration = json!([
            arn::name(&self.cluster),
            self.task_definition,
            self.container,
            self.command,
            self.runs,
        ]);
        Digest::of(declaration.to_string().as_bytes()).sha256
    }

    /// By this a run finds the task that a cut run of the same declaration left running. ECS takes 36 characters
    /// everywhere (API reference, `RunTask`, `startedBy`).
    fn token(&self, digest: &str) -> String {
        let of = Digest::of(format!("{} {} {digest}", self.owner.label(), self.name).as_bytes());
        let head = of.sha256.get(..27).unwrap_or(&of.sha256);
        format!("landfall-{head}")
    }
}
