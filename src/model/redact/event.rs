//! An event as it may be shown.

use super::Redactor;
use crate::model::Event;

impl Redactor {
    /// The event as it may be shown.
    pub fn event(&self, event: Event) -> Event {
        if self.is_empty() {
            return event;
        }
        let name = |task: Option<String>| task.map(|task| self.text(&task));
        match event {
            Event::Decided {
                address,
                task,
                verdict,
            } => Event::Decided {
                address,
                task: name(task),
                verdict: self.verdict(verdict),
            },
            Event::Acting {
                address,
                task,
                change,
            } => Event::Acting {
                address,
                task: name(task),
                change: self.change(&change),
            },
            Event::Acted { address, task } => Event::Acted {
                address,
                task: name(task),
            },
            Event::Said {
                address,
                line,
                message,
            } => Event::Said {
                address,
                line: self.text(&line),
                message,
            },
            Event::Tolerated {
                address,
                task,
                failure,
            } => Event::Tolerated {
                address,
                task: self.text(&task),
                failure: self.failure(failure),
            },
            Event::Failed { address, failure } => Event::Failed {
                address,
                failure: self.failure(failure),
            },
            other => other,
        }
    }
}
