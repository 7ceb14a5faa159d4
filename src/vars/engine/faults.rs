//! What can be known to be wrong with a text before it is rendered: that it cannot be read, and names that nothing has.

use minijinja::{Environment, ErrorKind, value::Value as Jinja};

use super::{Engine, MAX_TEXT, bounded::too_long, header::header, lookups, newlines::newlines};
use crate::vars::{
    Style, encoding,
    jinja::{self, Escapes, Translated, Use},
};

impl Engine {
    /// Of a text of a playbook or environment.
    pub fn faults(&self, text: &str) -> Vec<String> {
        self.of_template(text, &Style::default(), Escapes::Kept)
    }

    /// Of a condition without delimiters.
    pub fn condition_faults(&self, text: &str) -> Vec<String> {
        let mut uses = Vec::new();
        match jinja::condition_using(text, &mut uses) {
            Ok(expression) => self.compiled(&Translated::Expression(expression), &uses),
            Err(why) => vec![why],
        }
    }

    /// Of a template file.
    pub fn file_faults(&self, bytes: &[u8], style: &Style) -> Vec<String> {
        let text = encoding::text(bytes);
        match header(&text, style) {
            Ok((text, style)) => self.of_template(text, &style, Escapes::Read),
            Err(why) => vec![why],
        }
    }

    /// The files that a text of a playbook surely reads, each behind the folder that is usual for its kind. What stands among
    /// statements may not be come to.
    pub fn files(&self, text: &str) -> Vec<(&'static str, String)> {
        let style = Style::default();
        let asks = ["lookup", "query", "q("]
            .iter()
            .any(|word| text.contains(word));
        if !asks || text.len() > MAX_TEXT || text.contains("{%") || !style.is_template(text) {
            return Vec::new();
        }
        let mut uses = Vec::new();
        // What cannot be read is told as a fault.
        let _ = jinja::template_using(&newlines(text, &style), &style, Escapes::Kept, &mut uses);
        let files = uses.into_iter().filter_map(|named| match named {
            Use::File { kind, name } => Some((kind, name)),
            Use::Filter(_) | Use::Test(_) | Use::Lookup(_) => None,
        });
        files.collect()
    }

    fn of_template(&self, text: &str, style: &Style, escapes: Escapes) -> Vec<String> {
        if text.len() > MAX_TEXT {
            return vec![too_long().detail().unwrap_or_default().to_owned()];
        }
        if !style.is_template(text) {
            return Vec::new();
        }
        let mut uses = Vec::new();
        match jinja::template_using(&newlines(text, style), style, escapes, &mut uses) {
            Ok(translated) => self.compiled(&translated, &uses),
            Err(why) => vec![why],
        }
    }

    fn compiled(&self, translated: &Translated, uses: &[Use]) -> Vec<String> {
        let read = match translated {
            Translated::Expression(text) => self.texts.compile_expression(text).map(drop),
            Translated::Template(text) => self.texts.template_from_str(text).map(drop),
        };
        if let Err(error) = read {
            let why = error.detail().unwrap_or_default();
            return vec![if why.is_empty() {
                error.kind().to_string()
            } else {
                why.to_owned()
            }];
        }
        let mut wrong: Vec<String> = uses
            .iter()
            .filter_map(|named| unknown(&self.texts, named))
            .collect();
        wrong.dedup();
        wrong
    }
}

/// What is said of a name that nothing has.
fn unknown(environment: &Environment<'static>, named: &Use) -> Option<String> {
    // The engine says what it has by trying it only. Its answer to nothing is of no interest.
    let mut state = environment.empty_state();
    let nothing = [Jinja::from(())];
    let (kind, name, known) = match named {
        Use::Filter(name) => {
            let tried = state.apply_filter(name, &nothing).map(drop);
            (
                "filter",
                name,
                missing(tried) != Some(ErrorKind::UnknownFilter),
            )
        }
        Use::Test(name) => {
            let tried = state.perform_test(name, &nothing).map(drop);
            ("test", name, missing(tried) != Some(ErrorKind::UnknownTest))
        }
        Use::Lookup(name) => ("look-up", name, lookups::is_known(name)),
        // Where it is looked for, who renders the text knows.
        Use::File { .. } => return None,
    };
    (!known).then(|| format!("there is no {kind} `{name}` here"))
}

fn missing(tried: Result<(), minijinja::Error>) -> Option<ErrorKind> {
    tried.err().map(|error| error.kind())
}
