//! The walk: every node after what it needs, as many at once as the limits allow.

use std::collections::{BTreeMap, BTreeSet};

use futures::{StreamExt, stream::FuturesUnordered};
use tokio_util::sync::CancellationToken;

use super::Graph;
use crate::model::{Address, Event, Events, Failure, Node, Place};

/// Which way a walk goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Direction {
    /// Each node after what it needs: to build.
    Forward,
    /// Each node after everything that needs it: to take away.
    Backward,
}

/// How much is done at once.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Nodes in AWS. IAM and CloudFormation throttle an account near ten mutating calls a second.
    pub aws: usize,
    /// Hosts. Each costs a connection and a terminal line; twenty fill neither a small machine nor a screen.
    pub hosts: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self { aws: 8, hosts: 20 }
    }
}

impl Limits {
    fn of(&self, place: &Place) -> usize {
        match enters_hosts(place) {
            true => self.hosts,
            false => self.aws,
        }
        .max(1)
    }
}

/// Which of the limits a place counts for.
fn enters_hosts(place: &Place) -> bool {
    match place {
        Place::Host(_) | Place::Swarm(_) | Place::Instance(_) => true,
        Place::Aws | Place::Local | Place::Registry => false,
    }
}

/// How a walk ended. Every node is in exactly one of the four.
#[derive(Debug)]
pub struct Walked<T> {
    /// What the visit of a node gave.
    pub done: BTreeMap<Address, T>,
    /// The nodes whose visit failed.
    pub failed: Vec<(Address, Failure)>,
    /// The nodes that were not begun because that other one failed.
    pub blocked: Vec<(Address, Address)>,
    /// The nodes that were not begun because the walk was stopped.
    pub not_reached: Vec<Address>,
}

impl<T> Walked<T> {
    /// Whether every node was visited and none failed.
    pub fn is_whole(&self) -> bool {
        self.failed.is_empty() && self.blocked.is_empty() && self.not_reached.is_empty()
    }
}

impl Graph {
    /// Visits every node, each after those it depends on in this direction, and says how each fared on `events`.
    ///
    /// A failure blocks only what depends on it. Once `stop` is cancelled nothing new is begun; visits under way
    /// are waited for, and see the token themselves.
    pub async fn walk<'a, T, F>(
        &'a self,
        direction: Direction,
        limits: Limits,
        events: &Events,
        stop: &CancellationToken,
        visit: impl Fn(&'a Node) -> F,
    ) -> Walked<T>
    where
        F: Future<Output = Result<T, Failure>>,
    {
        let after = self.dependencies(direction);
        let mut waiting: Vec<&'a Node> = self.nodes().iter().collect();
        if direction == Direction::Backward {
            waiting.reverse();
        }
        let mut walked = Walked {
            done: BTreeMap::new(),
            failed: Vec::new(),
            blocked: Vec::new(),
            not_reached: Vec::new(),
        };
        let mut running = FuturesUnordered::new();
        let mut busy: Vec<&Node> = Vec::new();
        loop {
            settle_blocked(&mut waiting, &after, &mut walked, events);
            while !stop.is_cancelled() {
                let Some(next) = waiting
                    .iter()
                    .position(|node| ready(node, &after, &walked) && fits(node, &busy, limits))
                else {
                    break;
                };
                let node = waiting.remove(next);
                busy.push(node);
                events.send(Event::Started {
                    address: node.address.clone(),
                });
                let visited = visit(node);
                running.push(async move { (node, visited.await) });
            }
            let Some((node, result)) = running.next().await else {
                break;
            };
            busy.retain(|other| other.address != node.address);
            match result {
                Ok(given) => {
                    walked.done.insert(node.address.clone(), given);
                }
                Err(failure) => {
                    let failure = failure.at(&node.at);
                    events.send(Event::Failed {
                        address: node.address.clone(),
                        failure: failure.clone(),
                    });
                    walked.failed.push((node.address.clone(), failure));
                }
            }
        }
        walked.not_reached = waiting
            .into_iter()
            .map(|node| node.address.clone())
            .collect();
        walked
    }

    /// What each node comes after in this direction.
    fn dependencies(&self, direction: Direction) -> BTreeMap<Address, BTreeSet<Address>> {
        let mut after: BTreeMap<Address, BTreeSet<Address>> = self
            .nodes()
            .iter()
            .map(|node| (node.address.clone(), BTreeSet::new()))
            .collect();
        for node in self.nodes() {
            for need in &node.needs {
                let (later, earlier) = match direction {
                    Direction::Forward => (&node.address, need),
                    Direction::Backward => (need, &node.address),
                };
                after
                    .entry(later.clone())
                    .or_default()
                    .insert(earlier.clone());
            }
        }
        after
    }
}

type After = BTreeMap<Address, BTreeSet<Address>>;

fn ready<T>(node: &Node, after: &After, walked: &Walked<T>) -> bool {
    after.get(&node.address).is_none_or(|earlier| {
        earlier
            .iter()
            .all(|address| walked.done.contains_key(address))
    })
}

