//! Hosts as container instances of ECS clusters.

use std::collections::BTreeMap;

use serde_json::json;

use super::{arns, draft::Draft, iam};
use crate::declare::environment::ContainerInstance;
use crate::model::{Address, Kind, Map, Place, Spec, Value, arn};

/// Who must be able to assume the role of a machine outside AWS.
const PRINCIPAL: &str = "ssm.amazonaws.com";

/// The managed policies without which a machine is neither managed nor an instance (ECS developer guide, "External
/// instances").
const POLICIES: [&str; 2] = [
    "AmazonSSMManagedInstanceCore",
    "AmazonEC2ContainerServiceforEC2Role",
];

/// A node for each container instance, which needs its host and its role.
pub fn instances(draft: &mut Draft<'_>) {
    let environment = draft.environment;
    let mut taken: BTreeMap<&str, &str> = BTreeMap::new();
    for (name, instance) in &environment.container_instances {
        let host = instance.host.as_str();
        let path = ["container_instances", name, "host"];
        if !environment.hosts.contains_key(host) {
            let names = environment.hosts.keys().map(String::as_str);
            draft.undeclared(Kind::Host, host, &path, names);
            continue;
        }
        if let Some(other) = taken.insert(host, name) {
            draft.error(
                "a host is a container instance twice",
                format!("`container_instances.{other}` is `{host}` as well"),
                &path,
                "an agent is in one cluster: take one of them out",
            );
        }
        // A rehearsal's host is prepared and no more: no emulator of AWS registers machines.
        if draft.given.overrides.keys.is_some() {
            draft.warning(
                "a container instance is not rehearsed",
                "no emulator of AWS registers machines",
                &["container_instances", name],
                "its host is prepared; what joins the cluster is told by `plan` against AWS",
            );
            continue;
        }
        node(draft, name, instance);
    }
}

fn node(draft: &mut Draft<'_>, name: &str, instance: &ContainerInstance) {
    arns::check(
        draft,
        &instance.cluster,
        &["container_instances", name, "cluster"],
    );
    let address = Address::new(Kind::Host, &instance.host);
    let declared = draft.nodes.iter().find(|node| node.address == address);
    let Some(Spec::Host { login, .. }) = declared.map(|node| &node.spec) else {
        return;
    };
    let login = login.clone();
    let mut needs = vec![address];
    able(draft, name, instance);
    let path = ["container_instances", name, "role"];
    let role = iam::role(draft, &instance.role, &path, "name", &mut needs);
    let region = draft
        .environment
        .aws
        .as_ref()
        .map(|aws| aws.region.as_str());
    let values = json!({
        "host": instance.host,
        "login": login,
        "cluster": instance.cluster,
        "region": region,
        "role": role,
        "drained": instance.drained,
        "adopt": instance.adopt,
        "owner": draft.owner(),
    });
    if let Value::Object(values) = values {
        let place = Place::Instance(name.to_owned());
        let address = Address::new(Kind::Instance, name);
        draft.node(address, place, Spec::Instance(values), needs);
    }
}

/// Notes a role of this file that no machine outside AWS can act as, and one that lacks what the agents need.
fn able(draft: &mut Draft<'_>, name: &str, instance: &ContainerInstance) {
    let Some(role) = draft.environment.roles.get(&instance.role) else {
        return;
    };
    let path = ["container_instances", name, "role"];
    if !role.service.all().iter().any(|one| one == PRINCIPAL) {
        draft.error(
            "no machine outside AWS can act as this role",
            format!(
                "`{}` can be assumed by {}",
                instance.role,
                role.service.all().join(", ")
            ),
            &path,
            format!("let its `service` be \"{PRINCIPAL}\""),
        );
    }
    let has = |policy: &str| {
        let mut given = role.policies.iter();
        given.any(|one| arn::name(one) == policy)
    };
    let lacks: Vec<&str> = POLICIES.into_iter().filter(|one| !has(one)).collect();
    if !lacks.is_empty() {
        draft.warning(
            "the agents may lack permissions",
            format!(
                "`{}` has not the policy {}",
                instance.role,
                lacks.join(" and ")
            ),
            &path,
            "add it to the role's `policies`, unless another of them allows the same",
        );
    }
}

/// A host's variables, with the region for the playbook that installs the agents where it is a container instance.
pub fn given(draft: &Draft<'_>, name: &str, mut vars: Map) -> Map {
    let environment = draft.environment;
    let mut instances = environment.container_instances.values();
    if let Some(aws) = &environment.aws
        && instances.any(|instance| instance.host == name)
    {
        vars.entry("ecs_region")
            .or_insert_with(|| Value::from(aws.region.as_str()));
    }
    vars
}
