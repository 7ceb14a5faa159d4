//! Tests (`x is …`): Ansible's own, and Jinja's where the engine answers otherwise.

use minijinja::{
    Environment, Error,
    value::{Rest, Value as Jinja, ValueKind, ValueOrKwargs},
};

use super::{
    arguments::{Truth, bind, defined, items},
    comparison::{contains, equal, order},
    filters::pattern,
    keys::Keys,
    mistake::wrong,
    python::text,
    types::is_list,
    versions::version,
};

type Test = fn(&[Jinja]) -> Result<bool, Error>;

const TABLE: &[(&str, Test)] = &[
    ("defined", |values| Ok(!values[0].is_undefined())),
    ("undefined", |values| Ok(values[0].is_undefined())),
    ("none", |values| Ok(defined(&values[0])?.is_none())),
    ("string", |values| {
        Ok(defined(&values[0])?.as_str().is_some())
    }),
    ("number", |values| {
        Ok(matches!(
            defined(&values[0])?.kind(),
            ValueKind::Number | ValueKind::Bool
        ))
    }),
    ("integer", |values| Ok(defined(&values[0])?.is_integer())),
    ("float", |values| {
        let value = defined(&values[0])?;
        Ok(value.kind() == ValueKind::Number && !value.is_integer())
    }),
    ("boolean", |values| {
        Ok(defined(&values[0])?.kind() == ValueKind::Bool)
    }),
    ("mapping", |values| {
        Ok(defined(&values[0])?.kind() == ValueKind::Map)
    }),
    ("iterable", |values| Ok(items(defined(&values[0])?).is_ok())),
    ("sequence", |values| {
        Ok(defined(&values[0])?.len().is_some())
    }),
    ("true", |values| {
        let value = defined(&values[0])?;
        Ok(value.kind() == ValueKind::Bool && value.is_true())
    }),
    ("false", |values| {
        let value = defined(&values[0])?;
        Ok(value.kind() == ValueKind::Bool && !value.is_true())
    }),
    ("truthy", truthy),
    ("falsy", |values| truthy(values).map(|holds| !holds)),
    ("changed", |values| flag(values, "changed")),
    ("change", |values| flag(values, "changed")),
    ("failed", |values| flag(values, "failed")),
    ("failure", |values| flag(values, "failed")),
    ("skipped", |values| flag(values, "skipped")),
    ("skip", |values| flag(values, "skipped")),
    ("success", |values| {
        flag(values, "failed").map(|failed| !failed)
    }),
    ("succeeded", |values| {
        flag(values, "failed").map(|failed| !failed)
    }),
    ("successful", |values| {
        flag(values, "failed").map(|failed| !failed)
    }),
    ("reachable", |values| {
        flag(values, "unreachable").map(|failed| !failed)
    }),
    ("unreachable", |values| flag(values, "unreachable")),
    ("version", version),
    ("version_compare", version),
    ("match", |values| regex(values, "match")),
    ("search", |values| regex(values, "search")),
    ("regex", |values| regex(values, "")),
    ("contains", |values| {
        contains(defined(&values[0])?, second(values)?)
    }),
    ("in", |values| {
        contains(second(values)?, defined(&values[0])?)
    }),
    ("eq", |values| equal(defined(&values[0])?, second(values)?)),
    ("equalto", |values| {
        equal(defined(&values[0])?, second(values)?)
    }),
    ("==", |values| equal(defined(&values[0])?, second(values)?)),
    ("ne", |values| {
        equal(defined(&values[0])?, second(values)?).map(|equal| !equal)
    }),
    ("!=", |values| {
        equal(defined(&values[0])?, second(values)?).map(|equal| !equal)
    }),
    ("lt", |values| {
        ordered(values).map(std::cmp::Ordering::is_lt)
    }),
    ("lessthan", |values| {
        ordered(values).map(std::cmp::Ordering::is_lt)
    }),
    ("<", |values| ordered(values).map(std::cmp::Ordering::is_lt)),
    ("le", |values| {
        ordered(values).map(std::cmp::Ordering::is_le)
    }),
    ("<=", |values| {
        ordered(values).map(std::cmp::Ordering::is_le)
    }),
    ("gt", |values| {
        ordered(values).map(std::cmp::Ordering::is_gt)
    }),
    ("greaterthan", |values| {
        ordered(values).map(std::cmp::Ordering::is_gt)
    }),
    (">", |values| ordered(values).map(std::cmp::Ordering::is_gt)),
    ("ge", |values| {
        ordered(values).map(std::cmp::Ordering::is_ge)
    }),
    (">=", |values| {
        ordered(values).map(std::cmp::Ordering::is_ge)
    }),
    ("subset", |values| {
        all_in(defined(&values[0])?, second(values)?)
    }),
    ("issubset", |values| {
        all_in(defined(&values[0])?, second(values)?)
    }),
    ("superset", |values| {
        all_in(second(values)?, defined(&values[0])?)
    }),
    ("issuperset", |values| {
        all_in(second(values)?, defined(&values[0])?)
    }),
    ("all", |values| {
        Ok(items(&values[0])?.iter().all(Jinja::is_true))
    }),
    ("any", |values| {
        Ok(items(&values[0])?.iter().any(Jinja::is_true))
    }),
    ("abs", |values| Ok(text(&values[0])?.starts_with('/'))),
    ("divisibleby", |values| {
        match (values[0].as_i64(), second(values)?.as_i64()) {
            (Some(a), Some(b)) if b != 0 => Ok(a % b == 0),
            _ => Err(wrong("`divisibleby` takes numbers")),
        }
    }),
    ("url", |values| {
        let text = text(&values[0])?;
        Ok(["http://", "https://", "ftp://", "file://", "ssh://"]
            .iter()
            .any(|scheme| text.starts_with(scheme)))
    }),
    ("exists", |values| {
        Ok(std::path::Path::new(&text(&values[0])?).exists())
    }),
    ("file", |values| {
        Ok(std::path::Path::new(&text(&values[0])?).is_file())
    }),
    ("directory", |values| {
        Ok(std::path::Path::new(&text(&values[0])?).is_dir())
    }),
];

