//! What a host answers to a command of its deploy user's.

use std::sync::Arc;

use crate::answer;
use crate::model::host::{Command, HostAnswer, HostQuery, Ran};
use crate::model::{Answer, Failure, Probe, Query};

/// Runs these words. Fails when they could not be run; that the command fails is an answer.
pub async fn ran(probe: &Arc<dyn Probe>, words: &[String]) -> Result<Ran, Failure> {
    let query = Query::Host(HostQuery::Run(Command::new(words)));
    Ok(answer!(probe, query, Answer::Host(HostAnswer::Ran(ran)) => ran))
}

/// What a command said last, which is where programs put their reason.
pub fn last_line(ran: &Ran) -> String {
    let said = [ran.err(), ran.out()];
    let said = said.iter().find_map(|text| text.trim().lines().last());
    said.map_or_else(|| format!("it ended with {}", ran.rc), str::to_owned)
}