fn fits(node: &Node, busy: &[&Node], limits: Limits) -> bool {
    let same = |other: &&&Node| enters_hosts(&other.place) == enters_hosts(&node.place);
    busy.iter().filter(same).count() < limits.of(&node.place)
}

/// Moves every node that waits, through others or at once, for one that failed.
fn settle_blocked<T>(
    waiting: &mut Vec<&Node>,
    after: &After,
    walked: &mut Walked<T>,
    events: &Events,
) {
    loop {
        let culprit = |node: &Node| {
            let earlier = after.get(&node.address)?;
            let failed = walked.failed.iter().map(|(address, _)| (address, address));
            let blocked = walked.blocked.iter().map(|(address, by)| (address, by));
            failed
                .chain(blocked)
                .find(|(address, _)| earlier.contains(*address))
                .map(|(_, by)| by.clone())
        };
        let Some((position, by)) = waiting
            .iter()
            .enumerate()
            .find_map(|(position, node)| Some((position, culprit(node)?)))
        else {
            return;
        };
        let address = waiting.remove(position).address.clone();
        events.send(Event::Blocked {
            address: address.clone(),
            by: by.clone(),
        });
        walked.blocked.push((address, by));
    }
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};

    use super::*;
    use crate::graph::tests::node;

    fn graph() -> Graph {
        Graph::new(vec![
            node("base", &[]),
            node("left", &["base"]),
            node("right", &["base"]),
            node("top", &["left", "right"]),
            node("alone", &[]),
        ])
        .unwrap()
    }

    async fn order(direction: Direction) -> Vec<String> {
        let order = RefCell::new(Vec::new());
        let (events, _reader) = Events::channel();
        let stop = CancellationToken::new();
        let limits = Limits { aws: 1, hosts: 1 };
        let walked = graph()
            .walk(direction, limits, &events, &stop, |node| {
                order.borrow_mut().push(node.address.name.clone());
                async { Ok(()) }
            })
            .await;
        assert!(walked.is_whole());
        order.into_inner()
    }

    #[tokio::test]
    async fn forward_and_backward_keep_the_order_of_needs() {
        assert_eq!(
            order(Direction::Forward).await,
            ["base", "left", "right", "top", "alone"]
        );
        assert_eq!(
            order(Direction::Backward).await,
            ["alone", "top", "right", "left", "base"]
        );
    }

    #[tokio::test]
    async fn every_node_can_fail_and_blocks_only_what_needs_it() {
        for failing in ["base", "left", "right", "top", "alone"] {
            let (events, _reader) = Events::channel();
            let stop = CancellationToken::new();
            let walked = graph()
                .walk(
                    Direction::Forward,
                    Limits::default(),
                    &events,
                    &stop,
                    |node| {
                        let fails = node.address.name == failing;
                        async move {
                            if fails {
                                Err(Failure::new("it broke", "testing"))
                            } else {
                                Ok(())
                            }
                        }
                    },
                )
                .await;
            let blocked: Vec<_> = walked
                .blocked
                .iter()
                .map(|(address, by)| (address.name.as_str(), by.name.as_str()))
                .collect();
            let expected: &[(&str, &str)] = match failing {
                "base" => &[("left", "base"), ("right", "base"), ("top", "base")],
                "left" => &[("top", "left")],
                "right" => &[("top", "right")],
                _ => &[],
            };
            assert_eq!(blocked, expected, "{failing}");
            assert_eq!(walked.done.len() + walked.blocked.len() + 1, 5);
        }
    }

    #[tokio::test]
    async fn a_stop_begins_nothing_new_and_waits_for_what_runs() {
        for allowed in 0..5 {
            let (events, _reader) = Events::channel();
            let stop = CancellationToken::new();
            let begun = Cell::new(0);
            if allowed == 0 {
                stop.cancel();
            }
            let walked = graph()
                .walk(
                    Direction::Forward,
                    Limits { aws: 1, hosts: 1 },
                    &events,
                    &stop,
                    |_| {
                        begun.set(begun.get() + 1);
                        if begun.get() == allowed {
                            stop.cancel();
                        }
                        async { Ok(()) }
                    },
                )
                .await;
            assert_eq!(walked.done.len(), allowed);
            assert_eq!(walked.not_reached.len(), 5 - allowed);
        }
    }

    #[tokio::test]
    async fn no_more_run_at_once_than_the_limit() {
        let nodes = (0..20).map(|n| node(&format!("n{n}"), &[])).collect();
        let (events, _reader) = Events::channel();
        let (now, most) = (Cell::new(0), Cell::new(0));
        let stop = CancellationToken::new();
        Graph::new(nodes)
            .unwrap()
            .walk(
                Direction::Forward,
                Limits { aws: 3, hosts: 1 },
                &events,
                &stop,
                |_| async {
                    now.set(now.get() + 1);
                    most.set(most.get().max(now.get()));
                    tokio::task::yield_now().await;
                    now.set(now.get() - 1);
                    Ok(())
                },
            )
            .await;
        assert_eq!(most.get(), 3);
    }
}
