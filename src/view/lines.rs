//! A run as plain lines, for logs.

use super::Sheet;
use super::line::line;
use super::messages::Messages;
use super::paint::Paint;
use crate::model::Event;

/// Shows events as lines that are never taken back.
#[derive(Debug)]
pub struct Lines {
    paint: Paint,
    messages: Messages,
}

impl Lines {
    /// Lines for this sheet.
    pub fn new(sheet: Sheet) -> Self {
        Self {
            paint: Paint::new(sheet),
            messages: Messages::default(),
        }
    }

    /// The line for this event; none when it says nothing new to a person.
    pub fn show(&mut self, event: &Event) -> Option<String> {
        if self.messages.is_news(event) {
            line(event, self.paint)
        } else {
            None
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Address, Change, Class, Effect, Failure, Kind, Verdict};

    #[test]
    fn what_a_program_printed_stays_on_its_line_and_a_silent_host_is_told_whole() {
        let web = Address::new(Kind::Host, "web-1");
        let mut lines = Lines::new(Sheet {
            colour: false,
            width: Some(50),
        });
        let said = |message| Event::Said {
            address: web.clone(),
            line: "Get:1 http://deb.debian.org/debian trixie/main amd64 Packages".into(),
            message,
        };
        let failed = |class| Event::Failed {
            address: web.clone(),
            failure: Failure::new("the host does not answer", "Connecting to 203.0.113.7.")
                .class(class)
                .why("No answer came within ten seconds, tried three times."),
        };
        let events = [
            said(false),
            said(true),
            failed(Class::Error),
            failed(Class::Unreachable),
        ];
        let shown: Vec<String> = events
            .iter()
            .filter_map(|event| lines.show(event))
            .collect();
        insta::assert_snapshot!(shown.join("\n"), @r"
          hosts.web-1: Get:1 http://deb.debian.org/debian trixie/main amd64 Packages
          hosts.web-1: Get:1 http://deb.debian.org/debian
            trixie/main amd64 Packages
        ✗ hosts.web-1: the host does not answer
        ✗ hosts.web-1: the host does not answer
          what:  Connecting to 203.0.113.7.
          why:   No answer came within ten seconds, tried
                 three times.
        ");
    }

    #[test]
    fn a_log_tells_what_was_begun_what_ended_and_what_failed() {
        let cluster = Address::new(Kind::Stack, "cluster");
        let web = Address::new(Kind::Host, "web-1");
        let events = [
            Event::Started {
                address: cluster.clone(),
            },
            Event::Acting {
                address: cluster.clone(),
                task: None,
                change: Change::new(Effect::Create),
            },
            Event::Said {
                address: cluster.clone(),
                line: "Vpc \u{1b}[2J CREATE_COMPLETE\n".into(),
                message: false,
            },
            Event::Acted {
                address: cluster.clone(),
                task: None,
            },
            Event::Finished {
                address: cluster.clone(),
                changes: 1,
            },
            Event::Finished {
                address: Address::bucket(),
                changes: 0,
            },
            Event::Acting {
                address: web.clone(),
                task: Some("Install docker".into()),
                change: Change::new(Effect::Run),
            },
            Event::Decided {
                address: web.clone(),
                task: Some("Only on Mondays".into()),
                verdict: Verdict::Skipped("`monday` is false".into()),
            },
            Event::Tolerated {
                address: web.clone(),
                task: "Stop nginx".into(),
                failure: Failure::new("no such unit", "x")
                    .why("said:\nnginx.service is not loaded\n"),
            },
            Event::Stopping,
            Event::Failed {
                address: web.clone(),
                failure: Failure::new("the command failed", "x"),
            },
            Event::Blocked {
                address: Address::new(Kind::Target, "web-1"),
                by: web,
            },
        ];
        let shown = |colour| {
            let mut lines = Lines::new(Sheet {
                colour,
                width: None,
            });
            events
                .iter()
                .filter_map(|event| lines.show(event))
                .collect::<Vec<_>>()
                .join("\n")
        };
        insta::assert_snapshot!(shown(false), @r"
        + stacks.cluster: creating
          stacks.cluster: Vpc \u{1b}[2J CREATE_COMPLETE
        ✓ stacks.cluster: done, 1 change
        > hosts.web-1: Install docker
        ! hosts.web-1: Stop nginx: failed and was tolerated: no such unit: nginx.service is not loaded
        Stopping: what was begun is finished, nothing new is begun.
        ✗ hosts.web-1: the command failed
        · targets.web-1: not begun, because it needs hosts.web-1
        ");
        assert!(shown(true).contains("\u{1b}[32m"));
        assert!(!shown(true).contains("\u{1b}[2J"));
    }
}
