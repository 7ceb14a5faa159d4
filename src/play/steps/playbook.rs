//! A whole playbook on one host.

use crate::{
    model::{Failure, Map, Origin, Probe, Query, Value, host::HostQuery},
    play::{
        check,
        result::flow::Stop,
        run::{Run, cloud_init, handler_notes::ask_leftover_handlers},
        scope::unresolved::Unresolved,
        steps::walker::Walker,
        walk::{Summary, Walk},
    },
};

impl Walk {
    /// Walks the playbook to its end.
    ///
    /// Refuses a playbook that [`check`] finds wrong before anything is asked. Fails where a task fails that nothing
    /// tolerates; the failure says what was done before and which handlers wait for the next run.
    pub async fn run(self) -> Result<Summary, Failure> {
        let wrong = check(&self.playbook, &self.library);
        if let Some(first) = refused(wrong) {
            return Err(first);
        }
        let mut walker = Walker::new(Run::new(self));
        let walked = walker.plays().await;
        match walked.and_then(|()| walker.published()) {
            Ok(published) => Ok(walker.summary(published)),
            Err(stop) => Err(walker.final_failure(stop)),
        }
    }
}

/// The first of some mistakes, telling of the others.
fn refused(wrong: Vec<Failure>) -> Option<Failure> {
    let mut wrong = wrong.into_iter();
    let first = wrong.next()?;
    let others: Vec<String> = wrong
        .map(|failure| match &failure.at {
            Some(at) => format!("{at}: {} {}", failure.what, failure.help),
            None => format!("{} {}", failure.what, failure.help),
        })
        .collect();
    Some(if others.is_empty() {
        first.left_behind("Nothing was done.")
    } else {
        first
            .why(format!("There is more:\n{}", others.join("\n")))
            .left_behind("Nothing was done.")
    })
}

impl Walker {
    async fn plays(&mut self) -> Result<(), Stop> {
        let playbook = self.run.walk.playbook.clone();
        self.first_questions()
            .await
            .map_err(|failure| Stop::of("Gathering Facts", failure))?;
        for play in &playbook.plays {
            self.play(play).await?;
        }
        self.run
            .forget_leftover_handlers()
            .await
            .map_err(|failure| Stop::of("handlers", failure))
    }

    /// Asks for facts, for what an interrupted run left, and whether the host's first start is at work, together.
    async fn first_questions(&mut self) -> Result<(), Failure> {
        let gathers = self
            .run
            .walk
            .playbook
            .plays
            .iter()
            .any(|play| play.gather_facts);
        let playbook = self.run.walk.playbook.name.clone();
        let facts = async {
            if gathers {
                self.run
                    .world
                    .ask(&Query::Host(HostQuery::Facts))
                    .await
                    .map(drop)
            } else {
                Ok(())
            }
        };
        let ((), left, begun) = futures::try_join!(
            facts,
            ask_leftover_handlers(&self.run.world, playbook),
            cloud_init::at_work(&self.run.world),
        )?;
        if let Some(begun) = begun {
            self.run.wait_for_cloud_init(begun).await?;
        }
        let login = self.run.walk.login.user.clone();
        self.run.add_leftover_handlers(&login, left);
        Ok(())
    }

    /// What others are told of the playbook's variables. Fails for one that is there and cannot be rendered.
    fn published(&mut self) -> Result<Map, Stop> {
        let task_scope = self.run.scopes.task_scope(
            &crate::play::scope::inherited::Inherited::default(),
            &Map::new(),
        );
        let last = self.run.walk.playbook.plays.last();
        let at = last.map_or_else(|| Origin::whole(""), |play| play.at.clone());
        let mut published = Map::new();
        for name in &self.run.walk.publish {
            if task_scope.scope.get(name).is_none() {
                continue;
            }
            let text = Value::String(format!("{{{{ {name} }}}}"));
            match task_scope.value(&text, &at) {
                Ok(value) => drop(published.insert(name.clone(), value)),
                Err(Unresolved::Unknown(_)) => {}
                Err(Unresolved::Failed(failure)) => {
                    return Err(Stop::of(format!("variable {name}"), failure));
                }
            }
        }
        Ok(published)
    }

    fn summary(self, published: Map) -> Summary {
        Summary {
            changes: self.run.scopes.state.changes,
            unknown: self.run.scopes.state.undecided,
            tasks: self.run.recorder.verdicts,
            published,
        }
    }

    /// The failure that ends the walk, with what it leaves behind.
    fn final_failure(&self, stop: Stop) -> Failure {
        if self.run.walk.executor.supposes() {
            return stop.failure;
        }
        let mut left = vec![stop.failure.left_behind.clone()];
        let own = usize::from(stop.made);
        left.push(match self.run.scopes.state.made.saturating_sub(own) {
            0 if stop.made => String::new(),
            0 => "Nothing was changed before it.".to_owned(),
            1 if stop.rescued => {
                "One change was made before it, and stays unless a `rescue` took it back.".to_owned()
            }
            many if stop.rescued => format!(
                "{many} changes were made before it, and stay but for those that a `rescue` took back."
            ),
            // Among them may be what arms the host to take others back.
            1 if stop.cut.is_some() => {
                "One change was made before it, and stays unless a task that is named here says otherwise.".to_owned()
            }
            many if stop.cut.is_some() => format!(
                "{many} changes were made before it, and stay unless a task that is named here says otherwise."
            ),
            1 => "One change was made before it and stays.".to_owned(),
            many => format!("{many} changes were made before it and stay."),
        });
        if stop.made {
            left.push("What the task itself had done before it failed stays.".to_owned());
        }
        left.extend(stop.cut.iter().map(|block| block.said()));
        let handlers = self.run.waiting_handlers();
        if !handlers.is_empty() {
            left.push(format!(
                "Handlers that were notified run with the next run: {}.",
                handlers.join(", ")
            ));
        }
        left.retain(|sentence| !sentence.is_empty());
        let left = left.join(" ");
        stop.failure
            .left_behind(left)
            .made(self.run.scopes.state.made)
    }
}
