//! A run over one environment: what it stands on, shown while it goes.

use std::collections::BTreeSet;
use std::future::Future;
use std::path::PathBuf;
use std::sync::Arc;

use tokio::sync::OnceCell;
use tokio_util::sync::CancellationToken;

use super::opening::{account, emulated, linked_folder, own_keys, store};
use super::{
    CommandError, Context, connections::Connections, library::Library, show, signals,
    verify_entrance::FromHere,
};
use crate::apply;
use crate::backend::{self, Backend, Ledger};
use crate::connect::{aws::Aws, ssh};
use crate::declare::{self, BackendSettings, Declaration, Overrides};
use crate::graph::{Graph, Limits};
use crate::model::{Address, Events, Failure, Redactor, Spec};
use crate::plan::{About, Choice, Declared, Outputs, Plan, Saved, Site, Work};
use crate::register::Registry;
use crate::vars::Renderer;
use crate::view;

/// What a rehearsal puts in the place of the real world.
#[derive(Debug, Clone, Default)]
pub struct Substitutes {
    /// Other logins, backend and keys.
    pub overrides: Overrides,
    /// An emulator's endpoint in the place of AWS.
    pub endpoint: Option<String>,
    /// Another file of known hosts.
    pub known_hosts: Option<PathBuf>,
    /// Whether hosts, and what needs them, are left out.
    pub without_hosts: bool,
}

/// A run over one environment.
pub struct Session {
    /// What is declared.
    pub declaration: Declaration,
    /// What is remembered between runs.
    pub backend: Backend,
    /// What we made.
    pub ledger: Ledger,
    /// What is ours and was in no ledger when this run began.
    pub found: Vec<backend::Entry>,
    /// What the walk stands on.
    pub site: Site,
    /// What the run is connected to.
    pub connections: Arc<Connections>,
    /// This run's id.
    pub run: String,
    /// Which parts of the environment it is about.
    pub choice: Choice,
    /// How many exchanges were had with hosts.
    pub round_trips: Arc<std::sync::atomic::AtomicU64>,
}

/// What a plan leads to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PlanMode {
    /// What is declared is built; what is declared no more is taken away.
    Normal,
    /// Everything is taken away.
    Destroy,
}

impl Session {
    /// Reads the environment, opens its memory, and runs `body` while what happens is shown.
    ///
    /// Fails with every mistake in what is declared, and as `body` does.
    pub async fn run<T, F>(
        context: &Context,
        name: &str,
        substitutes: &Substitutes,
        body: impl FnOnce(Session) -> F,
    ) -> Result<T, CommandError>
    where
        F: Future<Output = Result<T, CommandError>>,
    {
        let root = context.root()?;
        let mut declaration = declare::load(&root, name, &substitutes.overrides)?;
        if substitutes.without_hosts {
            leave_hosts_out(&mut declaration)?;
        }
        Self::over(context, declaration, substitutes, body).await
    }

    /// Runs `body` over nothing but the environment's backend, while what happens is shown: for what only reads or writes
    /// there.
    ///
    /// Fails with every mistake in what is declared of the backend, and as `body` does.
    pub async fn with_backend_only<T, F>(
        context: &Context,
        name: &str,
        body: impl FnOnce(Session) -> F,
    ) -> Result<T, CommandError>
    where
        F: Future<Output = Result<T, CommandError>>,
    {
        let declaration = declare::load_memory(&context.root()?, name)?;
        Self::over(context, declaration, &Substitutes::default(), body).await
    }

