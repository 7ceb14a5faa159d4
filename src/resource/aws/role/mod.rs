//! An IAM role: who may assume it, what it may do, and the instance profile EC2 wears it by.
//!
//! A role we made has exactly what is declared: what else is found on it is taken off. On a role that was taken over,
//! what others put there stays, so that a managed policy that is no longer declared stays as well.

mod profile;
mod remove;
mod trust;

use std::collections::BTreeSet;

use async_trait::async_trait;
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::owner::Ownership;
use super::{Owner, managed_policy, policy};
use crate::answer;
use crate::model::iam::{Caller, IamAnswer, IamQuery, ProfileSeen, RoleSeen};
use crate::model::iam_action::IamAction;
use crate::model::{
    Answer, Attribute, Attributes, Change, Effect, Failure, Kind, Probe, Query, Shown, Value,
};
use crate::resource::Resource;
use crate::resource::nature::{Anchor, Identity, Mark, Name, Nature, Recorded, Values, Within};

/// The name of the inline policy that opens the declared objects.
const READS: &str = "landfall-reads";

/// An IAM role as it shall be.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Role {
    /// Its name.
    pub name: String,
    /// The services that may assume it, for example `ec2.amazonaws.com`.
    pub services: Vec<String>,
    /// Managed policies: a name as AWS lists it (`service-role/AmazonEC2ContainerServiceforEC2Role`, the path may be
    /// left out), or a whole ARN.
    pub policies: Vec<String>,
    /// Whether there is an instance profile of the same name.
    pub instance_profile: bool,
    /// Exactly the objects it may read. `s3:GetObject` on them is all it gets: `aws s3 cp` of a known key asks for no
    /// more, and neither listing nor locating the bucket is needed where its name is given.
    pub reads: Vec<ObjectRef>,
    /// Whether one that somebody else made is taken over; when it is to go, whether it was.
    pub adopt: bool,
    /// Whose it is.
    pub owner: Owner,
}

/// One object in a bucket.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ObjectRef {
    /// The bucket's name.
    pub bucket: String,
    /// The object's key.
    pub key: String,
}

/// What was found out about a role.
#[derive(Debug, Clone, PartialEq)]
pub struct RoleObserved {
    caller: Caller,
    role: Option<RoleSeen>,
    policies: Vec<managed_policy::ManagedPolicy>,
    profile: Option<ProfileSeen>,
}

impl Role {
    /// What holds for every role.
    pub const NATURE: Nature = Nature {
        attributes: &["arn", "name", "instance_profile"],
        open: None,
        identity: Some(Identity {
            key: "name",
            name: Self::name_of,
            within: Within::Account,
        }),
        anchor: Some(Anchor {
            name: Self::name_of,
            to_move: None,
        }),
        lies_in: Within::Account,
        recorded: Recorded::AS_DECLARED,
        stands: true,
        holds_data: false,
        mark: Mark::Tag,
        given_back: true,
    };

    /// Names of roles are not told apart by case (IAM user guide, "IAM names").
    fn name_of(values: Values<'_>) -> Option<Name> {
        values("name").map(Name::any_case)
    }
}

#[async_trait]
impl Resource for Role {
    type Observed = RoleObserved;

    async fn observe(&self, world: &dyn Probe) -> Result<RoleObserved, Failure> {
        let query = Query::Iam(IamQuery::Caller);
        let caller = answer!(world, query, Answer::Iam(IamAnswer::Caller(caller)) => caller);
        let query = Query::Iam(IamQuery::Role {
            name: self.name.clone(),
        });
        let role = answer!(world, query, Answer::Iam(IamAnswer::Role(role)) => role);
        let (attached, worn) = match &role {
            Some(role) => (
                role.managed_policies.as_slice(),
                role.instance_profiles.contains(&self.name),
            ),
            None => (&[][..], false),
        };
        let policies = managed_policy::find(world, &self.policies, attached).await?;
        let profile = if self.instance_profile || worn {
            let query = Query::Iam(IamQuery::InstanceProfile {
                name: self.name.clone(),
            });
            answer!(world, query, Answer::Iam(IamAnswer::InstanceProfile(profile)) => profile)
        } else {
            None
        };
        Ok(RoleObserved {
            caller,
            role,
            policies,
            profile,
        })
    }

    fn plan(&self, seen: &RoleObserved) -> Result<Change, Failure> {
        let policies = managed_policy::arns(&seen.policies, &format!("deciding over {self}"))?;
        let (mut change, ownership) = match &seen.role {
            None => (self.create(), Ownership::Ours),
            Some(role) => {
                match self
                    .owner
                    .claim(Kind::Role, &self.to_string(), &role.tags, self.adopt)?
                {
                    Ownership::Foreign => (self.take_over(role), Ownership::Adopted),
                    ownership => (Change::none(), ownership),
                }
            }
        };
        let exactly = ownership == Ownership::Ours;
        if let Some(role) = &seen.role {
            change = self.trust_changed(change, role, exactly);
        }
        change = self.managed_changed(change, seen.role.as_ref(), &policies, exactly);
        change = self.inline_changed(change, seen, exactly);
        self.profile_changed(change, seen, ownership)
    }

