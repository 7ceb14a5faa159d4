//! What a plan goes on with after a change that it only supposed.

use std::sync::Arc;

use crate::{
    model::{
        Action, Change, Verdict,
        host_action::{CopyFile, HostAction, WriteFile},
    },
    play::{
        module::{check_mode::runs_a_command, coming_packages::coming},
        result::{
            judge::{Claimed, acts_only, object, only_refreshes},
            task_result::TaskResult,
        },
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
};

/// What only a command itself can say of what it registers.
const PRINTED: [&str; 10] = [
    "rc",
    "stdout",
    "stdout_lines",
    "stderr",
    "stderr_lines",
    "start",
    "end",
    "delta",
    "failed",
    "attempts",
];

impl Run {
    /// Goes on as if the change had been made. What only making it can tell is known later.
    pub fn suppose(
        &mut self,
        task_item: &TaskItem<'_>,
        change: Change,
        visible: Change,
        claimed: Claimed,
    ) -> Result<TaskResult, Unresolved> {
        self.scopes.state.coming.extend(coming(&change));
        if !acts_only(&change) {
            let user = task_item.keywords.user.as_ref();
            Arc::make_mut(&mut self.scopes.state.foreseen)
                .suppose(&change.actions, user.unwrap_or(&self.walk.login.user));
        }
        self.scopes.state.guessed |= task_item.task.register.is_some();
        let address = self.walk.address.clone();
        let lists_alone = only_refreshes(&change);
        let mut later = Vec::new();
        if runs_a_command(&change) {
            later.extend(PRINTED);
        }
        if change.actions.iter().any(keeps_a_copy) {
            later.push("backup_file");
        }
        let mut taken = TaskResult::fine(object(change.result), !matches!(claimed, Claimed::Never));
        later.retain(|part| *part == "failed" || !taken.result.contains_key(*part));
        match claimed {
            Claimed::Changes => self.decided(task_item, Verdict::Change(visible)),
            Claimed::Never => self.decided(task_item, Verdict::Run(visible)),
            Claimed::AskTheResult => {
                taken.result.shift_remove("changed");
                later.push("changed");
                let verdict = if lists_alone {
                    // It is made with every apply that finds them old, and mostly nothing new comes.
                    later.push("cache_updated");
                    taken.result.shift_remove("cache_updated");
                    Verdict::Run(visible)
                } else {
                    Verdict::Unknown(address.clone())
                };
                self.decided(task_item, verdict);
                self.perhaps_notifies(task_item);
            }
        }
        Ok(taken.partly(&later, &address))
    }
}

/// Whether what an action replaces is kept under a name that is made when it is.
fn keeps_a_copy(action: &Action) -> bool {
    matches!(
        action,
        Action::Host(
            HostAction::Write(WriteFile { backup: true, .. })
                | HostAction::Copy(CopyFile { backup: true, .. })
        )
    )
}
