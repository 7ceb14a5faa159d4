//! The arguments of filters, tests and functions.

use minijinja::{
    Error, ErrorKind,
    value::{Kwargs, Value as Jinja},
};

use super::{budget, mistake::wrong};

/// Arguments by position or by name, in the order of `names`. Refuses more of them, and unknown names.
pub(super) fn bind<const N: usize>(
    values: &[Jinja],
    names: [&str; N],
) -> Result<[Option<Jinja>; N], Error> {
    let mut bound = std::array::from_fn(|_| None);
    let (named, positional) = match values.split_last() {
        Some((last, rest)) if last.is_kwargs() => (Some(last), rest),
        _ => (None, values),
    };
    if positional.len() > N {
        return Err(wrong(format!(
            "{} arguments are too many",
            positional.len()
        )));
    }
    for (slot, value) in bound.iter_mut().zip(positional) {
        *slot = Some(value.clone());
    }
    if let Some(named) = named {
        let named = Kwargs::try_from(named.clone())?;
        for name in named.args() {
            let Some(at) = names.iter().position(|known| *known == name) else {
                return Err(wrong(format!("there is no argument `{name}`")));
            };
            if bound[at].replace(named.peek::<Jinja>(name)?).is_some() {
                return Err(wrong(format!("the argument `{name}` is given twice")));
            }
        }
    }
    Ok(bound)
}

/// The value, unless it is undefined.
pub(super) fn defined(value: &Jinja) -> Result<&Jinja, Error> {
    if value.is_undefined() {
        Err(ErrorKind::UndefinedError.into())
    } else {
        Ok(value)
    }
}

/// The items of a list, the keys of a mapping, the letters of a text. Refuses what has no items.
pub(super) fn items(value: &Jinja) -> Result<Vec<Jinja>, Error> {
    defined(value)?;
    if let Some(text) = value.as_str() {
        budget::items(text.chars().count())?;
        return Ok(text.chars().map(|c| Jinja::from(c.to_string())).collect());
    }
    let mut all = Vec::new();
    for item in value
        .try_iter()
        .map_err(|_| wrong(format!("{} has no items", value.kind())))?
        .checked()
    {
        budget::items(1)?;
        all.push(item?);
    }
    Ok(all)
}

impl Truth for Option<Jinja> {
    fn holds(&self) -> bool {
        self.as_ref().is_some_and(Jinja::is_true)
    }
}

/// Python's notion of truth for arguments that may be left out.
pub(super) trait Truth {
    /// Whether it is there and true.
    fn holds(&self) -> bool;
}
