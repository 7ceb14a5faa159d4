//! What docker prints of a Swarm for programs, read.

use std::collections::BTreeMap;

use serde::Deserialize;

use crate::model::Failure;
use crate::model::swarm::{Engine, NodeSeen, OWNER};

/// An engine in what `docker info --format '{{json .Swarm}}'` printed.
pub fn engine(printed: &str) -> Result<Engine, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Info {
        #[serde(rename = "NodeID", default)]
        node: String,
        #[serde(default)]
        node_addr: String,
        #[serde(default)]
        local_node_state: String,
        #[serde(default)]
        control_available: bool,
        #[serde(default)]
        error: String,
        cluster: Option<Cluster>,
        remote_managers: Option<Vec<Manager>>,
    }
    #[derive(Default, Deserialize)]
    struct Cluster {
        #[serde(rename = "ID", default)]
        id: String,
        #[serde(rename = "Spec", default)]
        spec: Spec,
    }
    #[derive(Default, Deserialize)]
    struct Spec {
        #[serde(rename = "Labels")]
        labels: Option<BTreeMap<String, String>>,
    }
    #[derive(Deserialize)]
    struct Manager {
        #[serde(rename = "NodeID", default)]
        node: String,
    }
    let info: Info =
        serde_json::from_str(printed).map_err(|error| unread("docker info", &error))?;
    let cluster = info.cluster.unwrap_or_default();
    let mut labels = cluster.spec.labels.unwrap_or_default();
    let managers = info.remote_managers.unwrap_or_default();
    Ok(Engine {
        state: info.local_node_state,
        node: info.node,
        manager: info.control_available,
        cluster: cluster.id,
        owner: labels.remove(OWNER).unwrap_or_default(),
        managers: managers.into_iter().map(|one| one.node).collect(),
        address: info.node_addr,
        trouble: info.error,
    })
}

/// The nodes in what `docker node inspect` printed.
pub fn nodes(printed: &str) -> Result<Vec<NodeSeen>, Failure> {
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Node {
        #[serde(rename = "ID")]
        id: String,
        spec: Spec,
        #[serde(default)]
        description: Description,
        status: Status,
        manager_status: Option<ManagerStatus>,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Spec {
        #[serde(default)]
        labels: Option<BTreeMap<String, String>>,
        role: String,
        availability: String,
    }
    #[derive(Default, Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Description {
        #[serde(default)]
        hostname: String,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct Status {
        state: String,
    }
    #[derive(Deserialize)]
    #[serde(rename_all = "PascalCase")]
    struct ManagerStatus {
        #[serde(default)]
        reachability: String,
    }
    let nodes: Vec<Node> =
        serde_json::from_str(printed).map_err(|error| unread("docker node inspect", &error))?;
    let seen = |node: Node| NodeSeen {
        id: node.id,
        hostname: node.description.hostname,
        manager: node.spec.role == "manager",
        reachable: node
            .manager_status
            .is_some_and(|status| status.reachability == "reachable"),
        availability: node.spec.availability,
        state: node.status.state,
        labels: node.spec.labels.unwrap_or_default(),
    };
    Ok(nodes.into_iter().map(seen).collect())
}

fn unread(command: &str, error: &serde_json::Error) -> Failure {
    Failure::new(
        "docker gave an answer of another form",
        format!("Reading what `{command}` printed."),
    )
    .why(error)
    .help("Landfall is tried with Docker 26; `docker version` on the host says which one is there.")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_engine_is_read_in_a_swarm_and_out_of_one() {
        let outside = r#"{"NodeID":"","NodeAddr":"","LocalNodeState":"inactive","ControlAvailable":false,"Error":"","RemoteManagers":null}"#;
        assert_eq!(engine(outside).unwrap().state, "inactive");
        let inside = r#"{"NodeID":"n1","NodeAddr":"172.17.0.2","LocalNodeState":"active","ControlAvailable":true,
            "Error":"","RemoteManagers":[{"NodeID":"n1","Addr":"172.17.0.2:2377"}],"Nodes":1,"Managers":1,
            "Cluster":{"ID":"c1","Version":{"Index":9},"Spec":{"Name":"default","Labels":{"landfall.swarm":"shop.prod.main"}}}}"#;
        let seen = engine(inside).unwrap();
        assert!(seen.manager && seen.cluster == "c1" && seen.address == "172.17.0.2");
        assert_eq!(
            (seen.owner.as_str(), &seen.managers[..]),
            ("shop.prod.main", &["n1".to_owned()][..])
        );
        assert!(engine("no json").is_err());
    }

    #[test]
    fn a_node_that_is_a_manager_is_told_from_a_worker() {
        let printed = r#"[{"ID":"n1","Spec":{"Labels":{"a":"b"},"Role":"manager","Availability":"active"},
            "Description":{"Hostname":"one"},"Status":{"State":"ready","Addr":"1.2.3.4"},
            "ManagerStatus":{"Leader":true,"Reachability":"reachable","Addr":"1.2.3.4:2377"}},
            {"ID":"n2","Spec":{"Labels":{},"Role":"worker","Availability":"drain"},"Description":{"Hostname":"two"},
            "Status":{"State":"down"}}]"#;
        let nodes = nodes(printed).unwrap();
        assert!(nodes[0].manager && nodes[0].reachable && nodes[0].labels["a"] == "b");
        assert!(!nodes[1].manager && !nodes[1].reachable && nodes[1].state == "down");
    }
}
