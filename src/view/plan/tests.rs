//! Plans as they are read.

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
