//! What anybody on the network sees of a host: its certificates, and its ports.

use std::collections::BTreeSet;
use std::sync::Arc;

use futures::stream::{self, StreamExt as _};
use jiff::Timestamp;

use super::outcome::{certificates_command, check, failed, of_failure, passed, skipped};
use crate::answer;
use crate::backend::Release;
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

/// What the hosts of a Swarm say to each other by TCP (Docker's manual, "Create a swarm": open protocols and ports).
const SWARMS: [u16; 2] = [2377, 7946];

/// What is told of ports and certificates where even sshd does not answer: a host that is off has no port too many.
const SILENT: &str =
    "Not even sshd's port of the host answers from here, so that this tells nothing.";

/// How many connections are tried at once: enough that a firewall which drops them costs seconds, few enough to be no flood.
const AT_ONCE: usize = 24;

/// Tries the certificate of each name, and which ports answer.
///
/// Tried are the ports at which something listens there, as far as that is known, and the usual ones where somebody said
/// what shall answer. Where nobody did, nothing is judged.
pub async fn verify(
    host: &HostTarget,
    environment: &str,
    listening: Option<BTreeSet<u16>>,
    released: Option<&Release>,
    network: Arc<dyn Probe>,
) -> Vec<Check> {
    // Where something listens is known by whoever was let in.
    let silent = listening.is_none() && !answers(host, host.port, &network).await;
    let mut checks = Vec::new();
    for name in &host.domains {
        let tried = format!("{name} at {}, port {HTTPS}", host.address);
        let result = match served(&host.address, name, &*network).await {
            // Whoever drops what comes to a port is no web server that says something wrong.
            Ok(Served::Nothing | Served::NoTls(_)) if silent => skipped(SILENT),
            Ok(served) => of_certificate(&served, Timestamp::now(), environment, || {
                of_nothing(listening.as_ref(), released)
            }),
            Err(failure) => of_failure(&failure),
        };
        checks.push(check("certificate", tried, result));
    }
    checks.push(match &host.ports {
        Some(intended) => ports(host, intended, listening, silent, &network).await,
        None => undeclared(host, listening, &network).await,
    });
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

/// Nothing answers where a certificate is to be served: that is no fault of the host, and what is to be done depends on
/// whether anything was deployed, and listens.
fn of_nothing(listening: Option<&BTreeSet<u16>>, released: Option<&Release>) -> CheckResult {
    let listens = listening.is_some_and(|ports| ports.contains(&HTTPS));
    skipped(match (listens, released) {
        (true, _) => format!(
            "Something listens at port {HTTPS} of the host, and nobody answers from here: look at the firewalls on the way."
        ),
        (false, Some(_)) => format!(
            "Nothing answers at port {HTTPS}, though something was deployed: let what serves the name publish that port."
        ),
        (false, None) => "Nothing serves there yet, which the first deployment changes.".to_owned(),
    })
}

fn of_certificate(
    served: &Served,
    now: Timestamp,
    environment: &str,
    nothing: impl FnOnce() -> CheckResult,
) -> CheckResult {
    match served {
        Served::Nothing => nothing(),
        Served::NoTls(why) => failed(
            format!("No certificate is served: {why}."),
            "Look at the web server's configuration and its log",
        ),
        Served::Certificate { faults, .. } if !faults.is_empty() => failed(
            faults.join(" "),
            format!("Look at `{}`", certificates_command(environment)),
        ),
        Served::Certificate { leaf, .. } => {
            let days = leaf.days_left(now);
            if days < i64::from(NEAR) {
                return failed(
                    format!("It ends in {days} days, on {}.", leaf.not_after),
                    format!(
                        "Look at why it was not renewed: `{}`",
                        certificates_command(environment)
                    ),
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
    silent: bool,
    network: &Arc<dyn Probe>,
) -> Check {
    let meant: BTreeSet<u16> = intended.iter().copied().chain([host.port]).collect();
    let mut tried: BTreeSet<u16> = USUAL.iter().copied().collect();
    let listening = listening.unwrap_or_default();
    let more = listening.difference(&tried).count();
    tried.extend(listening);
    tried.retain(|port| !meant.contains(port));
    let count = tried.len();
    let words = match more {
        0 => format!("{count} usual ports of {}", host.address),
        _ => format!(
            "{count} ports of {}: usual ones and those that listen there",
            host.address
        ),
    };
    let open = match open(host, tried, network).await {
        Ok(open) => open,
        Err(failure) => return check("ports", words, of_failure(&failure)),
    };
    let result = if open.is_empty() && silent {
        skipped(SILENT)
    } else if open.is_empty() {
        passed("none answers that is not intended")
    } else if host.swarm.is_some() && open.iter().all(|port| SWARMS.contains(port)) {
        failed(
            format!(
                "The Swarm's own ports answer from outside: port {}.",
                listed(&open)
            ),
            "Let the firewall open them for the Swarm's hosts alone: whoever else reaches them can try to join, or to overhear",
        )
    } else {
        failed(
            format!(
                "What nobody intended answers from outside: port {}.",
                listed(&open)
            ),
            "Close it on the host: a port that docker publishes passes by the firewall, unless it is published on 127.0.0.1. \
             Or add it to the target's `ports`",
        )
    };
    check("ports", words, result)
}

/// What answers where nobody said what shall: told, so that it can be said.
async fn undeclared(
    host: &HostTarget,
    listening: Option<BTreeSet<u16>>,
    network: &Arc<dyn Probe>,
) -> Check {
    let known = listening.is_some();
    let mut tried = listening.unwrap_or_default();
    tried.remove(&host.port);
    let words = format!(
        "{} ports of {} at which something listens",
        tried.len(),
        host.address
    );
    let open = match open(host, tried, network).await {
        Ok(open) => open,
        Err(failure) => return check("ports", words, of_failure(&failure)),
    };
    let is_swarms = |port: &u16| host.swarm.is_some() && SWARMS.contains(port);
    let (swarms, open): (Vec<u16>, Vec<u16>) = open.into_iter().partition(is_swarms);
    let also = match swarms.as_slice() {
        [] => String::new(),
        ports => format!(
            ". The Swarm's own ports {} answer as well, which the firewall should open for its hosts alone",
            listed(ports)
        ),
    };
    let open = listed(&open);
    let result = match (known, open.is_empty()) {
        (false, _) => {
            skipped("The target declares no `ports`, and the host could not be asked what listens.")
        }
        (true, true) => passed(format!(
            "none answers beside sshd's; with `ports = []` in the target any that does later is a fault{also}"
        )),
        (true, false) => passed(format!(
            "{open} answer, and nothing says whether they shall; with `ports = [{open}]` in the target any other is a fault{also}"
        )),
    };
    check("ports", words, result)
}

/// Whether a port answers. An address that cannot be asked does not.
async fn answers(host: &HostTarget, port: u16, network: &Arc<dyn Probe>) -> bool {
    matches!(state(host, port, network).await, Ok((_, PortState::Open)))
}

/// Those of the ports that answer.
async fn open(
    host: &HostTarget,
    tried: BTreeSet<u16>,
    network: &Arc<dyn Probe>,
) -> Result<Vec<u16>, Failure> {
    let answers: Vec<Result<(u16, PortState), Failure>> = stream::iter(tried)
        .map(|port| state(host, port, network))
        .buffered(AT_ONCE)
        .collect()
        .await;
    let mut open = Vec::new();
    for answer in answers {
        if let (port, PortState::Open) = answer? {
            open.push(port);
        }
    }
    Ok(open)
}

/// Ports one after the other.
fn listed(ports: &[u16]) -> String {
    let ports: Vec<String> = ports.iter().map(u16::to_string).collect();
    ports.join(", ")
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::backend::Release;
    use std::collections::BTreeMap;

    fn why(result: CheckResult) -> String {
        match result {
            CheckResult::Skipped { why } => why,
            CheckResult::Passed { seen } => seen,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn that_nothing_answers_is_told_by_what_is_known_of_the_host() {
        let release = Release::begin("run", "web", BTreeMap::new());
        let both = BTreeSet::from([80, HTTPS]);
        let one = BTreeSet::from([80]);
        let told = why(of_nothing(Some(&one), Some(&release)));
        assert!(told.contains("though something was deployed"), "{told}");
        let told = why(of_nothing(Some(&both), Some(&release)));
        assert!(told.contains("look at the firewalls"), "{told}");
        let told = why(of_nothing(Some(&one), None));
        assert!(told.contains("the first deployment changes"), "{told}");
    }

    /// Answers at port 8080, and as a Swarm.
    struct Answers;

    #[async_trait::async_trait]
    impl Probe for Answers {
        async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
            let Query::Network(NetworkQuery::Port { port, .. }) = query else {
                panic!("{query:?}");
            };
            let state = match port {
                2377 | 7946 | 8080 => PortState::Open,
                _ => PortState::Closed,
            };
            Ok(Answer::Network(NetworkAnswer::Port(state)))
        }
    }

    #[tokio::test]
    async fn what_answers_is_told_where_nobody_said_what_shall() {
        let host = HostTarget {
            port: 22,
            ..HostTarget::default()
        };
        let told = async |listening| {
            let checks = verify(&host, "production", listening, None, Arc::new(Answers)).await;
            let [check] = checks.try_into().unwrap();
            assert_eq!(check.name, "ports");
            why(check.result)
        };
        let seen = told(Some(BTreeSet::from([22, 5432, 8080]))).await;
        assert!(
            seen.contains("8080 answer") && seen.contains("with `ports = [8080]`"),
            "{seen}"
        );
        let seen = told(Some(BTreeSet::from([22]))).await;
        assert!(seen.contains("with `ports = []`"), "{seen}");
        let seen = told(None).await;
        assert!(seen.contains("could not be asked"), "{seen}");
    }

    #[tokio::test]
    async fn the_ports_of_a_swarm_are_not_offered_as_a_targets() {
        let told = async |ports| {
            let host = HostTarget {
                port: 22,
                swarm: Some("main".to_owned()),
                ports,
                ..HostTarget::default()
            };
            let listening = BTreeSet::from([22, 2377, 7946, 8080]);
            let checks = verify(
                &host,
                "production",
                Some(listening),
                None,
                Arc::new(Answers),
            )
            .await;
            let [check] = checks.try_into().unwrap();
            check.result
        };
        let CheckResult::Passed { seen } = told(None).await else {
            panic!("nothing is judged");
        };
        assert!(seen.contains("with `ports = [8080]` in"), "{seen}");
        assert!(
            seen.contains("own ports 2377, 7946 answer as well"),
            "{seen}"
        );
        let CheckResult::Failed { help, .. } = told(Some(vec![8080])).await else {
            panic!("they answer from outside");
        };
        assert!(help.contains("for the Swarm's hosts alone"), "{help}");
    }

    #[tokio::test]
    async fn a_host_that_does_not_answer_at_all_has_not_the_right_ports() {
        let told = async |port, listening| {
            let host = HostTarget {
                port,
                ports: Some(vec![2377, 7946, 8080]),
                ..HostTarget::default()
            };
            let checks = verify(&host, "production", listening, None, Arc::new(Answers)).await;
            let [check] = checks.try_into().unwrap();
            check.result
        };
        assert_eq!(told(22, None).await, skipped(SILENT));
        let passed = passed("none answers that is not intended");
        assert_eq!(told(8080, None).await, passed);
        assert_eq!(told(22, Some(BTreeSet::from([22]))).await, passed);
    }
}
