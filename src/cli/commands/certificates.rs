//! `landfall certificates`: the certificates that hosts are given, and those that targets serve.

use std::collections::BTreeMap;

use clap::{Args, Subcommand};
use futures::future::{join_all, try_join_all};
use jiff::Timestamp;
use serde::Serialize;
use serde_json::json;

use crate::answer;
use crate::certificate::{Chain, faults_of_served};
use crate::cli::renewals::{self, Renewed};
use crate::cli::session::{Session, Substitutes};
use crate::cli::{CommandError, Context, Exit, show};
use crate::connect::{local::Local, network::Network};
use crate::model::local::{CertificateFiles, LocalAnswer, LocalQuery};
use crate::model::network::Served;
use crate::model::{
    Answer, CertificateFacts, Failure, Kind, Node, Probe, Query, Spec, Target, TargetKind, Value,
    visible,
};
use crate::register;
use crate::resource::certificate::Certificate;
use crate::view;

/// What `certificates` takes.
#[derive(Debug, Args)]
pub struct CertificatesArgs {
    /// What to do with them
    #[command(subcommand)]
    pub verb: CertificatesVerb,
}

/// What can be done with certificates.
#[derive(Debug, Subcommand)]
pub enum CertificatesVerb {
    /// Show each certificate: its names, who issued it, how long it is valid, and how it is renewed
    ///
    /// Those that are declared are read from this machine, or from the host that orders them; those of targets as they are
    /// served. Exit code 2 when one is wrong, near its end, not renewed, or declared and not there yet.
    Status {
        /// The environment
        environment: String,
        /// How many days before its end a certificate is near it
        #[arg(long, value_name = "DAYS", default_value_t = register::NEAR)]
        within: u16,
    },
}

/// One certificate, and what is to be known of it.
#[derive(Debug, Serialize)]
struct Status {
    /// Its section, or the name it is served for.
    certificate: String,
    /// Where it was seen.
    seen: String,
    /// What it says; none where there is none.
    leaf: Option<CertificateFacts>,
    /// How many whole days it is valid yet.
    days: Option<i64>,
    /// Who renews it, and when.
    renewal: String,
    /// What is wrong with it.
    faults: Vec<String>,
}

/// Shows them. Fails when the environment has mistakes, or a certificate's file cannot be read.
pub async fn run(args: &CertificatesArgs, context: &Context) -> Result<Exit, CommandError> {
    let CertificatesVerb::Status {
        environment,
        within,
    } = &args.verb;
    let all = Session::run(
        context,
        environment,
        &Substitutes::default(),
        async |session| {
            let declared = session.site_certificates()?;
            let of_files = declared
                .iter()
                .map(|(name, one)| of_files(environment, name, one));
            let mut all = try_join_all(of_files).await?;
            let renewed = renewals::of_hosts(&session).await;
            all.extend(
                renewed
                    .into_iter()
                    .map(|one| of_host(environment, one, &declared_names(&session))),
            );
            let targets = session.backend.targets().list().await?;
            all.extend(
                join_all(targets.iter().map(served))
                    .await
                    .into_iter()
                    .flatten(),
            );
            all.iter_mut().for_each(|status| status.judge(*within));
            Ok(all)
        },
    )
    .await?;
    if context.json {
        for status in &all {
            view::print(&format!("{}\n", visible::json(&json!(status).to_string())))?;
        }
    } else if all.is_empty() {
        show::note(
            context,
            "There is no certificate: none is declared, and no target serves one.",
        );
    } else {
        let rows: Vec<Vec<String>> = all.iter().map(row).collect();
        let heads = [
            "certificate",
            "seen",
            "names",
            "issuer",
            "days left",
            "renewal",
            "state",
        ];
        view::print(&view::table(&heads, &rows, context.style.out))?;
    }
    let bad = all.iter().any(|status| !status.faults.is_empty());
    Ok(if bad { Exit::Changes } else { Exit::Done })
}

impl Status {
    /// Adds the fault of one that is near its end.
    fn judge(&mut self, within: u16) {
        let days = self
            .days
            .filter(|days| (0..i64::from(within)).contains(days));
        if let Some(days) = days {
            let plural = if days == 1 { "" } else { "s" };
            self.faults.push(format!(
                "Its end is near: it is valid for {days} day{plural} yet."
            ));
        }
    }
}

fn row(status: &Status) -> Vec<String> {
    let leaf = status.leaf.as_ref();
    vec![
        status.certificate.clone(),
        status.seen.clone(),
        leaf.map(|leaf| leaf.names.join(" ")).unwrap_or_default(),
        leaf.map(|leaf| leaf.issuer.clone()).unwrap_or_default(),
        status.days.map(|days| days.to_string()).unwrap_or_default(),
        status.renewal.to_owned(),
        match status.faults.as_slice() {
            [] if status.leaf.is_none() => "nothing serves it".to_owned(),
            [] => "good".to_owned(),
            faults => faults.join(" "),
        },
    ]
}

