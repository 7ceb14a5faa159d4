//! Whether a compose project runs as compose would bring it up.

use super::answers::{Container, Service};

/// What a dry run of `up` says of a thing that it leaves as it is. What has ended is begun again, and what runs is waited
/// for: neither is exchanged.
const LEFT: [&str; 7] = [
    "Running", "Created", "Starting", "Started", "Waiting", "Healthy", "Exited",
];

/// Whether every service runs as it shall.
pub fn is_well(services: &[Service], containers: &[Container]) -> bool {
    let mut kept = services.iter().filter(|service| service.is_kept_running());
    kept.all(|service| {
        let mut own = containers
            .iter()
            .filter(|one| one.service == service.name)
            .peekable();
        own.peek().is_some() && own.all(Container::is_well)
    })
}

/// Whether compose, which said this in a dry run, would leave everything as it is: ` DRY-RUN MODE -  Container x-app-1  Running`.
///
/// The sums of `config --hash` would not do: they are others than those of containers whose service has an `env_file`.
pub fn leaves_all(said: &str) -> bool {
    let is_thing = |word: &&str| ["Container", "Network", "Volume"].contains(word);
    said.lines().all(|line| {
        let mut words = line.split_whitespace().skip_while(|word| !is_thing(word));
        match (words.next(), words.next(), words.next()) {
            (Some(_), Some(_), Some(word)) => LEFT.contains(&word),
            _ => true,
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::register::deploy::answers::{self, SAMPLE};

    /// As compose 2.26.1 prints it, shortened.
    const APP: &str = r#"{"ExitCode":0,"Health":"","ID":"c1","Image":"example/app:1","Labels":"com.docker.compose.service=app,com.docker.compose.oneoff=False","Service":"app","State":"running"}"#;
    const DB: &str = r#"{"ExitCode":0,"Health":"healthy","ID":"c2","Image":"postgres:16","Labels":"a=b","Service":"db","State":"running"}"#;
    const ONCE: &str = r#"{"ExitCode":1,"Health":"","ID":"c3","Labels":"com.docker.compose.oneoff=True","Service":"app","State":"exited"}"#;

    #[test]
    fn a_project_is_well_only_when_each_service_has_a_container_that_is() {
        let services = answers::services(SAMPLE, SAMPLE).unwrap();
        let well = |lines: &[&str]| {
            let containers = answers::containers(&lines.join("\n")).unwrap();
            is_well(&services, &containers)
        };
        assert!(well(&[APP, DB]));
        assert!(well(&[APP, DB, ONCE]));
        assert!(!well(&[APP]));
        assert!(!well(&[&APP.replace("running", "restarting"), DB]));
        assert!(!well(&[APP, &DB.replace("healthy", "unhealthy")]));
        let list = format!("[{APP},{DB}]");
        assert!(is_well(&services, &answers::containers(&list).unwrap()));
        assert!(answers::containers("").unwrap().is_empty());
        assert!(answers::containers("no json").is_err());
    }

    /// As compose 2.26.1 prints it.
    #[test]
    fn what_compose_would_exchange_is_told_from_what_it_leaves() {
        let left = " DRY-RUN MODE -  Container x-once-1  Created \n DRY-RUN MODE -  Container x-app-1  Running \n \
                    DRY-RUN MODE -  Container x-once-1  Starting \n DRY-RUN MODE -  Container x-once-1  Exited \n";
        assert!(leaves_all(left));
        assert!(leaves_all(""));
        for other in [
            "Container x-app-1  Recreate",
            "Container x-more-1  Creating",
            "Container x-gone-1  Stopping",
            "Network x_default  Creating",
            "Container x-app-1  Something else",
        ] {
            assert!(
                !leaves_all(&format!("{left} DRY-RUN MODE -  {other}\n")),
                "{other}"
            );
        }
    }
}
