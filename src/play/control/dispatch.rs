//! The table of the modules that need no host, and which of them does a task.

use super::{
    argument_rules::refused_arguments, assert, debug, direction::Direction, fail, include_tasks,
    include_vars, meta, pause, set_fact, setup,
};
use crate::{
    model::Verdict,
    play::{
        result::{judge::judge, task_result::Ended},
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
};

/// A module that needs no host.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Control {
    Assert,
    Debug,
    Fail,
    IncludeTasks,
    IncludeVars,
    Meta,
    Pause,
    SetFact,
    Setup,
}

/// Their names, and the arguments they take; none where any are taken.
pub const CONTROLS: &[(&str, Control, Option<&[&str]>)] = &[
    ("assert", Control::Assert, Some(assert::ARGUMENTS)),
    ("debug", Control::Debug, Some(debug::ARGUMENTS)),
    ("fail", Control::Fail, Some(fail::ARGUMENTS)),
    ("gather_facts", Control::Setup, None),
    (
        "import_tasks",
        Control::IncludeTasks,
        Some(include_tasks::ARGUMENTS),
    ),
    (
        "include",
        Control::IncludeTasks,
        Some(include_tasks::ARGUMENTS),
    ),
    (
        "include_tasks",
        Control::IncludeTasks,
        Some(include_tasks::ARGUMENTS),
    ),
    (
        "include_vars",
        Control::IncludeVars,
        Some(include_vars::ARGUMENTS),
    ),
    ("meta", Control::Meta, Some(meta::ARGUMENTS)),
    ("pause", Control::Pause, Some(pause::ARGUMENTS)),
    ("set_fact", Control::SetFact, None),
    ("setup", Control::Setup, None),
];

/// The module of this name; none when it is no such module.
pub fn find(name: &str) -> Option<Control> {
    CONTROLS
        .iter()
        .find(|(known, ..)| *known == name)
        .map(|(_, control, _)| *control)
}

/// Does one item of a task with such a module, as far as that needs no walk.
pub async fn run(
    run: &mut Run,
    control: Control,
    task_item: &TaskItem<'_>,
) -> Result<Direction, Unresolved> {
    if let Some(failure) = refused_arguments(task_item.task) {
        return Err(Unresolved::Failed(failure));
    }
    let taken = match control {
        Control::IncludeTasks => return include_tasks::run(run, task_item),
        Control::Meta => return meta::run(run, task_item).await,
        Control::Assert => assert::run(task_item)?,
        Control::Debug => debug::run(run, task_item)?,
        Control::Fail => fail::run(task_item)?,
        Control::IncludeVars => include_vars::run(run, task_item)?,
        Control::Pause => pause::run(run, task_item).await?,
        Control::SetFact => set_fact::run(run, task_item)?,
        Control::Setup => setup::run(run).await?,
    };
    let taken = judge(task_item, taken)?;
    match &taken.ended {
        Ended::Failed(_) => {}
        Ended::Unknown(address) => run.decided(task_item, Verdict::Unknown(address.clone())),
        Ended::Skipped(why) => run.decided(task_item, Verdict::Skipped(why.clone())),
        // Whether it says `changed` or not, nothing of the world is touched.
        Ended::Fine => run.decided(task_item, Verdict::Unchanged),
    }
    Ok(Direction::Done(taken))
}
