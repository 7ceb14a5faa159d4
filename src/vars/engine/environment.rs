//! The engine's set-up, shared by all renderings of one playbook.

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, syntax::SyntaxConfig,
    value::Value as Jinja,
};

use super::{
    FUEL,
    arguments::wrong,
    convert::failure_text,
    evaluation::{newlines, of},
    filters,
    lazy::Omit,
    lookups, methods, operators, python, tests,
};
use crate::{
    model::playbook::Base,
    vars::{
        Files,
        jinja::{self, Origin, Translated},
    },
};

/// What all renderings of one playbook share.
pub(in crate::vars) struct Engine {
    /// For texts of playbooks and environments: as for files, but a last line break is dropped.
    pub texts: Environment<'static>,
    /// For template files: the line break after a block is dropped, the last one kept.
    pub files: Environment<'static>,
    /// The same, where a file's first line asks that blocks take the blanks before them as well.
    pub stripped: Environment<'static>,
    /// The same, where the first line asks that line breaks after blocks stay.
    pub untrimmed: Environment<'static>,
    pub base: Base,
}

impl Engine {
    pub fn new(base: Base) -> Self {
        let plain = environment(base.clone());
        let with = |trim, strip, last| {
            let mut environment = plain.clone();
            let mut syntax = SyntaxConfig::builder();
            syntax
                .trim_blocks(trim)
                .lstrip_blocks(strip)
                .keep_trailing_newline(last);
            // Only unusual delimiters can be refused, and none are set.
            if let Ok(syntax) = syntax.build() {
                environment.set_syntax(syntax);
            }
            environment
        };
        Self {
            texts: with(true, false, false),
            files: with(true, false, true),
            stripped: with(true, true, true),
            untrimmed: with(false, false, true),
            base,
        }
    }
}

fn environment(base: Base) -> Environment<'static> {
    let mut environment = Environment::new();
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
            evaluation.emitted(value, text.len())?;
        }
        out.write_str(&text).map_err(Error::from)
    });
    environment.set_loader(move |name| load(&base, name));
    operators::register(&mut environment);
    filters::register(&mut environment);
    tests::register(&mut environment);
    lookups::register(&mut environment);
    environment
}

/// A template that another includes or imports.
fn load(base: &Base, name: &str) -> Result<Option<String>, Error> {
    for path in [format!("templates/{name}"), name.to_owned()] {
        if let Some(bytes) = Files::read(base, &path).map_err(|f| wrong(failure_text(&f)))? {
            let text = String::from_utf8(bytes)
                .map_err(|_| wrong(format!("`{path}` is not text in UTF-8")))?;
            return match jinja::template(&newlines(&text), Origin::File).map_err(wrong)? {
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
