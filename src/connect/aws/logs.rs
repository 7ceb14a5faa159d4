//! The log of a container in CloudWatch, told line by line.

use std::collections::VecDeque;

use aws_sdk_cloudwatchlogs::error::ProvideErrorMetadata;

use super::{Clients, error::failed};
use crate::model::Failure;
use crate::model::visible::visible;

/// How many of the last lines a failure shows.
const KEPT: usize = 20;

/// Looks at the log after the container's end: the driver sends what is left within seconds.
const LAST_LOOKS: u32 = 3;

/// What is told of a log.
pub(super) enum Said<'a> {
    /// A line that the container printed, as it is.
    Line(&'a str),
    /// Something about the log itself.
    Note(&'a str),
}

/// Where it is told.
pub(super) type Tell<'a> = dyn FnMut(Said<'_>) + Send + 'a;

/// A log stream, read from its beginning.
pub(super) struct Log {
    /// Group and stream; none when it cannot be followed.
    stream: Option<(String, String)>,
    token: Option<String>,
    last: VecDeque<String>,
}

impl Log {
    /// The log in this group and stream, which need not be there yet.
    pub(super) fn new(group: &str, stream: &str) -> Self {
        Self {
            stream: Some((group.to_owned(), stream.to_owned())),
            ..Self::none()
        }
    }

    /// A log that cannot be followed: tells nothing.
    pub(super) fn none() -> Self {
        Self {
            stream: None,
            token: None,
            last: VecDeque::new(),
        }
    }

    /// Tells the lines since the last time; gives how many. That it cannot be read is told once and ends no task.
    pub(super) async fn follow(&mut self, clients: &Clients, tell: &mut Tell<'_>) -> usize {
        match self.pages(clients, tell).await {
            Ok(lines) => lines,
            Err(failure) => {
                tell(Said::Note(&format!(
                    "its log cannot be followed: {}",
                    failure.why
                )));
                self.stream = None;
                0
            }
        }
    }

    /// Tells what comes after the container's end.
    pub(super) async fn finish(&mut self, clients: &Clients, tell: &mut Tell<'_>) {
        let mut backoff = clients.patience.following(LAST_LOOKS);
        while self.stream.is_some() && backoff.pause().await {
            self.follow(clients, tell).await;
        }
    }

    /// The last lines, for a failure; control characters are made visible.
    pub(super) fn last_lines(&self) -> Vec<String> {
        self.last.iter().cloned().collect()
    }

    /// The same token twice means that there is no more (API reference, `GetLogEvents`).
    async fn pages(&mut self, clients: &Clients, tell: &mut Tell<'_>) -> Result<usize, Failure> {
        let mut lines = 0;
        while let Some((group, stream)) = self.stream.clone() {
            let answer = clients
                .logs
                .get_log_events()
                .log_group_name(&group)
                .log_stream_name(&stream)
                .start_from_head(true)
                .set_next_token(self.token.clone())
                .send()
                .await;
            let answer = match answer {
                Ok(answer) => answer,
                // The stream is made with the container's first line.
                Err(error) if error.code() == Some("ResourceNotFoundException") => {
                    return Ok(lines);
                }
                Err(error) => {
                    let what = format!("reading the log {group} {stream}");
                    return Err(failed("logs:GetLogEvents", what)(error));
                }
            };
            for event in answer.events.unwrap_or_default() {
                let line = event.message.unwrap_or_default();
                tell(Said::Line(line.trim_end()));
                lines += 1;
                self.last.push_back(one_line(&line));
                if self.last.len() > KEPT {
                    self.last.pop_front();
                }
            }
            let token = answer.next_forward_token;
            if token.is_none() || token == self.token {
                return Ok(lines);
            }
            self.token = token;
        }
        Ok(lines)
    }
}

/// An event's text on one line; control characters are made visible.
pub(super) fn one_line(text: &str) -> String {
    visible(text.trim_end()).replace('\n', "\\n")
}
