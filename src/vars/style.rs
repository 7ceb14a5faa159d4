//! How a template file is written: its delimiters, what its blocks take with them, and how its lines end.

use super::Encoding;
use crate::model::{Map, Value};

/// The start and the end of one kind of tag.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Delimiters {
    pub start: String,
    pub end: String,
}

/// How a template file is written, as the arguments of `template` say it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Style {
    pub(super) block: Delimiters,
    pub(super) variable: Delimiters,
    pub(super) comment: Delimiters,
    /// Whether a block takes the line break after it.
    pub(super) trim_blocks: bool,
    /// Whether a block takes the blanks before it on its line.
    pub(super) lstrip_blocks: bool,
    /// What the lines of the template end with once it is rendered.
    pub(super) newline: &'static str,
    /// How the rendered text is written.
    pub(super) encoding: Encoding,
}

impl Default for Style {
    /// Ansible's own: Jinja's delimiters, and a block takes its line break.
    fn default() -> Self {
        let pair = |start: &str, end: &str| Delimiters {
            start: start.to_owned(),
            end: end.to_owned(),
        };
        Self {
            block: pair("{%", "%}"),
            variable: pair("{{", "}}"),
            comment: pair("{#", "#}"),
            trim_blocks: true,
            lstrip_blocks: false,
            newline: "\n",
            encoding: Encoding::Utf8,
        }
    }
}

impl Style {
    /// The style that these arguments of `template` ask for; what they do not say is Ansible's own. Refuses values that
    /// an argument does not take; arguments that have nothing to do with the style are left alone.
    pub fn of(arguments: &Map) -> Result<Self, String> {
        let mut style = Self::default();
        for (name, value) in arguments {
            style.set(name, value)?;
        }
        style.validated()
    }

    /// Takes one argument; says whether it is one of the style's.
    pub(super) fn set(&mut self, name: &str, value: &Value) -> Result<bool, String> {
        match name {
            "block_start_string" => self.block.start = delimiter(name, value)?,
            "block_end_string" => self.block.end = delimiter(name, value)?,
            "variable_start_string" => self.variable.start = delimiter(name, value)?,
            "variable_end_string" => self.variable.end = delimiter(name, value)?,
            "comment_start_string" => self.comment.start = delimiter(name, value)?,
            "comment_end_string" => self.comment.end = delimiter(name, value)?,
            "trim_blocks" => self.trim_blocks = flag(name, value)?,
            "lstrip_blocks" => self.lstrip_blocks = flag(name, value)?,
            "newline_sequence" => self.newline = newline(value)?,
            "output_encoding" => self.encoding = Encoding::named(value)?,
            _ => return Ok(false),
        }
        Ok(true)
    }

    /// The style, unless its tags cannot be told apart.
    pub(super) fn validated(self) -> Result<Self, String> {
        let (block, variable, comment) =
            (&self.block.start, &self.variable.start, &self.comment.start);
        if block == variable || variable == comment || block == comment {
            return Err(
                "blocks, variables and comments must start with different texts".to_owned(),
            );
        }
        Ok(self)
    }

    /// Whether a text has anything to render.
    pub(super) fn is_template(&self, text: &str) -> bool {
        [&self.variable, &self.block, &self.comment]
            .iter()
            .any(|tag| text.contains(&tag.start))
    }
}

fn delimiter(name: &str, value: &Value) -> Result<String, String> {
    match value.as_str() {
        Some(text) if !text.is_empty() => Ok(text.to_owned()),
        _ => Err(format!("`{name}` is a text that is not empty")),
    }
}

fn flag(name: &str, value: &Value) -> Result<bool, String> {
    let word = match value {
        Value::Bool(on) => return Ok(*on),
        other => other
            .as_str()
            .map_or_else(|| other.to_string(), str::to_lowercase),
    };
    match word.as_str() {
        "yes" | "on" | "1" | "true" | "t" | "y" => Ok(true),
        "no" | "off" | "0" | "false" | "f" | "n" => Ok(false),
        _ => Err(format!("`{name}` is `true` or `false`")),
    }
}

/// In YAML's plain and single-quoted texts a backslash is a letter, and Ansible takes both spellings.
fn newline(value: &Value) -> Result<&'static str, String> {
    match value.as_str() {
        Some("\n" | "\\n") => Ok("\n"),
        Some("\r" | "\\r") => Ok("\r"),
        Some("\r\n" | "\\r\\n") => Ok("\r\n"),
        _ => Err(r"`newline_sequence` is one of `\n`, `\r` and `\r\n`".to_owned()),
    }
}
