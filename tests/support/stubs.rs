//! AWS with answers that no emulator gives: pages, throttling, tasks that end.

// The SDK's macro for stubbed clients stands in for what a test never asks with `todo!`.
#![allow(clippy::todo)]

use std::time::Duration;

use aws_smithy_mocks::{Rule, RuleMode, mock_client};
use landfall::connect::aws::{Aws, Clients, Patience};
use landfall::model::iam::Caller;
use landfall::model::{Action, Address, Event, Events, Failure, World};

/// What each service answers; a question without a rule fails the test.
#[derive(Default)]
pub struct Stubs<'a> {
    pub cloudformation: &'a [&'a Rule],
    pub ecs: &'a [&'a Rule],
    pub iam: &'a [&'a Rule],
    pub logs: &'a [&'a Rule],
    pub s3: &'a [&'a Rule],
    pub ssm: &'a [&'a Rule],
}

impl Stubs<'_> {
    /// The account that answers so, asked again after next to no pause.
    pub fn aws(&self) -> Aws {
        let any = RuleMode::MatchAny;
        Aws::with(Clients {
            cloudformation: mock_client!(aws_sdk_cloudformation, any, self.cloudformation),
            ecs: mock_client!(aws_sdk_ecs, any, self.ecs),
            iam: mock_client!(aws_sdk_iam, any, self.iam),
            logs: mock_client!(aws_sdk_cloudwatchlogs, any, self.logs),
            s3: mock_client!(aws_sdk_s3, any, self.s3),
            ssm: mock_client!(aws_sdk_ssm, any, self.ssm),
            region: "eu-west-1".to_owned(),
            endpoints: Default::default(),
            caller: Caller {
                account: "123456789012".to_owned(),
                arn: "arn:aws:iam::123456789012:user/ops".to_owned(),
            },
            patience: Patience {
                first: Duration::from_millis(1),
                pauses: 3,
            },
        })
    }
}

/// Performs actions until one fails; gives the end and what was said meanwhile.
pub async fn told(
    aws: &Aws,
    address: &Address,
    actions: &[Action],
) -> (Result<(), Failure>, Vec<String>) {
    let (events, mut reader) = Events::channel();
    let progress = events.progress(address);
    let mut end = Ok(());
    for action in actions {
        end = aws.act(action, &progress).await.map(drop);
        if end.is_err() {
            break;
        }
    }
    let mut said = Vec::new();
    while let Ok(event) = reader.try_recv() {
        if let Event::Said { line, .. } = event {
            said.push(line);
        }
    }
    (end, said)
}