    async fn over<T, F>(
        context: &Context,
        declaration: Declaration,
        substitutes: &Substitutes,
        body: impl FnOnce(Session) -> F,
    ) -> Result<T, CommandError>
    where
        F: Future<Output = Result<T, CommandError>>,
    {
        show::warnings(context, &declaration.warnings);
        if let Some(line) = linked_folder(&declaration.backend) {
            show::note(context, &line);
        }
        let redactor = context.redactor.clone();
        redactor.learn(&declaration.secrets);
        let (events, reader) = Events::hiding(redactor.clone());
        let stop = CancellationToken::new();
        let listening = signals::listen(&events, &stop, context.style.err)?;
        let shown = tokio::spawn(view::run(reader, context.style));
        let asked_to_end = stop.clone();
        let opening = Self::open(declaration, substitutes, events, stop, redactor.clone());
        let opened = tokio::select! {
            biased;
            // Nothing but questions is asked so far.
            () = asked_to_end.cancelled() => Err(interrupted().into()),
            opened = opening => opened,
        };
        let result = match opened {
            Ok(session) => body(session).await,
            Err(error) => Err(error),
        };
        drop(listening);
        // The stream ends with its last sender, which the session held.
        let shown = shown
            .await
            .map_err(|error| Failure::bug(format!("the view ended early: {error}")))?;
        let result = result?;
        shown?;
        Ok(result)
    }

    async fn open(
        declaration: Declaration,
        substitutes: &Substitutes,
        events: Events,
        stop: CancellationToken,
        redactor: Redactor,
    ) -> Result<Self, CommandError> {
        let run = backend::run_id()?;
        let aws = account(&declaration).map(|settings| match &substitutes.endpoint {
            Some(endpoint) => emulated(settings, endpoint),
            None => settings,
        });
        let round_trips = Arc::default();
        let account_cell = Arc::new(OnceCell::new());
        let store = store(&declaration, aws.as_ref(), &account_cell).await?;
        let prefix = match &declaration.backend {
            BackendSettings::Folder { .. } => "",
            BackendSettings::S3 { prefix, .. } => prefix,
        };
        let backend = Backend::new(store, prefix, &declaration.project, &declaration.name)?;
        let ledger = backend.ledger().await?;
        let entries = ledger.entries().await;
        let known_hosts = substitutes
            .known_hosts
            .clone()
            .unwrap_or_else(|| declaration.root.join(declare::FOLDER).join("known_hosts"));
        let ssh = ssh::Settings {
            round_trips: Arc::clone(&round_trips),
            stop: stop.clone(),
            ..ssh::Settings::new(known_hosts, run.as_str())
        };
        let entrance = FromHere {
            root: declaration.root.clone(),
            ssh: ssh.clone(),
            aws: aws.clone(),
            account: Arc::clone(&account_cell),
            identity: None,
        };
        let registry = Registry::new(backend.targets(), backend.releases(), Arc::new(entrance));
        let connections = Arc::new(Connections {
            aws,
            ssh,
            registry,
            account: account_cell,
        });
        let site = Site {
            project: declaration.project.clone(),
            environment: declaration.name.clone(),
            root: declaration.root.clone(),
            region: declaration
                .aws
                .as_ref()
                .map(|aws| aws.region.clone())
                .unwrap_or_default(),
            scope: declaration.scope.clone(),
            renderer: Renderer::new(crate::model::playbook::Base::Folder(
                declaration.root.clone(),
            ))
            .telling(&redactor),
            redactor,
            library: Arc::new(Library),
            remembered: apply::remembered(&entries),
            digests: apply::digests(&entries),
            typed: Vec::new(),
            gone: Vec::new(),
            own_keys: own_keys(&declaration),
            events,
            stop,
            worlds: connections.clone(),
            places: crate::plan::Places::default(),
            outputs: Outputs::default(),
            declared: Declared::default(),
        };
        Ok(Self {
            declaration,
            backend,
            ledger,
            found: Vec::new(),
            site,
            connections,
            run,
            choice: Choice::default(),
            round_trips,
        })
    }

    /// Reads the ledger anew: what another run wrote before this one held the lock is known from here on.
    pub async fn reread(&mut self) -> Result<(), Failure> {
        self.ledger = self.backend.ledger().await?;
        let entries = self.ledger.entries().await;
        self.site.remembered = apply::remembered(&entries);
        self.site.digests = apply::digests(&entries);
        Ok(())
    }

