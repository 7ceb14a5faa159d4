//! What is done to a stack so that it stands as declared, is altered, or goes.

use async_trait::async_trait;

use super::{Stack, compare, seen::Seen, state::State};
use crate::answer;
use crate::model::stack::{StackAnswer, StackQuery, StackSeen};
use crate::model::stack_action::{DeployStack, StackAction};
use crate::model::{
    Answer, Attribute, Attributes, Change, Class, Content, Digest, Effect, Failure, Kind, Probe,
    Query, Value,
};
use crate::resource::Resource;
use crate::resource::aws::Ownership;

/// CloudFormation takes no more in a request (`CreateChangeSet`, `TemplateBody`); larger ones must lie in S3.
const LARGEST_TEMPLATE: usize = 51_200;

#[async_trait]
impl Resource for Stack {
    type Observed = Option<Seen>;

    async fn observe(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        self.look(world, |state| state == (State::Leftover { empty: false }))
            .await
    }

    async fn observe_removal(&self, world: &dyn Probe) -> Result<Self::Observed, Failure> {
        let holds = |state| !matches!(state, State::Gone | State::Leftover { empty: true });
        self.look(world, holds).await
    }

    fn plan(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        self.fits()?;
        let Some(whole) = seen else {
            let change = self.fields(Change::new(Effect::Create), None);
            return Ok(change.action(self.deploy(false, Vec::new())));
        };
        let seen = &whole.stack;
        let what = format!("the stack {}", self.name);
        let owner = self
            .owner
            .claim(Kind::Stack, &what, &seen.tags, self.adopt)?;
        let adopted = owner != Ownership::Ours;
        match State::of(&seen.status) {
            State::Stuck => Err(self.stuck(seen)),
            State::Leftover { empty } => self.anew(whole, adopted, empty),
            State::Gone => Ok(self
                .fields(Change::new(Effect::Create), None)
                .action(self.deploy(false, Vec::new()))),
            state @ (State::Standing | State::Broken | State::Moving) => {
                Ok(self.alter(seen, owner, adopted, state))
            }
        }
    }

    /// CloudFormation never tells a secret parameter: one without a fingerprint was just sent, so it is as it shall be.
    fn remaining(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        let change = self.plan(seen)?;
        let stands = seen
            .as_ref()
            .is_some_and(|seen| State::of(&seen.stack.status) == State::Standing);
        let untold = self.fingerprint().is_none()
            && change.diff.iter().all(|field| {
                let parameter = field.path.strip_prefix("parameters.");
                parameter.is_some_and(|name| self.is_secret(name))
            });
        Ok(if stands && untold {
            Change::none()
        } else {
            change
        })
    }

    /// What CloudFormation once found to be no change is none for as long as both sides say the same: the description of a
    /// parameter, a condition that nothing uses. A secret is not among it, for its value is not in what differs.
    fn held(&self, change: &Change) -> Option<String> {
        let secret = |path: &str| {
            let parameter = path.strip_prefix("parameters.");
            parameter.is_some_and(|name| self.is_secret(name))
        };
        if change.diff.iter().any(|field| secret(&field.path)) {
            return None;
        }
        let differs = serde_json::to_string(&change.diff).ok()?;
        Some(Digest::of(differs.as_bytes()).sha256)
    }

    fn remove(&self, seen: &Self::Observed) -> Result<Change, Failure> {
        let Some(whole) = seen else {
            return Ok(Change::none());
        };
        let seen = &whole.stack;
        if State::of(&seen.status) == State::Gone {
            return Ok(Change::none());
        }
        match self.owner.of(&seen.tags) {
            Ownership::Foreign | Ownership::Another => Err(self
                .owner
                .refuse_removal(&format!("the stack {}", self.name), &seen.tags)),
            Ownership::Adopted => Ok(Change::none()),
            Ownership::Ours if seen.protected => Err(self.protected("deleting")),
            Ownership::Ours => {
                let mut change = compare::gone(Change::new(Effect::Delete), seen);
                if State::of(&seen.status) != (State::Leftover { empty: true }) {
                    change = self.spares_data(whole)?.told(change);
                }
                Ok(change.action(self.delete(seen)))
            }
        }
    }

    fn whose(&self, seen: &Self::Observed) -> Option<Ownership> {
        let seen = &seen.as_ref()?.stack;
        (State::of(&seen.status) != State::Gone).then(|| self.owner.of(&seen.tags))
    }

    fn attributes(&self, seen: &Self::Observed, change: &Change) -> Attributes {
        let unknown = self
            .outputs
            .iter()
            .map(|name| (format!("outputs.{name}"), Attribute::AfterApply))
            .chain([("id".to_owned(), Attribute::AfterApply)]);
        // Of a stack that stands as it shall, an output that is not there has a condition that does not hold.
        let settled = seen.is_some() && change.is_none();
        let mut attributes = Attributes::from_iter(unknown.filter(|_| !settled));
        let name = Attribute::Known(Value::from(self.name.as_str()));
        attributes.insert("name".to_owned(), name);
        let Some(Seen { stack: seen, .. }) = seen else {
            return attributes;
        };
        for (name, value) in &seen.outputs {
            let value = if change.is_none() {
                Attribute::Known(Value::from(value.as_str()))
            } else {
                Attribute::AfterApply
            };
            attributes.insert(format!("outputs.{name}"), value);
        }
        if change.is_none() || matches!(change.effect, Effect::Update | Effect::Adopt) {
            let id = Attribute::Known(Value::from(seen.id.as_str()));
            attributes.insert("id".to_owned(), id);
        }
        attributes
    }
}

