//! Whatever answers at an address, met as anybody on the network meets it.

mod dns;
mod name_servers;
mod port;
mod tls;

use async_trait::async_trait;

use crate::model::network::{NetworkAnswer, NetworkQuery};
use crate::model::{Answer, Failure, Probe, Query};

/// The network, seen from this machine.
#[derive(Debug, Clone, Copy)]
pub struct Network;

#[async_trait]
impl Probe for Network {
    /// Refuses every question that is not about an address. Fails when its name is not known.
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        let Query::Network(query) = query else {
            return Err(Failure::bug(format!("the network was asked {query:?}")));
        };
        Ok(Answer::Network(match query {
            NetworkQuery::Port { address, port } => {
                let (state, _) = port::connect(address, *port).await?;
                NetworkAnswer::Port(state)
            }
            NetworkQuery::Certificate {
                address,
                port,
                name,
            } => NetworkAnswer::Certificate(tls::served(address, *port, name).await?),
            NetworkQuery::Addresses { name, resolver } => {
                NetworkAnswer::Addresses(dns::addresses(name, resolver.as_deref()).await?)
            }
            NetworkQuery::Issuers { name, resolver } => {
                NetworkAnswer::Issuers(dns::issuers(name, resolver.as_deref()).await?)
            }
        }))
    }
}
