//! The engine's set-up, shared by all renderings of one playbook.

use std::sync::Arc;

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, syntax::SyntaxConfig,
    value::Value as Jinja,
};

use super::{
    FUEL, arguments::wrong, convert::failure_text, ending::newlines, evaluation::of, filters,
    lazy::Omit, lookups, methods, operators, python, tests,
};
use crate::{
    model::playbook::Base,
    vars::{
        Beside, Files, SearchPath, Style, encoding,
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
    pub fn new(base: Base) -> Self {
        let plain = environment();
        let mut texts = plain.clone();
        let beside = SearchPath::new(&base, "");
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

fn environment() -> Environment<'static> {
    let mut environment = Environment::new();
    // What Jinja drops at the end of a template, the translation drops. Only unusual delimiters can be refused.
    if let Ok(syntax) = SyntaxConfig::builder().keep_trailing_newline(true).build() {
        environment.set_syntax(syntax);
    }
    environment.set_debug(false);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_fuel(Some(FUEL));
    environment.set_recursion_limit(120);
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_unknown_method_callback(methods::call);
    environment.set_formatter(|out, state, value| {
        if value.is_undefined() {
            return Err(ErrorKind::UndefinedError.into());
        }
        if value.downcast_object_ref::<Omit>().is_some() {
            return Err(wrong("`omit` cannot be a part of a text"));
        }
        // Nothing is written as nothing, though it is `None` inside a list.
        let text = if value.is_none() {
            String::new()
        } else {
            python::text(value)?
        };
        if let Some(evaluation) = of(state) {
            evaluation.emitted(value, &text)?;
        }
        out.write_str(&text).map_err(Error::from)
    });
    // It would show everything that is known, and Ansible has none.
    environment.remove_global("debug");
    operators::register(&mut environment);
    filters::register(&mut environment);
    tests::register(&mut environment);
    lookups::register(&mut environment);
    environment
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
    let names = match beside {
        true => &names[..],
        false => &names[..1],
    };
    for name in names {
        let found = search_path.find("templates", name);
        if let Some(Beside { path, bytes }) = found.map_err(|f| wrong(failure_text(&f)))? {
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

/// A value that the engine refuses to use, for this reason.
pub(super) fn refused(why: &str) -> Jinja {
    Jinja::from(wrong(why.to_owned()))
}
