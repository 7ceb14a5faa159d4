//! Where a command is run once on ECS: beside which service of a target, and in which container of its task.

use super::reference::{repository_of, whole};
use super::revisions::containers;
use super::site::Site;
use crate::model::{EcsTarget, Failure};

/// A place for a command.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OneOffTask {
    /// The cluster's name.
    pub cluster: String,
    /// The service's name.
    pub service: String,
    /// The container whose command is replaced.
    pub container: String,
}

/// Finds it. Without a service it is the target's own; without a container it is the only one, or the only one that runs an
/// image of the target's.
///
/// Fails when one of them is not there, or several containers could be meant.
pub async fn one_off_task(
    site: &Site<'_>,
    ecs: &EcsTarget,
    service: Option<&str>,
    container: Option<&str>,
) -> Result<OneOffTask, Failure> {
    let unclear = |why: String, help: &str| {
        let doing = format!("running a command at `{}`", site.target.name);
        Failure::new("it is not clear where it is to run", doing)
            .why(why)
            .left_behind("Nothing was run.")
            .help(help)
    };
    let service = named_service(ecs, service)
        .map_err(|why| unclear(why, "Name one of them: --service NAME"))?;
    let seen = site.revision(&site.runs(ecs, service).await?).await?;
    let repositories = site.target.images.values();
    let repositories: Vec<String> = repositories.map(|from| whole(from)).collect();
    let container = named_container(&containers(&seen), &repositories, container)
        .map_err(|why| unclear(why, "Name one of them: --container NAME"))?;
    Ok(OneOffTask {
        cluster: ecs.cluster.clone(),
        service: service.to_owned(),
        container,
    })
}

/// The service that is meant: the target's own, or one by the name that the target or ECS calls it.
fn named_service<'a>(ecs: &'a EcsTarget, wanted: Option<&str>) -> Result<&'a str, String> {
    let Some(wanted) = wanted else {
        return Ok(&ecs.service);
    };
    if wanted == ecs.service {
        return Ok(&ecs.service);
    }
    let mut further = ecs.services.iter();
    let found = further.find(|(name, one)| name.as_str() == wanted || one.service == wanted);
    found.map(|(_, one)| one.service.as_str()).ok_or_else(|| {
        let further = ecs.services.keys().map(String::as_str);
        let names: Vec<&str> = std::iter::once(ecs.service.as_str())
            .chain(further)
            .collect();
        format!(
            "There is no service `{wanted}`; there are: {}.",
            names.join(", ")
        )
    })
}

/// The container that is meant, of these with their images.
fn named_container(
    all: &[(String, String)],
    repositories: &[String],
    wanted: Option<&str>,
) -> Result<String, String> {
    let names = |some: &[&(String, String)]| {
        let names: Vec<&str> = some.iter().map(|(name, _)| name.as_str()).collect();
        names.join(", ")
    };
    let every: Vec<&(String, String)> = all.iter().collect();
    let found: Vec<&(String, String)> = match wanted {
        Some(wanted) => all.iter().filter(|(name, _)| name == wanted).collect(),
        None if all.len() == 1 => every.clone(),
        None => {
            let ours = |image: &str| repositories.contains(&whole(repository_of(image)));
            all.iter().filter(|(_, image)| ours(image)).collect()
        }
    };
    match (found.as_slice(), wanted) {
        ([(name, _)], _) => Ok(name.clone()),
        ([], Some(wanted)) => Err(format!(
            "Its task has no container `{wanted}`; it has: {}.",
            names(&every)
        )),
        ([], None) => Err(format!(
            "No container of its task runs an image of the target's; it has: {}.",
            names(&every)
        )),
        (several, _) => Err(format!(
            "Several containers run images of the target's: {}.",
            names(several)
        )),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_container_is_the_only_one_or_the_one_with_the_targets_image() {
        let all = [("app", "example/app:2"), ("proxy", "nginx:stable")];
        let all = all.map(|(name, image)| (name.to_owned(), image.to_owned()));
        let ours = ["docker.io/example/app".to_owned()];
        assert_eq!(named_container(&all, &ours, None), Ok("app".to_owned()));
        assert_eq!(
            named_container(&all[1..], &ours, None),
            Ok("proxy".to_owned())
        );
        assert_eq!(
            named_container(&all, &ours, Some("proxy")),
            Ok("proxy".to_owned())
        );
        let none = named_container(&all, &[], None).unwrap_err();
        assert!(none.contains("app, proxy"), "{none}");
        let absent = named_container(&all, &ours, Some("web")).unwrap_err();
        assert!(absent.contains("no container `web`"), "{absent}");
        let two = [
            all[0].clone(),
            ("worker".to_owned(), "example/app:2".to_owned()),
        ];
        let several = named_container(&two, &ours, None).unwrap_err();
        assert!(several.contains("app, worker"), "{several}");
    }
}
