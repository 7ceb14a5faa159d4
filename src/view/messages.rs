//! What playbooks say to whoever reads: once, though a plan and what is done after it walk the same playbooks.

use std::collections::HashMap;

use crate::model::{Address, Event};

/// What each thing said in the walk before this one, and in this one.
#[derive(Debug, Default)]
pub(super) struct Messages {
    before: HashMap<Address, Vec<String>>,
    now: HashMap<Address, Vec<String>>,
}

impl Messages {
    /// Whether an event says something that the walk before did not say already. All but messages do.
    pub(super) fn is_news(&mut self, event: &Event) -> bool {
        match event {
            Event::Started { address } => {
                let said = self.now.remove(address).unwrap_or_default();
                self.before.insert(address.clone(), said);
                true
            }
            Event::Said {
                address,
                line,
                message: true,
            } => {
                self.now
                    .entry(address.clone())
                    .or_default()
                    .push(line.clone());
                let before = self.before.entry(address.clone()).or_default();
                // Once: the same may well be said again in one walk.
                let said = before.iter().position(|said| said == line);
                said.map(|at| before.swap_remove(at)).is_none()
            }
            _ => true,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::Kind;

    #[test]
    fn what_a_plan_said_is_no_news_once_it_is_done() {
        let address = |name: &str| Address::new(Kind::Host, name);
        let said = |name: &str, message| Event::Said {
            address: address(name),
            line: "x".to_owned(),
            message,
        };
        let started = Event::Started {
            address: address("a"),
        };
        let mut messages = Messages::default();
        let news = [
            started.clone(),
            said("a", true),
            said("a", true),
            started,
            said("a", false),
            said("a", true),
            said("b", true),
            said("a", true),
            said("a", true),
        ]
        .map(|event| messages.is_news(&event));
        assert_eq!(
            news,
            [true, true, true, true, true, false, true, false, true]
        );
    }
}
