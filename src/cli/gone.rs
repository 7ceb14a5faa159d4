//! Hosts that are gone for good, so that nobody waits for them: what AWS and the other hosts have of them is taken back.

use std::collections::BTreeSet;

use clap::Args;

use super::session::{PlanMode, Session};
use crate::model::{Address, Class, Failure, Kind, Value};

/// The hosts that are gone for good.
#[derive(Debug, Clone, Default, Args)]
pub struct Gone {
    /// A host that is declared no more and gone for good: what AWS or a Swarm has of it is taken away without it; several
    /// with commas
    #[arg(long, value_name = "HOST", value_delimiter = ',')]
    pub gone: Vec<String>,
}

impl Gone {
    /// Has the session not enter these hosts.
    ///
    /// Refuses one that is declared, unless everything is taken away, and one of which there is nothing to take back.
    pub async fn accept(&self, session: &mut Session, mode: PlanMode) -> Result<(), Failure> {
        let there = recorded(session).await;
        for host in &self.gone {
            let address = Address::new(Kind::Host, host);
            let declared = session
                .declaration
                .nodes
                .iter()
                .any(|node| node.address == address);
            let recorded = there.contains(host);
            if declared && mode == PlanMode::Normal {
                let again = match recorded {
                    true => "run this again",
                    // Nobody but this environment knows a plain host.
                    false => "run this again without --gone: nothing of it is anywhere else",
                };
                return Err(
                    refused(format!("{address} is declared: it shall be there.")).help(format!(
                        "Take it out of the environment with all that names it, and {again}."
                    )),
                );
            }
            if !recorded {
                let help = match there.is_empty() {
                    true => String::new(),
                    false => {
                        let there: Vec<&str> = there.iter().map(String::as_str).collect();
                        format!("There is: {}. ", there.join(", "))
                    }
                };
                return Err(refused(format!(
                    "The ledger has no container instance and no Swarm with a host `{host}`."
                ))
                .help(format!(
                    "{help}Leave --gone out for any other host: it is enough that the environment has it no more."
                )));
            }
        }
        session.site.gone = self.gone.clone();
        Ok(())
    }
}

/// The hosts of all that others have something of, by the ledger.
async fn recorded(session: &Session) -> BTreeSet<String> {
    let mut hosts = BTreeSet::new();
    for (address, entry) in session.ledger.entries().await {
        let values = &entry.values;
        if address.kind == Kind::Instance {
            let host = values.get("host").and_then(Value::as_str);
            hosts.extend(host.map(str::to_owned));
        }
        if address.kind == Kind::Swarm {
            let parts = ["members", "leaving"];
            let parts = parts
                .iter()
                .filter_map(|part| values.get(*part)?.as_object());
            hosts.extend(parts.flat_map(|part| part.keys().cloned()));
        }
    }
    hosts
}

fn refused(why: String) -> Failure {
    Failure::new("this host cannot be said to be gone", "reading --gone")
        .class(Class::Refused)
        .why(why)
        .left_behind("Nothing was changed.")
}