    fn remove(&self, seen: &RoleObserved) -> Result<Change, Failure> {
        let Some(role) = &seen.role else {
            return Ok(Change::none());
        };
        match self.owner.of(&role.tags) {
            // It was given back already, or the ledger knows better than the tags that it is not ours to delete.
            Ownership::Foreign | Ownership::Another | Ownership::Ours if self.adopt => {
                Ok(Change::none())
            }
            Ownership::Foreign | Ownership::Another => {
                Err(self.owner.refuse_removal(&self.to_string(), &role.tags))
            }
            Ownership::Adopted => Ok(self.release(role)),
            Ownership::Ours => self.delete(role, seen.profile.as_ref()),
        }
    }

    fn whose(&self, seen: &RoleObserved) -> Option<Ownership> {
        seen.role.as_ref().map(|role| self.owner.of(&role.tags))
    }

    fn attributes(&self, seen: &RoleObserved, _: &Change) -> Attributes {
        // A role we make has no path, so that its ARN is known before it is there.
        let arn = match &seen.role {
            Some(role) => role.arn.clone(),
            None => format!(
                "arn:{}:iam::{}:role/{}",
                seen.caller.partition(),
                seen.caller.account,
                self.name
            ),
        };
        let mut attributes = Attributes::from([
            ("name".to_owned(), known(&self.name)),
            ("arn".to_owned(), known(&arn)),
        ]);
        if self.instance_profile {
            attributes.insert("instance_profile".to_owned(), known(&self.name));
        }
        attributes
    }
}

impl Role {
    fn create(&self) -> Change {
        let (trust, tags) = (self.trust(), self.owner.tags(false));
        Change::new(Effect::Create)
            .field("name", Shown::Absent, Shown::Value(json!(self.name)))
            .field("trust", Shown::Absent, shown(&trust))
            .field("tags", Shown::Absent, Shown::Value(json!(tags)))
            .action(IamAction::CreateRole {
                name: self.name.clone(),
                trust,
                tags,
            })
    }

    fn take_over(&self, role: &RoleSeen) -> Change {
        let tags = self.owner.tags(true);
        let mut all = role.tags.clone();
        all.extend(tags.clone());
        Change::new(Effect::Adopt)
            .field(
                "tags",
                Shown::Value(json!(role.tags)),
                Shown::Value(json!(all)),
            )
            .action(IamAction::Tag {
                role: self.name.clone(),
                tags,
            })
            .note("What others put on the role stays; `destroy` gives the role back and does not delete it.")
    }

    fn managed_changed(
        &self,
        mut change: Change,
        role: Option<&RoleSeen>,
        policies: &[String],
        exactly: bool,
    ) -> Change {
        let wanted: BTreeSet<&String> = policies.iter().collect();
        let found: BTreeSet<&String> = role
            .iter()
            .flat_map(|role| &role.managed_policies)
            .collect();
        let after: BTreeSet<&String> = if exactly {
            wanted.clone()
        } else {
            wanted.union(&found).copied().collect()
        };
        if after == found {
            return change;
        }
        let before = match role {
            Some(_) => Shown::Value(json!(found)),
            None => Shown::Absent,
        };
        change = change.field("managed_policies", before, Shown::Value(json!(after)));
        for policy in after.difference(&found) {
            change = change.action(IamAction::Attach {
                role: self.name.clone(),
                policy: (*policy).clone(),
            });
        }
        for policy in found.difference(&after) {
            change = change.action(IamAction::Detach {
                role: self.name.clone(),
                policy: (*policy).clone(),
            });
        }
        change
    }

    fn inline_changed(&self, mut change: Change, seen: &RoleObserved, exactly: bool) -> Change {
        let none = Default::default();
        let found = seen
            .role
            .as_ref()
            .map_or(&none, |role| &role.inline_policies);
        let path = |name: &str| format!("inline_policies.{name}");
        if let Some(document) = self.reads(seen.caller.partition()) {
            let before = found.get(READS);
            if !before.is_some_and(|before| policy::same(before, &document)) {
                change = change
                    .field(
                        path(READS),
                        before.map_or(Shown::Absent, shown),
                        shown(&document),
                    )
                    .action(IamAction::PutInline {
                        role: self.name.clone(),
                        name: READS.to_owned(),
                        document,
                    });
            }
        }
        let undeclared = found.iter().filter(|(name, _)| match name.as_str() {
            READS => self.reads.is_empty(),
            _ => exactly,
        });
        for (name, document) in undeclared {
            change = change
                .field(path(name), shown(document), Shown::Absent)
                .action(IamAction::DeleteInline {
                    role: self.name.clone(),
                    name: name.clone(),
                });
        }
        change
    }

    fn reads(&self, partition: &str) -> Option<Value> {
        let objects: Vec<String> = self
            .reads
            .iter()
            .map(|object| {
                let key = policy::literal(&object.key);
                format!("arn:{partition}:s3:::{}/{key}", object.bucket)
            })
            .collect();
        (!objects.is_empty()).then(|| {
            policy::document(vec![json!({
                "Effect": "Allow",
                "Action": "s3:GetObject",
                "Resource": objects,
            })])
        })
    }
}

impl std::fmt::Display for Role {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the role {}", self.name)
    }
}

fn shown(document: &Value) -> Shown {
    Shown::Text(format!("{document:#}\n"))
}

fn known(text: &str) -> Attribute {
    Attribute::Known(Value::from(text))
}
