//! A host as a container instance: both its places entered, and decided over as one.

use serde::Deserialize;

use super::{
    LedgerExecutor, Section, Site,
    decide::Subject,
    identity,
    realize::{self, Thing},
    record::{self, Record},
    undecided::Undecided,
};
use crate::model::{Class, Failure, Goal, Login, Map, Node, Place, Value, arn};
use crate::observe::Remembered;
use crate::resource::{
    Decide,
    instance::{Former, GoneInstance, Instance, MACHINE},
};

/// What is declared of a container instance, or recorded of it.
#[derive(Debug, Clone, Deserialize)]
struct Declared {
    login: Login,
    #[serde(flatten)]
    instance: Instance,
}

/// Enters the host and the account, decides over the instance, and hands the decision on.
///
/// Undecided until its host is as it will be: before that it may have no agents.
pub async fn visit(
    site: &Site,
    node: &Node,
    values: &Map,
    goal: Goal,
    executor: &dyn LedgerExecutor,
) -> Result<Section, Undecided> {
    let values = site.render(values, node)?;
    site.outputs.settled(&node.needs)?;
    let Declared {
        login,
        mut instance,
    } = realize::read(node, &values)?;
    // An output of a stack may be the cluster's ARN; its agents know it by its name.
    instance.cluster = arn::name(&instance.cluster).to_owned();
    moved(site, node, &instance, goal)?;
    let before = site.remembered.get(&node.address);
    instance.past = before.and_then(|before| {
        Some(Former {
            machine: before.extra.get(MACHINE)?.as_str()?.to_owned(),
            cluster: arn::name(before.values.get("cluster")?.as_str()?).to_owned(),
        })
    });
    let aws = site.open(&Place::Aws, None).await?;
    let mut recorded = values;
    record::login_below(&mut recorded, &site.root);
    let record = Record {
        home: identity::home(site, node, &aws).await?,
        extra: before.map_or(Value::Null, |before| before.extra.clone()),
        ..Record::of(recorded)
    };
    identity::refuse(site, node, &record, goal, &aws).await?;
    let (world, thing): (Remembered, Box<dyn Decide>) =
        if goal == Goal::Absent && site.is_gone(&instance.host) {
            (aws, Box::new(GoneInstance { instance }))
        } else {
            let entered = site.as_root(&instance.host, &login).await;
            let host = entered.map_err(|failure| site.or_gone(failure, &instance.host, goal))?;
            let world = Remembered::new(site.worlds.instance(host, aws.unremembered()));
            (world, Box::new(instance))
        };
    let thing = Thing::of(site, thing);
    let subject = Subject {
        site,
        node,
        thing: &thing,
        record: &record,
        goal,
        world: &world,
        executor,
    };
    Ok(subject.decide().await?)
}

/// Refuses another host under the same address: the old one would stay in the cluster with nobody to take it out.
fn moved(site: &Site, node: &Node, instance: &Instance, goal: Goal) -> Result<(), Failure> {
    let before = site.remembered.get(&node.address);
    let before = before.and_then(|before| before.values.get("host")?.as_str());
    let Some(before) = before.filter(|before| goal == Goal::Present && *before != instance.host)
    else {
        return Ok(());
    };
    Err(Failure::new(
        "another host under the same name",
        format!("deciding over {}", node.address),
    )
    .class(Class::Refused)
    .why(format!(
        "It was made as `{before}`, and `{}` is declared: `{before}` would stay in the cluster.",
        instance.host
    ))
    .left_behind("Nothing was changed.")
    .help(
        "Name its section anew as well: then the new one joins, and the old one leaves after it.",
    ))
}
