//! What a task has to know of its user before its arguments can be read: the home folder and the environment.

use futures::FutureExt;

use crate::{
    model::{Map, Verdict},
    observe::Remembered,
    play::{
        result::flow::tolerable,
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
    resource::host::{self, TaskUser},
};

impl Run {
    /// Asks for what the short forms (`~`, `$HOME`) in these arguments stand for; for nothing where there are none.
    ///
    /// None where it is not there yet: in a look ahead that does not wait for it, or in a plan after a supposed change
    /// that may bring the user.
    pub async fn task_user(
        &mut self,
        task_item: &TaskItem<'_>,
        args: &Map,
        world: &Remembered,
    ) -> Result<Option<TaskUser>, Unresolved> {
        let module = &task_item.task.module;
        if !host::needs_task_user(module, args) {
            return Ok(Some(TaskUser::default()));
        }
        // Asked first, so that a look ahead asks both together.
        if let Some(user) = &task_item.keywords.user {
            self.ask_leftover_handlers_as(user, world).await?;
        }
        let users = host::users_named(module, args);
        let (asked, named) = (world.clone(), users.clone());
        let question = async move { host::ask_task_user(&asked, &named).await }.boxed();
        let user = match &mut self.ahead {
            None => question.await,
            Some(ahead) => match ahead.now(question) {
                Some(user) => user,
                None => {
                    ahead.walked += 1;
                    return Ok(None);
                }
            },
        };
        let supposed = !self.scopes.state.foreseen.is_empty();
        match user {
            Ok(user) if supposed && user.homes.len() < users.len() => {
                self.decided(task_item, Verdict::Unknown(self.walk.address.clone()));
                Ok(None)
            }
            Ok(user) => Ok(Some(user)),
            Err(failure) if supposed && tolerable(&failure) => {
                Err(Unresolved::Unknown(self.walk.address.clone()))
            }
            Err(failure) => Err(Unresolved::Failed(failure)),
        }
    }
}
