//! From a text to its value: a condition, a text of a playbook, a template file.

use std::sync::Arc;

use minijinja::{Environment, Error, value::Value as Jinja};

use super::{
    handle::Root,
    state::{Evaluation, lock},
};
use crate::{
    model::Value,
    vars::{
        RenderError, Style, encoding,
        engine::{
            bounded::{Bounded, within},
            budget,
            header::header,
            mistake::wrong,
            newlines::{ended_as, newlines},
            python,
        },
        jinja::{self, Escapes, Translated},
    },
};

/// How many steps each template is counted as at the least.
const FAILED: usize = 100;

impl Evaluation {
    /// The value of a text; none for `omit`.
    pub fn value(self: &Arc<Self>, text: &str) -> Result<Option<Value>, RenderError> {
        let _paying = self.budget.begin();
        let value = self.text_value(text).map_err(|error| self.reason(&error))?;
        self.ours(&value)
    }

    /// The text of a text, printed as Python would.
    pub fn text(self: &Arc<Self>, text: &str) -> Result<String, RenderError> {
        let _paying = self.budget.begin();
        self.text_value(text)
            .and_then(|value| python::text(&value))
            .map_err(|error| self.reason(&error))
            .and_then(|text| self.unless_failed(text))
    }

    /// The value of a condition, which is a bare expression.
    pub fn condition(self: &Arc<Self>, text: &str) -> Result<Option<Value>, RenderError> {
        let _paying = self.budget.begin();
        let value = jinja::condition(text)
            .map_err(wrong)
            .and_then(|expression| self.evaluate(expression))
            .map_err(|error| self.reason(&error))?;
        self.ours(&value)
    }

    /// What a template file in this folder becomes.
    pub fn file(
        self: &Arc<Self>,
        bytes: &[u8],
        folder: &str,
        style: &Style,
    ) -> Result<Vec<u8>, RenderError> {
        let _paying = self.budget.begin();
        let text = encoding::text(bytes);
        let value = self
            .file_value(&text, folder, style)
            .and_then(|value| {
                if value.is_none() {
                    Ok(String::new())
                } else {
                    python::text(&value)
                }
            })
            .map_err(|error| self.reason(&error))?;
        let value = self.unless_failed(value)?;
        style.encoding.written(&value).map_err(RenderError::Wrong)
    }

    /// The value of a text of a playbook or an environment, for the engine.
    pub(super) fn text_value(self: &Arc<Self>, text: &str) -> Result<Jinja, Error> {
        self.rendered_by(&self.engine.texts, text, &Style::default(), Escapes::Kept)
    }

    /// The value of a template. One that writes one value and nothing else is that value.
    fn rendered_by(
        self: &Arc<Self>,
        environment: &Environment<'static>,
        text: &str,
        style: &Style,
        escapes: Escapes,
    ) -> Result<Jinja, Error> {
        within(text)?;
        if !style.is_template(text) {
            return Ok(Jinja::from(text));
        }
        let text = &newlines(text, style);
        let value = match jinja::template(text, style, escapes).map_err(wrong)? {
            Translated::Expression(expression) => self.evaluate(expression)?,
            Translated::Template(template) => {
                let before = std::mem::take(&mut *lock(&self.written));
                let out = self.render(environment, &template);
                let written = std::mem::replace(&mut *lock(&self.written), before);
                let out = out?;
                match written.last {
                    Some(value) if written.times == 1 && written.bytes == out.len() => value,
                    _ => Jinja::from(out),
                }
            }
        };
        Ok(match value.as_str() {
            Some(one) => Jinja::from(ended_as(text, one.to_owned(), style.newline)),
            None => value,
        })
    }

    fn evaluate(self: &Arc<Self>, expression: String) -> Result<Jinja, Error> {
        self.engine
            .texts
            .compile_expression_owned(expression)?
            .eval(Jinja::from_object(Root(self.clone())))
    }

    /// The value of a template file in this folder, for look-ups inside a rendering as well.
    pub(in crate::vars::engine) fn file_value(
        self: &Arc<Self>,
        text: &str,
        folder: &str,
        style: &Style,
    ) -> Result<Jinja, Error> {
        within(text)?;
        let (text, style) = header(text, style).map_err(wrong)?;
        let environment = self.engine.for_file(&self.search_path, folder, &style);
        self.rendered_by(&environment, text, &style, Escapes::Read)
    }

    fn render(
        self: &Arc<Self>,
        environment: &Environment<'static>,
        text: &str,
    ) -> Result<String, Error> {
        let mut out = Bounded(Vec::new());
        // One that fails is no reason to give up where `default` stands around it, but its work was done.
        budget::steps(FAILED)?;
        let done = environment
            .template_from_str(text)?
            .render_captured_to(Jinja::from_object(Root(self.clone())), &mut out)?;
        let work = done.state().fuel_levels().map_or(0, |(used, _)| used);
        budget::steps(usize::try_from(work).unwrap_or(usize::MAX))?;
        drop(done);
        budget::text(out.0.len())?;
        String::from_utf8(out.0).map_err(|error| wrong(error.to_string()))
    }
}
