//! Methods of texts, lists and mappings, as Python has them.

use minijinja::{Error, State, value::Value as Jinja};
use minijinja_contrib::pycompat::unknown_method_callback;

use super::{
    arguments::{bind, wrong},
    python::text,
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
                .filter(|width| *width <= 4096)
                .ok_or_else(|| wrong(format!("`{method}` needs a width up to 4096")))?;
            let fill = match fill {
                Some(fill) => text(&fill)?,
                None if method == "zfill" => "0".to_owned(),
                None => " ".to_owned(),
            };
            let fill = fill.repeat(width.saturating_sub(on.chars().count()));
            Ok(Jinja::from(if method == "ljust" {
                format!("{on}{fill}")
            } else {
                format!("{fill}{on}")
            }))
        }
        _ => unknown_method_callback(state, value, method, args),
    }
}
