//! The ports that something on a host may answer at, as the host itself tells.

use std::collections::BTreeSet;
use std::sync::Arc;

use super::allowed::docker;
use super::asked::ran;
use crate::model::{HostTarget, Probe, Value};

/// The kernel's lists of sockets (proc_pid_net(5)), which every user may read.
const SOCKETS: [&str; 2] = ["/proc/net/tcp", "/proc/net/tcp6"];

/// The state of a socket that listens, in those lists.
const LISTEN: &str = "0A";

/// More than this is no list of ports that people would look through.
const MANY: usize = 256;

/// Every port at which the host's kernel or its engine says that something listens; none where nobody can be asked.
///
/// The engine is asked as well: it may pass a published port on without a socket of its own. A key that only asks is told of
/// the ports of its own project. Which of them can be reached is another question.
pub async fn ports(host: &HostTarget, probe: &Arc<dyn Probe>) -> Option<BTreeSet<u16>> {
    let words = |words: &[&str]| -> Vec<String> { words.iter().map(|&w| w.to_owned()).collect() };
    let mut found = BTreeSet::new();
    let Some(docker) = docker(host) else {
        let status = ran(probe, &words(&["status"])).await.ok()?;
        found.extend(status.out().lines().flat_map(published_in_status));
        return Some(found);
    };
    for list in SOCKETS {
        // A kernel without IPv6 has no list of its sockets.
        if let Ok(ran) = ran(probe, &words(&["cat", list])).await {
            found.extend(ran.out().lines().filter_map(listening));
        }
    }
    if host.docker.is_some() {
        let ask = [docker, vec!["ps", "--format", "{{.Ports}}"]].concat();
        if let Ok(ran) = ran(probe, &words(&ask)).await {
            found.extend(ran.out().lines().flat_map(published));
        }
    }
    Some(found.into_iter().take(MANY).collect())
}

/// The port of a line of the kernel's list: `  0: 00000000:0016 00000000:0000 0A …`.
fn listening(line: &str) -> Option<u16> {
    let mut fields = line.split_whitespace().skip(1);
    let (local, _, state) = (fields.next()?, fields.next()?, fields.next()?);
    let (_, port) = local.rsplit_once(':')?;
    (state == LISTEN).then(|| u16::from_str_radix(port, 16).ok())?
}

/// The host's ports of what docker prints of a container: `0.0.0.0:8000-8001->80-81/tcp, [::]:443->443/tcp, 9000/tcp`.
fn published(line: &str) -> impl Iterator<Item = u16> {
    line.split(',').flat_map(|one| {
        let outer = one.split_once("->").map(|(outer, _)| outer);
        let ports = outer.and_then(|outer| outer.rsplit_once(':'));
        let ports = ports.map_or("", |(_, ports)| ports);
        let (first, last) = ports.split_once('-').unwrap_or((ports, ports));
        match (first.parse::<u16>(), last.parse::<u16>()) {
            (Ok(first), Ok(last)) => first..=last,
            // Nothing is published.
            #[expect(clippy::reversed_empty_ranges, reason = "it is meant to be empty")]
            _ => 1..=0,
        }
    })
}

/// The host's ports of a container of the project, in the line that compose prints of it.
fn published_in_status(line: &str) -> Vec<u16> {
    let container: Value = serde_json::from_str(line).unwrap_or_default();
    let publishers = container["Publishers"].as_array().into_iter().flatten();
    let ports = publishers.filter_map(|one| one["PublishedPort"].as_u64());
    ports
        .filter_map(|port| u16::try_from(port).ok().filter(|port| *port != 0))
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ports_are_read_from_what_kernel_and_engine_print() {
        let line = "   0: 00000000:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000  0  0 17 1";
        assert_eq!(listening(line), Some(8080));
        assert_eq!(listening(&line.replace(" 0A ", " 01 ")), None);
        assert_eq!(
            listening("  sl  local_address rem_address   st tx_queue"),
            None
        );
        let v6 = "   1: 00000000000000000000000000000000:0016 00000000000000000000000000000000:0000 0A 0";
        assert_eq!(listening(v6), Some(22));
        let ports = "0.0.0.0:8000-8002->80-82/tcp, [::]:443->443/tcp, :::444->444/tcp, 9000/tcp";
        let found: Vec<u16> = published(ports).collect();
        assert_eq!(found, [8000, 8001, 8002, 443, 444]);
        assert_eq!(published("").count(), 0);
        let status = r#"{"Publishers":[{"URL":"0.0.0.0","TargetPort":80,"PublishedPort":8081,"Protocol":"tcp"},{"PublishedPort":0}]}"#;
        assert_eq!(published_in_status(status), [8081]);
        assert!(published_in_status("no json").is_empty());
    }
}
