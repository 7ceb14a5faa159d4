//! What the reader of a plan must know about a sudo rule.

use crate::model::Content;

/// Programs that hand their caller root, whatever they were meant for.
const AS_MUCH_AS_ROOT: &[&str] = &["docker", "podman", "systemctl", "apt", "apt-get", "ALL"];

/// A note on a file of sudo rules that give root away without a password; none for any other file.
pub fn note(path: &str, content: &Content) -> Option<String> {
    if path != "/etc/sudoers" && !path.starts_with("/etc/sudoers.d/") {
        return None;
    }
    let rules = content.text()?;
    let given: Vec<_> = rules
        .lines()
        .filter(|line| !line.trim_start().starts_with('#'))
        .filter_map(|line| line.split_once("NOPASSWD:"))
        .flat_map(|(_, commands)| commands.split(','))
        .filter_map(|command| {
            // Tags such as SETENV: may stand before the command.
            let program = command
                .rsplit("SETENV:")
                .next()?
                .split_whitespace()
                .next()?;
            let name = program.rsplit('/').next()?;
            AS_MUCH_AS_ROOT.contains(&name).then_some(program)
        })
        .collect();
    (!given.is_empty()).then(|| {
        format!(
            "Whoever may run {} as root without a password is as much as root.",
            given.join(", ")
        )
    })
}
