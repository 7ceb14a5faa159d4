//! What modules that need no host refuse of their arguments as they are written.

use crate::{
    model::{
        Failure, Origin,
        playbook::{Task, is_variable_name},
    },
    vars::is_template,
};

/// The failure of a task whose arguments cannot stand together, or have names that nothing can have.
pub fn refused_arguments(task: &Task) -> Option<Failure> {
    let args = &task.args;
    let refused = |what: &str| Some(wrong(what).at(&task.args_at));
    match task.module.as_str() {
        "debug" if args.contains_key("msg") && args.contains_key("var") => {
            refused("`debug` says `msg` or `var`, and here are both.")
        }
        "set_fact" if args.keys().all(|name| name == "cacheable") => {
            refused("`set_fact` needs at least one name with a value.")
        }
        "set_fact" => {
            let mut names = args.keys().filter(|name| *name != "_raw_params");
            names.find_map(|name| misnamed(name, &task.args_at))
        }
        _ => None,
    }
}

/// The failure of a name that no variable can have; none of a template, which is judged by what it comes to.
pub fn misnamed(name: &str, at: &Origin) -> Option<Failure> {
    if is_template(name) || is_variable_name(name) {
        return None;
    }
    let what = format!("`set_fact` sets `{name}`, which is no name for a variable.");
    let help = "A name has letters, digits and `_`, and does not begin with a digit.";
    Some(wrong(what).help(help).at(at))
}

fn wrong(what: impl Into<String>) -> Failure {
    Failure::new("a module's arguments are wrong", what)
}
