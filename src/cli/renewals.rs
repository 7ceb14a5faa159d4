//! What hosts say of the certificates that they renew themselves.

use futures::future::join_all;

use super::session::Session;
use crate::answer;
use crate::model::host::{HostAnswer, HostQuery};
use crate::model::renewal::{FOLDER, Renewal};
use crate::model::{Answer, Failure, Login, Map, Node, Probe, Query, Spec, Value};

/// A certificate that a host renews.
pub struct Renewed {
    /// Its section.
    pub certificate: String,
    /// The host's section.
    pub host: String,
    /// What the host says of it, and its chain, PEM; nothing where it has none yet.
    pub said: Result<Option<(Renewal, String)>, Failure>,
}

/// All of them, each read on its host by the login that the environment declares.
pub async fn of_hosts(session: &Session) -> Vec<Renewed> {
    let hosts = session.declaration.nodes.iter().filter_map(|node| {
        let Spec::Host { login, vars, .. } = &node.spec else {
            return None;
        };
        let names = vars.get("certificate_renewals")?.as_array()?;
        let names: Vec<&str> = names.iter().filter_map(Value::as_str).collect();
        Some((node, login, names))
    });
    let all = hosts.map(|(node, login, names)| of_host(session, node, login, names));
    join_all(all).await.into_iter().flatten().collect()
}

async fn of_host(session: &Session, node: &Node, login: &Map, names: Vec<&str>) -> Vec<Renewed> {
    let entered = enter(session, node, login).await;
    join_all(names.into_iter().map(async |name| Renewed {
        certificate: name.to_owned(),
        host: node.address.name.clone(),
        said: match &entered {
            Ok(probe) => read(probe, name).await,
            Err(failure) => Err(failure.clone()),
        },
    }))
    .await
}

async fn enter(session: &Session, node: &Node, login: &Map) -> Result<impl Probe, Failure> {
    let rendered = session
        .site
        .renderer
        .value(&Value::Object(login.clone()), &session.site.scope(node));
    let unknown = |why: String| {
        Failure::new(
            "how the host is entered is not known",
            format!("entering {}", node.address),
        )
        .why(why)
    };
    let rendered = rendered.map_err(|error| error.failure(&node.at))?;
    let login: Login =
        serde_json::from_value(rendered).map_err(|error| unknown(error.to_string()))?;
    let login = login.within(&session.site.root);
    session.site.open(&node.place, Some(&login)).await
}

async fn read(probe: &impl Probe, name: &str) -> Result<Option<(Renewal, String)>, Failure> {
    let text = async |ending: &str| -> Result<Option<String>, Failure> {
        let query = Query::Host(HostQuery::Read {
            path: format!("{FOLDER}/{name}.{ending}"),
        });
        let read = answer!(probe, query, Answer::Host(HostAnswer::Read(content)) => content);
        Ok(read.and_then(|content| content.text().map(str::to_owned)))
    };
    let (state, chain) = futures::try_join!(text("state"), text("pem"))?;
    let renewal = state.as_deref().and_then(Renewal::read);
    Ok(renewal.map(|renewal| (renewal, chain.unwrap_or_default())))
}
