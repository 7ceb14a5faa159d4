//! A stack as an environment declares it, and what holds for every stack.

use std::{collections::BTreeMap, fmt};

use serde::{Deserialize, Serialize};

use super::template::Reader;
use crate::resource::aws::Owner;
use crate::resource::nature::{
    Anchor, Extra, Identity, Mark, Name, Nature, Recorded, Values, Within,
};

/// A stack as it shall stand.
#[derive(Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Stack {
    /// Its name.
    pub name: String,
    /// The template's name as the environment has it, for messages.
    pub template: String,
    /// The template's text.
    pub body: String,
    /// Parameters.
    pub parameters: BTreeMap<String, String>,
    /// The parameters that the template marks `NoEcho`.
    pub secret_parameters: Vec<String>,
    /// The defaults of the template's parameters; a parameter that is neither given nor here is not compared.
    #[serde(default)]
    pub defaults: BTreeMap<String, String>,
    /// The names of the template's outputs, so that others may refer to them before the stack stands.
    #[serde(default)]
    pub outputs: Vec<String>,
    /// Its resources that hold data, as `Database (AWS::RDS::DBInstance)`: with any, it is deleted by name only.
    #[serde(default)]
    pub holds: Vec<String>,
    /// Whether it may be deleted with its data: its name was typed.
    #[serde(skip)]
    pub delete_with_data: bool,
    /// Reads templates, so that their meanings are compared.
    #[serde(skip)]
    pub reader: Reader,
    /// `CAPABILITY_IAM` and the like.
    pub capabilities: Vec<String>,
    /// The user's tags.
    pub tags: BTreeMap<String, String>,
    /// Whether one that somebody else made is taken over.
    pub adopt: bool,
    /// The digest of a difference that CloudFormation last found to be none, as the ledger remembers it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub held: Option<String>,
    /// Whose it is.
    pub owner: Owner,
}

impl fmt::Debug for Stack {
    /// Its name and template only: parameters may be secret.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Stack({}, {})", self.name, self.template)
    }
}

impl Stack {
    /// What holds for every stack.
    pub const NATURE: Nature = Nature {
        attributes: &["outputs", "id", "name"],
        open: Some("outputs"),
        identity: Some(Identity {
            key: "stack_name",
            name: Self::name_of,
            within: Within::Region,
        }),
        anchor: Some(Anchor {
            name: Self::name_of,
            to_move: None,
        }),
        lies_in: Within::Region,
        recorded: Recorded {
            emptied: &["parameters", "defaults", "body", "tags"],
            paths: &[],
            extra: Extra::Digest,
        },
        stands: true,
        holds_data: true,
        mark: Mark::Tag,
        given_back: false,
    };

    fn name_of(values: Values<'_>) -> Option<Name> {
        values("name").map(Name::exact)
    }

    pub(super) fn is_secret(&self, parameter: &str) -> bool {
        self.secret_parameters.iter().any(|name| name == parameter)
    }
}
