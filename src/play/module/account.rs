//! What a task has to know of its user before its arguments can be read: the home folder and the environment.

use futures::FutureExt;

use crate::{
    model::{Map, Verdict},
    observe::Remembered,
    play::{
        result::flow::tolerable,
        run::Run,
        scope::{doing::Doing, lack::Lack},
    },
    resource::host::{self, Account},
};

impl Run {
    /// Asks for what the short forms (`~`, `$HOME`) in these arguments stand for; for nothing where there are none.
    ///
    /// None where it is not there yet: in a look ahead that does not wait for it, or in a plan after a supposed change
    /// that may bring the user.
    pub async fn account(
        &mut self,
        doing: &Doing<'_>,
        args: &Map,
        world: &Remembered,
    ) -> Result<Option<Account>, Lack> {
        let module = &doing.task.module;
        if !host::needs_account(module, args) {
            return Ok(Some(Account::default()));
        }
        // Asked first, so that a look ahead asks both together.
        if let Some(user) = &doing.settings.user {
            self.hear_as(user, world).await?;
        }
        let users = host::users_named(module, args);
        let (asked, named) = (world.clone(), users.clone());
        let question = async move { host::account(&asked, &named).await }.boxed();
        let account = match &mut self.ahead {
            None => question.await,
            Some(ahead) => match ahead.now(question) {
                Some(account) => account,
                None => {
                    ahead.walked += 1;
                    return Ok(None);
                }
            },
        };
        let supposed = !self.scopes.state.foreseen.is_empty();
        match account {
            Ok(account) if supposed && account.homes.len() < users.len() => {
                self.decided(doing, Verdict::Unknown(self.walk.address.clone()));
                Ok(None)
            }
            Ok(account) => Ok(Some(account)),
            Err(failure) if supposed && tolerable(&failure) => {
                Err(Lack::Unknown(self.walk.address.clone()))
            }
            Err(failure) => Err(Lack::Failed(failure)),
        }
    }
}
