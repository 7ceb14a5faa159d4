//! Filters on texts.

use minijinja::{Error, value::Value as Jinja};

use super::table::Table;
use crate::vars::engine::{
    arguments::{Truth, bind},
    budget,
    mistake::wrong,
    percent::{self, WIDEST},
    python::{bounded, fits, grown, text},
};

pub(super) const TABLE: Table = &[
    ("lower", |values| {
        Ok(Jinja::from(text(&values[0])?.to_lowercase()))
    }),
    ("upper", |values| {
        Ok(Jinja::from(text(&values[0])?.to_uppercase()))
    }),
    ("capitalize", |values| {
        let text = text(&values[0])?;
        let mut letters = text.chars();
        Ok(Jinja::from(match letters.next() {
            Some(first) => {
                first.to_uppercase().collect::<String>() + &letters.as_str().to_lowercase()
            }
            None => String::new(),
        }))
    }),
    ("title", title),
    ("trim", |values| {
        let [value, letters] = bind(values, ["value", "chars"])?;
        let value = text(&value.unwrap_or(Jinja::UNDEFINED))?;
        Ok(Jinja::from(match letters {
            Some(letters) => {
                let letters = text(&letters)?;
                value.trim_matches(|c| letters.contains(c)).to_owned()
            }
            None => value.trim().to_owned(),
        }))
    }),
    ("replace", replace),
    ("split", split),
    ("splitlines", |values| {
        let text = text(&values[0])?;
        budget::items(text.lines().count())?;
        Ok(text.lines().map(Jinja::from).collect())
    }),
    ("indent", indent),
    ("comment", comment),
    ("quote", |values| {
        let [value] = bind(values, ["value"])?;
        Ok(Jinja::from(match value.filter(|value| !value.is_none()) {
            Some(value) => quote(&text(&value)?),
            None => quote(""),
        }))
    }),
    ("format", |values| {
        bounded(percent::format(&text(&values[0])?, &values[1..])?)
    }),
    ("center", |values| {
        let [value, width] = bind(values, ["value", "width"])?;
        let value = text(&value.unwrap_or(Jinja::UNDEFINED))?;
        let width = whole("center", "width", width, WIDEST)?.unwrap_or(80);
        let missing = width.saturating_sub(value.chars().count());
        let left = missing / 2 + (missing & width & 1);
        Ok(Jinja::from(format!(
            "{}{value}{}",
            " ".repeat(left),
            " ".repeat(missing - left)
        )))
    }),
    ("truncate", truncate),
    ("wordcount", |values| {
        Ok(Jinja::from(text(&values[0])?.split_whitespace().count()))
    }),
    ("escape", |values| {
        Ok(Jinja::from(escape(&text(&values[0])?)))
    }),
    ("e", |values| Ok(Jinja::from(escape(&text(&values[0])?)))),
];

/// How often the line before a comment and the one after it may stand there.
const MOST_LINES: usize = 100;

fn title(values: &[Jinja]) -> Result<Jinja, Error> {
    let mut out = String::new();
    let mut start = true;
    for c in text(&values[0])?.chars() {
        if start {
            out.extend(c.to_uppercase());
        } else {
            out.extend(c.to_lowercase());
        }
        start = c.is_whitespace() || "-({[<".contains(c);
    }
    Ok(Jinja::from(out))
}

fn replace(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, old, new, count] = bind(values, ["s", "old", "new", "count"])?;
    let (Some(old), Some(new)) = (old, new) else {
        return Err(wrong("`replace` needs what and by what"));
    };
    let value = text(&value.unwrap_or(Jinja::UNDEFINED))?;
    let (old, new) = (text(&old)?, text(&new)?);
    let count = count.and_then(|count| count.as_usize());
    bounded(replaced(&value, &old, &new, count)?)
}

/// The text with one text in the place of another, the first so many times.
pub(in crate::vars::engine) fn replaced(
    value: &str,
    old: &str,
    new: &str,
    count: Option<usize>,
) -> Result<String, Error> {
    let times = value.matches(old).count();
    let times = count.map_or(times, |count| count.min(times));
    let size = (value.len() - times * old.len()).saturating_add(times.saturating_mul(new.len()));
    fits(size)?;
    budget::text(size)?;
    Ok(value.replacen(old, new, times))
}

/// An argument that is a whole number up to this.
fn whole(
    filter: &str,
    name: &str,
    value: Option<Jinja>,
    most: usize,
) -> Result<Option<usize>, Error> {
    let Some(value) = value.filter(|value| !value.is_none()) else {
        return Ok(None);
    };
    match value.as_usize().filter(|number| *number <= most) {
        Some(number) => Ok(Some(number)),
        None => Err(wrong(format!(
            "`{filter}` needs a whole number up to {most} as `{name}`"
        ))),
    }
}

fn split(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, by, most] = bind(values, ["value", "sep", "maxsplit"])?;
    let value = text(&value.unwrap_or(Jinja::UNDEFINED))?;
    let most = most.and_then(|most| most.as_usize());
    let Some(by) = by.filter(|by| !by.is_none()) else {
        budget::items(value.split_whitespace().count())?;
        return Ok(value.split_whitespace().map(Jinja::from).collect());
    };
    let by = text(&by)?;
    if by.is_empty() {
        return Err(wrong("a text cannot be split by nothing"));
    }
    budget::items(value.matches(&by).count() + 1)?;
    Ok(match most {
        Some(most) => value
            .splitn(most.saturating_add(1), &by)
            .map(Jinja::from)
            .collect(),
        None => value.split(&by).map(Jinja::from).collect(),
    })
}

