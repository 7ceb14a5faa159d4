//! What needs what, and the one walk over it that holds all concurrency.

mod walk;

use std::collections::{BTreeMap, BTreeSet};

use petgraph::algo::tarjan_scc;
use petgraph::graph::{DiGraph, NodeIndex};

use crate::model::{Address, Node};

pub use walk::{Direction, Limits, Walked};

/// Nodes in an order in which each comes after everything it needs.
#[derive(Debug, Clone)]
pub struct Graph {
    nodes: Vec<Node>,
    /// Where each stands among them.
    places: BTreeMap<Address, usize>,
}

/// Nodes that need each other in a ring.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cycle {
    /// The ring, each node needing the next and the last the first.
    pub addresses: Vec<Address>,
}

impl Graph {
    /// Orders the nodes. A need that names none of them is left out: it was there before.
    ///
    /// Among those that could come next, the order of the input is kept, so that a plan reads as the file does.
    /// Nodes that need each other are refused.
    pub fn new(nodes: Vec<Node>) -> Result<Self, Cycle> {
        let mut nodes = nodes;
        let known: BTreeSet<Address> = nodes.iter().map(|node| node.address.clone()).collect();
        for node in &mut nodes {
            node.needs.retain(|need| known.contains(need));
        }
        let mut dependents: BTreeMap<Address, Vec<usize>> = BTreeMap::new();
        for (position, node) in nodes.iter().enumerate() {
            for need in &node.needs {
                dependents.entry(need.clone()).or_default().push(position);
            }
        }
        let mut missing: Vec<usize> = nodes.iter().map(|node| node.needs.len()).collect();
        let ready = missing.iter().enumerate();
        let ready = ready.filter(|(_, missing)| **missing == 0);
        let mut ready: BTreeSet<usize> = ready.map(|(position, _)| position).collect();
        let mut waiting: Vec<Option<Node>> = nodes.into_iter().map(Some).collect();
        let mut ordered = Vec::with_capacity(waiting.len());
        while let Some(next) = ready.pop_first() {
            let Some(node) = waiting[next].take() else {
                continue;
            };
            for &dependent in dependents.get(&node.address).into_iter().flatten() {
                missing[dependent] -= 1;
                if missing[dependent] == 0 {
                    ready.insert(dependent);
                }
            }
            ordered.push(node);
        }
        let waiting: Vec<Node> = waiting.into_iter().flatten().collect();
        if waiting.is_empty() {
            Ok(Self::ordered(ordered))
        } else {
            Err(cycle(waiting))
        }
    }

    /// Nodes of which each stands after everything it needs.
    fn ordered(nodes: Vec<Node>) -> Self {
        let places = nodes.iter().enumerate();
        let places = places.map(|(place, node)| (node.address.clone(), place));
        Self {
            places: places.collect(),
            nodes,
        }
    }

    /// The nodes, each after everything it needs.
    pub fn nodes(&self) -> &[Node] {
        &self.nodes
    }

    /// The node of this address.
    pub fn get(&self, address: &Address) -> Option<&Node> {
        self.places.get(address).map(|place| &self.nodes[*place])
    }

    /// These, and everything they need, directly or through others.
    pub fn with_needs(&self, mut chosen: BTreeSet<Address>) -> BTreeSet<Address> {
        // Each node stands after what it needs, so that one pass from the end meets every need.
        for node in self.nodes.iter().rev() {
            if chosen.contains(&node.address) {
                chosen.extend(node.needs.iter().cloned());
            }
        }
        chosen
    }

    /// These, and everything that needs one of them, directly or through others.
    pub fn with_dependents(&self, mut chosen: BTreeSet<Address>) -> BTreeSet<Address> {
        for node in &self.nodes {
            if node.needs.iter().any(|need| chosen.contains(need)) {
                chosen.insert(node.address.clone());
            }
        }
        chosen
    }

    /// The nodes that are kept, in the same order. A need that names none of them is left out: it was there before.
    pub fn only(&self, kept: impl Fn(&Address) -> bool) -> Self {
        let mut nodes = self.nodes.clone();
        nodes.retain(|node| kept(&node.address));
        for node in &mut nodes {
            node.needs.retain(|need| kept(need));
        }
        Self::ordered(nodes)
    }
}

