//! A secret that an action gives during a run, as an access key is: it reaches what refers to it, and nobody else.
//!
//! No kind gives one yet, so the one that does is made here; the account is a fake, because no emulator repeats in an
//! error what it was sent. Plan, executor, journal and ledger are those of a run.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::{
    Arc, Mutex,
    atomic::{AtomicBool, Ordering},
};

use async_trait::async_trait;
use landfall::apply::Perform;
use landfall::backend::Backend;
use landfall::graph::{Graph, Limits};
use landfall::model::ecs::EcsAnswer;
use landfall::model::ecs_action::EcsAction;
use landfall::model::iam::{Caller, IamAnswer};
use landfall::model::iam_action::IamAction;
use landfall::model::playbook::{Base, Step};
use landfall::model::{
    Action, Address, Answer, Attribute, Attributes, Change, Effect, Events, Failure, Goal, Kind,
    Login, Map, Node, Origin, Outcome, Place, Probe, Progress, Query, Redactor, Secret, Shown,
    Spec, Value, World, Worlds,
};
use landfall::observe::Remembered;
use landfall::plan::{
    self, Declared, LedgerExecutor, Outputs, OwnKeys, Places, Plan, Record, Site, Subject, Thing,
    Work,
};
use landfall::play::{DryRun, Library};
use landfall::resource::Resource;
use landfall::vars::{Renderer, Scope};
use serde_json::json;
use tokio_util::sync::CancellationToken;

use super::support::stores::folder;

/// What the account gives, once.
const TOKEN: &str = "aKq7-born-in-this-run";

/// An account that gives a token, and repeats in an error what it was sent.
#[derive(Default)]
struct Account {
    gave: AtomicBool,
    sent: Mutex<Vec<Value>>,
}

#[async_trait]
impl Probe for Account {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        Ok(match query {
            Query::Iam(_) => Answer::Iam(IamAnswer::Caller(Caller {
                account: "200000000001".to_owned(),
                arn: "arn:aws:iam::200000000001:user/test".to_owned(),
            })),
            Query::Ecs(_) => Answer::Ecs(EcsAnswer::TaskDefinition(None)),
            other => panic!("{other:?}"),
        })
    }
}

#[async_trait]
impl World for Account {
    fn as_user(&self, _: &str) -> Arc<dyn World> {
        unreachable!("an account has no users")
    }

    async fn act(&self, action: &Action, progress: &Progress) -> Result<Outcome, Failure> {
        match action {
            // What follows on the action that gave it may repeat it before any template uses it.
            Action::Iam(_) if self.gave.load(Ordering::Relaxed) => {
                progress.say(format!("it said {TOKEN}"));
                Ok(Outcome::Done)
            }
            Action::Iam(_) => {
                self.gave.store(true, Ordering::Relaxed);
                Ok(Outcome::GaveSecret(Secret::new(TOKEN.to_owned())))
            }
            Action::Ecs(EcsAction::Register { definition, .. }) => {
                self.sent.lock().unwrap().push(definition.clone());
                progress.say(format!("sending {definition}"));
                Err(Failure::new("AWS refused", "registering it")
                    .why(format!("It said: {definition}")))
            }
            other => panic!("{other:?}"),
        }
    }
}

struct One(Arc<Account>);

#[async_trait]
impl Worlds for One {
    async fn open(&self, _: &Place, _: Option<&Login>) -> Result<Arc<dyn World>, Failure> {
        Ok(self.0.clone())
    }

    fn swarm(&self, _: BTreeMap<String, Result<Arc<dyn World>, String>>) -> Arc<dyn World> {
        self.0.clone()
    }

    fn instance(&self, _: Arc<dyn World>, _: Arc<dyn World>) -> Arc<dyn World> {
        self.0.clone()
    }
}

/// A kind whose action gives a token that nobody can ask for again.
struct Giver(Arc<Account>);

#[async_trait]
impl Resource for Giver {
    type Observed = bool;

    async fn observe(&self, _: &dyn Probe) -> Result<bool, Failure> {
        Ok(self.0.gave.load(Ordering::Relaxed))
    }

    fn plan(&self, there: &bool) -> Result<Change, Failure> {
        if *there {
            return Ok(Change::none());
        }
        let action = || IamAction::CreateRole {
            name: "ci".to_owned(),
            trust: Value::Null,
            tags: [].into(),
        };
        Ok(Change::new(Effect::Create)
            .field("key", Shown::Absent, Shown::Unknown)
            .action(action())
            .action(action()))
    }

    fn attributes(&self, _: &bool, _: &Change) -> Attributes {
        Attributes::from([
            (
                "arn".to_owned(),
                Attribute::Known("arn:aws:iam::1:ci".into()),
            ),
            ("key".to_owned(), Attribute::AfterApply),
        ])
    }

    fn born(&self, outcomes: &[Outcome]) -> Attributes {
        let secret = |outcome: &Outcome| match outcome {
            Outcome::GaveSecret(secret) => {
                Some(("key".to_owned(), Attribute::Secret(secret.clone())))
            }
            _ => None,
        };
        outcomes.iter().filter_map(secret).collect()
    }
}

struct NoTaskFiles;

impl Library for NoTaskFiles {
    fn tasks(&self, _: &Base, _: &str) -> Result<Option<Vec<Step>>, Failure> {
        Ok(None)
    }
}

