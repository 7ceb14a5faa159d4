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
mod tests {
    use super::*;
    use crate::model::{Content, Kind, Shown, local_action::LocalAction};
    use serde_json::json;

    const COLOURED: Sheet = Sheet {
        colour: true,
        width: None,
    };

    fn acting(change: Change) -> Verdict {
        Verdict::Change(change.action(LocalAction::MakeKeyPair {
            path: "key".into(),
            comment: "c".into(),
        }))
    }

    fn value(value: serde_json::Value) -> Shown {
        Shown::Value(value)
    }

    #[test]
    fn a_plan_shows_what_changes_and_counts_it() {
        let role = acting(
            Change::new(Effect::Create)
                .field("service", Shown::Absent, value(json!("ec2.amazonaws.com")))
                .field("managed_policies", Shown::Absent, value(json!(["a", "b"]))),
        );
        let object = acting(Change::new(Effect::Update).field(
            "content",
            Shown::content(&Content::secret("old")),
            Shown::content(&Content::secret("newer")),
        ));
        let service = Verdict::Unknown(Address::new(Kind::Stack, "cluster"));
        let config = acting(
            Change::new(Effect::Update)
                .field("mode", value(json!("0644")), value(json!("0600")))
                .field(
                    "/etc/ssh/sshd_config",
                    Shown::Text("Port 22\nPermitRootLogin yes\nUsePAM yes\n".into()),
                    Shown::Text("Port 22\nPermitRootLogin no\nUsePAM yes\n".into()),
                )
                .note("the rule is equivalent to root"),
        );
        let run = acting(Change::new(Effect::Run).field(
            "argv",
            Shown::Absent,
            value(json!("true\u{1b}[2J")),
        ));
        let sections = [
            Section {
                address: Address::new(Kind::Role, "ecsInstanceRole"),
                verdict: &role,
                tasks: vec![],
            },
            Section {
                address: Address::bucket(),
                verdict: &Verdict::Unchanged,
                tasks: vec![],
            },
            Section {
                address: Address::new(Kind::Object, "ecs.config"),
                verdict: &object,
                tasks: vec![],
            },
            Section {
                address: Address::new(Kind::Service, "web"),
                verdict: &service,
                tasks: vec![],
            },
            Section {
                address: Address::new(Kind::Host, "web-1"),
                verdict: &Verdict::Unchanged,
                tasks: vec![
                    ("Install docker".into(), Verdict::Unchanged),
                    ("Configure sshd".into(), config),
                    (
                        "Only on Mondays".into(),
                        Verdict::Skipped("a condition".into()),
                    ),
                    ("Run it (item=1)".into(), run),
                    (
                        "Restart sshd".into(),
                        Verdict::Unknown(Address::new(Kind::Host, "web-1")),
                    ),
                ],
            },
        ];
        insta::assert_snapshot!(render(&sections, &[], 0, AS_DECLARED, Sheet::PLAIN), @r#"
          + roles.ecsInstanceRole will be created
              service           "ec2.amazonaws.com"
              managed_policies  ["a", "b"]

          ~ secrets.objects.ecs.config will be updated in place
              content  (sha256:cba06b5736fa, 3 bytes) → (sha256:804f51f71254, 5 bytes)

          ? services.web known after stacks.cluster

          ~ hosts.web-1 will be changed by 2 tasks (1 hold)
              ~ Configure sshd
                  mode  "0644" → "0600"
                  /etc/ssh/sshd_config
                    @@ -1,3 +1,3 @@
                     Port 22
                    -PermitRootLogin yes
                    +PermitRootLogin no
                     UsePAM yes
                  ! the rule is equivalent to root
              > Run it (item=1)
                  argv  "true\u001b[2J"
              ? Restart sshd known when the tasks before it are done

        Plan: 1 to create, 1 to change, 0 to delete, 2 tasks on 1 host; 2 unknown until apply.
        "#);
        let coloured = render(&sections, &[], 0, AS_DECLARED, COLOURED);
        assert!(coloured.contains("\u{1b}[32m+\u{1b}[0m"), "{coloured:?}");
        assert!(!coloured.contains("\u{1b}[2J"));
        assert!(!is_empty(&sections));
    }

    #[test]
    fn what_runs_and_counts_as_no_change_is_listed_apart() {
        let look = Change::new(Effect::Run).field("argv", Shown::Absent, value(json!("uptime")));
        let hidden = Change::new(Effect::Update).note("Its details are hidden.");
        let host = |tasks| Section {
            address: Address::new(Kind::Host, "web"),
            verdict: &Verdict::Unchanged,
            tasks,
        };
        let runs = ("Look".to_owned(), Verdict::Run(look));
        let holds = ("Ping".to_owned(), Verdict::Unchanged);
        let silent = ("Silent".to_owned(), Verdict::Change(hidden));
        let only = host(vec![runs.clone(), holds.clone()]);
        assert!(is_empty(std::slice::from_ref(&only)));
        insta::assert_snapshot!(render(&[only], &[], 0, AS_DECLARED, Sheet::PLAIN), @r#"
          > hosts.web holds (1 hold)
              > Look (runs, and counts as no change)
                  argv  "uptime"

        Nothing to do: everything is as declared. 1 task runs something all the same, which counts as no change.
        "#);
        let all = host(vec![runs, holds, silent]);
        insta::assert_snapshot!(render(&[all], &[], 0, AS_DECLARED, Sheet::PLAIN), @r#"
          ~ hosts.web will be changed by 1 task (1 hold)
              > Look (runs, and counts as no change)
                  argv  "uptime"
              ~ Silent
                  ! Its details are hidden.

        Plan: 0 to create, 0 to change, 0 to delete, 1 task on 1 host.
        "#);
    }

    #[test]
    fn on_a_terminal_every_line_that_is_said_fits() {
        let web = Address::new(Kind::Host, "web-1");
        let long = "Make the folders of the application and of all that it stores";
        let unchanged = Verdict::Unchanged;
        let unknown = Verdict::Unknown(Address::new(Kind::Stack, "a-cluster-with-a-long-name"));
        let role = acting(Change::new(Effect::Adopt));
        let section = |address, verdict, tasks| Section {
            address,
            verdict,
            tasks,
        };
        let tasks = vec![
            (long.to_owned(), acting(Change::new(Effect::Create))),
            (long.to_owned(), Verdict::Run(Change::new(Effect::Run))),
            (long.to_owned(), Verdict::Unknown(web.clone())),
        ];
        let service = Address::new(Kind::Service, "a-service-with-a-long-name");
        let named = Address::new(Kind::Role, "a-role-whose-name-takes-half-of-a-line");
        let sections = [
            section(service.clone(), &unknown, vec![]),
            section(named, &role, vec![]),
            section(web, &unchanged, tasks),
        ];
        let left_out = LeftOut {
            addresses: vec![&service; 3],
            why: "it is not among what --limit names",
        };
        let narrow = Sheet {
            colour: false,
            width: Some(60),
        };
        insta::assert_snapshot!(render(&sections, &[left_out], 0, AS_DECLARED, narrow), @r"
          ? services.a-service-with-a-long-name known after
            stacks.a-cluster-with-a-long-name

          = roles.a-role-whose-name-takes-half-of-a-line exists
            already and will be taken over

          ~ hosts.web-1 will be changed by 1 task (0 hold)
              + Make the folders of the application and of all that
                it stores
              > Make the folders of the application and of all that
                it stores (runs, and counts as no change)
              ? Make the folders of the application and of all that
                it stores known when the tasks before it are done

          · left out: services.a-service-with-a-long-name,
                      services.a-service-with-a-long-name,
                      services.a-service-with-a-long-name (it is not
                      among what --limit names)

        Plan: 0 to create, 0 to change, 0 to delete, 1 to take over,
        1 task on 1 host; 2 unknown until apply; 3 left out.
        ");
    }

    #[test]
    fn a_plan_without_changes_says_so() {
        let verdict = Verdict::Change(Change::none());
        let section = Section {
            address: Address::new(Kind::Host, "web"),
            verdict: &verdict,
            tasks: vec![("Ping".into(), Verdict::Unchanged)],
        };
        assert!(is_empty(std::slice::from_ref(&section)));
        assert_eq!(
            render(&[section], &[], 0, AS_DECLARED, Sheet::PLAIN),
            "Nothing to do: everything is as declared.\n"
        );
    }
}
