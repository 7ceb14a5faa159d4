//! Targets as values of a Terraform variable.

use std::path::Path;

use serde_json::{Map, json};

use super::{format::Format, selection::Selection};
use crate::model::{Failure, visible};

/// `deploy_targets`, a map of names to records (Terraform, "Variable Definitions (.tfvars) Files").
pub const TFVARS: Format = Format {
    name: "tfvars",
    about: "the Terraform variable `deploy_targets`, a map of names to records",
    file: "deploy_targets.auto.tfvars.json",
    program: false,
    render,
    beside: &[],
};

fn render(selection: &Selection<'_>, _: Option<&Path>) -> Result<String, Failure> {
    let wrong = |error| Failure::bug(format!("a target cannot be written: {error}"));
    let mut targets = Map::new();
    for target in selection.records() {
        let record = serde_json::to_value(&target).map_err(wrong)?;
        targets.insert(target.name.clone(), record);
    }
    let text = serde_json::to_string_pretty(&json!({ "deploy_targets": targets }));
    Ok(format!("{}\n", visible::json(&text.map_err(wrong)?)))
}
