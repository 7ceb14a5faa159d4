//! Methods of texts, lists and mappings, as Python has them.

use minijinja::{
    Error, State,
    value::{Value as Jinja, ValueKind},
};
use minijinja_contrib::pycompat::unknown_method_callback;

use super::{
    arguments::{bind, items},
    budget,
    filters::{joined, replaced},
    format::format,
    mistake::wrong,
    percent::WIDEST,
    python::{bounded, text},
};

/// What a method that the engine does not know gives.
pub(super) fn call(
    state: &mut State<'_, '_>,
    value: &Jinja,
    method: &str,
    args: &[Jinja],
) -> Result<Jinja, Error> {
    match (value.as_str(), method) {
        (Some(on), "rjust" | "ljust" | "zfill") => {
            let [width, fill] = bind(args, ["width", "fillchar"])?;
            let width = width
                .and_then(|width| width.as_usize())
                .filter(|width| *width <= WIDEST)
                .ok_or_else(|| wrong(format!("`{method}` needs a width up to {WIDEST}")))?;
            let fill = match fill {
                Some(fill) => text(&fill)?,
                None if method == "zfill" => "0".to_owned(),
                None => " ".to_owned(),
            };
            if fill.chars().count() != 1 {
                return Err(wrong(format!("`{method}` fills with one letter")));
            }
            let fill = fill.repeat(width.saturating_sub(on.chars().count()));
            budget::text(on.len() + fill.len())?;
            Ok(Jinja::from(if method == "ljust" {
                format!("{on}{fill}")
            } else {
                format!("{fill}{on}")
            }))
        }
        (Some(on), "format") => bounded(format(on, args)?),
        (Some(on), "join") => {
            let [list] = bind(args, ["iterable"])?;
            let list = list.ok_or_else(|| wrong("`join` needs a list"))?;
            bounded(joined(&items(&list)?, on, None)?)
        }
        (Some(on), "replace") => {
            let [old, new, count] = bind(args, ["old", "new", "count"])?;
            let (Some(old), Some(new)) = (old, new) else {
                return Err(wrong("`replace` needs what and by what"));
            };
            bounded(replaced(
                on,
                &text(&old)?,
                &text(&new)?,
                count.and_then(|count| count.as_usize()),
            )?)
        }
        (Some(on), _) => {
            let pieces = match (method, args.first().and_then(Jinja::as_str)) {
                ("split", Some(by)) if !by.is_empty() => on.matches(by).count() + 1,
                ("split", _) => on.split_whitespace().count(),
                ("splitlines", _) => on.lines().count(),
                _ => 0,
            };
            budget::items(pieces)?;
            budget::text(on.len())?;
            unknown_method_callback(state, value, method, args)
        }
        (None, "index" | "count") if value.kind() == ValueKind::Seq => {
            let [sought] = bind(args, ["value"])?;
            let sought = sought.ok_or_else(|| wrong(format!("`{method}` needs a value")))?;
            let all = items(value)?;
            if method == "count" {
                return Ok(Jinja::from(
                    all.iter().filter(|one| **one == sought).count(),
                ));
            }
            let at = all.iter().position(|one| *one == sought);
            at.map(Jinja::from)
                .ok_or_else(|| wrong("`index` did not find the value in the list"))
        }
        (None, _) => unknown_method_callback(state, value, method, args),
    }
}