impl Stack {
    fn is_held(&self, change: &Change) -> bool {
        self.held.is_some() && self.held == Resource::held(self, change)
    }

    /// The stack, with what it is made of where it is ours and in one of these states.
    async fn look(
        &self,
        world: &dyn Probe,
        entered: impl Fn(State) -> bool + Send,
    ) -> Result<Option<Seen>, Failure> {
        let query = Query::Stack(StackQuery::Stack {
            name: self.name.clone(),
        });
        let seen = answer!(world, query, Answer::Stack(StackAnswer::Stack(seen)) => seen);
        let Some(stack) = seen else {
            return Ok(None);
        };
        let mut parts = Vec::new();
        if entered(State::of(&stack.status)) && self.owner.of(&stack.tags) == Ownership::Ours {
            let id = stack.id.clone();
            let query = Query::Stack(StackQuery::Parts { id });
            parts = answer!(world, query, Answer::Stack(StackAnswer::Parts(parts)) => parts);
        }
        Ok(Some(Seen { stack, parts }))
    }

    fn fits(&self) -> Result<(), Failure> {
        if self.body.len() <= LARGEST_TEMPLATE {
            return Ok(());
        }
        Err(Failure::new(
            "the template is too large",
            format!("deciding over the stack {}", self.name),
        )
        .class(Class::Refused)
        .why(format!(
            "{} has {} bytes; CloudFormation takes {LARGEST_TEMPLATE} in a request.",
            self.template,
            self.body.len()
        ))
        .left_behind("Nothing was changed.")
        .help("Split it into several stacks."))
    }

    /// In place: whatever differs, or whatever an operation that did not end well, or has not ended, may have left.
    fn alter(&self, seen: &StackSeen, owner: Ownership, adopted: bool, state: State) -> Change {
        let effect = match owner {
            Ownership::Foreign => Effect::Adopt,
            _ => Effect::Update,
        };
        let mut change = self.fields(Change::new(effect), Some((seen, adopted)));
        match state {
            State::Standing if change.diff.is_empty() || self.is_held(&change) => {
                return Change::none();
            }
            State::Moving => {
                change = change.note(format!(
                    "CloudFormation is at work on it ({}); its end is waited for first.",
                    seen.status
                ));
            }
            State::Broken => {
                change = change.note(format!(
                    "Its last update failed and was not taken back ({}); it is tried again.",
                    seen.status
                ));
            }
            _ => {}
        }
        if owner == Ownership::Foreign {
            change = change.note(
                "It was made by somebody else: it is taken over, and destroying this environment will leave it.",
            );
        }
        change.action(self.deploy(adopted, self.undeclared_secrets(seen)))
    }

    /// What a creation that failed left behind cannot be updated: it is deleted, then the stack is created.
    fn anew(&self, whole: &Seen, adopted: bool, empty: bool) -> Result<Change, Failure> {
        let seen = &whole.stack;
        // What is not ours may only be deleted when it certainly holds nothing.
        if adopted && !empty {
            return Err(self.stuck(seen));
        }
        if seen.protected {
            return Err(self.protected("making anew"));
        }
        let note = format!(
            "Its creation did not succeed ({}): what that left is deleted first.",
            seen.status
        );
        let mut change = self.fields(Change::new(Effect::Replace), None).note(note);
        if !empty {
            change = self.spares_data(whole)?.told(change);
        }
        Ok(change
            .action(self.delete(seen))
            .action(self.deploy(false, Vec::new())))
    }

    fn stuck(&self, seen: &StackSeen) -> Failure {
        let name = &self.name;
        let failure = Failure::new(
            "the stack is in a state that only a person can resolve",
            format!("deciding over the stack {name}"),
        )
        .class(Class::Refused)
        .why(match &seen.reason {
            Some(reason) => format!("It is in {}: {reason}", seen.status),
            None => format!("It is in {}.", seen.status),
        })
        .left_behind("Nothing was changed.");
        failure.help(match seen.status.as_str() {
            "UPDATE_ROLLBACK_FAILED" => format!(
                "Remove what keeps it from going back, then run `aws cloudformation continue-update-rollback \
                 --stack-name {name}`, wait for UPDATE_ROLLBACK_COMPLETE, and run again."
            ),
            _ => format!(
                "Look at its events, resolve or delete it (`aws cloudformation delete-stack --stack-name {name}`), \
                 and run again."
            ),
        })
    }

    fn protected(&self, doing: &str) -> Failure {
        Failure::new(
            "the stack is protected from being deleted",
            format!("{doing} the stack {}", self.name),
        )
        .class(Class::Refused)
        .left_behind("Nothing was changed.")
        .help(format!(
            "If it shall go: aws cloudformation update-termination-protection --no-enable-termination-protection \
             --stack-name {}",
            self.name
        ))
    }

    /// What a change set does not name stays as it is, except parameters: those go back to the template's default. So
    /// those that are `kept` are named.
    fn deploy(&self, adopted: bool, kept: Vec<String>) -> StackAction {
        let parameters = self.parameters.iter().map(|(name, value)| {
            let content = if self.is_secret(name) {
                Content::secret(value.as_bytes())
            } else {
                Content::public(value.as_bytes())
            };
            (name.clone(), content)
        });
        StackAction::Deploy(DeployStack {
            name: self.name.clone(),
            template: self.body.clone(),
            parameters: parameters.collect(),
            kept,
            capabilities: self.capabilities.clone(),
            tags: self.all_tags(adopted),
        })
    }

    fn delete(&self, seen: &StackSeen) -> StackAction {
        StackAction::Delete {
            name: self.name.clone(),
            id: seen.id.clone(),
        }
    }
}
