//! The tags by which we know what is ours.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use crate::model::{Address, Class, Failure, Kind, tags};

/// The project and environment a thing belongs to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Owner {
    /// The project's name.
    pub project: String,
    /// The environment's name.
    pub environment: String,
}

/// Whose a thing is that is there already.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ownership {
    /// We made it.
    Ours,
    /// Somebody else made it and we took it over: never destroyed.
    Adopted,
    /// Another environment made it, or took it over. It is never taken over: that environment could neither change nor
    /// destroy it any more.
    Another,
    /// Somebody else made it.
    Foreign,
}

impl Owner {
    /// The tag that names the environment.
    pub const TAG: &'static str = tags::ENVIRONMENT;
    /// The tag, `true`, of what somebody else made and we took over.
    pub const ADOPTED: &'static str = "landfall:adopted";

    /// The value of [`Owner::TAG`]: `project/environment`.
    pub fn label(&self) -> String {
        format!("{}/{}", self.project, self.environment)
    }

    /// The tags of what we make, or of what we take over.
    pub fn tags(&self, adopted: bool) -> BTreeMap<String, String> {
        let mut tags = BTreeMap::from([(Self::TAG.to_owned(), self.label())]);
        if adopted {
            tags.insert(Self::ADOPTED.to_owned(), "true".to_owned());
        }
        tags
    }

    /// Whose a thing with these tags is.
    pub fn of(&self, tags: &BTreeMap<String, String>) -> Ownership {
        match tags.get(Self::TAG) {
            Some(label) if *label == self.label() && tags.contains_key(Self::ADOPTED) => {
                Ownership::Adopted
            }
            Some(label) if *label == self.label() => Ownership::Ours,
            Some(_) => Ownership::Another,
            None => Ownership::Foreign,
        }
    }

    /// Whose a thing is that shall be as declared; [`Ownership::Foreign`] is one that may be taken over, as `adopt` says.
    ///
    /// Refuses to touch what another environment has, and what somebody else made when `adopt` does not say so. `what`
    /// is for example `the role ecsInstanceRole`, and `kind` says which sections declare such things.
    pub fn claim(
        &self,
        kind: Kind,
        what: &str,
        tags: &BTreeMap<String, String>,
        adopt: bool,
    ) -> Result<Ownership, Failure> {
        match self.of(tags) {
            Ownership::Another => Err(self.refuse_another(what, tags)),
            Ownership::Foreign if !adopt => Err(Self::foreign(what, tags).help(format!(
                "Set `adopt = true` under {} to take it over, or choose another name.",
                Address::new(kind, if kind == Kind::Bucket { "" } else { "NAME" }).header()
            ))),
            ownership => Ok(ownership),
        }
    }

    /// The refusal to touch a thing that another environment has, with `adopt` or without.
    pub fn refuse_another(&self, what: &str, tags: &BTreeMap<String, String>) -> Failure {
        let owner = tags.get(Self::TAG).map_or("", String::as_str);
        Self::foreign(what, tags).help(format!(
            "Choose another name, for example with `{{{{ environment }}}}` in it: what another environment has is not \
             taken over, with `adopt` neither. To move it here, take it out of `{owner}` first."
        ))
    }

    /// The refusal to take away a thing that somebody else made.
    pub fn refuse_removal(&self, what: &str, tags: &BTreeMap<String, String>) -> Failure {
        Self::foreign(what, tags).help(format!(
            "If it is yours after all, set its tag `{}` to `{}` again, or remove it by hand.",
            Self::TAG,
            self.label()
        ))
    }

    fn foreign(what: &str, tags: &BTreeMap<String, String>) -> Failure {
        let owner = tags
            .get(Self::TAG)
            .map_or("It carries no tag of ours.".to_owned(), |label| {
                format!("It belongs to the environment `{label}`.")
            });
        Failure::new(
            "it exists and was not made by this environment",
            format!("deciding over {what}"),
        )
        .class(Class::Refused)
        .why(owner)
        .left_behind("Nothing was changed.")
    }
}
