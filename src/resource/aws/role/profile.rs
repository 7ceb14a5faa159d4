//! The instance profile by which EC2 wears a role. It has the role's name, as the console makes it.

use serde_json::json;

use super::{Role, RoleObserved};
use crate::model::iam::ProfileSeen;
use crate::model::iam_action::IamAction;
use crate::model::{Change, Class, Failure, Kind, Shown};
use crate::resource::aws::owner::Ownership;

impl Role {
    /// The change, with the instance profile where it differs. Refuses a profile that is not ours to use.
    pub(super) fn profile_changed(
        &self,
        change: Change,
        seen: &RoleObserved,
        ownership: Ownership,
    ) -> Result<Change, Failure> {
        let worn = seen
            .role
            .as_ref()
            .is_some_and(|role| role.instance_profiles.contains(&self.name));
        let name = Shown::Value(json!(self.name));
        if self.instance_profile && !worn {
            self.may_wear(seen.profile.as_ref())?;
            return Ok(change
                .field("instance_profile", Shown::Absent, name)
                .action(IamAction::PutInProfile {
                    role: self.name.clone(),
                    profile: self.name.clone(),
                    tags: self.owner.tags(ownership == Ownership::Adopted),
                }));
        }
        if !self.instance_profile && worn && self.made(seen.profile.as_ref()) {
            return Ok(change
                .field("instance_profile", name, Shown::Absent)
                .action(IamAction::DeleteProfile {
                    role: self.name.clone(),
                    profile: self.name.clone(),
                }));
        }
        Ok(change)
    }

    /// Refuses a profile that holds another role, or that somebody else made.
    fn may_wear(&self, profile: Option<&ProfileSeen>) -> Result<(), Failure> {
        let Some(profile) = profile else {
            return Ok(());
        };
        let what = format!("the instance profile {}", self.name);
        if let Some(other) = profile.roles.iter().find(|role| **role != self.name) {
            return Err(Failure::new(
                "the instance profile holds another role",
                format!("deciding over {what}"),
            )
            .class(Class::Refused)
            .why(format!(
                "It holds the role {other}, and a profile holds one role only."
            ))
            .left_behind("Nothing was changed.")
            .help("Take that role out of the profile, or choose another name for ours."));
        }
        self.owner
            .claim(Kind::Role, &what, &profile.tags, self.adopt)
            .map(drop)
    }

    /// Whether the profile is one that we made.
    pub(super) fn made(&self, profile: Option<&ProfileSeen>) -> bool {
        profile.is_some_and(|profile| self.owner.of(&profile.tags) == Ownership::Ours)
    }
}
