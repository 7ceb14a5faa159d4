//! A certificate that its host orders from an authority: here it is looked at whether an order could succeed.
//!
//! The host's playbook orders it, and refuses to where something is found: a wrong name costs no order. What is found
//! while nothing is due is a note, for it keeps nothing from being done.

use std::net::IpAddr;

use async_trait::async_trait;
use futures::future::join_all;
use serde::{Deserialize, Serialize};

use super::preflight::{self, Method, Said, Seen};
use crate::answer;
use crate::model::network::{Issuer, NetworkAnswer, NetworkQuery, PortState};
use crate::model::{Answer, Attribute, Attributes, Change, Failure, Probe, Query, Value};
use crate::resource::Resource;

/// The port that an authority asks on (RFC 8555, section 8.3).
const HTTP: u16 = 80;

/// A certificate as a host shall order it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ordered {
    /// The names it must be for.
    pub domains: Vec<String>,
    /// The file with the authorities by which the directory is trusted, PEM.
    #[serde(default)]
    pub ca: Option<String>,
    /// What that file holds, read now; empty where there is none.
    #[serde(skip)]
    pub authorities: String,
    /// What must hold before it is ordered.
    pub acme: Order,
}

/// What must hold before a certificate is ordered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Order {
    /// Whether the DNS proves that the names are the host's, and not its web server.
    pub by_dns: bool,
    /// The address of the host that the names must lead to; none where nobody asks the host itself.
    pub host: Option<String>,
    /// The addresses in the place of that one, where it is behind others.
    pub addresses: Vec<String>,
    /// The name server that is asked; that of this machine where there is none.
    pub resolver: Option<String>,
    /// The authority's names in CAA records; none where they are not known.
    pub caa: Vec<String>,
}

#[async_trait]
impl Resource for Ordered {
    type Observed = Said;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        let (expected, faults) = self.expected(world).await;
        let mut said = Said {
            faults,
            notes: Vec::new(),
        };
        let seen = join_all(self.domains.iter().map(|name| self.seen(world, name))).await;
        for seen in seen {
            let of_name = preflight::judged(&seen, &expected, &self.acme.caa);
            said.faults.extend(of_name.faults);
            said.notes.extend(of_name.notes);
        }
        if let Some(host) = &self.acme.host {
            said.faults.extend(port(world, host).await);
        }
        said.faults.dedup();
        Ok(said)
    }

    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        let note = |change: Change, fault: &String| {
            change.note(format!("It could not be ordered now: {fault}"))
        };
        let change = seen.faults.iter().fold(Change::none(), note);
        Ok(seen.notes.iter().fold(change, Change::note))
    }

    /// Nothing of it is on this machine.
    async fn observe_removal(&self, _: &dyn Probe) -> Result<Self::Observed, Failure> {
        Ok(Said::default())
    }

    fn remove(&self, _: &Self::Observed) -> Result<Change, Failure> {
        Ok(Change::none())
    }

    fn attributes(&self, seen: &Self::Observed, _: &Change) -> Attributes {
        let known = |name: &str, value: Value| (name.to_owned(), Attribute::Known(value));
        Attributes::from([
            known("domains", Value::from(self.domains.clone())),
            known("authorities", Value::from(self.authorities.clone())),
            known("preflight", Value::from(seen.faults.join(" "))),
        ])
    }
}

impl Ordered {
    /// The addresses that the names must lead to, and what keeps them from being known.
    async fn expected(&self, world: &dyn Probe) -> (Vec<IpAddr>, Vec<String>) {
        let Some(host) = self.acme.host.as_ref().filter(|_| !self.acme.by_dns) else {
            return (Vec::new(), Vec::new());
        };
        let given = self
            .acme
            .addresses
            .iter()
            .filter_map(|one| one.parse().ok());
        let given: Vec<IpAddr> = given.collect();
        if !given.is_empty() {
            return (given, Vec::new());
        }
        if let Ok(address) = host.parse() {
            return (vec![address], Vec::new());
        }
        match self.addresses(world, host).await {
            Ok(found) if found.is_empty() => {
                let why = format!("The host's own address {host} is not in the DNS.");
                (found, vec![why])
            }
            Ok(found) => (found, Vec::new()),
            Err(failure) => (Vec::new(), vec![sentence(&failure)]),
        }
    }

    /// What the DNS says of a name and of those it lies in.
    async fn seen(&self, world: &dyn Probe, name: &str) -> Seen {
        let plain = name.strip_prefix("*.").unwrap_or(name);
        let mut seen = Seen {
            name: name.to_owned(),
            method: if self.acme.by_dns {
                Method::Dns
            } else {
                Method::Http
            },
            addresses: None,
            issuers: None,
            failed: Vec::new(),
        };
        if self.acme.host.is_some() && !self.acme.by_dns {
            match self.addresses(world, plain).await {
                Ok(found) => seen.addresses = Some(found),
                Err(failure) => seen.failed.push(sentence(&failure)),
            }
        }
        // The closest one that says anything has the word, from the name upwards (RFC 8659, section 3).
        let mut at = Some(plain);
        while let Some(domain) = at {
            match self.issuers(world, domain).await {
                Ok(found) if found.is_empty() => {}
                Ok(found) => {
                    seen.issuers = Some((domain.to_owned(), found));
                    break;
                }
                Err(failure) => {
                    seen.failed.push(sentence(&failure));
                    break;
                }
            }
            at = domain.split_once('.').map(|(_, above)| above);
        }
        seen
    }

    async fn addresses(&self, world: &dyn Probe, name: &str) -> Result<Vec<IpAddr>, Failure> {
        let query = Query::Network(NetworkQuery::Addresses {
            name: name.to_owned(),
            resolver: self.acme.resolver.clone(),
        });
        Ok(answer!(world, query, Answer::Network(NetworkAnswer::Addresses(found)) => found))
    }

    async fn issuers(&self, world: &dyn Probe, name: &str) -> Result<Vec<Issuer>, Failure> {
        let query = Query::Network(NetworkQuery::Issuers {
            name: name.to_owned(),
            resolver: self.acme.resolver.clone(),
        });
        Ok(answer!(world, query, Answer::Network(NetworkAnswer::Issuers(found)) => found))
    }
}

/// What keeps an authority from asking the host: a port that is closed opens with the order, one that is silent does not.
async fn port(world: &dyn Probe, host: &str) -> Option<String> {
    let ask = async || -> Result<PortState, Failure> {
        let query = Query::Network(NetworkQuery::Port {
            address: host.to_owned(),
            port: HTTP,
        });
        Ok(answer!(world, query, Answer::Network(NetworkAnswer::Port(state)) => state))
    };
    match ask().await {
        Ok(PortState::Open | PortState::Closed) => None,
        Ok(PortState::Silent) => Some(format!(
            "Nobody answers on port {HTTP} of {host}: a firewall on the way drops what comes there."
        )),
        Err(failure) => Some(sentence(&failure)),
    }
}

fn sentence(failure: &Failure) -> String {
    let why = failure.why.trim_end_matches('.');
    match why {
        "" => format!("While {}: {}.", failure.what, failure.summary),
        _ => format!("While {}: {why}.", failure.what),
    }
}
