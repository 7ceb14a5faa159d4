//! Ansible's keywords, and what is said about those that do nothing here or are not there.

/// What plays, blocks and tasks have in common.
pub(super) const COMMON: &[&str] = &[
    "name",
    "vars",
    "tags",
    "become",
    "become_user",
    "become_method",
    "environment",
];

/// What tasks and blocks have beside.
pub(super) const STEP: &[&str] = &[
    "when",
    "ignore_errors",
    "no_log",
    "check_mode",
    "delegate_to",
    "notify",
    "run_once",
];

/// What only tasks have.
pub(super) const TASK: &[&str] = &[
    "action",
    "args",
    "changed_when",
    "delay",
    "failed_when",
    "listen",
    "local_action",
    "loop",
    "loop_control",
    "register",
    "retries",
    "until",
];

/// What only blocks have.
pub(super) const BLOCK: &[&str] = &["block", "rescue", "always"];

/// What only plays have.
pub(super) const PLAY: &[&str] = &[
    "hosts",
    "gather_facts",
    "vars_files",
    "pre_tasks",
    "tasks",
    "post_tasks",
    "handlers",
];

/// Keywords that change nothing for what is done on a host: why not.
pub(super) fn without_effect(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
        "serial"
        | "strategy"
        | "order"
        | "throttle"
        | "any_errors_fatal"
        | "max_fail_percentage" => {
            "every host is prepared on its own; order and concurrency are the run's"
        }
        "remote_user" | "port" => "the login is the host's in the environment file",
        "collections" => "every module is known by its short name",
        "gather_subset" | "gather_timeout" | "fact_path" => "facts are gathered when they are used",
        "force_handlers" => "handlers that were notified are run by the next run at the latest",
        "diff" => "differences are always shown",
        "debugger" => "there is no debugger",
        "ignore_unreachable" => "a host that does not answer ends its own run only",
        _ => return None,
    })
}

/// Keywords that are not read here: what to use instead.
pub(super) fn unsupported(keyword: &str) -> Option<&'static str> {
    Some(match keyword {
        "roles" => "roles are not read here yet; use `include_tasks` with the role's files",
        "vars_prompt" => {
            "nothing is asked for while a playbook runs; give the variable in the environment file"
        }
        // Tasks and blocks have them.
        "check_mode" | "ignore_errors" | "no_log" | "run_once" => {
            "a play does not hand this on here yet: write it at the tasks, or at a block around them"
        }
        "module_defaults" => "defaults of modules are not read here yet; write them at the tasks",
        "import_playbook" => "a playbook does not import another here yet; give the host both",
        "connection" => {
            "every task runs on the host, or on this machine with `delegate_to: localhost`"
        }
        "async" | "poll" => "tasks are waited for; a task in the background is not supported yet",
        "delegate_facts" => "facts belong to the host they were gathered on",
        "become_flags" | "become_exe" => "sudo is called with its own defaults",
        "timeout" => "the time a task may take is not limited here yet",
        _ => return None,
    })
}

/// Every keyword a task may have, for telling a keyword from a module.
pub(super) fn of_tasks() -> Vec<&'static str> {
    [COMMON, STEP, TASK].concat()
}

/// Every keyword a block may have.
pub(super) fn of_blocks() -> Vec<&'static str> {
    [COMMON, STEP, BLOCK].concat()
}

/// Every keyword a play may have.
pub(super) fn of_plays() -> Vec<&'static str> {
    [COMMON, PLAY].concat()
}
