//! What a task inherits from the blocks, includes and the play around it.

use std::sync::Arc;

use crate::{
    model::{
        Located, Map, Origin, Value,
        playbook::{Block, Common, Play},
    },
    play::files::task_files::TaskFile,
};

/// What a step inherits; its own words are the innermost.
#[derive(Debug, Clone, Default)]
pub struct Inherited {
    /// Conditions, outermost first; all must hold.
    pub when: Vec<Located<Value>>,
    /// Variables of blocks and of the task, outermost first.
    pub vars: Vec<Arc<Map>>,
    /// Variables given to included files, outermost first. They beat what tasks set and register.
    pub params: Vec<Arc<Map>>,
    /// The loop variables of includes around it.
    pub items: Map,
    /// `become`.
    pub becomes: Option<Located<Value>>,
    /// `become_user`.
    pub become_user: Option<Located<Value>>,
    /// `environment`, outermost first; inner names win.
    pub environment: Vec<Located<Value>>,
    /// `ignore_errors`.
    pub ignore_errors: Option<Located<Value>>,
    /// `no_log`.
    pub no_log: Option<Located<Value>>,
    /// `check_mode`.
    pub check_mode: Option<Located<Value>>,
    /// `delegate_to`.
    pub delegate_to: Option<Located<Value>>,
    /// Whom the tasks of an include notify that do not say it themselves.
    pub notify: Vec<Located<Value>>,
    /// Tags of everything around it, and its own.
    pub tags: Vec<String>,
    /// The folder, relative to the playbook's, of the file it stands in.
    pub folder: String,
    /// The files that were imported around it, from the innermost that was included on.
    pub open: Vec<String>,
    /// How many includes lie around it.
    pub depth: usize,
}

impl Inherited {
    /// What the steps of a play inherit.
    pub fn play(play: &Play) -> Self {
        Self {
            becomes: play.r#become.on.clone(),
            become_user: play.r#become.user.clone(),
            environment: play.environment.iter().cloned().collect(),
            tags: play.tags.clone(),
            ..Self::default()
        }
    }

    /// What the steps of a block inherit.
    pub fn in_block(&self, block: &Block) -> Self {
        let mut inner = self.under(&block.common);
        if !block.notify.is_empty() {
            inner.notify.clone_from(&block.notify);
        }
        inner
    }

    /// What a step with these words, and everything in it, inherits.
    pub fn under(&self, common: &Common) -> Self {
        let mut inner = self.clone();
        inner.when.extend(common.when.iter().cloned());
        inner.tags.extend(common.tags.iter().cloned());
        inner.with_keywords_of(common)
    }

    /// What the tasks of a file inherit that is included while the playbook runs: what stands around
    /// the include, and its vars. Its other words were spoken of the include alone.
    pub fn within(&self, params: &Map, items: &Map, file: &TaskFile) -> Self {
        let mut inner = self.clone();
        if !params.is_empty() {
            inner.params.push(Arc::new(params.clone()));
        }
        inner.items.extend(items.clone());
        inner.folder = file.folder.clone();
        inner.open = vec![file.path.clone()];
        inner.depth += 1;
        inner
    }

    /// What an include's `apply` says, which its tasks inherit.
    pub fn apply(&mut self, words: &Map, at: &Origin) {
        let located = |value: &Value| Located::new(value.clone(), at.clone());
        for (word, value) in words {
            let keyword = match word.as_str() {
                "become" => &mut self.becomes,
                "become_user" => &mut self.become_user,
                "ignore_errors" => &mut self.ignore_errors,
                "no_log" => &mut self.no_log,
                "check_mode" => &mut self.check_mode,
                "delegate_to" => &mut self.delegate_to,
                "environment" => {
                    self.environment.push(located(value));
                    continue;
                }
                "when" => {
                    match value {
                        Value::Array(all) => self.when.extend(all.iter().map(located)),
                        one => self.when.push(located(one)),
                    }
                    continue;
                }
                "tags" => {
                    match value {
                        Value::Array(all) => self
                            .tags
                            .extend(all.iter().filter_map(|tag| tag.as_str().map(str::to_owned))),
                        Value::String(tags) => self
                            .tags
                            .extend(tags.split(',').map(|tag| tag.trim().to_owned())),
                        _ => {}
                    }
                    continue;
                }
                "notify" => {
                    self.notify = match value {
                        Value::Array(all) => all.iter().map(located).collect(),
                        one => vec![located(one)],
                    };
                    continue;
                }
                "vars" => {
                    if let Value::Object(vars) = value {
                        self.vars.push(Arc::new(vars.clone()));
                    }
                    continue;
                }
                _ => continue,
            };
            *keyword = Some(located(value));
        }
    }

    /// The same with the variables and keywords that a step says itself.
    fn with_keywords_of(mut self, common: &Common) -> Self {
        if !common.vars.is_empty() {
            self.vars.push(Arc::new(common.vars.clone()));
        }
        self.environment.extend(common.environment.iter().cloned());
        for (inherited, own) in [
            (&mut self.becomes, &common.r#become.on),
            (&mut self.become_user, &common.r#become.user),
            (&mut self.ignore_errors, &common.ignore_errors),
            (&mut self.no_log, &common.no_log),
            (&mut self.check_mode, &common.check_mode),
            (&mut self.delegate_to, &common.delegate_to),
        ] {
            if own.is_some() {
                inherited.clone_from(own);
            }
        }
        self
    }
}
