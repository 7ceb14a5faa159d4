//! What the host says of itself.

use crate::{
    answer,
    model::{
        Answer, Failure, Map, Probe, Query, Value,
        host::{HostAnswer, HostQuery},
    },
    play::run::Run,
};

impl Run {
    /// Gathers facts; a host is asked for them once.
    pub async fn gather(&mut self) -> Result<(), Failure> {
        let facts = self.facts().await?;
        self.scopes.state.add_facts(&facts);
        Ok(())
    }

    /// What it says; the answer is remembered.
    pub(super) async fn facts(&self) -> Result<Map, Failure> {
        let facts = answer!(
            self.world,
            Query::Host(HostQuery::Facts),
            Answer::Host(HostAnswer::Facts(facts)) => facts
        );
        match facts {
            Value::Object(facts) => Ok(facts),
            other => Err(Failure::bug(format!(
                "a host's facts are no mapping but `{other}`"
            ))),
        }
    }
}
