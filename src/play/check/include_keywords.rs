//! Keywords that mean nothing at an import or include, where Ansible refuses most of them too.

use crate::model::{Failure, playbook::Task};

/// Whether a task brings the tasks of a file: true for an import, false for an include.
pub fn brings_tasks(task: &Task) -> Option<bool> {
    match task.module.as_str() {
        "import_tasks" => Some(true),
        "include_tasks" | "include" => Some(false),
        _ => None,
    }
}

/// The failure of a keyword at an import or include that nothing would heed; none where there is none.
pub fn unheeded_keyword(task: &Task, import: bool) -> Option<Failure> {
    let common = &task.common;
    let mut words = vec![
        ("until", task.until.is_some()),
        ("changed_when", !task.changed_when.is_empty()),
        ("failed_when", !task.failed_when.is_empty()),
        ("notify", !task.notify.is_empty()),
    ];
    if import {
        words.extend([
            ("loop", task.r#loop.is_some()),
            ("register", task.register.is_some()),
        ])
    } else {
        // An import hands these on to its tasks.
        words.extend([
            ("become", common.r#become.on.is_some()),
            ("become_user", common.r#become.user.is_some()),
            ("environment", common.environment.is_some()),
            ("check_mode", common.check_mode.is_some()),
            ("delegate_to", common.delegate_to.is_some()),
        ])
    }
    let (word, _) = words.into_iter().find(|(_, written)| *written)?;
    let failure = Failure::new(
        "a word that an import or include does not take",
        format!("`{word}` means nothing at `{}`.", task.module),
    )
    .at(&common.at);
    Some(match (import, word) {
        (true, "loop") => failure.help("Use `include_tasks`, which may loop."),
        (false, "become" | "become_user" | "environment" | "check_mode" | "delegate_to") => failure
            .help(format!(
                "Write it under `apply`, for the tasks of the file: `apply: {{ {word}: … }}`."
            )),
        _ => failure.help("Write it at the tasks of the file."),
    })
}
