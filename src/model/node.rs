//! One node of the graph: a thing that is declared, with what it needs.

use std::collections::BTreeSet;

use super::{Address, Map, Origin, Place, playbook::Playbook};

/// A thing that is declared. Its texts may still hold `{{ … }}`; they are rendered when everything it needs is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Node {
    /// Its name.
    pub address: Address,
    /// What must be applied before it.
    pub needs: BTreeSet<Address>,
    /// Where it is observed and changed.
    pub place: Place,
    /// What it is to be.
    pub spec: Spec,
    /// Where it was declared.
    pub at: Origin,
}

/// What a node is to be.
#[derive(Debug, Clone, PartialEq)]
pub enum Spec {
    /// A thing with one question and one comparison: the values its kind's type is read from.
    Resource(Map),
    /// A host that is prepared by playbooks with these variables.
    Host {
        /// What its [`Login`](super::Login) is read from.
        login: Map,
        /// The playbooks, read, in their order; none when the host is only to be registered.
        playbooks: Vec<std::sync::Arc<Playbook>>,
        /// The variables, with templates.
        vars: Map,
        /// Whether tasks run as root by default, through `sudo` where the login user is another.
        r#become: bool,
    },
    /// A Swarm of several hosts: the values its kind is read from, with how each host is entered.
    Swarm(Map),
    /// A host as a container instance: the values its kind is read from, with how the host is entered.
    Instance(Map),
    /// A place to deploy to: the values its record is made from.
    Target(Map),
}
