//! What is told of a change while it is made.

use landfall::model::Effect;

use super::*;

const PLAYBOOK: &str = "\
# login: deploy
- hosts: all
  tasks:
    - { name: a unit, copy: { dest: /etc/unit, content: a }, notify: reload systemd }
    - { name: by another, copy: { dest: /etc/b, content: b }, become: true, become_user: www-data, notify: reload another }
    - { name: counts as none, copy: { dest: /etc/c, content: c }, changed_when: false }
    - { name: asks, copy: { dest: /etc/d, content: d }, register: r, changed_when: r.dest == '' }
  handlers:
    - { name: reload systemd, systemd: { daemon_reload: true } }
    - { name: reload another, systemd: { daemon_reload: true } }
";

#[tokio::test]
async fn what_has_the_sign_of_a_change_counts_as_one_and_is_told_once() {
    let world = Fake::new(host(PLAYBOOK));
    let (events, mut received) = Events::channel();
    let run = Run::begin().await;
    let walk = walk("acting.yml", PLAYBOOK, &world, run.executor(), events);
    let summary = walk.run().await.unwrap();
    let journal = run.end().await;
    // Beside them it has what the run notes for itself: whom it notified, which handlers ran.
    let begun: Vec<Value> = journal
        .lines()
        .map(|line| serde_json::from_str(line).unwrap())
        .filter(|line: &Value| line["event"] == "acting")
        .collect();
    let mut told = Vec::new();
    while let Some(event) = received.recv().await {
        if let Event::Acting { task, change, .. } = event {
            told.push((task.unwrap(), change.effect));
        }
    }
    let told: Vec<(&str, Effect)> = told
        .iter()
        .map(|(task, effect)| (&**task, *effect))
        .collect();
    assert_eq!(
        told,
        [
            ("a unit", Effect::Create),
            ("by another", Effect::Create),
            ("counts as none", Effect::Run),
            ("asks", Effect::Run),
            ("reload systemd", Effect::Run),
            ("reload another", Effect::Run),
        ]
    );
    assert_eq!(summary.changes, 2);
    for (task, effect) in told {
        let effect = serde_json::to_value(effect).unwrap();
        let is_it = |line: &&Value| line["task"] == *task && line["change"]["effect"] == effect;
        assert_eq!(begun.iter().filter(is_it).count(), 1, "{task}: {journal}");
    }
}
