//! `omit`: the argument that is given it is not given.

use std::sync::Arc;

use minijinja::value::{Object, ObjectRepr};

/// The value of `omit`.
#[derive(Debug)]
pub(super) struct Omit;

impl Object for Omit {
    fn repr(self: &Arc<Self>) -> ObjectRepr {
        ObjectRepr::Plain
    }
}
