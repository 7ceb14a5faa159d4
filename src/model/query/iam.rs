//! What IAM, and STS beside it, can be asked.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::Value;

/// A question to IAM or STS.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IamQuery {
    /// Who we are.
    Caller,
    /// A role with everything that hangs on it.
    Role {
        /// Its name.
        name: String,
    },
    /// Whether there is a managed policy of this name.
    ManagedPolicy {
        /// Its name, with or without its path (`service-role/AmazonEC2ContainerServiceRole`), or its whole ARN.
        name: String,
    },
    /// The names of all policies that AWS manages, with their ARNs. It takes more than ten requests: asked only to
    /// suggest a name for one that is not there.
    ManagedPolicies,
    /// An instance profile.
    InstanceProfile {
        /// Its name.
        name: String,
    },
    /// What a role's policies allow, by AWS's own simulator.
    Simulate {
        /// The role's ARN.
        role: String,
        /// What is asked about, each by itself.
        permissions: Vec<Permission>,
    },
}

/// Something that a policy may allow.
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Permission {
    /// The action: `ecs:UpdateService`.
    pub action: String,
    /// The ARN of what it is done to, or `*`.
    pub resource: String,
}

/// Who a call is made as.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Caller {
    /// The account's twelve digits.
    pub account: String,
    /// The caller's ARN.
    pub arn: String,
}

impl Caller {
    /// The part of AWS the account is in: `aws`, `aws-cn`, `aws-us-gov`.
    pub fn partition(&self) -> &str {
        self.arn.split(':').nth(1).unwrap_or("aws")
    }
}

/// A role with everything that hangs on it.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct RoleSeen {
    /// Its ARN.
    pub arn: String,
    /// The trust policy, decoded.
    pub trust: Value,
    /// The ARNs of the attached managed policies.
    pub managed_policies: Vec<String>,
    /// Inline policies by name, decoded.
    pub inline_policies: BTreeMap<String, Value>,
    /// The names of the instance profiles it is in.
    pub instance_profiles: Vec<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// An instance profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProfileSeen {
    /// The roles in it: one, or none.
    pub roles: Vec<String>,
    /// Tags.
    pub tags: BTreeMap<String, String>,
}

/// Answers, a shape a question.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IamAnswer {
    /// To `Caller`.
    Caller(Caller),
    /// To `Role`.
    Role(Option<RoleSeen>),
    /// To `ManagedPolicy`: its ARN.
    ManagedPolicy(Option<String>),
    /// To `InstanceProfile`.
    InstanceProfile(Option<ProfileSeen>),
    /// To `ManagedPolicies`: name with its path (`service-role/AmazonEC2ContainerServiceRole`) to ARN.
    ManagedPolicies(BTreeMap<String, String>),
    /// To `Simulate`: those that are allowed.
    Simulated(Vec<Permission>),
}
