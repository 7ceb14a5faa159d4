//! What the engine is given as the outermost scope, by which functions find the rendering they are called in.

use std::{fmt, sync::Arc};

use minijinja::{
    State,
    value::{Object, Value as Jinja},
};

use super::state::Evaluation;

/// The name under which functions find the rendering they are called in.
pub(super) const HANDLE: &str = "_evaluation";

/// The outermost names.
pub(super) struct Root(pub(super) Arc<Evaluation>);

impl fmt::Debug for Root {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the scope")
    }
}

impl Object for Root {
    fn get_value(self: &Arc<Self>, key: &Jinja) -> Option<Jinja> {
        self.get_value_by_str(key.as_str()?)
    }

    fn get_value_by_str(self: &Arc<Self>, name: &str) -> Option<Jinja> {
        self.0.name(name)
    }
}

/// The rendering a function is called in.
pub(in crate::vars::engine) fn of(state: &State<'_, '_>) -> Option<Arc<Evaluation>> {
    let handle = state.lookup(HANDLE)?;
    Some(handle.downcast_object_ref::<Root>()?.0.clone())
}
