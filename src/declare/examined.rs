//! What a check reads an environment into.

use std::sync::Arc;

use super::Declaration;
use crate::model::{Diagnostic, playbook::Playbook};

/// What a check of an environment sees.
#[derive(Default)]
pub struct Examined {
    /// What it declares, as far as it can be read; its warnings are among the mistakes where there are any.
    pub declared: Option<Declaration>,
    /// Everything that is wrong with it, its templates and its playbooks.
    pub mistakes: Vec<Diagnostic>,
    /// The hosts' playbooks as far as they can be read, each once.
    pub playbooks: Vec<Arc<Playbook>>,
}
