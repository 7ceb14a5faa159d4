//! The targets that a command was given by name.

use super::session::Session;
use crate::model::{Failure, Target};

/// The named ones of this environment, or all when none is named. Fails when one is not registered.
pub fn select(
    targets: Vec<Target>,
    environment: &str,
    names: &[String],
) -> Result<Vec<Target>, Failure> {
    if names.is_empty() {
        return Ok(targets);
    }
    let known = |name: &&String| targets.iter().any(|target| target.name == **name);
    if let Some(missing) = names.iter().find(|name| !known(name)) {
        return Err(unregistered(missing, environment, &targets));
    }
    Ok(targets
        .into_iter()
        .filter(|target| names.contains(&target.name))
        .collect())
}

/// The target of this name. Fails when it is not registered.
pub async fn one(session: &Session, name: &str) -> Result<Target, Failure> {
    let targets = session.backend.targets();
    // A name that no record can have is not registered either.
    if let Ok(Some(target)) = targets.get(name).await {
        return Ok(target);
    }
    let environment = &session.declaration.name;
    Err(unregistered(name, environment, &targets.list().await?))
}

/// The failure of a name that none of the registered targets has.
pub fn unregistered(name: &str, environment: &str, registered: &[Target]) -> Failure {
    let known: Vec<&str> = registered
        .iter()
        .map(|target| target.name.as_str())
        .collect();
    Failure::new("there is no such target", format!("looking for `{name}`"))
        .why(match known.as_slice() {
            [] => "None is registered.".to_owned(),
            known => format!("Registered are: {}.", known.join(", ")),
        })
        .left_behind("Nothing was changed.")
        .help(format!(
            "`landfall apply {environment}` registers what is declared."
        ))
}
