//! Properties with which AWS makes no resource, whatever else the template says.

use super::functions::call;
use super::tree::{head, resources};
use crate::declare::environment::shape;
use crate::model::Diagnostic;
use crate::vars::yaml::Node;

/// Every such property.
pub fn check(root: &Node) -> Vec<Diagnostic> {
    let mut found = Vec::new();
    for (_, r#type, body) in resources(root) {
        let Some(properties) = body.get("Properties") else {
            continue;
        };
        // What the properties of custom resources mean is for those to say who wrote them.
        if r#type.starts_with("AWS::") && r#type != "AWS::CloudFormation::CustomResource" {
            tags(properties, &mut found);
        }
        match r#type {
            "AWS::S3::Bucket" => found.extend(bucket(properties)),
            "AWS::ECS::Service" => found.extend(network(root, body, properties)),
            _ => {}
        }
    }
    found
}

/// The text of a property that no function gives.
fn literal<'a>(properties: &'a Node, name: &str) -> Option<&'a str> {
    let node = properties.get(name)?;
    node.text().filter(|_| call(node).is_none())
}

/// Tags whose names AWS keeps for itself (Tagging AWS Resources user guide, "Tag naming limits and requirements").
fn tags(properties: &Node, found: &mut Vec<Diagnostic>) {
    let Some(tags) = properties.get("Tags") else {
        return;
    };
    let listed = tags.items().unwrap_or_default().iter();
    let keys = listed.filter_map(|tag| tag.get("Key"));
    let named = tags.pairs().unwrap_or_default().iter().map(|(key, _)| key);
    for key in keys.chain(named) {
        let name = key.text().filter(|_| call(key).is_none());
        if name.is_some_and(|name| name.starts_with("aws:")) {
            let label = "tags that begin with `aws:` are AWS's own";
            found.push(Diagnostic::error(
                "a tag that nobody may set",
                label,
                head(key),
            ));
        }
    }
}

fn bucket(properties: &Node) -> Option<Diagnostic> {
    let name = literal(properties, "BucketName").filter(|name| !name.contains("{{resolve:"))?;
    let why = shape::BUCKET.refuses(name)?;
    let at = head(properties.get("BucketName")?);
    Some(Diagnostic::error("a name that no bucket may have", why, at))
}

/// A service whose tasks each have an address of their own, and which does not say in which subnets (ECS API reference,
/// `CreateService`). Where another controller than ECS's own deploys it, its task sets say so.
fn network(root: &Node, body: &Node, properties: &Node) -> Option<Diagnostic> {
    let own = match properties.get("DeploymentController") {
        Some(controller) => literal(controller, "Type") == Some("ECS"),
        None => true,
    };
    if !own {
        return None;
    }
    let why = own_address(root, properties)?;
    let (what, at) = match properties.get("NetworkConfiguration") {
        None => ("NetworkConfiguration", body.get("Type")?),
        Some(network) => {
            let pairs = network.pairs().filter(|_| call(network).is_none())?;
            let vpc = network.get("AwsvpcConfiguration");
            match vpc {
                None if pairs.is_empty() => ("NetworkConfiguration.AwsvpcConfiguration", network),
                None => return None,
                Some(vpc) if call(vpc).is_some() || vpc.pairs().is_none() => return None,
                Some(vpc) => match vpc.get("Subnets") {
                    None => ("NetworkConfiguration.AwsvpcConfiguration.Subnets", vpc),
                    Some(subnets) if subnets.items().is_some_and(<[Node]>::is_empty) => {
                        ("NetworkConfiguration.AwsvpcConfiguration.Subnets", subnets)
                    }
                    Some(_) => return None,
                },
            }
        }
    };
    let label = format!("{why}, and there is nothing in `{what}`");
    Some(
        Diagnostic::error("a service without subnets", label, head(at)).help(
            "name the subnets in `NetworkConfiguration: { AwsvpcConfiguration: { Subnets: […] } }`",
        ),
    )
}

/// Why each task of a service surely has a network interface of its own; none where that is not known.
fn own_address(root: &Node, properties: &Node) -> Option<&'static str> {
    if literal(properties, "LaunchType") == Some("FARGATE") {
        return Some("on Fargate each task has an address of its own");
    }
    let ("Ref", definition) = call(properties.get("TaskDefinition")?)? else {
        return None;
    };
    let definition = root.get("Resources")?.get(definition.text()?)?;
    let mode = literal(definition.get("Properties")?, "NetworkMode")?;
    (mode == "awsvpc").then_some("with `awsvpc` each task has an address of its own")
}
