//! One play: its facts, its variables, its sections, its handlers.

use std::sync::Arc;

use crate::{
    model::{
        Failure, Located, Map, Value,
        playbook::{Play, Step},
    },
    play::{
        files::{task_files::expanded, variables::variables},
        result::flow::{Flow, Stop},
        scope::{
            inherited::Inherited,
            play_scope::{Handler, PlayScope, handlers},
            task_scope::TaskScope,
        },
        steps::walker::Walker,
    },
};

impl Walker {
    /// Walks a play. `end_host` ends it as `end_play` does: the play's one host has left it.
    pub async fn play(&mut self, play: &Play) -> Result<(), Stop> {
        let frame = Arc::new(Inherited::play(play));
        if play.gather_facts {
            let gathered = self.run.gather().await;
            gathered.map_err(|failure| in_play(play, failure.at(&play.at)))?;
        }
        self.begin(play, &frame)
            .map_err(|failure| in_play(play, failure))?;
        self.run.resume();
        let sections: Vec<Arc<[Step]>> = play
            .sections
            .iter()
            .map(|section| section.clone().into())
            .collect();
        self.run.looked = 0;
        let mut walked = false;
        for (index, section) in sections.iter().enumerate() {
            let last = index + 1 == sections.len();
            self.later = sections[index + 1..].to_vec();
            walked |= !section.is_empty();
            // What an interrupted run left waits for the tasks that bring in order what it needs. Behind them there is a
            // flush for each section, empty or not, as in Ansible.
            if !walked && !last {
                continue;
            }
            let mut flow = self.steps(section.clone(), frame.clone()).await?;
            if flow == Flow::Go {
                flow = self.flush().await?;
            }
            if flow != Flow::Go {
                return Ok(());
            }
        }
        self.leave_pending().await
    }

    /// Forgets the handlers that others behind them notified in the last flush: as in Ansible they do not run any more,
    /// so that a ring of them ends.
    async fn leave_pending(&mut self) -> Result<(), Stop> {
        let state = &mut self.run.scopes.state;
        let left = std::mem::take(&mut state.pending).into_iter();
        let handlers = &self.run.scopes.play.handlers;
        let keys = left.map(|index| handlers[index].key().to_owned());
        let noted = keys.filter(|key| state.noted.contains_key(key)).collect();
        let forgotten = self.run.forget_unneeded(noted).await;
        forgotten.map_err(|failure| Stop::of("handlers", failure))
    }

    /// Sets the stage: the play's variables and handlers.
    fn begin(&mut self, play: &Play, frame: &Inherited) -> Result<(), Failure> {
        self.run.scopes.state.pending.clear();
        self.run.scopes.state.perhaps.clear();
        self.run.scopes.enter(PlayScope {
            name: play.name.clone(),
            vars: play.vars.clone(),
            ..PlayScope::default()
        });
        let task_scope = self.run.scopes.task_scope(frame, &Map::new());
        let mut files = Map::new();
        for file in &play.vars_files {
            files.extend(self.vars_file(&task_scope, file)?);
        }
        let steps = expanded(&self.run.files, &play.handlers, &frame.folder, &[])?;
        let handlers: Vec<Handler> = handlers(&steps, frame);
        self.run.scopes.enter(PlayScope {
            name: play.name.clone(),
            vars: play.vars.clone(),
            files,
            handlers,
        });
        Ok(())
    }

    /// The first of one or several files of variables that is there.
    fn vars_file(&self, task_scope: &TaskScope, file: &Located<Value>) -> Result<Map, Failure> {
        let names = match &file.value {
            Value::Array(names) => names.clone(),
            one => vec![one.clone()],
        };
        let mut tried = Vec::new();
        for name in names {
            let name = match task_scope.text(&name, &file.at) {
                Ok(name) => name,
                Err(crate::play::scope::unresolved::Unresolved::Failed(failure)) => {
                    return Err(failure);
                }
                Err(crate::play::scope::unresolved::Unresolved::Unknown(address)) => {
                    return Err(Failure::new(
                        "the name of a file of variables is not known yet",
                        format!("It depends on {address}, which was not applied yet."),
                    )
                    .at(&file.at));
                }
            };
            if let Some(found) = self
                .run
                .scopes
                .search_path(&Inherited::default())
                .find("vars", &name)?
            {
                return variables(&found.path, &found.bytes, &file.at);
            }
            tried.push(name);
        }
        Err(Failure::new(
            "a file of variables is not there",
            format!("`vars_files` names {}.", tried.join(", ")),
        )
        .at(&file.at))
    }
}

fn in_play(play: &Play, failure: Failure) -> Stop {
    Stop::of(format!("play {}", play.name), failure)
}
