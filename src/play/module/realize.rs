//! From a task to its module: arguments rendered, files beside the playbook read.

use crate::{
    model::{Content, Failure, Map, Value},
    play::{
        files::{
            controller_files::{controller_file, missing_controller_file},
            controller_folder,
        },
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
    resource::{
        Decide,
        host::{self, Brought, Context, TaskUser},
    },
    vars::Style,
};

impl Run {
    /// A task's arguments, rendered.
    pub fn arguments(&self, task_item: &TaskItem<'_>) -> Result<Map, Unresolved> {
        let task = task_item.task;
        if task_item.keywords.local {
            return Err(Unresolved::Failed(
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
        task_item
            .scope
            .arguments(&task.module, &task.args, &task.args_at)
    }

    /// The module of a task with these arguments, ready to be asked.
    pub fn realize(
        &self,
        task_item: &TaskItem<'_>,
        args: &Map,
        task_user: TaskUser,
    ) -> Result<Box<dyn Decide>, Unresolved> {
        let task = task_item.task;
        let folder = self.folder(task_item, args)?;
        let content = match folder {
            Some(_) => None,
            None => self.content(task_item, args)?,
        };
        let context = Context {
            content,
            folder,
            environment: task_item.keywords.environment.clone(),
            facts: Value::Object((*self.scopes.state.facts).clone()),
            task_user,
            secret: task_item.keywords.no_log,
            ..Context::default()
        };
        match host::realize(&task.module, args, &context) {
            Ok(Some(module)) => Ok(module),
            Ok(None) => Err(Unresolved::Failed(Failure::bug(format!(
                "there is no module `{}`",
                task.module
            )))),
            Err(failure) => Err(Unresolved::Failed(failure.at(&task.args_at))),
        }
    }

    /// What a folder beside the playbook holds, for `copy` that names one.
    fn folder(
        &self,
        task_item: &TaskItem<'_>,
        args: &Map,
    ) -> Result<Option<Vec<Brought>>, Unresolved> {
        if task_item.task.module != "copy" {
            return Ok(None);
        }
        let search_path = self.scopes.search_path(task_item.frame);
        let named = controller_file("copy", args);
        let Some(folder) = named.and_then(|(kind, name)| search_path.folder(kind, name)) else {
            return Ok(None);
        };
        let brought = controller_folder::read(&folder, task_item.keywords.no_log);
        Ok(Some(
            brought.map_err(|failure| failure.at(&task_item.task.args_at))?,
        ))
    }

    /// What a file beside the playbook holds, for the modules that bring one to the host.
    fn content(&self, task_item: &TaskItem<'_>, args: &Map) -> Result<Option<Content>, Unresolved> {
        let Some((kind, name)) = controller_file(&task_item.task.module, args) else {
            return Ok(None);
        };
        let at = &task_item.task.args_at;
        let Some(found) = self
            .scopes
            .search_path(task_item.frame)
            .find(kind, name)
            .map_err(|failure| failure.at(at))?
        else {
            let what = format!("`{}` brings `{name}` to the host.", task_item.task.module);
            return Err(Unresolved::Failed(
                missing_controller_file(&what, name, kind).at(at),
            ));
        };
        let bytes = match task_item.task.module.as_str() {
            "template" => {
                let style = Style::of(args).map_err(|why| {
                    let summary = "a module's argument is wrong";
                    Unresolved::Failed(Failure::new(summary, format!("`template`: {why}")).at(at))
                })?;
                task_item.scope.file(&found, &style, at)?
            }
            _ => found.bytes,
        };
        Ok(Some(if task_item.keywords.no_log {
            Content::secret(bytes)
        } else {
            Content::public(bytes)
        }))
    }
}