fn indent(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, width, first, blank] = bind(values, ["s", "width", "first", "blank"])?;
    let value = text(&value.unwrap_or(Jinja::UNDEFINED))?;
    let by = match width {
        Some(width) => match width.as_str() {
            Some(by) => by.to_owned(),
            None => " ".repeat(whole("indent", "width", Some(width), WIDEST)?.unwrap_or(4)),
        },
        None => "    ".to_owned(),
    };
    fits(value.split('\n').count().saturating_mul(by.len()))?;
    let mut out = String::new();
    for (at, line) in value.split('\n').enumerate() {
        if at > 0 {
            out.push('\n');
        }
        let wanted = if at == 0 {
            first.holds()
        } else {
            blank.holds() || !line.is_empty()
        };
        if wanted {
            out.push_str(&by);
        }
        out.push_str(line);
    }
    bounded(out)
}

/// `comment('plain')` and the other styles, with their parts changed by name.
fn comment(values: &[Jinja]) -> Result<Jinja, Error> {
    let [
        value,
        style,
        decoration,
        prefix,
        prefix_count,
        postfix,
        postfix_count,
        beginning,
        end,
        newline,
    ] = bind(
        values,
        [
            "text",
            "style",
            "decoration",
            "prefix",
            "prefix_count",
            "postfix",
            "postfix_count",
            "beginning",
            "end",
            "newline",
        ],
    )?;
    let value = text(&value.unwrap_or(Jinja::UNDEFINED))?;
    let style = style.map_or(Ok("plain".to_owned()), |style| text(&style))?;
    let (mark, begin, close) = match style.as_str() {
        "plain" => ("# ", "", ""),
        "erlang" => ("% ", "", ""),
        "c" => ("// ", "", ""),
        "cblock" => (" * ", "/*", " */"),
        "xml" => (" - ", "<!--", "-->"),
        _ => return Err(wrong(format!("`comment` has no style `{style}`"))),
    };
    let part = |value: Option<Jinja>, other: &str| match value {
        Some(value) => text(&value),
        None => Ok(other.to_owned()),
    };
    let mark = part(decoration, mark)?;
    let newline = part(newline, "\n")?;
    let trimmed = mark.trim_end().to_owned();
    let prefix = part(prefix, &trimmed)?;
    let postfix = part(postfix, &trimmed)?;
    let begin = part(beginning, begin)?;
    let close = part(end, close)?;
    let times = |name: &str, count: Option<Jinja>| {
        whole("comment", name, count, MOST_LINES).map(|count| count.unwrap_or(1))
    };
    let mut out = String::new();
    if !begin.is_empty() {
        out.push_str(&begin);
        out.push_str(&newline);
    }
    let lines = |what: &str, count: usize, out: &mut String| {
        for _ in 0..count {
            out.push_str(what);
            out.push_str(&newline);
        }
    };
    if !prefix.is_empty() {
        let count = times("prefix_count", prefix_count)?;
        fits((prefix.len() + newline.len()).saturating_mul(count))?;
        lines(&prefix, count, &mut out);
    }
    for (at, line) in value.split('\n').enumerate() {
        if at > 0 {
            out.push_str(&newline);
        }
        let line = format!("{mark}{line}");
        out.push_str(if line.trim_end().len() == trimmed.len() {
            &trimmed
        } else {
            &line
        });
        grown(&out)?;
    }
    if !postfix.is_empty() {
        let count = times("postfix_count", postfix_count)?;
        fits((postfix.len() + newline.len()).saturating_mul(count))?;
        for _ in 0..count {
            out.push_str(&newline);
            out.push_str(&postfix);
        }
    }
    if !close.is_empty() {
        out.push_str(&newline);
        out.push_str(&close);
    }
    bounded(out)
}

/// `shlex.quote`: untouched when nothing in it means anything to a shell.
fn quote(text: &str) -> String {
    let safe = |c: char| c.is_ascii_alphanumeric() || "_@%+=:,./-".contains(c);
    if !text.is_empty() && text.chars().all(safe) {
        return text.to_owned();
    }
    format!("'{}'", text.replace('\'', "'\"'\"'"))
}

fn truncate(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, length, words, end, leeway] =
        bind(values, ["s", "length", "killwords", "end", "leeway"])?;
    let value = text(&value.unwrap_or(Jinja::UNDEFINED))?;
    let length = length.and_then(|l| l.as_usize()).unwrap_or(255);
    let leeway = leeway.and_then(|l| l.as_usize()).unwrap_or(0);
    let end = end.map_or(Ok("...".to_owned()), |end| text(&end))?;
    if value.chars().count() <= length.saturating_add(leeway) {
        return Ok(Jinja::from(value));
    }
    let kept: String = value
        .chars()
        .take(length.saturating_sub(end.chars().count()))
        .collect();
    let kept = if words.holds() {
        kept.as_str()
    } else {
        kept.rsplit_once(' ')
            .map_or(kept.as_str(), |(head, _)| head)
    };
    Ok(Jinja::from(format!("{kept}{end}")))
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('\'', "&#39;")
        .replace('"', "&#34;")
}
