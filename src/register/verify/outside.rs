//! What anybody on the network sees of a host: its certificates, and its ports.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;

use super::outcome::{check, failed, of_failure, passed, skipped};
use crate::answer;
use crate::model::network::{NetworkAnswer, NetworkQuery, PortState, Served};
use crate::model::{Answer, Check, CheckResult, Failure, HostTarget, Probe, Query};

/// Where a certificate is served.
pub const HTTPS: u16 = 443;

/// How many days a certificate must still be valid: Let's Encrypt's renewals begin 30 days before the end, so that one with
/// fewer than these has missed a fortnight of them.
pub const NEAR: u16 = 14;

/// What must answer nobody unless it is meant to: databases, queues, engines, consoles, and the ports that people take for
/// trying something out.
const USUAL: &[u16] = &[
    21, 22, 23, 25, 53, 80, 110, 111, 139, 143, 389, 443, 445, 1433, 2049, 2375, 2376, 2377, 2379,
    3000, 3306, 3389, 4369, 5000, 5432, 5601, 5672, 5900, 5984, 6379, 6443, 7946, 8000, 8080, 8086,
    8088, 8443, 8888, 9000, 9090, 9092, 9100, 9200, 9300, 10250, 11211, 15672, 25672, 27017,
];

/// How many connections are tried at once: enough that a firewall which drops them costs seconds, few enough to be no flood.
const AT_ONCE: usize = 24;

/// Tries the certificate of each name, and which ports answer.
///
/// Tried are the ports at which something listens there, as far as that is known, and the usual ones.
pub async fn verify(
    host: &HostTarget,
    listening: Option<BTreeSet<u16>>,
    network: Arc<dyn Probe>,
) -> Vec<Check> {
    let mut checks = Vec::new();
    for name in &host.domains {
        let tried = format!("{name} at {}, port {HTTPS}", host.address);
        let result = match served(&host.address, name, &*network).await {
            Ok(served) => of_certificate(&served, Timestamp::now()),
            Err(failure) => of_failure(&failure),
        };
        checks.push(check("certificate", tried, result));
    }
    if let Some(intended) = &host.ports {
        checks.push(ports(host, intended, listening, &network).await);
    }
    checks
}

/// What is served at this address for a name. Fails when the address or the name cannot be one.
pub async fn served(address: &str, name: &str, network: &dyn Probe) -> Result<Served, Failure> {
    let query = Query::Network(NetworkQuery::Certificate {
        address: address.to_owned(),
        port: HTTPS,
        name: name.to_owned(),
    });
    Ok(answer!(network, query, Answer::Network(NetworkAnswer::Certificate(served)) => served))
}

fn of_certificate(served: &Served, now: Timestamp) -> CheckResult {
    match served {
        Served::Nothing => skipped("Nothing serves there yet, which the first deployment changes."),
        Served::NoTls(why) => failed(
            format!("No certificate is served: {why}."),
            "Look at the web server's configuration and its log",
        ),
        Served::Certificate { faults, .. } if !faults.is_empty() => failed(
            faults.join(" "),
            "Look at `landfall certificates status ENVIRONMENT`",
        ),
        Served::Certificate { leaf, .. } => {
            let days = leaf.days_left(now);
            if days < i64::from(NEAR) {
                return failed(
                    format!("It ends in {days} days, on {}.", leaf.not_after),
                    "Look at why it was not renewed: `landfall certificates status ENVIRONMENT`",
                );
            }
            passed(format!("{days} days left, issued by {}", leaf.issuer))
        }
    }
}

/// Only sshd and what is intended may answer. That an intended one does not is no fault: nothing may be deployed yet.
async fn ports(
    host: &HostTarget,
    intended: &[u16],
    listening: Option<BTreeSet<u16>>,
    network: &Arc<dyn Probe>,
) -> Check {
    let meant: BTreeSet<u16> = intended.iter().copied().chain([host.port]).collect();
    let mut tried: BTreeSet<u16> = USUAL.iter().copied().collect();
    let listening = listening.unwrap_or_default();
    let more = listening.difference(&tried).count();
    tried.extend(listening);
    tried.retain(|port| !meant.contains(port));
    let count = tried.len();
    let answers: Vec<Result<(u16, PortState), Failure>> = stream::iter(tried)
        .map(|port| state(host, port, network))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let words = match more {
        0 => format!("{count} usual ports of {}", host.address),
        _ => format!(
            "{count} ports of {}: usual ones and those that listen there",
            host.address
        ),
    };
    let mut open = Vec::new();
    for answer in answers {
        match answer {
            Ok((port, PortState::Open)) => open.push(port.to_string()),
            Ok(_) => {}
            Err(failure) => return check("ports", words, of_failure(&failure)),
        }
    }
    let result = if open.is_empty() {
        passed("none answers that is not intended")
    } else {
        failed(
            format!(
                "What nobody intended answers from outside: port {}.",
                open.join(", ")
            ),
            "Close it on the host: a port that docker publishes passes by the firewall, unless it is published on 127.0.0.1. \
             Or add it to the target's `ports`",
        )
    };
    check("ports", words, result)
}

async fn state(
    host: &HostTarget,
    port: u16,
    network: &Arc<dyn Probe>,
) -> Result<(u16, PortState), Failure> {
    let query = Query::Network(NetworkQuery::Port {
        address: host.address.clone(),
        port,
    });
    let state = answer!(network, query, Answer::Network(NetworkAnswer::Port(state)) => state);
    Ok((port, state))
}
