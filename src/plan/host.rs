//! A host: entered, and walked through by its playbooks.

use std::sync::Arc;

use super::{LedgerExecutor, Section, Site, realize, undecided::Undecided};
use crate::model::{
    Attribute, Attributes, Change, Effect, Failure, Login, Map, Node, Value, Verdict,
    playbook::Playbook,
};
use crate::play::{Summary, Tags, Walk};
use crate::vars::Renderer;

/// What is declared of a host.
pub struct Declared<'a> {
    /// What its login is read from.
    pub login: &'a Map,
    /// The playbooks it is prepared by, one after the other.
    pub playbooks: &'a [Arc<Playbook>],
    /// Their variables.
    pub vars: &'a Map,
    /// Whether tasks run as root by default.
    pub r#become: bool,
}

/// The variables of playbooks that a target's record is made from.
const PUBLISHED: &[&str] = &[
    "certificate_domains",
    "certificate_renewals",
    "compose_file",
    "compose_project",
    "deploy_directories",
    "deploy_images",
    "deploy_profile",
    "deploy_user",
];

/// Walks the playbooks on the host with this executor. Undecided when what is declared of the host uses what is known only
/// later, when the host cannot be asked, and as the executor is.
pub async fn visit(
    site: &Site,
    node: &Node,
    declared: Declared<'_>,
    executor: &Arc<dyn LedgerExecutor>,
) -> Result<Section, Undecided> {
    let login = site.render(declared.login, node)?;
    let login = realize::read::<Login>(node, &login)?.within(&site.root);
    let attributes = Attributes::from([
        (
            "address".to_owned(),
            Attribute::Known(Value::from(login.address.clone())),
        ),
        ("port".to_owned(), Attribute::Known(Value::from(login.port))),
        (
            "user".to_owned(),
            Attribute::Known(Value::from(login.user.clone())),
        ),
    ]);
    let world = site.open(&node.place, Some(&login)).await?;
    if declared.playbooks.is_empty() {
        let published = published(site, node, declared.vars)?;
        site.outputs
            .give(&node.address, attributes, false, published);
        return Ok(section(node, Vec::new()));
    }
    let mut whole = Summary::default();
    for playbook in declared.playbooks {
        let walk = Walk {
            address: node.address.clone(),
            playbook: playbook.clone(),
            world: world.clone(),
            scope: site.scope(node),
            vars: declared.vars.clone(),
            // Look-ups of a playbook start beside it; those of the environment's variables, at the project.
            renderer: Renderer::new(playbook.base.clone())
                .in_project(&site.root)
                .telling(&site.redactor),
            library: site.library.clone(),
            events: site.events.clone(),
            stop: site.stop.clone(),
            executor: executor.clone(),
            r#become: declared.r#become,
            login: login.clone(),
            tags: Tags::default(),
            publish: PUBLISHED.iter().map(|name| (*name).to_owned()).collect(),
        };
        let made = whole.changes;
        let summary = walk
            .run()
            .await
            .map_err(|failure| after(failure, made, executor.as_ref()))?;
        whole.changes += summary.changes;
        whole.tasks.extend(summary.tasks);
        whole.published.extend(summary.published);
    }
    let section = section(node, whole.tasks);
    let pending = executor.supposes() && !section.is_empty();
    site.outputs
        .give(&node.address, attributes, pending, whole.published);
    Ok(section)
}

/// The failure of a playbook before which others had made so many changes.
fn after(failure: Failure, made: usize, executor: &dyn LedgerExecutor) -> Failure {
    if made == 0 || executor.supposes() {
        return failure;
    }
    let left = [
        &failure.left_behind,
        "What the playbooks before it had changed stays.",
    ]
    .join(" ");
    let made = made + failure.made;
    failure.left_behind(left.trim().to_owned()).made(made)
}

/// What the variables of a host without a playbook publish. They may refer to each other, as those of a playbook do.
///
/// Undecided when one is known only after another node was applied, and when one cannot be rendered.
fn published(site: &Site, node: &Node, vars: &Map) -> Result<Map, Undecided> {
    let scope = site.scope(node).layer(vars.clone());
    let wanted = PUBLISHED
        .iter()
        .filter_map(|name| Some(((*name).to_owned(), vars.get(*name)?.clone())));
    match site
        .renderer
        .value(&Value::Object(wanted.collect()), &scope)
    {
        Ok(Value::Object(published)) => Ok(published),
        Ok(other) => Err(Failure::bug(format!("a mapping was rendered to {other}")).into()),
        Err(wrong) => Err(site.undecided(wrong, node)),
    }
}

fn section(node: &Node, tasks: Vec<crate::play::TaskVerdict>) -> Section {
    let mut section = Section {
        address: node.address.clone(),
        verdict: Verdict::Unchanged,
        tasks,
    };
    if !section.is_empty() {
        section.verdict = Verdict::Change(Change::new(Effect::Update));
    }
    section
}
