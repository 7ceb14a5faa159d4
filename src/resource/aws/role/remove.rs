//! Taking a role away, or giving back one that was taken over.

use serde_json::json;

use super::{READS, Role, shown};
use crate::model::iam::{ProfileSeen, RoleSeen};
use crate::model::iam_action::IamAction;
use crate::model::{Change, Class, Effect, Failure, Shown};

impl Role {
    /// Takes off what is certainly ours and leaves the role to whom it belongs.
    pub(super) fn release(&self, role: &RoleSeen) -> Change {
        let keys: Vec<String> = self.owner.tags(true).into_keys().collect();
        let mut left = role.tags.clone();
        left.retain(|key, _| !keys.contains(key));
        let mut change = Change::new(Effect::Update)
            .note("The role was taken over, not made here: it stays, with its managed policies.");
        if let Some(document) = role.inline_policies.get(READS) {
            change = change
                .field(
                    format!("inline_policies.{READS}"),
                    shown(document),
                    Shown::Absent,
                )
                .action(IamAction::DeleteInline {
                    role: self.name.clone(),
                    name: READS.to_owned(),
                });
        }
        change
            .field(
                "tags",
                Shown::Value(json!(role.tags)),
                Shown::Value(json!(left)),
            )
            .action(IamAction::Untag {
                role: self.name.clone(),
                keys,
            })
    }

    /// Everything that hangs on the role goes before it. Refuses while somebody else's profile holds it.
    pub(super) fn delete(
        &self,
        role: &RoleSeen,
        profile: Option<&ProfileSeen>,
    ) -> Result<Change, Failure> {
        let foreign = |name: &&String| **name != self.name || !self.made(profile);
        if let Some(name) = role.instance_profiles.iter().find(foreign) {
            return Err(Failure::new("the role is still worn", format!("deleting {self}"))
                .class(Class::Refused)
                .why(format!("It is in the instance profile {name}, which was not made here."))
                .left_behind("Nothing was changed.")
                .help("Take the role out of that profile, once no instance needs it, and run again."));
        }
        let mut change = Change::new(Effect::Delete).field(
            "name",
            Shown::Value(json!(self.name)),
            Shown::Absent,
        );
        for policy in &role.managed_policies {
            change = change.action(IamAction::Detach {
                role: self.name.clone(),
                policy: policy.clone(),
            });
        }
        for name in role.inline_policies.keys() {
            change = change.action(IamAction::DeleteInline {
                role: self.name.clone(),
                name: name.clone(),
            });
        }
        // Also one that an earlier attempt has emptied.
        if self.made(profile) {
            change = change.action(IamAction::DeleteProfile {
                role: self.name.clone(),
                profile: self.name.clone(),
            });
        }
        Ok(change.action(IamAction::DeleteRole {
            name: self.name.clone(),
        }))
    }
}
