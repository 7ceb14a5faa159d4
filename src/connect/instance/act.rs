//! What is done with a container instance, a step at a time.

use std::ops::ControlFlow;
use std::time::Duration;

use super::super::command;
use super::{Instance, agents};
use crate::backoff::until;
use crate::model::ecs::ContainerInstanceSeen;
use crate::model::ecs_action::EcsAction;
use crate::model::host::Command;
use crate::model::instance_action::InstanceAction;
use crate::model::ssm_action::SsmAction;
use crate::model::{Failure, Outcome, Progress, Secret};

/// For how long the agent of ECS may take until it is connected, and the tasks of a drained instance until they have ended:
/// the one loads an image first, and each of the others has half a minute to end by itself unless its definition says more.
const PATIENCE: Duration = Duration::from_secs(300);

/// The pause between two looks, each of which is a call of ECS.
const LOOK: Duration = Duration::from_secs(3);

impl Instance {
    pub(super) async fn perform(
        &self,
        action: &InstanceAction,
        progress: &Progress,
    ) -> Result<Outcome, Failure> {
        match action {
            InstanceAction::Register {
                role,
                region,
                name,
                tags,
            } => {
                let activate = SsmAction::Activate {
                    role: role.clone(),
                    name: name.clone(),
                    tags: tags.clone(),
                };
                self.register(activate, region, progress).await?;
            }
            InstanceAction::Join {
                cluster,
                region,
                anew,
            } => {
                progress.say(format!("joining the cluster {cluster}"));
                let what = "setting the agent of ECS to its cluster";
                self.run(what, agents::join(cluster, region, *anew), progress)
                    .await?;
                self.connected(cluster).await?;
            }
            InstanceAction::Availability { cluster, drained } => {
                let machine = self.machine().await?;
                let missing = || {
                    Failure::new(
                        "ECS does not know the instance",
                        format!("looking for {machine} in the cluster {cluster}"),
                    )
                    .help("Run it again: the agent may have just started.")
                };
                let seen = self.instance(cluster, &machine).await?;
                let arn = seen.ok_or_else(missing)?.arn;
                self.set_state(cluster, arn, *drained, progress).await?;
            }
            InstanceAction::Leave { cluster } => self.leave(cluster, progress).await?,
            InstanceAction::Retire => {
                let machine = self.agents().await?.machine;
                if !machine.is_empty() {
                    let forget = SsmAction::Deregister { instance: machine };
                    self.aws.act(&forget.into(), progress).await?;
                }
                // The host forgets last: as long as it knows who it is, a run that was cut finds the rest.
                self.run("stopping the agents of AWS", agents::retire(), progress)
                    .await?;
            }
        }
        Ok(Outcome::Done)
    }

    /// Hands the code of an activation from Systems Manager to the host. The activation goes, whether it was used or not.
    async fn register(
        &self,
        activate: SsmAction,
        region: &str,
        progress: &Progress,
    ) -> Result<(), Failure> {
        progress.say("registering in Systems Manager");
        let gave = match self.aws.act(&activate.into(), progress).await? {
            Outcome::GaveSecret(secret) => secret,
            other => return Err(Failure::bug(format!("an activation came to {other:?}"))),
        };
        let (id, code) = gave
            .expose()
            .split_once(' ')
            .ok_or_else(|| Failure::bug("an activation has no code"))?;
        let command = agents::register(id, &Secret::new(code.to_owned()), region);
        let registered = self
            .run("registering the host in Systems Manager", command, progress)
            .await;
        let delete = SsmAction::DeleteActivation { id: id.to_owned() };
        let deleted = self.aws.act(&delete.into(), progress).await;
        registered.map_err(|failure| {
            failure
                .left_behind("The host is in no cluster; its agents are installed.")
                .help("Must the host reach ssm.REGION.amazonaws.com at port 443? /var/log/amazon/ssm/errors.log there says more.")
        })?;
        deleted.map(drop)
    }

