//! Who may assume a role.

use serde_json::json;

use super::{Role, shown};
use crate::model::iam::RoleSeen;
use crate::model::iam_action::IamAction;
use crate::model::{Change, Value};
use crate::resource::aws::policy;

impl Role {
    /// The change, with the trust policy where it differs.
    pub(super) fn trust_changed(&self, change: Change, role: &RoleSeen, exactly: bool) -> Change {
        let trust = if exactly {
            self.trust()
        } else {
            self.trust_beside(&role.trust)
        };
        if policy::same(&trust, &role.trust) {
            return change;
        }
        change
            .field("trust", shown(&role.trust), shown(&trust))
            .action(IamAction::SetTrust {
                name: self.name.clone(),
                trust,
            })
    }

    /// Who may assume a role of ours.
    pub(super) fn trust(&self) -> Value {
        policy::document(vec![json!({
            "Effect": "Allow",
            "Principal": { "Service": self.services },
            "Action": "sts:AssumeRole",
        })])
    }

    /// The trust policy of a role that was taken over, with a statement for the services it does not name yet.
    fn trust_beside(&self, found: &Value) -> Value {
        let mut statements = policy::statements(found);
        let missing: Vec<_> = self
            .services
            .iter()
            .filter(|service| !statements.iter().any(|statement| opens(statement, service)))
            .collect();
        if missing.is_empty() {
            return found.clone();
        }
        statements.push(json!({
            "Effect": "Allow",
            "Principal": { "Service": missing },
            "Action": "sts:AssumeRole",
        }));
        policy::document(statements)
    }
}

/// Whether a statement of a trust policy lets this service in without a condition.
fn opens(statement: &Value, service: &str) -> bool {
    let one = json!({ "Effect": "Allow", "Principal": { "Service": service }, "Action": "sts:AssumeRole" });
    let services = match statement.pointer("/Principal/Service") {
        Some(Value::Array(services)) => services.clone(),
        Some(single) => vec![single.clone()],
        None => return false,
    };
    services.iter().any(|name| {
        let mut alone = statement.clone();
        alone["Principal"] = json!({ "Service": name });
        policy::same_statement(&alone, &one)
    })
}
