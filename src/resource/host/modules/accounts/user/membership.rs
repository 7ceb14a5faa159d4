//! The groups an account is in beside its own.

use std::collections::BTreeMap;

use crate::model::host::User;
use crate::model::{Failure, Probe};

use crate::resource::host::ask;

/// Asks for the names of those groups that are given by their numbers: what an account is in has names.
pub async fn numbers(
    world: &dyn Probe,
    groups: impl Iterator<Item = &String>,
) -> Result<BTreeMap<String, String>, Failure> {
    let asked = groups
        .filter(|group| number(group))
        .map(|number| async move {
            let group = ask::group(world, number).await?;
            Ok::<_, Failure>(group.map(|group| (number.clone(), group.name)))
        });
    let found = futures::future::try_join_all(asked).await?;
    Ok(found.into_iter().flatten().collect())
}

/// The groups to hand to usermod, when the account's differ from those that are wanted.
pub fn differing(user: &User, wanted: Vec<String>, append: bool) -> Option<Vec<String>> {
    // A primary group that is named among the others is one it is in already.
    let missing: Vec<_> = wanted
        .iter()
        .filter(|group| !user.groups.contains(group) && **group != user.group)
        .cloned()
        .collect();
    let surplus = user.groups.iter().any(|group| !wanted.contains(group));
    if append {
        (!missing.is_empty()).then_some(missing)
    } else {
        (!missing.is_empty() || surplus).then_some(wanted)
    }
}

/// Whether a group is given by its number.
fn number(group: &str) -> bool {
    !group.is_empty() && group.bytes().all(|byte| byte.is_ascii_digit())
}
