//! Filters with regular expressions, which are Python's.

use fancy_regex::{Captures, Regex, RegexBuilder};
use minijinja::{Error, value::Value as Jinja};

use super::table::Table;
use crate::vars::engine::{
    arguments::{Truth, bind},
    budget,
    mistake::wrong,
    python::{bounded, grown, text},
};

pub(super) const TABLE: Table = &[
    ("regex_replace", replace),
    ("regex_search", search),
    ("regex_findall", findall),
    ("regex_escape", |values| {
        let [value, kind] = bind(values, ["string", "re_type"])?;
        let value = text(&value.unwrap_or(Jinja::UNDEFINED))?;
        let kind = kind.map_or(Ok("python".to_owned()), |kind| text(&kind))?;
        let special = match kind.as_str() {
            "python" => "()[]{}?*+-|^$\\.&~# \t\n\r\u{b}\u{c}",
            "posix_basic" => "].[^$*\\",
            _ => {
                return Err(wrong(format!(
                    "`regex_escape` has no `re_type` `{kind}`; there are python and posix_basic"
                )));
            }
        };
        Ok(Jinja::from(escape(&value, special)))
    }),
];

/// How often a match may be tried again before it is given up.
const BACKTRACKS: usize = 1_000_000;

/// A pattern of Python's, compiled.
pub(in crate::vars::engine) fn pattern(
    text: &str,
    ignore_case: bool,
    multiline: bool,
) -> Result<Regex, Error> {
    budget::pattern(text)?;
    let flags = match (ignore_case, multiline) {
        (true, true) => "(?im)",
        (true, false) => "(?i)",
        (false, true) => "(?m)",
        (false, false) => "",
    };
    // Python's `\Z` is the very end, which is `\z` here.
    let text = text.replace("\\Z", "\\z");
    RegexBuilder::new(&format!("{flags}{text}"))
        .backtrack_limit(BACKTRACKS)
        .build()
        .map_err(|error| wrong(format!("the pattern `{text}` cannot be read: {error}")))
}

fn failed(error: fancy_regex::Error) -> Error {
    wrong(format!("a match was given up: {error}"))
}

fn replace(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, find, with, ignore_case, multiline, count, mandatory] = bind(
        values,
        [
            "value",
            "pattern",
            "replacement",
            "ignorecase",
            "multiline",
            "count",
            "mandatory_count",
        ],
    )?;
    let value = text(&value.unwrap_or(Jinja::UNDEFINED))?;
    let find = find.map_or(Ok(String::new()), |find| text(&find))?;
    let with = with.map_or(Ok(String::new()), |with| text(&with))?;
    let regex = pattern(&find, ignore_case.holds(), multiline.holds())?;
    let most = count
        .and_then(|count| count.as_usize())
        .filter(|count| *count > 0)
        .unwrap_or(usize::MAX);
    let mut out = String::new();
    let mut end = 0;
    let mut done = 0;
    for captures in regex.captures_iter(value.as_str()) {
        let captures = captures.map_err(failed)?;
        let Some(whole) = captures.get(0).filter(|_| done < most) else {
            break;
        };
        // Each match takes work, also where it makes nothing longer.
        budget::items(captures.len())?;
        out.push_str(&value[end..whole.start()]);
        expand(&with, &captures, &mut out)?;
        end = whole.end();
        done += 1;
        grown(&out)?;
    }
    if mandatory
        .and_then(|m| m.as_usize())
        .is_some_and(|m| m > 0 && m != done)
    {
        return Err(wrong(format!("`{find}` matched {done} times")));
    }
    out.push_str(&value[end..]);
    bounded(out)
}