pub(super) fn register(environment: &mut Environment<'static>) {
    for (name, test) in TABLE {
        environment.add_test(*name, move |values: Rest<ValueOrKwargs>| {
            let values: Vec<Jinja> = values.0.into_iter().map(Jinja::from).collect();
            test(&values)
        });
    }
}

fn second(values: &[Jinja]) -> Result<&Jinja, Error> {
    defined(
        values
            .get(1)
            .ok_or_else(|| wrong("the test needs a value to compare with"))?,
    )
}

fn ordered(values: &[Jinja]) -> Result<std::cmp::Ordering, Error> {
    order(defined(&values[0])?, second(values)?).ok_or_else(|| wrong("unlike things have no order"))
}

fn all_in(some: &Jinja, all: &Jinja) -> Result<bool, Error> {
    if is_list(all) {
        let all = Keys::of(&items(all)?)?;
        for item in items(some)? {
            if !all.holds(&item)? {
                return Ok(false);
            }
        }
        return Ok(true);
    }
    for item in items(some)? {
        if !contains(all, &item)? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// A flag of a registered result. Where it does not say `changed` itself, one of its `results` is enough.
fn flag(values: &[Jinja], name: &str) -> Result<bool, Error> {
    let result = defined(&values[0])?;
    if result.kind() != ValueKind::Map {
        return Err(wrong("the test is for a registered result"));
    }
    let own = result.get_attr(name)?;
    if !own.is_undefined() {
        return Ok(own.is_true());
    }
    let results = result.get_attr("results")?;
    if results.is_undefined() || name != "changed" {
        return Ok(false);
    }
    for one in items(&results)? {
        if one.kind() == ValueKind::Map && one.get_attr(name)?.is_true() {
            return Ok(true);
        }
    }
    Ok(false)
}

/// Python's `re.match` and `re.search` as tests.
fn regex(values: &[Jinja], otherwise: &str) -> Result<bool, Error> {
    let [value, find, ignore_case, multiline, kind] = bind(
        values,
        ["value", "pattern", "ignorecase", "multiline", "match_type"],
    )?;
    let value = text(&value.unwrap_or(Jinja::UNDEFINED))?;
    let find = find.ok_or_else(|| wrong("a pattern is needed"))?;
    let kind = match kind {
        Some(kind) => text(&kind)?,
        None => otherwise.to_owned(),
    };
    let find = text(&find)?;
    let find = match kind.as_str() {
        "match" => format!("\\A(?:{find})"),
        "fullmatch" => format!("\\A(?:{find})\\z"),
        _ => find,
    };
    pattern(&find, ignore_case.holds(), multiline.holds())?
        .is_match(value.as_str())
        .map_err(|error| wrong(format!("a match was given up: {error}")))
}

/// Python's notion of truth; with `convert_bool`, of words such as `no` as well.
fn truthy(values: &[Jinja]) -> Result<bool, Error> {
    let [value, convert] = bind(values, ["value", "convert_bool"])?;
    let value = value.unwrap_or(Jinja::UNDEFINED);
    let word = match (defined(&value)?.as_str(), convert.holds()) {
        (Some(word), true) => word.trim().to_lowercase(),
        _ => return Ok(value.is_true()),
    };
    Ok(value.is_true() && !["n", "no", "off", "0", "false", "f"].contains(&word.as_str()))
}