/// The smallest ring among nodes that could not be ordered.
fn cycle(nodes: Vec<Node>) -> Cycle {
    let mut graph = DiGraph::<Address, ()>::new();
    let index: BTreeMap<Address, NodeIndex> = nodes
        .iter()
        .map(|node| (node.address.clone(), graph.add_node(node.address.clone())))
        .collect();
    for node in &nodes {
        for need in &node.needs {
            if let (Some(from), Some(to)) = (index.get(&node.address), index.get(need)) {
                graph.add_edge(*from, *to, ());
            }
        }
    }
    let ring = tarjan_scc(&graph)
        .into_iter()
        .filter(|ring| ring.len() > 1 || ring.iter().any(|node| graph.contains_edge(*node, *node)))
        .min_by_key(Vec::len)
        .unwrap_or_default();
    Cycle {
        addresses: follow(&graph, &ring),
    }
}

/// A path through a ring that ends where it began; every member can reach every other.
fn follow(graph: &DiGraph<Address, ()>, ring: &[NodeIndex]) -> Vec<Address> {
    let mut path: Vec<NodeIndex> = Vec::new();
    let mut at = ring.iter().copied().min_by_key(|node| graph[*node].clone());
    while let Some(node) = at {
        if let Some(start) = path.iter().position(|seen| *seen == node) {
            return path[start..]
                .iter()
                .map(|node| graph[*node].clone())
                .collect();
        }
        path.push(node);
        at = graph
            .neighbors(node)
            .filter(|next| ring.contains(next))
            .min_by_key(|next| graph[*next].clone());
    }
    path.into_iter().map(|node| graph[node].clone()).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::model::{Kind, Map, Origin, Place, Spec};

    pub(super) fn node(name: &str, needs: &[&str]) -> Node {
        Node {
            address: Address::new(Kind::Role, name),
            needs: needs
                .iter()
                .map(|need| Address::new(Kind::Role, *need))
                .collect(),
            place: Place::Aws,
            spec: Spec::Resource(Map::new()),
            at: Origin::new("x.toml", 1, 1),
        }
    }

    fn names(addresses: impl IntoIterator<Item = Address>) -> Vec<String> {
        addresses.into_iter().map(|address| address.name).collect()
    }

    #[test]
    fn nodes_come_after_what_they_need_and_else_as_written() {
        let graph = Graph::new(vec![
            node("c", &["a"]),
            node("b", &[]),
            node("a", &["elsewhere"]),
        ])
        .unwrap();
        assert_eq!(
            names(graph.nodes().iter().map(|node| node.address.clone())),
            ["b", "a", "c"]
        );
    }

    #[test]
    fn a_part_is_taken_with_what_it_needs_or_with_what_needs_it() {
        let graph = Graph::new(vec![
            node("base", &[]),
            node("middle", &["base"]),
            node("top", &["middle"]),
            node("alone", &[]),
        ])
        .unwrap();
        let middle = BTreeSet::from([Address::new(Kind::Role, "middle")]);
        let needs = graph.with_needs(middle.clone());
        assert_eq!(names(needs.clone()), ["base", "middle"]);
        assert_eq!(names(graph.with_dependents(middle)), ["middle", "top"]);
        let rest = graph.only(|address| !needs.contains(address));
        let kept = rest.nodes().iter().map(|node| node.address.clone());
        assert_eq!(names(kept), ["top", "alone"]);
        assert!(rest.nodes().iter().all(|node| node.needs.is_empty()));
    }

    #[test]
    fn a_ring_is_named_without_those_who_only_wait_for_it() {
        let nodes = vec![
            node("a", &["b"]),
            node("b", &["c"]),
            node("c", &["b"]),
            node("d", &["a"]),
        ];
        assert_eq!(names(Graph::new(nodes).unwrap_err().addresses), ["b", "c"]);
        assert_eq!(
            names(Graph::new(vec![node("a", &["a"])]).unwrap_err().addresses),
            ["a"]
        );
    }
}
