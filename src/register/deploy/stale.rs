//! Files that containers have from the host and that were changed after the container began.
//!
//! Compose hands such a file over (`configs`, `secrets`, `volumes`) and never looks into it, so that it leaves the container
//! alone. A file that was exchanged by another is seen by the container when it begins anew.

use super::project::Project;
use super::site::Site;
use crate::model::host::Command;
use crate::model::{Content, Failure};

/// When a container began, its name, and then the files and folders that it has from the host, a line each.
pub const INSPECTED: &str = "{{.State.StartedAt}} {{.Name}}{{range .Mounts}}{{if eq .Type \"bind\"}}\n{{.Source}}{{end}}{{end}}\n";

/// Reads `WHEN CONTAINER` and below it what that one has from the host, behind a blank, and prints what was changed since. A
/// change of the time alone would be missed where a file came with its old time, so that the inode's is asked.
const CHANGED: &str = r#"
while IFS= read -r line; do
	case $line in
	' '*)
		path=${line#' '}
		[ -z "$(find "$path" -maxdepth 0 -type f -newerct "$began" 2>/dev/null)" ] || printf 'stale %s %s\n' "$container" "$path"
		;;
	*) began=${line%% *} container=${line#* } ;;
	esac
done
"#;

/// Such a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stale {
    /// The container that has it.
    pub container: String,
    /// Its path on the host.
    pub path: String,
}

/// Those in what was printed: `stale CONTAINER FILE`.
pub fn read(printed: &str) -> Vec<Stale> {
    let line = |line: &str| {
        let (container, path) = line.strip_prefix("stale ")?.split_once(' ')?;
        Some(Stale {
            container: container.to_owned(),
            path: path.to_owned(),
        })
    };
    printed.lines().filter_map(line).collect()
}

/// Tells of them, or why it is not known whether there are any: what was deployed is deployed.
pub fn tell(site: &Site<'_>, stale: Result<Vec<Stale>, Failure>, docker: &str) {
    match stale {
        Ok(stale) => {
            for Stale { container, path } in stale {
                site.progress.message(format!(
                    "{path} was changed after {container} began, and compose looks into no file: \
                     `{docker} restart {container}` on the host has it read anew"
                ));
            }
        }
        Err(failure) => site.progress.message(format!(
            "Whether files were changed that containers have from the host is not known: {}: {}",
            failure.summary, failure.why
        )),
    }
}

/// What `docker inspect` printed, as the script reads it.
fn asked(printed: &str) -> String {
    let mut text = String::new();
    for line in printed.lines().filter(|line| !line.is_empty()) {
        match (line.starts_with('/'), line.split_once(" /")) {
            (true, _) => text.extend([" ", line, "\n"]),
            (false, Some((began, container))) => text.extend([began, " ", container, "\n"]),
            (false, None) => {}
        }
    }
    text
}

impl Project<'_> {
    /// Tells of those of this project. What a Swarm's configs and secrets hold it is asked before.
    pub(super) async fn tell_stale(&self) {
        if !self.is_stack {
            tell(self.site, self.stale().await, &self.compose.docker_words());
        }
    }

    /// Those of this project, as far as its deploy user may see them.
    async fn stale(&self) -> Result<Vec<Stale>, Failure> {
        let looking = "looking at what the containers have from the host";
        let containers = self.containers(super::env_file::NAME).await?;
        let running: Vec<&str> = containers.iter().filter_map(|one| one.running()).collect();
        if running.is_empty() {
            return Ok(Vec::new());
        }
        let words = [&["inspect", "--format", INSPECTED], &running[..]].concat();
        let inspected = self.printed(looking, self.compose.docker(&words)).await?;
        let command = Command {
            script: Some(CHANGED.to_owned()),
            stdin: Some(Content::public(asked(&inspected))),
            ..Command::default()
        };
        Ok(read(&self.printed(looking, command).await?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_docker_prints_is_asked_of_the_host_and_the_answer_read() {
        let printed = "2026-11-30T06:00:00.5Z /review-app-1\n/srv/review/a file\n/srv/review/b\n\n2026-11-30T06:00:01Z /review-db-1\n\n";
        assert_eq!(
            asked(printed),
            "2026-11-30T06:00:00.5Z review-app-1\n /srv/review/a file\n /srv/review/b\n2026-11-30T06:00:01Z review-db-1\n"
        );
        let stale = read("change - other images\nstale review-app-1 /srv/review/a file\n");
        let [one] = stale.as_slice() else {
            panic!("{stale:?}");
        };
        assert_eq!(
            (one.container.as_str(), one.path.as_str()),
            ("review-app-1", "/srv/review/a file")
        );
    }
}
