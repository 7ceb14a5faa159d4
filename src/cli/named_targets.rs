//! The targets that a command was given by name.

use crate::model::{Failure, Target};

/// The named ones, or all when none is named. Fails when one is not registered.
pub fn select(targets: Vec<Target>, names: &[String]) -> Result<Vec<Target>, Failure> {
    if names.is_empty() {
        return Ok(targets);
    }
    let known: Vec<String> = targets.iter().map(|target| target.name.clone()).collect();
    if let Some(missing) = names.iter().find(|name| !known.contains(name)) {
        return Err(Failure::new(
            "there is no such target",
            format!("looking for `{missing}`"),
        )
        .why(format!(
            "Registered are: {}.",
            if known.is_empty() {
                "none".to_owned()
            } else {
                known.join(", ")
            }
        )));
    }
    Ok(targets
        .into_iter()
        .filter(|target| names.contains(&target.name))
        .collect())
}