fn site(account: &Arc<Account>, redactor: &Redactor, events: Events, root: &Path) -> Site {
    Site {
        project: "review".to_owned(),
        environment: "test".to_owned(),
        root: root.to_owned(),
        region: "eu-central-1".to_owned(),
        scope: Scope::new(),
        renderer: Renderer::new(Base::Folder(root.to_owned())).telling(redactor),
        redactor: redactor.clone(),
        library: Arc::new(NoTaskFiles),
        remembered: [].into(),
        digests: [].into(),
        typed: Vec::new(),
        gone: Vec::new(),
        own_keys: OwnKeys::default(),
        events,
        stop: CancellationToken::new(),
        worlds: Arc::new(One(account.clone())),
        places: Places::default(),
        outputs: Outputs::default(),
        declared: Declared::default(),
    }
}

fn node(kind: Kind, name: &str, values: Value) -> Node {
    Node {
        address: Address::new(kind, name),
        needs: BTreeSet::new(),
        place: Place::Aws,
        spec: Spec::Resource(values.as_object().unwrap().clone()),
        at: Origin::new("test.toml", 1, 1),
    }
}

/// A plan as it is printed and saved: what its actions carry is in memory only.
fn shown(plan: &Plan) -> String {
    let sections = serde_json::to_string(&plan.sections).unwrap();
    format!("{sections}\n{:?}", plan.failed)
}

#[tokio::test]
async fn a_secret_that_is_born_in_a_run_reaches_what_refers_to_it_and_nobody_else() {
    let kept = folder();
    let root = kept.folder.as_ref().unwrap().path();
    let backend = Backend::new(kept.store.clone(), "", "review", "test").unwrap();
    let ledger = backend.ledger().await.unwrap();
    let journal = Arc::new(backend.journal("run-1", "apply").await.unwrap());
    let redactor = Redactor::default();
    let (events, mut told) = Events::hiding(redactor.clone());
    let account = Arc::new(Account::default());
    let site = site(&account, &redactor, events, root);
    let perform = Perform::new(ledger.clone(), journal.clone(), redactor.clone(), "run-1");
    let perform: Arc<dyn LedgerExecutor> = Arc::new(perform);

    let giver = node(Kind::Role, "ci", json!({ "name": "ci" }));
    let thing = Thing {
        decide: Box::new(Giver(account.clone())),
        digest: None,
        redactor: redactor.clone(),
    };
    let record = Record {
        values: Map::from_iter([("name".to_owned(), "ci".into())]),
        home: None,
        extra: Value::Null,
        adopted: false,
    };
    let subject = Subject {
        site: &site,
        node: &giver,
        thing: &thing,
        record: &record,
        goal: Goal::Present,
        world: &Remembered::new(account.clone()),
        executor: perform.as_ref(),
    };
    let section = subject.decide().await.unwrap();
    assert!(account.gave.load(Ordering::Relaxed));

    // What refers to it, whole and inside of another text.
    let app = node(
        Kind::TaskDefinition,
        "app",
        json!({
            "family": "app", "network_mode": null, "cpu": null, "memory": null, "task_role": null,
            "execution_role": null,
            "owner": { "project": "review", "environment": "test" },
            "containers": { "app": {
                "image": "app:1",
                "environment": {
                    "TOKEN": "{{ roles.ci.key }}",
                    "URL": "https://ci:{{ roles.ci.key }}@example.org/",
                    "ARN": "{{ roles.ci.arn }}",
                },
            } },
        }),
    );
    let work = Work {
        build: Graph::new(vec![app]).unwrap(),
        remove: Graph::new(Vec::new()).unwrap(),
        released: Vec::new(),
        left_out: Vec::new(),
    };
    let dry: Arc<dyn LedgerExecutor> = Arc::new(DryRun);
    let planned = plan::walk(&site, &work, Limits::default(), &dry).await;
    let applied = plan::walk(&site, &work, Limits::default(), &perform).await;

    // It was used.
    let sent = account.sent.lock().unwrap().clone();
    let sent = &sent[0]["containers"]["app"]["environment"];
    assert_eq!(sent["TOKEN"], TOKEN);
    assert_eq!(sent["URL"], format!("https://ci:{TOKEN}@example.org/"));

    // And nobody else was told.
    drop((site, perform));
    Arc::into_inner(journal)
        .unwrap()
        .end("failed")
        .await
        .unwrap();
    let mut events = Vec::new();
    while let Some(event) = told.recv().await {
        events.push(serde_json::to_string(&event).unwrap());
    }
    assert!(events.len() > 6, "{events:#?}");
    let written = ["ledger.json", "journal/run-1.jsonl"]
        .map(|file| fs::read_to_string(root.join("kept/test").join(file)).unwrap());
    for (what, text) in [
        ("the decision", serde_json::to_string(&section).unwrap()),
        ("the plan", shown(&planned)),
        ("what was applied", shown(&applied)),
        ("the output", events.join("\n")),
        ("the ledger", written[0].clone()),
        ("the journal", written[1].clone()),
    ] {
        assert!(!text.contains(TOKEN), "{what} has it: {text}");
        assert!(!text.contains("born-in"), "{what} has a part of it: {text}");
    }
    // They speak of it all the same, and of what is no secret.
    assert!(
        events.join("\n").contains("it said (secret)"),
        "{events:#?}"
    );
    assert_eq!(planned.sections.len(), 1);
    assert_eq!(applied.failed.len(), 1);
    assert!(shown(&planned).contains("arn:aws:iam::1:ci"), "{planned:?}");
    assert!(applied.failed[0].1.why.contains("(secret)"), "{applied:?}");
    assert!(written[1].contains("(secret)"), "{}", written[1]);
    assert!(written[0].contains("tasks.app"), "{}", written[0]);
}
