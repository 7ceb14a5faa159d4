//! What becomes of the change of a task that says `check_mode: true`: nothing, by a plan and by an apply alike.

use serde_json::json;

use crate::{
    model::{Action, Change, Map, Verdict, host_action::HostAction},
    play::{
        result::{
            judge::{acts_only, judge, object},
            task_result::{Ended, TaskResult},
        },
        run::Run,
        scope::{task_item::TaskItem, unresolved::Unresolved},
    },
};

impl Run {
    /// Goes on as Ansible does in check mode: what the module would have changed is registered and notifies, and a
    /// command is skipped. Since the change is never made, it is no change of the plan, and what the host says after it
    /// stays true.
    pub fn only_checked(
        &mut self,
        task_item: &TaskItem<'_>,
        change: Change,
    ) -> Result<TaskResult, Unresolved> {
        let changes = !acts_only(&change);
        let taken = if runs_a_command(&change) {
            would_have_run(task_item, object(change.result))
        } else {
            TaskResult::fine(object(change.result), changes)
        };
        let taken = judge(task_item, taken)?;
        match &taken.ended {
            Ended::Failed(_) => {}
            Ended::Skipped(why) => self.decided(task_item, Verdict::Skipped(why.clone())),
            _ if taken.changed() => {
                let why = "`check_mode` is on: it would change something".to_owned();
                self.decided(task_item, Verdict::Skipped(why));
            }
            _ => self.decided(task_item, Verdict::Unchanged),
        }
        Ok(taken)
    }
}

/// Whether a change runs a command of the playbook's own, so that nobody knows what it would print.
pub fn runs_a_command(change: &Change) -> bool {
    change
        .actions
        .iter()
        .any(|action| matches!(action, Action::Host(HostAction::Run { judge: false, .. })))
}

/// What Ansible registers of a command that it does not run because of check mode: one with `creates` or `removes`
/// counts as a change, any other one as skipped.
fn would_have_run(task_item: &TaskItem<'_>, mut result: Map) -> TaskResult {
    result.extend(object(json!({
        "rc": 0, "stdout": "", "stderr": "", "stdout_lines": [], "stderr_lines": [],
        "msg": "Command would have run if not in check mode",
    })));
    let guarded = ["creates", "removes"]
        .iter()
        .any(|guard| task_item.task.args.contains_key(*guard));
    let mut taken = TaskResult::fine(result, guarded);
    if !guarded {
        taken.result.insert("skipped".into(), true.into());
        taken.ended = Ended::Skipped("`check_mode` is on: it would run".into());
    }
    taken
}
