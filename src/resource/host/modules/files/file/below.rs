//! Everything below a folder, also where links lead.

use std::collections::BTreeSet;

use futures::future::{BoxFuture, FutureExt as _, try_join_all};

use crate::model::host::{Entry, FileType};
use crate::model::{Failure, Probe};
use crate::resource::host::ask;

/// The entries below a folder. With `follow`, those too that links lead to, with all below them, as Ansible's `recurse`
/// takes them; each with whether it is such a one.
pub async fn below(
    world: &dyn Probe,
    path: &str,
    follow: bool,
) -> Result<Vec<(Entry, bool)>, Failure> {
    let mut seen = BTreeSet::new();
    let mut found = Vec::new();
    let mut folders = vec![path.to_owned()];
    while !folders.is_empty() {
        let entries = try_join_all(folders.iter().map(|folder| ask::below(world, folder))).await?;
        let entries: Vec<Entry> = entries.into_iter().flatten().collect();
        folders.clear();
        let links = entries
            .iter()
            .filter(|entry| follow && entry.stat.kind == FileType::Link);
        let behind = try_join_all(links.map(|link| behind(world, link))).await?;
        for entry in behind.into_iter().flatten() {
            // A link may lead to a folder that it lies in.
            let new = seen.insert(entry.stat.inode);
            if new && entry.stat.kind == FileType::Directory {
                folders.push(entry.path.clone());
            }
            found.push((entry, true));
        }
        found.extend(entries.into_iter().map(|entry| (entry, false)));
    }
    Ok(found)
}

/// What a link leads to, under the link's path; none where it leads nowhere.
fn behind<'a>(
    world: &'a dyn Probe,
    link: &'a Entry,
) -> BoxFuture<'a, Result<Option<Entry>, Failure>> {
    async move {
        let stat = ask::stat(world, &link.path, true).await?;
        Ok(stat.map(|stat| Entry {
            path: link.path.clone(),
            stat,
        }))
    }
    .boxed()
}