    /// Waits until ECS has the instance, and its agent is connected.
    async fn connected(&self, cluster: &str) -> Result<(), Failure> {
        let machine = self.machine().await?;
        let known = &machine;
        let waited = until::<_, _, Failure, _>(PATIENCE, LOOK, || async move {
            let seen = self.instance(cluster, known).await?;
            Ok(match seen {
                Some(seen) if seen.connected && is_in(&seen) => ControlFlow::Break(None),
                Some(seen) if seen.status == "REGISTRATION_FAILED" => {
                    ControlFlow::Break(Some("ECS says that its registration failed.".to_owned()))
                }
                seen => ControlFlow::Continue(seen),
            })
        });
        let seconds = PATIENCE.as_secs();
        let why = match waited.await? {
            Ok(None) => return Ok(()),
            Ok(Some(why)) => why,
            Err(None) => format!("After {seconds} s ECS does not know it."),
            Err(Some(seen)) => format!(
                "After {seconds} s it is {}, and its agent is {}.",
                seen.status,
                if seen.connected {
                    "connected"
                } else {
                    "not connected"
                }
            ),
        };
        Err(Failure::new(
            "the agent of ECS does not connect",
            format!("waiting until {machine} is in the cluster {cluster}"),
        )
        .why(why)
        .left_behind("The host is registered in Systems Manager, and its agents are set and started.")
        .help(
            "/var/log/ecs/ecs-agent.log and `journalctl -u ecs` on the host say why: mostly its role lacks the policy \
             `service-role/AmazonEC2ContainerServiceforEC2Role`, or it does not reach ECS at port 443. Run it again then.",
        ))
    }

    /// Drains the instance, waits until its tasks have ended, and takes it out. One that ECS does not know has left.
    async fn leave(&self, cluster: &str, progress: &Progress) -> Result<(), Failure> {
        let machine = self.agents().await?.machine;
        if machine.is_empty() {
            return Ok(());
        }
        let Some(seen) = self.instance(cluster, &machine).await? else {
            return Ok(());
        };
        if seen.status == "ACTIVE" {
            progress.say(format!("{machine} ends its tasks"));
            self.set_state(cluster, seen.arn, true, progress).await?;
        }
        let known = &machine;
        let waited = until::<_, _, Failure, _>(PATIENCE, LOOK, || async move {
            Ok(match self.instance(cluster, known).await? {
                None => ControlFlow::Break(None),
                Some(seen) if seen.tasks == 0 => ControlFlow::Break(Some(seen.arn)),
                Some(seen) => ControlFlow::Continue(seen.tasks),
            })
        });
        let arn = waited.await?.map_err(|tasks| {
            Failure::new(
                "a container instance does not end its tasks",
                format!("draining {machine} in the cluster {cluster}"),
            )
            .why(format!(
                "After {} s it still runs {tasks} of them.",
                PATIENCE.as_secs()
            ))
            .left_behind("It gets no new tasks, and is still in the cluster.")
            .help(
                "Tasks that no service started must be stopped by whoever started them; a service needs another instance to \
                 move to. Run it again then.",
            )
        })?;
        let Some(arn) = arn else {
            return Ok(());
        };
        let cluster = cluster.to_owned();
        let action = EcsAction::DeregisterInstance {
            cluster,
            arn,
            force: false,
        };
        self.aws.act(&action.into(), progress).await.map(drop)
    }

    async fn set_state(
        &self,
        cluster: &str,
        arn: String,
        drained: bool,
        progress: &Progress,
    ) -> Result<(), Failure> {
        let action = EcsAction::SetInstanceState {
            cluster: cluster.to_owned(),
            arn,
            drained,
        };
        self.aws.act(&action.into(), progress).await.map(drop)
    }

    /// The id that the host is registered under.
    async fn machine(&self) -> Result<String, Failure> {
        match self.agents().await?.machine {
            machine if machine.is_empty() => Err(Failure::new(
                "the host does not know who it is",
                "looking for its registration in Systems Manager",
            )
            .why("/var/lib/amazon/ssm/Vault/Store/RegistrationKey is not there, or says no id.")
            .help("Run it again: it is registered anew.")),
            machine => Ok(machine),
        }
    }

    /// Runs a text on the host. Fails when it does.
    async fn run(&self, what: &str, command: Command, progress: &Progress) -> Result<(), Failure> {
        let ran = command::done(self.host.as_ref(), command, progress).await?;
        match ran.ok() {
            true => Ok(()),
            false => Err(agents::refused(what, &ran)),
        }
    }
}

/// Whether an instance counts as one of its cluster.
fn is_in(seen: &ContainerInstanceSeen) -> bool {
    matches!(seen.status.as_str(), "ACTIVE" | "DRAINING")
}
