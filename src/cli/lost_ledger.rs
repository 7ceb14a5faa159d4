//! A ledger that was lost: what is found again by its tag and by records, and what is said of the rest.

use std::collections::{BTreeMap, BTreeSet};

use super::session::Session;
use super::{Context, show};
use crate::backend::{Entry, Made, Traces};
use crate::model::{Address, Effect, Failure, Kind, Map, Node, Place, Spec, Value, Verdict};
use crate::plan::{self, Found, Plan, Work};
use crate::resource::{aws::Owner, nature, nature::Mark};

/// What can no longer be known of an environment whose ledger was lost.
pub struct LostLedger {
    /// What was found of it.
    pub found: Vec<Entry>,
    /// What journals name, that is neither found nor declared, with what the world calls it.
    gone: BTreeMap<Address, Option<String>>,
    tag: String,
    location: String,
}

/// Looks for what is this environment's and in no ledger, before everything is taken away; none when there is no sign
/// of any.
///
/// Fails when something of it cannot be looked at: then nobody knows what would be left.
pub async fn recover(context: &Context, session: &Session) -> Result<Option<LostLedger>, Failure> {
    let entries = session.ledger.entries().await;
    let known: BTreeSet<Address> = entries.keys().cloned().collect();
    let traces = traces(session).await?;
    let found = found(context, session, &known).await?;
    let targets = traces.targets.iter().map(|name| target(session, name));
    let mut entered: Vec<Entry> = found.into_iter().map(|one| entry(session, one)).collect();
    entered.extend(targets.filter(|target| !known.contains(&target.address)));
    if entered.is_empty() && traces.is_empty() && session.ledger.begun_again().await.is_none() {
        return Ok(None);
    }
    let mut lost = LostLedger {
        found: entered,
        gone: traces.made.clone(),
        tag: tag(session),
        location: session.ledger.location(),
    };
    let declared = |address: &Address| is_declared(session, address);
    lost.gone
        .retain(|address, _| !known.contains(address) && !declared(address));
    if session.ledger.is_absent().await {
        show::note(context, &loss_note(session, &traces).await);
    } else if !lost.found.is_empty() {
        show::note(
            context,
            &format!(
                "The ledger ({}) does not have all that was made.",
                lost.location
            ),
        );
    }
    if !lost.found.is_empty() {
        let names: Vec<String> = lost.found.iter().map(named).collect();
        show::note(
            context,
            &format!(
                "Found again by the tag {} and by the targets' records: {}.",
                lost.tag,
                names.join(", ")
            ),
        );
    }
    let keys = session.declaration.nodes.iter().map(|node| &node.address);
    for key in
        keys.filter(|key| nature(key.kind).mark == Mark::Nothing && traces.made.contains_key(*key))
    {
        show::note(
            context,
            &format!(
                "{key} stays: nothing on a key pair says whose it is. Remove its two files by hand."
            ),
        );
    }
    Ok(Some(lost))
}

impl LostLedger {
    /// The failure of a destroy that found nothing to take away, though journals or records say that something was made.
    pub async fn nothing_found(&self, session: &Session, work: &Work) -> Failure {
        let why = if work.left_out.is_empty() {
            "of what is declared, nothing stands with its tag."
        } else {
            "of what was chosen, nothing stands with its tag."
        };
        Failure::new(
            "the ledger is lost",
            format!("taking away what was made, by `{}`", self.location),
        )
        .why(format!(
            "Runs were here, and what they made is not known: {why}"
        ))
        .left_behind("Nothing was changed.")
        .help(format!(
            "{} {} When nothing of it stands any more, remove the environment's journal.",
            session.ledger.way_back().await,
            self.where_to_look()
        ))
    }

    /// What a destroy says at its end: all that is known was taken away, and more may stand.
    pub fn partly_done(&self, work: &Work) -> String {
        let known = if work.left_out.is_empty() {
            "all that is known was taken away"
        } else {
            "all that is known of what was chosen was taken away"
        };
        format!(
            "Partly done: {known}. The ledger was lost once, so what was made and is declared no more is not known. {}",
            self.where_to_look()
        )
    }

    /// Where a person looks for the rest.
    fn where_to_look(&self) -> String {
        let (key, value) = self.tag.split_once('=').unwrap_or_default();
        let mut look = format!(
            "Look for it, roles apart: aws resourcegroupstaggingapi get-resources --tag-filters \
             Key={key},Values={value}"
        );
        if !self.gone.is_empty() {
            look.push_str(&format!(". The journals name: {}.", listed(&self.gone)));
        }
        look
    }
}

/// Says of a plan that shall be applied what the ledger should know and does not. Whether it was lost.
pub async fn tell(context: &Context, session: &Session, plan: &Plan) -> Result<bool, Failure> {
    let entries = session.ledger.entries().await;
    let absent = session.ledger.is_absent().await;
    let traces = traces(session).await?;
    let declared = |address: &Address| is_declared(session, address);
    // What is declared no more may be the same thing under its section's earlier name.
    let renamed = |kind: Kind| {
        entries
            .keys()
            .any(|other| other.kind == kind && !declared(other))
    };
    let stands: Vec<String> = plan
        .sections
        .iter()
        .filter(|section| {
            nature(section.address.kind).mark == Mark::Tag && was_there(&section.verdict)
        })
        .map(|section| &section.address)
        .filter(|address| !entries.contains_key(*address) && !renamed(address.kind))
        .map(Address::to_string)
        .collect();
    if stands.is_empty() && traces.is_empty() {
        return Ok(false);
    }
    if absent {
        show::note(context, &loss_note(session, &traces).await);
    }
    if !stands.is_empty() {
        show::note(
            context,
            &format!(
                "In no ledger, and this environment's by the tag {}: {}. What is applied is entered again.",
                tag(session),
                stands.join(", ")
            ),
        );
    }
    let mut gone = traces.made;
    gone.retain(|address, _| !entries.contains_key(address) && !declared(address));
    if !gone.is_empty() {
        show::note(
            context,
            &format!(
                "The journals name what is declared no more, and landfall cannot take it away without its ledger: {}.",
                listed(&gone)
            ),
        );
    }
    Ok(absent)
}

