//! An AWS account and region as a place that is asked and acted on: each question and action goes to its service.

use std::sync::Arc;

use async_trait::async_trait;

use super::{
    cloudformation, config, config::Clients, ecs, ecs::OneOff, error, iam, logs::Said, s3,
    settings::Settings, ssm,
};
use crate::model::{Account, Action, Answer, Failure, Outcome, Probe, Progress, Query, World};

/// An AWS account and region, connected.
#[derive(Clone)]
pub struct Aws(Arc<Clients>);

impl Aws {
    /// Finds credentials and asks who they belong to, before anything else.
    ///
    /// Fails with [`Class::Unreachable`](crate::model::Class::Unreachable) without credentials or network, and with
    /// [`Class::Refused`](crate::model::Class::Refused) in another account than the settings name.
    pub async fn connect(settings: Settings) -> Result<Self, Failure> {
        config::connect(settings).await.map(Self::with)
    }

    /// The account and region that these clients speak to.
    pub fn with(clients: Clients) -> Self {
        Self(Arc::new(clients))
    }

    /// The account, and where it answers.
    pub fn account(&self) -> Account {
        Account {
            id: self.0.caller.account.clone(),
            region: self.0.region.clone(),
            endpoints: self.0.endpoints.clone(),
        }
    }

    /// Runs a command once beside a service, in a task like its own, and gives its exit code.
    ///
    /// Its log is followed: each line goes to `print` as the container printed it, and what else is to be known to `note`.
    /// Fails when ECS finds no place for it or its container never ran. When nobody waits for this any more, the task
    /// runs on.
    pub async fn run_once(
        &self,
        one: &OneOff<'_>,
        print: &mut (dyn FnMut(&str) + Send),
        note: &mut (dyn FnMut(&str) + Send),
    ) -> Result<i32, Failure> {
        let mut tell = |said: Said<'_>| match said {
            Said::Line(line) => print(line),
            Said::Note(text) => note(text),
        };
        ecs::run_once(&self.0, one, &mut tell).await
    }

    /// A client for S3 where this bucket is, for a backend in it: a team's bucket need not be in the environment's
    /// region.
    pub async fn s3_of(&self, bucket: &str) -> aws_sdk_s3::Client {
        s3::client_of(&self.0, bucket).await
    }
}

#[async_trait]
impl Probe for Aws {
    async fn ask(&self, query: &Query) -> Result<Answer, Failure> {
        let (service, answer) = match query {
            Query::Iam(query) => ("IAM", iam::ask(&self.0, query).await.map(Answer::Iam)),
            Query::S3(query) => ("S3", s3::ask(&self.0, query).await.map(Answer::S3)),
            Query::Stack(query) => (
                "CloudFormation",
                cloudformation::ask(&self.0, query).await.map(Answer::Stack),
            ),
            Query::Ecs(query) => ("ECS", ecs::ask(&self.0, query).await.map(Answer::Ecs)),
            Query::Ssm(query) => ("SSM", ssm::ask(&self.0, query).await.map(Answer::Ssm)),
            other => return Err(Failure::bug(format!("AWS was asked {other:?}"))),
        };
        answer.map_err(|failure| error::at(failure, &self.0.endpoints, service, &self.0.region))
    }
}

#[async_trait]
impl World for Aws {
    async fn act(&self, action: &Action, progress: &Progress) -> Result<Outcome, Failure> {
        let (service, outcome) = match action {
            Action::Iam(action) => ("IAM", iam::act(&self.0, action, progress).await),
            Action::S3(action) => ("S3", s3::act(&self.0, action, progress).await),
            Action::Stack(action) => (
                "CloudFormation",
                cloudformation::act(&self.0, action, progress).await,
            ),
            Action::Ecs(action) => ("ECS", ecs::act(&self.0, action, progress).await),
            Action::Ssm(action) => ("SSM", ssm::act(&self.0, action).await),
            _ => return Err(Failure::bug("AWS was told to act on another place")),
        };
        outcome.map_err(|failure| error::at(failure, &self.0.endpoints, service, &self.0.region))
    }

    fn as_user(&self, _: &str) -> Arc<dyn World> {
        Arc::new(self.clone())
    }
}
