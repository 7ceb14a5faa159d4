//! What the things themselves still say when no ledger has them: most carry the tag of their environment.

use std::collections::BTreeSet;

use super::record::{self, Record};
use super::{Site, identity, realize, undecided::Undecided};
use crate::graph::{Direction, Graph, Limits, Walked};
use crate::model::{Address, Events, Failure, Goal, Map, Node, Place, Spec};
use crate::resource::aws::Ownership;

/// A thing that stands, is this environment's by its tag, and is in no ledger.
#[derive(Debug)]
pub struct Found {
    /// Its declaration.
    pub node: Node,
    /// What a ledger would record of it.
    pub record: Record,
}

/// Looks at everything declared in AWS that is not known, and finds what is there and is this environment's.
///
/// Nothing is said on the run's events: nothing is decided yet. What cannot be looked at before another thing stands is
/// not there itself.
pub async fn recover(
    site: &Site,
    declared: &Graph,
    known: &BTreeSet<Address>,
    limits: Limits,
) -> Walked<Option<Found>> {
    let (quiet, _) = Events::channel();
    let visit = |node| look(site, node, known);
    let walked = declared
        .walk(Direction::Forward, limits, &quiet, &site.stop, visit)
        .await;
    site.look_again();
    walked
}

async fn look(
    site: &Site,
    node: &Node,
    known: &BTreeSet<Address>,
) -> Result<Option<Found>, Failure> {
    let Spec::Resource(values) = &node.spec else {
        site.give_nothing(&node.address);
        return Ok(None);
    };
    let values = match site.render(values, node) {
        Ok(values) => values,
        Err(Undecided::Until(_)) => {
            site.give_nothing(&node.address);
            return Ok(None);
        }
        Err(Undecided::Failed(failure)) => return Err(failure),
    };
    // By what takes it away: that asks whose it is, and reads no secret.
    let thing = realize::realize(site, node, &values, Goal::Absent)?;
    let looking = async {
        let world = site.open(&node.place, None).await?;
        let (whose, attributes) = thing.decide.stands(&world).await?;
        Ok((world, whose, attributes))
    };
    let (world, whose, attributes) = site.unless_stopped(node, looking).await?;
    site.outputs
        .give(&node.address, attributes, false, Map::new());
    let adopted = match whose {
        Some(Ownership::Ours) => false,
        Some(Ownership::Adopted) => true,
        Some(Ownership::Another | Ownership::Foreign) | None => return Ok(None),
    };
    if node.place != Place::Aws || known.contains(&node.address) {
        return Ok(None);
    }
    let record = Record {
        values: record::values(node.address.kind, values, &site.root),
        home: identity::home(site, node, &world).await?,
        extra: serde_json::Value::Null,
        adopted,
    };
    Ok(Some(Found {
        node: node.clone(),
        record,
    }))
}
