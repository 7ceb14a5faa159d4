//! A plan, as a reviewer reads it.

use super::count::Count;
use super::effect::{LEFT_OUT, future, sign};
use super::field;
use super::paint::Paint;
use super::{Sheet, one_line};
use crate::model::{Address, Change, Effect, Verdict};

/// What is said of a plan in which nothing differs.
pub const AS_DECLARED: &str = "Nothing to do: everything is as declared.";

/// One node of a plan.
#[derive(Debug, Clone)]
pub struct Section<'a> {
    /// The node.
    pub address: Address,
    /// The verdict over the whole node; that of a host with tasks is read off its tasks unless it is unknown.
    pub verdict: &'a Verdict,
    /// A host's tasks with their names as Ansible prints them, items included, in the order they run.
    pub tasks: Vec<(String, Verdict)>,
}

/// Parts of the environment that the plan is not about.
#[derive(Debug, Clone)]
pub struct LeftOut<'a> {
    /// The parts.
    pub addresses: Vec<&'a Address>,
    /// Why, as the rest of a sentence about each.
    pub why: &'a str,
}

/// How many addresses one row lists.
const LISTED: usize = 6;

/// Shows what would change, and ends with the count of it. Nodes and tasks that hold are not shown.
///
/// `undecided` is how many nodes are not in it, because they failed or were not reached: with any, it never says that
/// there is `nothing` to do.
pub fn render(
    sections: &[Section],
    left_out: &[LeftOut],
    undecided: usize,
    nothing: &str,
    sheet: Sheet,
) -> String {
    let paint = Paint::new(sheet);
    let mut count = Count {
        undecided,
        left_out: left_out.iter().map(|row| row.addresses.len()).sum(),
        ..Count::default()
    };
    let mut text = String::new();
    for section in sections {
        let mut shown = String::new();
        match section.verdict {
            Verdict::Unknown(after) => {
                count.unknown += 1;
                unknown(&section.address, after, paint, &mut shown);
            }
            _ if !section.tasks.is_empty() => host(section, &mut count, paint, &mut shown),
            Verdict::Change(change) if !change.is_none() || !change.notes.is_empty() => {
                count.node(change);
                node(&section.address, change, paint, &mut shown);
            }
            _ => {}
        }
        if !shown.is_empty() {
            text.push_str(&shown);
            text.push('\n');
        }
    }
    for row in left_out {
        text.push_str(&left_out_row(row, paint));
    }
    text.push_str(&paint.sentence("", &count.line(nothing, paint)));
    text.push('\n');
    text
}

fn left_out_row(row: &LeftOut, paint: Paint) -> String {
    let mut names: Vec<String> = row
        .addresses
        .iter()
        .take(LISTED)
        .map(|address| one_line(&address.to_string()))
        .collect();
    if row.addresses.len() > LISTED {
        names.push(format!("{} more", row.addresses.len() - LISTED));
    }
    let why = paint.quiet(format!("({})", one_line(row.why)));
    let before = format!("  {} left out: ", paint.altered(LEFT_OUT));
    let row = paint.sentence(&before, &format!("{} {why}", names.join(", ")));
    format!("{row}\n\n")
}

/// Whether anything would change or cannot be known yet: what `--detailed-exitcode` asks.
pub fn is_empty(sections: &[Section]) -> bool {
    let differs = |verdict: &Verdict| match verdict {
        Verdict::Change(change) => !change.is_none(),
        Verdict::Unknown(_) => true,
        Verdict::Unchanged | Verdict::Run(_) | Verdict::Skipped(_) => false,
    };
    !sections.iter().any(|section| {
        let open = |verdict: &Verdict| matches!(verdict, Verdict::Change(_) | Verdict::Unknown(_));
        differs(section.verdict) || section.tasks.iter().any(|(_, verdict)| open(verdict))
    })
}

fn node(address: &Address, change: &Change, paint: Paint, text: &mut String) {
    let name = paint.strong(one_line(&address.to_string()));
    if change.is_none() {
        row(2, &paint.altered("!"), &name, paint, text);
    } else {
        let will = future(change.effect);
        row(
            2,
            &sign(change.effect, paint),
            &format!("{name} {will}"),
            paint,
            text,
        );
    }
    details(change, 6, paint, text);
}

fn details(change: &Change, indent: usize, paint: Paint, text: &mut String) {
    field::render(&change.diff, indent, paint, text);
    for note in &change.notes {
        let note = one_line(note);
        let before = format!("{:indent$}{}", "", paint.altered("! "));
        text.push_str(&paint.sentence(&before, &paint.altered(note)));
        text.push('\n');
    }
}

fn host(section: &Section, count: &mut Count, paint: Paint, text: &mut String) {
    let mut shown = String::new();
    let (mut changed, mut run, mut open, mut hold) = (0, 0, 0, 0);
    for (name, verdict) in &section.tasks {
        match verdict {
            // One whose details are hidden has no actions to be seen.
            Verdict::Change(change) => {
                changed += 1;
                let name = one_line(name);
                row(6, &sign(change.effect, paint), &name, paint, &mut shown);
                details(change, 10, paint, &mut shown);
            }
            Verdict::Run(change) => {
                run += 1;
                let name = one_line(name);
                let aside = paint.quiet("(runs, and counts as no change)");
                let said = format!("{name} {aside}");
                row(6, &sign(Effect::Run, paint), &said, paint, &mut shown);
                details(change, 10, paint, &mut shown);
            }
            Verdict::Unknown(after) => {
                open += 1;
                let own = *after == section.address;
                let name = paint.strong(one_line(name));
                let when = if own {
                    "known when the tasks before it are done".to_owned()
                } else {
                    format!("known after {}", one_line(&after.to_string()))
                };
                let said = format!("{name} {when}");
                row(6, &paint.open("?"), &said, paint, &mut shown);
            }
            Verdict::Unchanged => hold += 1,
            Verdict::Skipped(_) => {}
        }
    }
    if changed > 0 {
        count.hosts += 1;
        count.tasks += changed;
    }
    count.unknown += open;
    count.aside += run;
    if shown.is_empty() {
        return;
    }
    let name = paint.strong(one_line(&section.address.to_string()));
    let will = match changed {
        0 if open > 0 => "holds as far as can be known".to_owned(),
        0 => "holds".to_owned(),
        1 => "will be changed by 1 task".to_owned(),
        _ => format!("will be changed by {changed} tasks"),
    };
    let sign = match (changed, open) {
        (0, 0) => sign(Effect::Run, paint),
        (0, _) => paint.open("?"),
        _ => sign(Effect::Update, paint),
    };
    let rest = paint.quiet(format!("({hold} hold)"));
    row(2, &sign, &format!("{name} {will} {rest}"), paint, text);
    text.push_str(&shown);
}

fn unknown(node: &Address, after: &Address, paint: Paint, text: &mut String) {
    let name = paint.strong(one_line(&node.to_string()));
    let after = one_line(&after.to_string());
    let said = format!("{name} known after {after}");
    row(2, &paint.open("?"), &said, paint, text);
}

/// A line behind its sign, which goes on below its own beginning where it is narrow.
fn row(indent: usize, sign: &str, said: &str, paint: Paint, text: &mut String) {
    let before = format!("{:indent$}{sign} ", "");
    text.push_str(&paint.sentence(&before, said));
    text.push('\n');
}

#[cfg(test)]
mod tests;
