//! How libyaml writes a scalar: bare, in single quotes, or in double quotes with escapes.

use crate::{
    model::Value,
    vars::{engine::python::float, yaml},
};

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Style {
    Plain,
    Single,
    Double,
}

/// What a text has in it that some styles cannot have.
pub(super) struct Analysis {
    pub multiline: bool,
    flow_plain: bool,
    block_plain: bool,
    single: bool,
}

/// The style of a text. `resolved` says that it may be read as something else than a text.
pub(super) fn style(text: &str, resolved: bool, flow: bool, key: bool) -> Style {
    let analysis = Analysis::of(text);
    if key && analysis.multiline {
        return Style::Double;
    }
    let fits = if flow {
        analysis.flow_plain
    } else {
        analysis.block_plain
    };
    let empty = text.is_empty() && (flow || key);
    if fits && !empty && (resolved || reads_as_text(text)) {
        Style::Plain
    } else if analysis.single {
        Style::Single
    } else {
        Style::Double
    }
}

/// Whether a bare text would be read back as the same text, by PyYAML's rules.
fn reads_as_text(text: &str) -> bool {
    !matches!(text, "" | "=" | "<<")
        && !looks_like_a_date(text)
        && matches!(yaml::resolve(text), Ok(Value::String(_)))
}

/// PyYAML reads `2012-10-17` as a date, so it writes a text of that form in quotes.
fn looks_like_a_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    bytes.len() >= 8
        && bytes[..4].iter().all(u8::is_ascii_digit)
        && bytes[4] == b'-'
        && bytes[5].is_ascii_digit()
}

impl Analysis {
    pub fn of(text: &str) -> Self {
        let chars: Vec<char> = text.chars().collect();
        let marked = text.starts_with("---") || text.starts_with("...");
        let (mut block, mut flow) = (marked, marked);
        let (mut multiline, mut special) = (false, false);
        let (mut break_space, mut space_break) = (false, false);
        let (mut after_space, mut after_break) = (false, false);
        let mut after_blank = true;
        for (at, c) in chars.iter().copied().enumerate() {
            let before_blank = chars.get(at + 1).copied().is_none_or(is_blank);
            match c {
                '#' | ',' | '[' | ']' | '{' | '}' | '&' | '*' | '!' | '|' | '>' | '\'' | '"'
                | '%' | '@' | '`'
                    if at == 0 =>
                {
                    (block, flow) = (true, true);
                }
                '-' if at == 0 && before_blank => (block, flow) = (true, true),
                '?' if at == 0 => (block, flow) = (block || before_blank, true),
                ',' | '?' | '[' | ']' | '{' | '}' => flow = true,
                ':' => (block, flow) = (block || before_blank, true),
                '#' if after_blank => (block, flow) = (true, true),
                _ => {}
            }
            special |= !is_printable(c);
            multiline |= is_break(c);
            break_space |= c == ' ' && after_break;
            space_break |= is_break(c) && after_space;
            (after_space, after_break) = (c == ' ', is_break(c));
            after_blank = is_blank(c);
        }
        let edge = |c: Option<&char>| c.is_some_and(|c| *c == ' ' || is_break(*c));
        let edged = edge(chars.first()) || edge(chars.last());
        let single = !(break_space || space_break || special);
        let plain = single && !edged && !multiline;
        Self {
            multiline,
            flow_plain: plain && !flow && !text.is_empty(),
            block_plain: plain && !block,
            single,
        }
    }
}

fn is_blank(c: char) -> bool {
    matches!(c, '\0' | ' ' | '\t') || is_break(c)
}

pub(super) fn is_break(c: char) -> bool {
    matches!(c, '\r' | '\n' | '\u{85}' | '\u{2028}' | '\u{2029}')
}

/// What libyaml takes for printable ends with the sixteen bits of a character.
fn is_printable(c: char) -> bool {
    matches!(c, '\n' | ' '..='~' | '\u{a0}'..='\u{fffd}') && c != '\u{feff}'
}

/// The escape in double quotes; none for what is written as it is.
pub(super) fn escape(c: char) -> Option<String> {
    let letter = match c {
        '\0' => '0',
        '\u{7}' => 'a',
        '\u{8}' => 'b',
        '\t' => 't',
        '\n' => 'n',
        '\u{b}' => 'v',
        '\u{c}' => 'f',
        '\r' => 'r',
        '\u{1b}' => 'e',
        '"' | '\\' => c,
        '\u{85}' => 'N',
        '\u{2028}' => 'L',
        '\u{2029}' => 'P',
        c if is_printable(c) => return None,
        c => {
            return Some(match u32::from(c) {
                code @ ..=0xFF => format!("\\x{code:02X}"),
                code @ ..=0xFFFF => format!("\\u{code:04X}"),
                code => format!("\\U{code:08X}"),
            });
        }
    };
    Some(format!("\\{letter}"))
}

/// What PyYAML writes for a value that is no collection.
pub(super) fn text(value: &Value) -> String {
    match value {
        Value::Null => "null".to_owned(),
        Value::Bool(on) => on.to_string(),
        Value::Number(number) => match (number.is_f64(), number.as_f64()) {
            (true, Some(number)) => {
                let text = float(number);
                // A float without a point would be read as a text.
                if text.contains('.') {
                    text
                } else {
                    text.replacen('e', ".0e", 1)
                }
            }
            _ => number.to_string(),
        },
        Value::String(text) => text.clone(),
        Value::Array(_) | Value::Object(_) => String::new(),
    }
}
