//! Actions in ECS.

use super::{deployment, instances, job::Job, register, reimage, run, service};
use crate::connect::aws::config::Clients;
use crate::model::ecs_action::EcsAction;
use crate::model::{Failure, Outcome, Progress, Value};

/// Performs an action in ECS.
pub(in crate::connect::aws) async fn act(
    clients: &Clients,
    action: &EcsAction,
    progress: &Progress,
) -> Result<Outcome, Failure> {
    match action {
        EcsAction::Register {
            family,
            definition,
            tags,
        } => {
            let arn = register::register(clients, family, definition, tags).await?;
            return Ok(Outcome::Gave(Value::from(arn)));
        }
        EcsAction::Reimage { revision, images } => {
            let arn = reimage::reimage(clients, revision, images).await?;
            return Ok(Outcome::Gave(Value::from(arn)));
        }
        EcsAction::Deploy {
            cluster,
            service,
            revision,
            anew,
        } => {
            let wanted = deployment::Wanted {
                cluster,
                service,
                revision,
                anew: *anew,
            };
            deployment::deploy(clients, &wanted, progress).await?;
        }
        EcsAction::Deregister { family, tags } => {
            register::deregister(clients, family, tags, progress).await?;
        }
        EcsAction::CreateService(settings) => service::create(clients, settings, progress).await?,
        EcsAction::UpdateService(settings) => service::update(clients, settings, progress).await?,
        EcsAction::DeleteService { cluster, name } => {
            service::delete(clients, cluster, name, progress).await?;
        }
        EcsAction::RunTask {
            cluster,
            task_definition,
            container,
            command,
            token,
            launch_type,
        } => {
            let job = Job {
                launch_type: launch_type.as_deref(),
                cluster,
                task_definition,
                container,
                command,
                token,
            };
            run::run(clients, &job, progress).await?;
        }
        EcsAction::SetInstanceState {
            cluster,
            arn,
            drained,
        } => instances::set_state(clients, cluster, arn, *drained).await?,
        EcsAction::DeregisterInstance {
            cluster,
            arn,
            force,
        } => {
            instances::deregister(clients, cluster, arn, *force).await?;
        }
    }
    Ok(Outcome::Done)
}
