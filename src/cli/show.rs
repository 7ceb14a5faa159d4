//! Showing plans, warnings and failures in the form the context wants.

use std::path::Path;

use serde_json::json;

use super::{CommandError, Context, Exit};
use crate::model::{Address, Diagnostic, Failure, Target, visible};
use crate::plan::{LeftOut, Plan, Section, Work};
use crate::register::{self, Selection};
use crate::view::{self, diagnostics, failure};

/// Shows why a command did not end well, and gives the exit code for it.
pub fn error(context: &Context, error: &CommandError) -> Exit {
    match error {
        CommandError::Mistakes(mistakes) => {
            if context.json {
                diagnostics_as_json(context, mistakes);
            } else {
                view::say(&diagnostics::render(mistakes, context.style.err));
            }
            Exit::Error
        }
        CommandError::Failure(failure) => {
            failure_of(context, failure);
            failure.into()
        }
    }
}

fn failure_of(context: &Context, failure: &Failure) {
    let failure = context.redactor.failure(failure.clone());
    if context.json {
        object_aside(&json!({ "event": "failure", "failure": failure }));
    } else {
        view::say(&failure::render(&failure, context.style.err));
    }
}

/// Shows the failures that a check found, as many as a person looks through.
pub fn failures(context: &Context, found: &[Failure]) {
    for one in found.iter().take(diagnostics::MOST) {
        failure_of(context, one);
    }
    more(context, "more-failures", found.len());
}

/// Shows what fails only where a condition of a playbook holds, as warnings.
pub fn conditional_failures(context: &Context, found: &[Failure]) {
    for one in found.iter().take(diagnostics::MOST) {
        let failure = context.redactor.failure(one.clone());
        if context.json {
            object_aside(&json!({ "event": "warning", "failure": failure }));
        } else {
            view::say(&failure::warning(&failure, context.style.err));
        }
    }
    more(context, "more-warnings", found.len());
}

/// How many there are beyond those that were shown.
fn more(context: &Context, event: &str, all: usize) {
    let more = all.saturating_sub(diagnostics::MOST);
    if more == 0 {
        return;
    }
    if context.json {
        object_aside(&json!({ "event": event, "count": more }));
    } else {
        view::say(&diagnostics::more(more));
    }
}

/// Shows what somebody may be surprised by.
pub fn warnings(context: &Context, warnings: &[Diagnostic]) {
    if warnings.is_empty() {
        return;
    }
    if context.json {
        diagnostics_as_json(context, warnings);
    } else {
        view::say(&diagnostics::render(warnings, context.style.err));
    }
}

/// Shows a plan on standard output, with what its work leaves out. Fails when that cannot be written.
pub fn plan(context: &Context, plan: &Plan, work: &Work) -> Result<(), Failure> {
    plan_or(context, plan, work, view::plan::AS_DECLARED)
}

/// Shows a plan on standard output, with what its work leaves out, and this text where there is nothing to do. Fails when
/// that cannot be written.
pub fn plan_or(context: &Context, plan: &Plan, work: &Work, nothing: &str) -> Result<(), Failure> {
    if context.json {
        return object(&json!({
            "event": "plan",
            "sections": plan.sections,
            "left_out": work.left_out,
            "empty": plan.is_empty(),
            // A plan without the hosts that did not answer is not all of it.
            "whole": plan.is_whole() && work.unreached().is_empty(),
        }));
    }
    let sections: Vec<view::plan::Section<'_>> = plan.sections.iter().map(section).collect();
    view::print(&view::plan::render(
        &sections,
        &left_out(&work.left_out),
        plan.undecided(),
        nothing,
        context.style.out,
    ))
}

