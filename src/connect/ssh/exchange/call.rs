//! A call of a function that every shell of ours on a host knows.

use std::fmt;

use super::quote::quote;
use crate::model::{Content, Failure};

/// A function of the prelude with its words, and the bytes it reads.
#[derive(Debug, Clone)]
pub struct Call {
    words: Vec<String>,
    content: Option<Content>,
    long: bool,
}

impl Call {
    /// A call of this function.
    pub fn new(function: &'static str) -> Self {
        Self {
            words: vec![function.to_owned()],
            content: None,
            long: false,
        }
    }

    /// The same call as one that may rightly take long, because the user measures out what it does.
    pub fn long(mut self) -> Self {
        self.long = true;
        self
    }

    /// Whether it may rightly take long; else a sound host answers soon.
    pub fn is_long(&self) -> bool {
        self.long
    }

    /// The same call with one more word.
    pub fn word(mut self, word: impl Into<String>) -> Self {
        self.words.push(word.into());
        self
    }

    /// The same call with more words.
    pub fn words<I: IntoIterator<Item = S>, S: Into<String>>(mut self, words: I) -> Self {
        self.words.extend(words.into_iter().map(Into::into));
        self
    }

    /// The same call with this on its standard input.
    pub fn content(mut self, content: Option<Content>) -> Self {
        self.content = content;
        self
    }

    /// The same call handed to this function.
    pub fn before(mut self, function: &'static str) -> Self {
        self.words.insert(0, function.to_owned());
        self
    }

    /// The same call as an action of this run.
    pub fn step(mut self, run: &str) -> Self {
        self.words
            .splice(0..0, ["lf_step".to_owned(), run.to_owned()]);
        self.long()
    }

    /// The bytes it reads.
    pub fn bytes(&self) -> &[u8] {
        self.content.as_ref().map_or(&[], Content::bytes)
    }

    /// About how many bytes it is on its way.
    pub fn size(&self) -> usize {
        self.words.iter().map(|word| word.len() + 3).sum::<usize>() + self.bytes().len()
    }

    /// Refuses a call that cannot be sent, so that a bad word fails its own question only.
    pub fn check(&self) -> Result<(), Failure> {
        self.words.iter().try_for_each(|word| quote(word).map(drop))
    }

    /// Its line in a request, as the call of this number.
    pub fn text(&self, index: usize) -> Result<String, Failure> {
        let mut text = format!("lf_item {index} {}", self.bytes().len());
        for word in &self.words {
            text.push(' ');
            text.push_str(&quote(word)?);
        }
        text.push('\n');
        Ok(text)
    }
}

impl fmt::Display for Call {
    /// The function without its words, which may be long.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let own =
            |word: &&String| word.starts_with("lf_") && *word != "lf_step" && *word != "lf_keep";
        let name = self.words.iter().find(own);
        f.write_str(name.map_or("", |name| name.trim_start_matches("lf_")))
    }
}
