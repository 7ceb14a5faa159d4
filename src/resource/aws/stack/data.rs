//! Which stacks hold what cannot be made again from a template.

use super::Stack;
use crate::model::stack::StackSeen;
use crate::model::{Class, Failure};

/// Types of resources that hold data.
const DATA: &[&str] = &[
    "AWS::Cassandra::Table",
    "AWS::DocDB::DBCluster",
    "AWS::DynamoDB::GlobalTable",
    "AWS::DynamoDB::Table",
    "AWS::EFS::FileSystem",
    "AWS::ElastiCache::ReplicationGroup",
    "AWS::FSx::FileSystem",
    "AWS::MemoryDB::Cluster",
    "AWS::Neptune::DBCluster",
    "AWS::OpenSearchService::Domain",
    "AWS::RDS::DBCluster",
    "AWS::RDS::DBInstance",
    "AWS::Redshift::Cluster",
    "AWS::S3::Bucket",
    "AWS::SecretsManager::Secret",
];

/// Of resources with their types those that hold data, as `Database (AWS::RDS::DBInstance)`.
pub fn holding<'a>(resources: impl IntoIterator<Item = (&'a str, &'a str)>) -> Vec<String> {
    resources
        .into_iter()
        .filter(|(_, kind)| DATA.contains(kind))
        .map(|(name, kind)| format!("{name} ({kind})"))
        .collect()
}

impl Stack {
    /// Refuses to delete what holds data, by what is declared or by the template it stands with, unless its name was
    /// typed.
    pub(super) fn spares_data(&self, seen: &StackSeen) -> Result<(), Failure> {
        let mut held = self.holds.clone();
        held.extend(self.stands_with(seen));
        held.sort();
        held.dedup();
        if held.is_empty() || self.delete_with_data {
            return Ok(());
        }
        Err(Failure::new(
            "the stack holds data",
            format!("deleting the stack {}", self.name),
        )
        .class(Class::Protected)
        .why(format!("With it goes what is in {}.", held.join(", ")))
        .left("Nothing was changed.")
        .help(format!(
            "Type its name to delete it all the same: --yes-delete {}",
            self.name
        )))
    }

    fn stands_with(&self, seen: &StackSeen) -> Vec<String> {
        let template = (self.reader.0)(&seen.template).unwrap_or_default();
        let resources = template["Resources"].as_object().into_iter().flatten();
        holding(resources.filter_map(|(name, one)| Some((name.as_str(), one["Type"].as_str()?))))
    }
}
