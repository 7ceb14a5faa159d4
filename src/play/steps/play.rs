//! One play: its facts, its variables, its sections, its handlers.

use std::sync::Arc;

use crate::answer;
use crate::play::files::task_files::expanded;
use crate::play::result::flow::Flow;
use crate::play::result::flow::Stop;
use crate::play::scope::inherited::Inherited;
use crate::play::scope::task_scope::TaskScope;
use crate::play::steps::handlers::Handler;
use crate::play::steps::handlers::handlers;
use crate::play::steps::walker::PlayScope;
use crate::play::steps::walker::Walker;
use crate::{
    model::{
        Answer, Failure, Located, Map, Origin, Probe, Query, Source, Value,
        host::{HostAnswer, HostQuery},
        playbook::{Play, Step},
    },
    vars::yaml,
};

impl Walker {
    /// Walks a play. `end_host` ends it as `end_play` does: the play's one host has left it.
    pub async fn play(&mut self, play: &Play) -> Result<(), Stop> {
        let frame = Arc::new(Inherited::play(play));
        if play.gather_facts {
            let gathered = self.gather().await;
            gathered.map_err(|failure| in_play(play, failure.at(&play.at)))?;
        }
        self.enter(play, &frame)
            .map_err(|failure| in_play(play, failure))?;
        self.resume();
        let sections: Vec<Arc<[Step]>> = play
            .sections
            .iter()
            .map(|section| section.clone().into())
            .collect();
        self.looked = 0;
        for (index, section) in sections.iter().enumerate() {
            self.later = sections[index + 1..].to_vec();
            // What an interrupted run left waits for the tasks that bring in order what it needs.
            if section.is_empty() {
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
        // Handlers that notified others defined before them; a ring of them ends here.
        for _ in 0..self.stage.handlers.len() {
            if self.flush().await? != Flow::Go {
                break;
            }
        }
        Ok(())
    }

    /// Sets the stage: the play's variables and handlers.
    fn enter(&mut self, play: &Play, frame: &Inherited) -> Result<(), Failure> {
        self.state.pending.clear();
        self.state.perhaps.clear();
        self.base = None;
        self.stage = Arc::new(PlayScope {
            name: play.name.clone(),
            vars: play.vars.clone(),
            ..PlayScope::default()
        });
        let view = self.view(frame, &Map::new());
        let mut files = Map::new();
        for file in &play.vars_files {
            files.extend(self.vars_file(&view, file)?);
        }
        let steps = expanded(&self.files, &play.handlers, &frame.folder, &[])?;
        let handlers: Vec<Handler> = handlers(&steps, frame);
        self.base = None;
        self.stage = Arc::new(PlayScope {
            name: play.name.clone(),
            vars: play.vars.clone(),
            files,
            handlers,
        });
        Ok(())
    }

    /// The first of one or several files of variables that is there.
    fn vars_file(&self, view: &TaskScope, file: &Located<Value>) -> Result<Map, Failure> {
        let names = match &file.value {
            Value::Array(names) => names.clone(),
            one => vec![one.clone()],
        };
        let mut tried = Vec::new();
        for name in names {
            let name = match view.text(&name, &file.at) {
                Ok(name) => name,
                Err(crate::play::result::flow::Lack::Failed(failure)) => return Err(failure),
                Err(crate::play::result::flow::Lack::Unknown(address)) => {
                    return Err(Failure::new(
                        "the name of a file of variables is not known yet",
                        format!("It depends on {address}, which was not applied yet."),
                    )
                    .at(&file.at));
                }
            };
            if let Some(found) = self.beside(&Inherited::default(), "vars", &name)? {
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

    /// Gathers facts; a host is asked for them once.
    pub async fn gather(&mut self) -> Result<(), Failure> {
        let facts = self.facts().await?;
        self.state.add_facts(&facts);
        Ok(())
    }

    async fn facts(&self) -> Result<Map, Failure> {
        let facts = answer!(
            self.world,
            Query::Host(HostQuery::Facts),
            Answer::Host(HostAnswer::Facts(facts)) => facts
        );
        match facts {
            Value::Object(facts) => Ok(facts),
            other => Err(Failure::bug(format!(
                "a host's facts are no mapping but `{other}`"
            ))),
        }
    }
}

/// What a file of variables holds.
pub fn variables(path: &str, bytes: &[u8], at: &Origin) -> Result<Map, Failure> {
    let wrong = |why: String| {
        Failure::new(
            "a file of variables cannot be read",
            format!("`{path}` is to hold names with values."),
        )
        .why(why)
        .at(at)
    };
    let text = std::str::from_utf8(bytes).map_err(|error| wrong(error.to_string()))?;
    let source = Source::new(path, text);
    let value = yaml::read(&source)
        .and_then(|node| node.to_value(yaml::Dialect::Ansible))
        .map_err(|wrong| match wrong.first() {
            Some(diagnostic) => Failure::from(diagnostic),
            None => Failure::bug("a file was refused without a reason"),
        })?;
    match value {
        Value::Object(map) => Ok(map),
        Value::Null => Ok(Map::new()),
        _ => Err(wrong("It holds something else.".into())),
    }
}

fn in_play(play: &Play, failure: Failure) -> Stop {
    Stop::of(format!("play {}", play.name), failure)
}
