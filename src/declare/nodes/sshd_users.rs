//! Whom the further lines of sshd shut out, which a host's variables have for the hardening: neither who prepares the host
//! nor who deploys to it may be.
//!
//! Groups are the host's to know, and so is whom a pattern with a star lets in.

use super::draft::Draft;
use crate::declare::environment::Host;
use crate::model::Value;
use crate::model::playbook::Playbook;

/// The variable with the lines.
const LINES: &str = "sshd_lines";

/// Notes whom they shut out.
pub fn check(draft: &mut Draft<'_>, name: &str, host: &Host, playbooks: &[impl AsRef<Playbook>]) {
    let plays = || playbooks.iter().flat_map(|one| &one.as_ref().plays);
    if !plays().any(|play| play.vars.contains_key(LINES)) {
        return;
    }
    let Some(lines) = host.vars.get(LINES).and_then(Value::as_array) else {
        return;
    };
    let lines: Vec<&str> = lines.iter().filter_map(Value::as_str).collect();
    let deploys = host.vars.get("deploy_user");
    let deploys = deploys.or_else(|| plays().find_map(|play| play.vars.get("deploy_user")));
    let literal = |user: &&str| !user.is_empty() && !user.contains("{{");
    let users = [
        (deploys.and_then(Value::as_str), "who deploys"),
        (Some(host.user.as_str()), "who prepares the host"),
    ];
    for (user, part) in users {
        let Some(user) = user.filter(literal) else {
            continue;
        };
        if let Some(word) = shutting_out(user, &lines) {
            draft.error(
                "sshd would not let in who must come in",
                format!("`{word}` shuts out `{user}`, {part}"),
                &["hosts", name, "vars", LINES],
                match word {
                    "AllowUsers" => format!("add `{user}` to it"),
                    _ => format!("take `{user}` out of it"),
                },
            );
        }
    }
}

/// The setting by which these lines of sshd_config(5) surely shut a user out.
fn shutting_out(user: &str, lines: &[&str]) -> Option<&'static str> {
    let named = |wanted: &str| -> Vec<&str> {
        let words = lines.iter().filter_map(|line| {
            let line = line.trim_start();
            let (word, rest) = line.split_once([' ', '\t', '='])?;
            word.eq_ignore_ascii_case(wanted).then_some(rest)
        });
        // A word counts in each line that has it; behind `@` stands where somebody comes from.
        words
            .flat_map(|rest| rest.split([' ', '\t', '=', '"']))
            .filter(|word| !word.is_empty())
            .map(|word| word.split('@').next().unwrap_or_default())
            .collect()
    };
    let (allowed, denied) = (named("AllowUsers"), named("DenyUsers"));
    let pattern = |one: &&str| one.contains(['*', '?', '!', '{']);
    if denied.contains(&user) {
        return Some("DenyUsers");
    }
    let judged = !allowed.is_empty() && !allowed.iter().any(pattern);
    (judged && !allowed.contains(&user)).then_some("AllowUsers")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whom_lines_shut_out_is_known_where_no_pattern_is_among_them() {
        let judged = |lines: &[&str]| shutting_out("deploy", lines);
        assert_eq!(judged(&["AllowGroups ssh"]), None);
        assert_eq!(judged(&["AllowUsers ops"]), Some("AllowUsers"));
        assert_eq!(judged(&["allowusers=ops root"]), Some("AllowUsers"));
        assert_eq!(
            judged(&["AllowUsers ops", "AllowUsers deploy@10.0.0.0/8"]),
            None
        );
        assert_eq!(judged(&["AllowUsers ops dep*"]), None);
        assert_eq!(judged(&["DenyUsers \"deploy\""]), Some("DenyUsers"));
    }
}