/// What is left out, a row a reason.
fn left_out(parts: &[LeftOut]) -> Vec<view::plan::LeftOut<'_>> {
    let mut rows: Vec<view::plan::LeftOut<'_>> = Vec::new();
    for LeftOut { address, why, .. } in parts {
        match rows.iter_mut().find(|row| row.why == why) {
            Some(row) => row.addresses.push(address),
            None => rows.push(view::plan::LeftOut {
                addresses: vec![address],
                why,
            }),
        }
    }
    rows
}

/// Shows why nodes failed: while a run goes, only that they did is told, except of hosts that are not reached.
pub fn node_failures(context: &Context, failures: &[(Address, Failure)]) {
    if context.json {
        // The stream of events has told them whole.
        return;
    }
    let sheet = context.style.err;
    for (addresses, failed) in alike(failures) {
        let names: Vec<String> = addresses.iter().map(|one| one.to_string()).collect();
        let names = names.join(", ");
        view::say("");
        if addresses.iter().all(|one| view::is_told_whole(one, failed)) {
            let told = format!("{names}: {}, as said above", failed.summary);
            view::say(&sheet.sentence("", &told));
            continue;
        }
        let failed = match addresses.len() {
            1 => failed.clone(),
            _ => failed.clone().anywhere(),
        };
        view::say(&sheet.sentence("", &format!("{names}:")));
        view::say(&failure::render(&failed, sheet));
    }
}

/// The failures, each once: where AWS is not reached, all that is there meets the same.
fn alike(failures: &[(Address, Failure)]) -> Vec<(Vec<&Address>, &Failure)> {
    let mut alike: Vec<(Vec<&Address>, &Failure)> = Vec::new();
    for (address, failed) in failures {
        let same = |other: &Failure| other.clone().anywhere() == failed.clone().anywhere();
        match alike.iter_mut().find(|(_, other)| same(other)) {
            Some((addresses, _)) => addresses.push(address),
            None => alike.push((vec![address], failed)),
        }
    }
    alike
}

/// Shows targets as variables for CI, or each as an object. Fails when that cannot be written.
pub fn targets(context: &Context, targets: &[Target], root: &Path) -> Result<(), Failure> {
    if context.json {
        return targets
            .iter()
            .try_for_each(|target| object(&json!({ "event": "target", "target": target })));
    }
    view::print(&register::export(
        &Selection::all(targets, root),
        &register::DOTENV,
    )?)
}

/// Says one line of a command's own, where no program reads along.
pub fn note(context: &Context, line: &str) {
    if context.json {
        object_aside(&json!({ "event": "note", "line": line }));
    } else {
        view::say(&context.style.err.sentences(line));
    }
}

fn section(section: &Section) -> view::plan::Section<'_> {
    let name = |task: &crate::play::TaskVerdict| match &task.item {
        Some(item) => format!("{} ({item})", task.name),
        None => task.name.clone(),
    };
    view::plan::Section {
        address: section.address.clone(),
        verdict: &section.verdict,
        tasks: section
            .tasks
            .iter()
            .map(|task| (name(task), task.verdict.clone()))
            .collect(),
    }
}

/// As many as a person is shown, and how many more there are: each has a place that is counted out.
fn diagnostics_as_json(context: &Context, found: &[Diagnostic]) {
    for one in found.iter().take(diagnostics::MOST) {
        object_aside(&diagnostic(one));
    }
    more(context, "more-diagnostics", found.len());
}

fn diagnostic(mistake: &Diagnostic) -> serde_json::Value {
    json!({
        "event": "diagnostic",
        "severity": mistake.severity,
        "summary": mistake.summary,
        "label": mistake.label,
        "at": mistake.origin(),
        "help": mistake.help,
    })
}

/// Prints an object on a line. Fails as [`view::print`] does.
fn object(value: &serde_json::Value) -> Result<(), Failure> {
    view::print(&format!("{}\n", visible::json(&value.to_string())))
}

/// Prints an object on a line beside a result. Where it cannot be written, nothing is said: the result will say so.
fn object_aside(value: &serde_json::Value) {
    let _ = object(value);
}
