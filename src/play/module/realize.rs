//! From a task to its module: arguments rendered, files beside the playbook read.

use crate::{
    model::{Content, Failure, Map, Value},
    play::{
        files::brought::{brought, missing},
        run::Run,
        scope::{doing::Doing, lack::Lack},
    },
    resource::{
        Decide,
        host::{self, Account, Context},
    },
    vars::Style,
};

impl Run {
    /// A task's arguments, rendered.
    pub fn arguments(&self, doing: &Doing<'_>) -> Result<Map, Lack> {
        let task = doing.task;
        if doing.settings.local {
            return Err(Lack::Failed(
                Failure::new(
                    "a task for this machine",
                    format!(
                        "`{}` is delegated to localhost, but nothing is done on the machine that landfall runs on.",
                        task.module
                    ),
                )
                .help("Do it before landfall runs, or on the host.")
                .at(&task.common.at),
            ));
        }
        doing
            .scope
            .arguments(&task.module, &task.args, &task.args_at)
    }

    /// The module of a task with these arguments, ready to be asked.
    pub fn realize(
        &self,
        doing: &Doing<'_>,
        args: &Map,
        account: Account,
    ) -> Result<Box<dyn Decide>, Lack> {
        let task = doing.task;
        let context = Context {
            content: self.content(doing, args)?,
            environment: doing.settings.environment.clone(),
            facts: Value::Object((*self.scopes.state.facts).clone()),
            account,
            secret: doing.settings.no_log,
            ..Context::default()
        };
        match host::realize(&task.module, args, &context) {
            Ok(Some(module)) => Ok(module),
            Ok(None) => Err(Lack::Failed(Failure::bug(format!(
                "there is no module `{}`",
                task.module
            )))),
            Err(failure) => Err(Lack::Failed(failure.at(&task.args_at))),
        }
    }

    /// What a file beside the playbook holds, for the modules that bring one to the host.
    fn content(&self, doing: &Doing<'_>, args: &Map) -> Result<Option<Content>, Lack> {
        let Some((kind, name)) = brought(&doing.task.module, args) else {
            return Ok(None);
        };
        let at = &doing.task.args_at;
        let Some(found) = self
            .scopes
            .search_path(doing.frame)
            .find(kind, name)
            .map_err(|failure| failure.at(at))?
        else {
            let what = format!("`{}` brings `{name}` to the host.", doing.task.module);
            return Err(Lack::Failed(missing(&what, kind).at(at)));
        };
        let bytes = match doing.task.module.as_str() {
            "template" => {
                let style = Style::of(args).map_err(|why| {
                    let summary = "a module's argument is wrong";
                    Lack::Failed(Failure::new(summary, format!("`template`: {why}")).at(at))
                })?;
                doing.scope.file(&found, &style, at)?
            }
            _ => found.bytes,
        };
        Ok(Some(match doing.settings.no_log {
            true => Content::secret(bytes),
            false => Content::public(bytes),
        }))
    }
}