/// Python's `\1`, `\g<name>` and escapes in a replacement.
fn expand(with: &str, captures: &Captures<'_, str>, out: &mut String) -> Result<(), Error> {
    let mut rest = with;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        let digits = rest
            .find(|c: char| !c.is_ascii_digit())
            .unwrap_or(rest.len())
            .min(2);
        if digits > 0 {
            let group: usize = rest[..digits].parse().unwrap_or(0);
            if group >= captures.len() {
                return Err(wrong(format!("the pattern has no group {group}")));
            }
            out.push_str(captures.get(group).map_or("", |m| m.as_str()));
            grown(out)?;
            rest = &rest[digits..];
        } else if let Some((name, after)) = rest
            .strip_prefix("g<")
            .and_then(|after| after.split_once('>'))
        {
            let found = match name.parse::<usize>() {
                Ok(group) => captures.get(group),
                Err(_) => captures.name(name),
            };
            out.push_str(found.map_or("", |m| m.as_str()));
            grown(out)?;
            rest = after;
        } else {
            let mut chars = rest.chars();
            match chars.next() {
                Some('n') => out.push('\n'),
                Some('t') => out.push('\t'),
                Some('r') => out.push('\r'),
                Some('\\') => out.push('\\'),
                Some(c) => {
                    out.push('\\');
                    out.push(c);
                }
                None => out.push('\\'),
            }
            rest = chars.as_str();
        }
    }
    out.push_str(rest);
    Ok(())
}

fn search(values: &[Jinja]) -> Result<Jinja, Error> {
    let (options, positional) = match values.split_last() {
        Some((last, rest)) if last.is_kwargs() => (std::slice::from_ref(last), rest),
        _ => (&[][..], values),
    };
    let [ignore_case, multiline] = bind(options, ["ignorecase", "multiline"])?;
    let [value, find, groups @ ..] = positional else {
        return Err(wrong("`regex_search` needs a pattern"));
    };
    let value = text(value)?;
    let regex = pattern(&text(find)?, ignore_case.holds(), multiline.holds())?;
    let Some(captures) = regex.captures(value.as_str()).map_err(failed)? else {
        return Ok(Jinja::from(()));
    };
    let shown = |found: Option<fancy_regex::Match<'_>>| match found {
        Some(found) => Jinja::from(found.as_str()),
        None => Jinja::from(()),
    };
    if groups.is_empty() {
        return Ok(shown(captures.get(0)));
    }
    let mut out = Vec::new();
    for group in groups {
        let group = text(group)?;
        let group = group.trim_start_matches('\\');
        let name = group.strip_prefix("g<").and_then(|g| g.strip_suffix('>'));
        out.push(match (group.parse::<usize>(), name) {
            (Ok(number), _) => shown(captures.get(number)),
            (_, Some(name)) => match name.parse::<usize>() {
                Ok(number) => shown(captures.get(number)),
                Err(_) => shown(captures.name(name)),
            },
            _ => return Err(wrong(format!("`{group}` is no group"))),
        });
    }
    Ok(Jinja::from(out))
}

fn findall(values: &[Jinja]) -> Result<Jinja, Error> {
    let [value, find, multiline, ignore_case] =
        bind(values, ["value", "regex", "multiline", "ignorecase"])?;
    let value = text(&value.unwrap_or(Jinja::UNDEFINED))?;
    let find = find.ok_or_else(|| wrong("`regex_findall` needs a pattern"))?;
    let regex = pattern(&text(&find)?, ignore_case.holds(), multiline.holds())?;
    let mut out = Vec::new();
    for captures in regex.captures_iter(value.as_str()) {
        let captures = captures.map_err(failed)?;
        let group = |at| captures.get(at).map_or("", |m| m.as_str());
        budget::items(captures.len())?;
        budget::text((0..captures.len()).map(|at| group(at).len()).sum())?;
        out.push(match captures.len() {
            1 => Jinja::from(group(0)),
            2 => Jinja::from(group(1)),
            length => (1..length).map(group).map(Jinja::from).collect(),
        });
    }
    Ok(Jinja::from(out))
}

/// A backslash before everything that may mean something.
fn escape(text: &str, special: &str) -> String {
    let mut out = String::with_capacity(text.len() * 2);
    for c in text.chars() {
        if special.contains(c) {
            out.push('\\');
        }
        out.push(c);
    }
    out
}
