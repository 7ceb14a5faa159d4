//! What all renderings of one playbook share, and how a template finds those that it includes.

use std::sync::Arc;

use minijinja::{Environment, Error};

use super::{convert::failure_text, mistake::wrong, newlines::newlines};
use crate::{
    model::playbook::Base,
    vars::{
        Files, FoundFile, SearchPath, Style, encoding,
        jinja::{self, Escapes, Translated},
    },
};

/// What all renderings of one playbook share.
pub(in crate::vars) struct Engine {
    /// For texts of playbooks and environments.
    pub texts: Environment<'static>,
    /// What each template file starts from: it has loaded nothing yet.
    plain: Environment<'static>,
}

impl Engine {
    /// From an engine that has loaded nothing yet; what texts include is looked for beside this base.
    pub fn new(plain: Environment<'static>, base: &Base) -> Self {
        let mut texts = plain.clone();
        let beside = SearchPath::new(base, "");
        texts.set_loader(move |name| load(&beside, "", name, &Style::default()));
        Self { texts, plain }
    }

    /// The set-up for a template file in this folder: what it includes is looked for here as well, and is written in its
    /// style.
    pub fn for_file(
        &self,
        search_path: &Arc<SearchPath>,
        folder: &str,
        style: &Style,
    ) -> Environment<'static> {
        let mut environment = self.plain.clone();
        let (search_path, folder) = (search_path.clone(), folder.to_owned());
        let style = style.clone();
        environment.set_loader(move |name| load(&search_path, &folder, name, &style));
        environment
    }
}

/// A template that another one in `folder` includes or imports, looked for as other files are and beside that one.
fn load(
    search_path: &SearchPath,
    folder: &str,
    name: &str,
    style: &Style,
) -> Result<Option<String>, Error> {
    let names = [
        name.to_owned(),
        format!("{folder}/templates/{name}"),
        format!("{folder}/{name}"),
    ];
    let beside = Files::absolute(name).is_none() && !folder.is_empty();
    let names = if beside { &names[..] } else { &names[..1] };
    for name in names {
        let found = search_path.find("templates", name);
        if let Some(FoundFile { path, bytes }) = found.map_err(|f| wrong(failure_text(&f)))? {
            let text = encoding::text(&bytes);
            return match jinja::template(&newlines(&text, style), style, Escapes::Read)
                .map_err(|why| wrong(format!("in `{path}`: {why}")))?
            {
                Translated::Template(text) => Ok(Some(text)),
                Translated::Expression(text) => Ok(Some(format!("{{{{ {text} }}}}"))),
            };
        }
    }
    Ok(None)
}
