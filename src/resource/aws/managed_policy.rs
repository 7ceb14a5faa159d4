//! Managed policies by the names people write, and the near match of one that AWS does not know.

use std::collections::BTreeMap;

use crate::answer;
use crate::model::iam::{IamAnswer, IamQuery};
use crate::model::{Answer, Failure, Probe, Query, arn, meant};

/// A managed policy as it was declared, and what AWS knows of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ManagedPolicy {
    /// The name as it was declared.
    pub declared: String,
    /// Its ARN, or the names nearest to one that AWS does not know.
    pub found: Result<String, Vec<String>>,
}

/// Finds each declared policy: among those attached already, else by asking for it.
pub(super) async fn find(
    world: &dyn Probe,
    declared: &[String],
    attached: &[String],
) -> Result<Vec<ManagedPolicy>, Failure> {
    let mut policies = Vec::new();
    for name in declared {
        let known = attached.iter().find(|arn| names(arn, name)).cloned();
        let found = match known {
            Some(arn) => Some(arn),
            None => {
                let query = Query::Iam(IamQuery::ManagedPolicy { name: name.clone() });
                answer!(world, query, Answer::Iam(IamAnswer::ManagedPolicy(arn)) => arn)
            }
        };
        let found = match found {
            Some(arn) => Ok(arn),
            None => {
                let query = Query::Iam(IamQuery::ManagedPolicies);
                let listed =
                    answer!(world, query, Answer::Iam(IamAnswer::ManagedPolicies(all)) => all);
                Err(nearest(name, &listed))
            }
        };
        policies.push(ManagedPolicy {
            declared: name.clone(),
            found,
        });
    }
    Ok(policies)
}

/// The ARNs of all declared policies, sorted; fails with every name that AWS does not know.
pub(super) fn arns(policies: &[ManagedPolicy], what: &str) -> Result<Vec<String>, Failure> {
    let mut arns = Vec::new();
    let (mut unknown, mut advice) = (Vec::new(), Vec::new());
    for policy in policies {
        match &policy.found {
            Ok(arn) => arns.push(arn.clone()),
            Err(near) => {
                unknown.push(format!("There is no policy `{}`.", policy.declared));
                if !near.is_empty() {
                    advice.push(format!("Did you mean `{}`?", near.join("` or `")));
                }
            }
        }
    }
    if unknown.is_empty() {
        arns.sort();
        arns.dedup();
        return Ok(arns);
    }
    advice.push("A policy of your own is named by its whole ARN.".to_owned());
    Err(Failure::new("a managed policy is not there", what)
        .why(unknown.join(" "))
        .left_behind("Nothing was changed.")
        .help(advice.join(" ")))
}

/// Whether this ARN is that of the policy that is declared by this name, with its path or without.
fn names(arn: &str, declared: &str) -> bool {
    if declared.starts_with("arn:") {
        return arn == declared;
    }
    let Some((owner, path)) = arn.split_once(":policy/") else {
        return false;
    };
    owner.ends_with(":iam::aws") && (path == declared || arn::name(path) == declared)
}

/// The listed names that were probably meant, the likeliest first, at most three. Neither paths nor cases are compared.
fn nearest(declared: &str, listed: &BTreeMap<String, String>) -> Vec<String> {
    let bare = |name: &str| arn::name(name).to_lowercase();
    let names: Vec<(String, &String)> = listed.keys().map(|name| (bare(name), name)).collect();
    let named = names.iter().map(|(bare, name)| (bare.as_str(), *name));
    let mut likely = meant::likely(&bare(declared), named, 0);
    likely.truncate(3);
    likely.into_iter().cloned().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_declared_name_means_a_policy_of_aws_with_or_without_its_path() {
        let arn = "arn:aws-cn:iam::aws:policy/service-role/AmazonEC2ContainerServiceRole";
        assert!(names(arn, "AmazonEC2ContainerServiceRole"));
        assert!(names(arn, "service-role/AmazonEC2ContainerServiceRole"));
        assert!(names(arn, arn));
        assert!(!names(arn, "ContainerServiceRole"));
        assert!(!names(
            "arn:aws:iam::123456789012:policy/AmazonEC2ContainerServiceRole",
            "AmazonEC2ContainerServiceRole"
        ));
    }

    #[test]
    fn the_misspelt_name_of_the_guide_finds_the_policy_that_was_meant() {
        let listed: BTreeMap<String, String> = [
            "AmazonEC2FullAccess",
            "service-role/AmazonEC2ContainerServiceRole",
            "service-role/AmazonEC2ContainerServiceforEC2Role",
            "service-role/AmazonEC2ContainerServiceEventsRole",
            "AmazonEC2ContainerRegistryReadOnly",
        ]
        .map(|name| (name.to_owned(), String::new()))
        .into();
        let near = nearest("AmazonEC@ContainerServiceEC2Role", &listed);
        assert_eq!(near[0], "service-role/AmazonEC2ContainerServiceforEC2Role");
        assert!(nearest("Nonsense", &listed).is_empty());
    }
}
