//! The engine with everything that templates may use: operators, filters, tests, methods, look-ups.

use minijinja::{
    AutoEscape, Environment, Error, ErrorKind, UndefinedBehavior, syntax::SyntaxConfig,
};

use super::{
    FUEL, environment::Engine, evaluation::of, filters, lookups, methods, mistake::wrong,
    omit::Omit, operators, python, tests,
};
use crate::model::playbook::Base;

/// What all renderings beside this base share.
pub(in crate::vars) fn set_up(base: &Base) -> Engine {
    Engine::new(plain(), base)
}

/// Minijinja, told to answer as Ansible's Jinja does.
fn plain() -> Environment<'static> {
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
