//! Modules that need no host: they set variables, judge, or say where the walk goes on.

mod assert;
mod debug;
mod fail;
mod include_tasks;
mod include_vars;
pub mod known;
mod meta;
mod pause;
mod set_fact;
mod setup;

use std::sync::Arc;

use crate::{
    model::{Failure, Verdict, playbook::Step},
    play::{
        result::{
            flow::Flow,
            judge::judge,
            task_result::{Ended, TaskResult},
        },
        run::Run,
        scope::{doing::Doing, inherited::Inherited, lack::Lack},
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

/// Modules of Ansible that mean other hosts than the one a playbook is walked on, and what to do instead.
pub const REFUSED: &[(&str, &str)] = &[
    ("add_host", "Declare the host in the environment."),
    ("group_by", "Use a condition on the fact instead."),
    (
        "import_role",
        "Import the role's task file with `import_tasks`.",
    ),
    (
        "include_role",
        "Include the role's task file with `include_tasks`.",
    ),
];

/// The module of this name; none when it is no such module.
pub fn find(name: &str) -> Option<Control> {
    CONTROLS
        .iter()
        .find(|(known, ..)| *known == name)
        .map(|(_, control, _)| *control)
}

/// Where such a module sends the walk.
pub enum Command {
    /// On, with this result.
    Done(TaskResult),
    /// Through these steps, which inherit this.
    Walk(Arc<[Step]>, Arc<Inherited>),
    /// Through the handlers that were notified.
    Flush,
    /// Out of the play, or away from the host.
    Leave(Flow),
}

/// Does one item of a task with such a module, as far as that needs no walk.
pub async fn run(run: &mut Run, control: Control, doing: &Doing<'_>) -> Result<Command, Lack> {
    let taken = match control {
        Control::IncludeTasks => return include_tasks::run(run, doing),
        Control::Meta => return meta::run(run, doing),
        Control::Assert => assert::run(doing)?,
        Control::Debug => debug::run(run, doing)?,
        Control::Fail => fail::run(doing)?,
        Control::IncludeVars => include_vars::run(run, doing)?,
        Control::Pause => pause::run(run, doing).await?,
        Control::SetFact => set_fact::run(run, doing)?,
        Control::Setup => setup::run(run).await?,
    };
    let taken = judge(doing, taken)?;
    match &taken.ended {
        Ended::Failed(_) => {}
        Ended::Unknown(address) => run.decided(doing, Verdict::Unknown(address.clone())),
        Ended::Skipped(why) => run.decided(doing, Verdict::Skipped(why.clone())),
        // Whether it says `changed` or not, nothing of the world is touched.
        Ended::Fine => run.decided(doing, Verdict::Unchanged),
    }
    Ok(Command::Done(taken))
}

/// The failure of an argument that is missing or of the wrong kind.
fn wrong(doing: &Doing<'_>, what: impl Into<String>) -> Lack {
    Lack::Failed(Failure::new("a module's arguments are wrong", what).at(&doing.task.args_at))
}