/// A declared one, as its files are.
async fn of_files(
    environment: &str,
    name: &str,
    certificate: &Certificate,
) -> Result<Status, Failure> {
    let query = Query::Local(LocalQuery::Certificate {
        chain: certificate.chain.clone(),
        key: certificate.key.clone(),
        domains: certificate.domains.clone(),
    });
    let files = answer!(Local, query, Answer::Local(LocalAnswer::Certificate(files)) => files);
    let files: Option<CertificateFiles> = files.map(|files| *files);
    let at = files.as_ref().map(|files| files.at);
    let leaf = files.as_ref().and_then(|files| files.leaf.clone());
    Ok(Status {
        certificate: name.to_owned(),
        seen: certificate.chain.clone(),
        days: leaf.as_ref().zip(at).map(|(leaf, at)| leaf.days_left(at)),
        leaf,
        renewal: if certificate.made {
            "by apply"
        } else {
            "by you"
        }
        .to_owned(),
        faults: match files {
            Some(files) => files.faults.into_iter().map(|fault| fault.why).collect(),
            None => vec![format!(
                "It was not made yet: `landfall apply {environment}` makes it."
            )],
        },
    })
}

/// One that a host renews, as it says itself.
fn of_host(environment: &str, renewed: Renewed, names: &BTreeMap<String, Vec<String>>) -> Status {
    let now = Timestamp::now();
    let mut status = Status {
        certificate: renewed.certificate.clone(),
        seen: format!("on the host {}", renewed.host),
        leaf: None,
        days: None,
        renewal: "by its host".to_owned(),
        faults: Vec::new(),
    };
    let (renewal, chain) = match renewed.said {
        Ok(Some(said)) => said,
        Ok(None) => {
            status.faults.push(format!(
                "It was never ordered: `landfall apply {environment}` has the host order it."
            ));
            return status;
        }
        Err(failure) => {
            status.faults.push(failure.in_short());
            return status;
        }
    };
    if let Some(next) = renewal.next {
        status.renewal = format!("by its host, next on {}", next.strftime("%Y-%m-%d"));
    }
    status.faults = renewal.faults(now);
    if chain.is_empty() {
        if status.faults.is_empty() {
            let none = "Its host has none, and does not say why.";
            status.faults.push(none.to_owned());
        }
        return status;
    }
    match Chain::from_pem(chain.as_bytes()) {
        Ok(chain) => {
            let wanted = names.get(&renewed.certificate).cloned().unwrap_or_default();
            let found = faults_of_served(&chain, &wanted, now);
            status
                .faults
                .extend(found.into_iter().map(|fault| fault.why));
            status.leaf = chain.leaf().cloned();
            status.days = status.leaf.as_ref().map(|leaf| leaf.days_left(now));
        }
        Err(why) => status.faults.push(format!("Its chain on the host: {why}")),
    }
    status
}

/// The names that each declared certificate must be for.
fn declared_names(session: &Session) -> BTreeMap<String, Vec<String>> {
    let nodes = session.declaration.nodes.iter();
    let nodes = nodes.filter(|node| node.address.kind == Kind::Certificate);
    let names = |node: &Node| {
        let Spec::Resource(values) = &node.spec else {
            return None;
        };
        let names = serde_json::from_value(values.get("domains")?.clone()).ok()?;
        Some((node.address.name.clone(), names))
    };
    nodes.filter_map(names).collect()
}

/// Those that a target serves.
async fn served(target: &Target) -> Vec<Status> {
    let TargetKind::Host(host) = &target.kind else {
        return Vec::new();
    };
    join_all(
        host.domains
            .iter()
            .map(|name| of_name(target, &host.address, name)),
    )
    .await
}

async fn of_name(target: &Target, address: &str, name: &str) -> Status {
    let (leaf, faults) = match register::served(address, name, &Network).await {
        Ok(Served::Certificate { leaf, faults }) => (Some(*leaf), faults),
        Ok(Served::Nothing) => (None, Vec::new()),
        Ok(Served::NoTls(why)) => (None, vec![format!("No certificate is served: {why}.")]),
        Err(failure) => (None, vec![failure.in_short()]),
    };
    Status {
        certificate: name.to_owned(),
        seen: format!("{} at {address}:{}", target.name, register::HTTPS),
        days: leaf.as_ref().map(|leaf| leaf.days_left(Timestamp::now())),
        leaf,
        renewal: "as its certificate".to_owned(),
        faults,
    }
}

impl Session {
    /// The certificates of this machine that are declared, by their sections' names. Each has its texts as they are, for
    /// nothing refers to anything in them.
    fn site_certificates(&self) -> Result<Vec<(String, Certificate)>, Failure> {
        let ordered = |node: &Node| match &node.spec {
            Spec::Resource(values) => values.contains_key("acme"),
            Spec::Target(_) | Spec::Swarm(_) | Spec::Instance(_) | Spec::Host { .. } => false,
        };
        let declared = |node: &&Node| node.address.kind == Kind::Certificate && !ordered(node);
        let nodes = self.declaration.nodes.iter().filter(declared);
        let one = |node: &Node| {
            let Spec::Resource(values) = &node.spec else {
                return Err(Failure::bug(format!("{} is no resource", node.address)));
            };
            let certificate = serde_json::from_value(Value::Object(values.clone()));
            let certificate = certificate.map_err(|error| {
                Failure::bug(format!("{} cannot be read: {error}", node.address))
            })?;
            Ok((node.address.name.clone(), certificate))
        };
        nodes.map(one).collect()
    }
}
