//! Hosts over a real sshd under a real systemd.

mod actions;
mod connection;
mod cuts;
mod doors;
mod downloads;
mod first_contact;
mod first_keys;
mod impostors;
mod jumps;
mod questions;
mod restarts;
mod silence;
mod sudo;
mod users;

use std::{sync::Arc, time::Duration};

use landfall::{
    answer,
    connect::ssh::{Host, Settings},
    model::{
        Action, Address, Answer, Content, Events, Failure, Kind, Outcome, Probe, Progress, Query,
        World,
        host::{Command, HostAnswer, HostQuery, Ran, Stat},
        host_action::HostAction,
    },
};

use crate::support::lab::TestHost;

/// Settings for a test host, with a run id of the test's own.
fn settings(host: &TestHost, run: &str) -> Settings {
    Settings {
        known_hosts: host.known_hosts.clone(),
        run: run.to_owned(),
        become_root: false,
        connect_timeout: Duration::from_secs(20),
        answer_timeout: Duration::from_secs(300),
        control_dir: None,
        round_trips: Arc::default(),
        stop: Default::default(),
    }
}

/// A host that is entered as this user, and the connection to it.
async fn connected(name: &str, user: &str) -> (TestHost, Host) {
    let lab = TestHost::boot(name, user).await;
    let host = Host::connect(&lab.login, name, settings(&lab, "run-1"))
        .await
        .unwrap();
    (lab, host)
}

fn progress() -> Progress {
    Events::channel()
        .0
        .progress(&Address::new(Kind::Host, "test"))
}

async fn act(host: &dyn World, action: HostAction) -> Result<Outcome, Failure> {
    host.act(&Action::Host(action), &progress()).await
}

async fn stat(host: &dyn World, path: &str) -> Result<Option<Stat>, Failure> {
    let query = HostQuery::Stat {
        path: path.to_owned(),
        follow: false,
    };
    Ok(answer!(host, Query::Host(query), Answer::Host(HostAnswer::Stat(stat)) => stat))
}

async fn read(host: &dyn World, path: &str) -> Result<Option<Content>, Failure> {
    let query = HostQuery::Read {
        path: path.to_owned(),
    };
    Ok(answer!(host, Query::Host(query), Answer::Host(HostAnswer::Read(content)) => content))
}

async fn look(host: &dyn World, command: Command) -> Result<Ran, Failure> {
    Ok(
        answer!(host, Query::Host(HostQuery::Run(command)), Answer::Host(HostAnswer::Ran(ran)) => ran),
    )
}

async fn run(host: &dyn World, command: Command) -> Result<Ran, Failure> {
    match act(
        host,
        HostAction::Run {
            command,
            judge: false,
        },
    )
    .await?
    {
        Outcome::Ran(ran) => Ok(ran),
        other => panic!("{other:?}"),
    }
}

fn script(text: &str) -> Command {
    Command {
        script: Some(text.to_owned()),
        ..Command::default()
    }
}
