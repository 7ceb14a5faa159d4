//! The AWS account that a run works in.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

/// An AWS account and region, and where it answers: what a plan was made for, so that it is carried out nowhere else.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Account {
    /// Its twelve digits, as STS gave them.
    pub id: String,
    /// The region.
    pub region: String,
    /// The endpoints that were named, by service, `all` among them; AWS's own answer for the others.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub endpoints: BTreeMap<String, String>,
}

impl Account {
    /// What the other one has elsewhere or otherwise, as a sentence a difference.
    pub fn differences(&self, other: &Self) -> Vec<String> {
        let mut found = Vec::new();
        if self.id != other.id {
            found.push(format!("its account is {}, and not {}", self.id, other.id));
        }
        if self.region != other.region {
            let regions = (&self.region, &other.region);
            found.push(format!(
                "its region is {}, and not {}",
                regions.0, regions.1
            ));
        }
        let services = self.endpoints.keys().chain(other.endpoints.keys());
        let services: std::collections::BTreeSet<&String> = services.collect();
        for service in services {
            let at = |account: &Self| match account.endpoints.get(service) {
                Some(url) => url.clone(),
                None => "AWS's own".to_owned(),
            };
            if at(self) != at(other) {
                let of = match service.as_str() {
                    ALL => String::new(),
                    service => format!(" of {service}"),
                };
                let urls = (at(self), at(other));
                found.push(format!(
                    "its endpoint{of} is {}, and not {}",
                    urls.0, urls.1
                ));
            }
        }
        found
    }
}

/// The key of the endpoint of every service that has none of its own.
pub const ALL: &str = "all";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_difference_is_told() {
        let account = |id: &str, region: &str, endpoints: &[(&str, &str)]| Account {
            id: id.to_owned(),
            region: region.to_owned(),
            endpoints: endpoints
                .iter()
                .map(|(service, url)| (service.to_string(), url.to_string()))
                .collect(),
        };
        let ours = account("1", "eu-west-1", &[(ALL, "http://a"), ("S3", "http://b")]);
        assert!(ours.differences(&ours).is_empty());
        let other = account("2", "us-west-2", &[(ALL, "http://a")]);
        assert_eq!(
            ours.differences(&other),
            [
                "its account is 1, and not 2",
                "its region is eu-west-1, and not us-west-2",
                "its endpoint of S3 is http://b, and not AWS's own",
            ]
        );
    }
}
