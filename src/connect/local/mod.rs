//! The operator's own machine: SSH key pairs, made and read by the system's `ssh-keygen`, certificates, and what is seen
//! of the network from here.

mod certificate;
mod halves;
mod ignored;
mod key_pair;
mod keygen;

use std::sync::Arc;

use async_trait::async_trait;

use crate::connect::network::Network;
use crate::model::local::{LocalAnswer, LocalQuery};
use crate::model::local_action::LocalAction;
use crate::model::{Action, Answer, Failure, Outcome, Probe, Progress, Query, World};

/// The operator's own machine.
#[derive(Debug, Clone, Copy, Default)]
pub struct Local;

#[async_trait]
impl Probe for Local {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        match query {
            Query::Local(LocalQuery::KeyPair { path }) => key_pair::read(path.as_ref())
                .await
                .map(|pair| Answer::Local(LocalAnswer::KeyPair(pair))),
            Query::Local(LocalQuery::Certificate {
                chain,
                key,
                domains,
            }) => certificate::read(chain.as_ref(), key.as_ref(), domains)
                .map(|files| Answer::Local(LocalAnswer::Certificate(files.map(Box::new)))),
            Query::Network(_) => Network.ask(query).await,
            _ => Err(Failure::bug(format!("this machine was asked {query:?}"))),
        }
    }
}

#[async_trait]
impl World for Local {
    async fn act(&self, action: &Action, _: &Progress) -> Result<Outcome, Failure> {
        match action {
            Action::Local(LocalAction::MakeKeyPair { path, comment }) => {
                key_pair::make(path.as_ref(), comment).await?;
            }
            Action::Local(LocalAction::RemoveKeyPair { path }) => {
                key_pair::remove(path.as_ref()).await?;
            }
            Action::Local(LocalAction::MakeCertificate {
                chain,
                key,
                domains,
                days,
            }) => certificate::make(chain.as_ref(), key.as_ref(), domains, *days)?,
            Action::Local(LocalAction::RemoveCertificate { chain, key }) => {
                certificate::remove(chain.as_ref(), key.as_ref())?;
            }
            _ => {
                return Err(Failure::bug(
                    "this machine was told to act on another place",
                ));
            }
        }
        Ok(Outcome::Done)
    }

    fn as_user(&self, _: &str) -> Arc<dyn World> {
        Arc::new(*self)
    }
}