fn is_declared(session: &Session, address: &Address) -> bool {
    let mut nodes = session.declaration.nodes.iter();
    nodes.any(|node| node.address == *address)
}

/// What is declared in AWS, not known, there, and ours by its tag.
async fn found(
    context: &Context,
    session: &Session,
    known: &BTreeSet<Address>,
) -> Result<Vec<Found>, Failure> {
    let nodes = unknown(&session.declaration.nodes, known);
    if nodes.is_empty() {
        return Ok(Vec::new());
    }
    let graph = super::session::graph(nodes)?;
    let walked = plan::recover(&session.site, &graph, known, session.limits()).await;
    let mut failed = walked.failed.into_iter();
    if let Some((_, first)) = failed.next() {
        for (_, other) in failed {
            show::error(context, &other.into());
        }
        return Err(first.left_behind("Nothing was changed."));
    }
    if !walked.not_reached.is_empty() {
        return Err(Failure::interrupted("looking for what is in no ledger")
            .left_behind("Nothing was changed."));
    }
    Ok(walked.done.into_values().flatten().collect())
}

/// What is declared in AWS and not known, with all that it needs.
fn unknown(declared: &[Node], known: &BTreeSet<Address>) -> Vec<Node> {
    let mut wanted: BTreeSet<&Address> = declared
        .iter()
        .filter(|node| node.place == Place::Aws && matches!(node.spec, Spec::Resource(_)))
        .filter(|node| nature(node.address.kind).stands && !known.contains(&node.address))
        .map(|node| &node.address)
        .collect();
    // Each stands after what it needs.
    for node in declared.iter().rev() {
        if wanted.contains(&node.address) {
            wanted.extend(&node.needs);
        }
    }
    let wanted = |node: &&Node| wanted.contains(&node.address);
    declared.iter().filter(wanted).cloned().collect()
}

async fn traces(session: &Session) -> Result<Traces, Failure> {
    if session.ledger.is_absent().await {
        session.backend.traces(&session.run).await
    } else {
        Ok(Traces::default())
    }
}

/// That the ledger is not there, how that is known, and what can be done.
async fn loss_note(session: &Session, traces: &Traces) -> String {
    let mut signs = Vec::new();
    if !traces.made.is_empty() {
        signs.push(format!(
            "the journals say that {} was made",
            listed(&traces.made)
        ));
    }
    if !traces.targets.is_empty() {
        signs.push(format!("{} is registered", traces.targets.join(", ")));
    }
    if signs.is_empty() {
        signs.push("things with this environment's tag stand".to_owned());
    }
    format!(
        "The ledger is lost: `{}` is not there, and {}. {}",
        session.ledger.location(),
        signs.join(", and "),
        session.ledger.way_back().await
    )
}

fn entry(session: &Session, found: Found) -> Entry {
    let made = if found.record.adopted {
        Made::Adopted
    } else {
        Made::Made
    };
    let values = Value::Object(found.record.values);
    let node = found.node;
    let mut entry = Entry::new(node.address, node.place, made, values, &session.run);
    entry.needs = node.needs.into_iter().collect();
    entry.home = found.record.home;
    entry
}

fn target(session: &Session, name: &str) -> Entry {
    let values = Map::from_iter([("name".to_owned(), Value::from(name))]);
    Entry::new(
        Address::new(Kind::Target, name),
        Place::Registry,
        Made::Made,
        Value::Object(values),
        &session.run,
    )
}

/// `roles.worker (review-worker)`
fn named(entry: &Entry) -> String {
    match entry.values.get("name").and_then(Value::as_str) {
        Some(name) if name != entry.address.name => format!("{} ({name})", entry.address),
        _ => entry.address.to_string(),
    }
}

fn listed(made: &BTreeMap<Address, Option<String>>) -> String {
    let named = |(address, name): (&Address, &Option<String>)| match name {
        Some(name) => format!("{address} ({name})"),
        None => address.to_string(),
    };
    made.iter().map(named).collect::<Vec<_>>().join(", ")
}

/// `landfall:environment=review/test`
fn tag(session: &Session) -> String {
    let owner = Owner {
        project: session.site.project.clone(),
        environment: session.site.environment.clone(),
    };
    format!("{}={}", Owner::TAG, owner.label())
}

/// Whether it was there before.
fn was_there(verdict: &Verdict) -> bool {
    match verdict {
        Verdict::Unchanged | Verdict::Run(_) => true,
        Verdict::Change(change) => matches!(change.effect, Effect::Update | Effect::Replace),
        Verdict::Skipped(_) | Verdict::Unknown(_) => false,
    }
}
