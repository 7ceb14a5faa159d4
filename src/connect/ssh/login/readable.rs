//! What ssh prints, made readable: it writes for a terminal of its own.

use std::path::Path;

/// How many lines of ssh are repeated; jump hosts add theirs.
const LINES: usize = 6;

/// Of the screen that ssh shows for a changed key: which key the host has, and where another one stands.
pub fn changed(said: &str, known_hosts: Option<&Path>) -> String {
    let lines: Vec<&str> = said.lines().map(str::trim).collect();
    let shown = lines.windows(2).find_map(|pair| {
        let kind = pair[0].strip_prefix("The fingerprint for the ")?;
        Some((kind.split(' ').next()?, pair[1].trim_end_matches('.')))
    });
    let stands = lines
        .iter()
        .find(|line| line.starts_with("Offending "))
        .and_then(|line| line.rsplit_once(':'))
        .map(|(_, number)| format!(", line {number},"))
        .unwrap_or_default();
    let file = known_hosts.map_or_else(
        || "The file of host keys".to_owned(),
        |path| path.display().to_string(),
    );
    match shown {
        Some((kind, fingerprint)) => {
            format!("It has the {kind} key {fingerprint}; {file}{stands} has another one for it.")
        }
        None => format!("{file}{stands} has another one for it."),
    }
}

/// What ssh said, for people: no carriage returns, no frames of `@`, no debugging, nothing twice, and not for ever.
pub fn clean(said: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    for line in said.split(['\n', '\r']) {
        let line = line.trim();
        let line = line
            .strip_prefix("failed to connect to the remote host: ")
            .unwrap_or(line);
        let line = line.strip_prefix("ssh: ").unwrap_or(line);
        let debugging = ["debug1:", "debug2:", "debug3:"]
            .iter()
            .any(|at| line.starts_with(at));
        // That a key was written into a file of ours for a moment concerns nobody.
        let aside = line.starts_with('@') || line.starts_with("Warning: Permanently added");
        if !line.is_empty() && !debugging && !aside && !kept.contains(&line) {
            kept.push(line);
        }
    }
    // The end says why; what led to it came before.
    kept[kept.len().saturating_sub(LINES)..].join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ssh_is_repeated_without_frames_debugging_and_repetitions() {
        let said = "debug1: x\r\nssh: connect to host web port 22: No route to host\r\r\n@@@@\n@ x @\n\
                    connect to host web port 22: No route to host\nlost\r";
        assert_eq!(
            clean(said),
            "connect to host web port 22: No route to host\nlost"
        );
    }
}