    /// What this run is about, by what is declared, what the ledger has, and what was chosen of it.
    ///
    /// Fails for what is declared in a ring, and when a name was chosen that nothing has.
    pub async fn work(&self, mode: PlanMode) -> Result<Work, Failure> {
        let nodes = match mode {
            PlanMode::Normal => self.declaration.nodes.clone(),
            PlanMode::Destroy => Vec::new(),
        };
        let declared: BTreeSet<Address> = nodes.iter().map(|node| node.address.clone()).collect();
        let mut entries = self.ledger.entries().await;
        let found = self.found.iter().cloned();
        entries.extend(found.map(|entry| (entry.address.clone(), entry)));
        let everything = Work {
            build: graph(nodes)?,
            remove: graph(apply::removals(&entries, &declared))?,
            released: apply::released(&entries, &declared),
            left_out: Vec::new(),
        };
        let every = self.declaration.nodes.iter();
        let every: Vec<Address> = every.map(|node| node.address.clone()).collect();
        everything.choose(&self.choice, &every)
    }

    /// This plan and its work, as they are saved. Fails when they hold what cannot be.
    pub fn saved(&self, plan: &Plan, work: &Work) -> Result<Saved, Failure> {
        let declaration = &self.declaration;
        Saved::new(
            plan,
            work,
            About {
                project: &declaration.project,
                environment: &declaration.name,
                declaration: &declaration.file.text,
                // Reached by now wherever anything in it is asked of AWS.
                account: self.connections.account.get().map(Aws::account),
                typed: &self.site.typed,
                gone: &self.site.gone,
            },
        )
    }

    /// How targets are entered to be verified, by this private key rather than that of the record where one is given.
    pub fn entrance(&self, identity: Option<&std::path::Path>) -> FromHere {
        FromHere {
            root: self.declaration.root.clone(),
            ssh: self.connections.ssh.clone(),
            aws: self.connections.aws.clone(),
            account: Arc::clone(&self.connections.account),
            identity: identity.map(PathBuf::from),
        }
    }

    /// The names of everything that could hold data, as if each had been typed.
    pub async fn all_names(&self) -> Vec<String> {
        let name = |entry: backend::Entry| entry.values.get("name")?.as_str().map(str::to_owned);
        self.ledger
            .entries()
            .await
            .into_values()
            .filter_map(name)
            .collect()
    }

    /// Fails as interrupted once the end was asked for: what was found until then is no plan that anybody is asked about.
    pub fn not_interrupted(&self, what: &str) -> Result<(), Failure> {
        if self.site.stop.is_cancelled() {
            return Err(Failure::interrupted(what).left_behind("Nothing was changed."));
        }
        Ok(())
    }

    /// How much is done at once.
    pub fn limits(&self) -> Limits {
        Limits::default()
    }
}

fn interrupted() -> Failure {
    Failure::interrupted("reading what earlier runs remember").left_behind("Nothing was changed.")
}

/// Takes out hosts, and whatever needs one, directly or through others.
fn leave_hosts_out(declaration: &mut Declaration) -> Result<(), Failure> {
    let declared = graph(std::mem::take(&mut declaration.nodes))?;
    let hosts = declared.nodes().iter();
    let hosts = hosts.filter(|node| matches!(node.spec, Spec::Host { .. }));
    let out = declared.with_dependents(hosts.map(|node| node.address.clone()).collect());
    let rest = declared.only(|address| !out.contains(address));
    declaration.nodes = rest.nodes().to_vec();
    Ok(())
}

/// What is declared, in order. Fails for what is declared in a ring.
pub fn graph(nodes: Vec<crate::model::Node>) -> Result<Graph, Failure> {
    Graph::new(nodes).map_err(|cycle| {
        let ring: Vec<String> = cycle.addresses.iter().map(Address::to_string).collect();
        Failure::new("these need each other", "ordering what is declared").why(ring.join(" needs "))
    })
}
