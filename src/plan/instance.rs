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
use crate::model::{Class, Failure, Goal, Login, Map, Node, Place, Value};
use crate::observe::Remembered;
use crate::resource::instance::{Instance, MACHINE};

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
    moved(site, node, &instance, goal)?;
    let before = site.remembered.get(&node.address);
    instance.past = before
        .and_then(|before| before.extra.get(MACHINE)?.as_str())
        .map(str::to_owned);
    let aws = site.open(&Place::Aws, None).await?;
    let mut recorded = values;
    record::login_below(&mut recorded, &site.root);
    let record = Record {
        values: recorded,
        home: identity::home(site, node, &aws).await?,
        extra: before.map_or(Value::Null, |before| before.extra.clone()),
        adopted: false,
    };
    identity::refuse(site, node, &record, goal, &aws).await?;
    let world = enter(site, &instance.host, login, &aws).await?;
    let thing = Thing {
        decide: Box::new(instance),
        digest: None,
        redactor: site.redactor.clone(),
    };
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

async fn enter(
    site: &Site,
    host: &str,
    login: Login,
    aws: &Remembered,
) -> Result<Remembered, Failure> {
    let login = login.within(&site.root);
    let place = Place::Host(host.to_owned());
    let world = site.open(&place, Some(&login)).await?.unremembered();
    let world = match login.user.as_str() {
        "root" => world,
        // Only root speaks to the agents.
        _ => world.as_user("root"),
    };
    Ok(Remembered::new(
        site.worlds.instance(world, aws.unremembered()),
    ))
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
